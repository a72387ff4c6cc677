#include "server/zone_contents.h"

namespace holdfast::server {

std::variant<zones::Contents, NoContents> contents_of(const Source& source, const Versions::Line* line,
                                                      const LiveNames& live, zones::NameView zone,
                                                      bool with_live) {
  const auto snapshot = source.zones.get();
  const zones::ServedZone* const served = snapshot->find(zones::HashedName(zone));
  if (served == nullptr || served->zone->apex() != zone) return NoContents::unknown;
  if (!served->zone->is_available()) return NoContents::unavailable;
  // What secondaries get is at most Versions::kApart older than what is answered.
  if (line != nullptr && with_live) return line->now;
  const auto serial = source.serials.get()->find(served->number);
  return zones::Contents(serial.value_or(zones::Serial(served->zone->serial())), served->zone,
                         with_live ? std::make_shared<const zones::FlatView>(live.flat(zone)) : nullptr);
}

}  // namespace holdfast::server
