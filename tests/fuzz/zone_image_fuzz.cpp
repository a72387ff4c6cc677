// The records of a zone's image: whatever they are, nobody who looks into them goes astray.
#include <cstdlib>

#include "server/answer/prebuild.h"
#include "server/versions/image_records.h"
#include "zones/load/check.h"
#include "zones/replicate/digest.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const zones::Name apex = *zones::Name::parse("example.com");
  zones::RecordList records;
  if (!server::read_records({data, size}, apex, records).empty()) return 0;
  zones::Findings findings;
  zones::check_zone({.apex = apex}, records, findings);
  if (findings.any_error()) return 0;
  zones::Zone zone(apex, records, {});
  if (zone.records() != records.entries().size()) std::abort();
  server::prebuild(zone);
  zones::digest(zone);
  return 0;
}
