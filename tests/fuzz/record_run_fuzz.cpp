// What a journal may hold after a disk has had its way with it.
#include <algorithm>
#include <cstdlib>

#include "zones/replicate/delta.h"
#include "zones/replicate/flat_octets.h"

using namespace holdfast::zones;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (const auto flat = read_flat({data, size})) {
    const auto octets = to_octets(*flat);
    if (!std::equal(octets.begin(), octets.end(), data, data + size)) std::abort();
  }
  const auto run = RecordRun::read({data, size});
  if (!run) return 0;
  RecordRun again;
  std::size_t sum = 0;
  for (const RecordView record : *run) {
    again.add(record);
    for (const std::uint8_t octet : record.data) sum += octet;
    if (!(record == record) || record < record || record.owner.text().empty()) std::abort();
  }
  if (again != *run || sum > 255 * size) std::abort();
  if (const auto delta = Delta::of(*run, *run, false); delta && delta->from() != delta->to()) std::abort();
  return 0;
}
