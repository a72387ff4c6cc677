// A zone file that anybody wrote: it becomes a zone, or there is an error; nothing else happens. Nor whatever it lists as a
// catalog. What is written of the zone reads back as the same.

#include <cstdlib>

#include "zones/load/load.h"
#include "zones/replicate/catalog.h"
#include "zones/text/zone_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::zones;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Name apex = *Name::parse("example.com");
  const ReadFile include = [](const std::string& path) -> FileText {
    if (path == "part")
      return {.text = "in 60 A 192.0.2.9\n$ORIGIN deep\nin AAAA 2001:db8::9\n", .error = {}};
    return {.text = {}, .error = "no such file"};
  };
  const std::vector<LiveName> live{{*Name::parse("www.example.com"), 0}};
  const LoadedZone loaded = load_zone_text(apex, text, "zone", include, live);

  bool error = false;
  for (const Problem& problem : loaded.problems)
    error = error || problem.severity == Problem::Severity::error;
  if (error != (loaded.zone == nullptr) || loaded.problems.size() > kMaxProblems) std::abort();
  if (loaded.zone == nullptr) return 0;
  for (const Node node : loaded.zone->nodes()) {
    if (!node.name().is_at_or_below(apex)) std::abort();
    for (std::size_t i = 0; i < node.rrset_count(); ++i) {
      std::size_t octets = 0;
      for (const Rdata rdata : loaded.zone->rrset_at(node, i)) octets += rdata.size();
      if (octets > size * 20 + 100) std::abort();  // a zone does not grow out of nothing
    }
  }
  const Catalog catalog = members_of(*loaded.zone);
  if (!catalog.problem.empty() && !catalog.members.empty()) std::abort();
  for (std::size_t i = 1; i < catalog.members.size(); ++i) {
    if (!(catalog.members[i - 1].zone < catalog.members[i].zone)) std::abort();
  }
  ZoneFile file(Contents(Serial(loaded.zone->serial()), loaded.zone, nullptr));
  std::string written;
  while (file.write(written, 1000)) {
  }
  const LoadedZone again = load_zone_text(apex, written, "written", include, live);
  if (again.zone == nullptr || !(*again.zone == *loaded.zone)) std::abort();
  return 0;
}
