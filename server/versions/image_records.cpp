#include "server/versions/image_records.h"

#include <fmt/format.h>

#include "server/versions/octet_reader.h"
#include "zones/replicate/record_run.h"

namespace holdfast::server {
namespace {

using zones::NameView;
using zones::RrType;

// records 8, and for each owner that has some, in canonical order:
//   its name | RRsets 1
//   for each of its RRsets, in the order of their types: type 2 | records 2 | TTL 4
//     for each record, in canonical order: size 2 | data
constexpr std::size_t kLeast = 2;  // octets of a record

}  // namespace

void write_records(SectionWriter& out, const zones::Zone& zone) {
  out.put(zone.records(), 8);
  for (const zones::Node node : zone.nodes()) {
    if (node.rrset_count() == 0) continue;
    out.put_name(node.name());
    out.put(node.rrset_count(), 1);
    for (std::size_t i = 0; i < node.rrset_count(); ++i) {
      const zones::RRset rrset = zone.rrset_at(node, i);
      out.put(static_cast<std::uint16_t>(rrset.type), 2);
      out.put(rrset.count, 2);
      out.put(rrset.ttl, 4);
      for (const zones::Rdata data : rrset) out.put({data.data() - 2, data.size() + 2});
    }
  }
}

std::string read_records(std::span<const std::uint8_t> octets, NameView apex, zones::RecordList& records) {
  OctetReader in(octets);
  const std::uint64_t count = in.number(8);
  if (in.failed() || count > in.left() / kLeast) return "it ends too early";
  records.reserve(count);
  while (in.left() != 0) {
    const NameView owner = in.name();
    for (auto rrsets = in.number(1); rrsets > 0 && !in.failed(); --rrsets) {
      const auto type = static_cast<RrType>(in.number(2));
      auto left = in.number(2);
      const auto ttl = static_cast<std::uint32_t>(in.number(4));
      for (; left > 0 && !in.failed(); --left) {
        const zones::Rdata data = in.take(in.number(2));
        if (in.failed()) break;
        if (!zones::fits_type(type, data)) return owner.text() + " has data that does not fit its type";
        records.borrow(owner, type, ttl, data);
      }
    }
  }
  if (in.failed()) return "it ends too early, or has a name that is none";
  if (records.entries().size() != count)
    return fmt::format("it has {} records, and says {}", records.entries().size(), count);
  records.sort(apex);
  return {};
}

}  // namespace holdfast::server
