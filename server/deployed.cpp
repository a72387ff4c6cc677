#include "server/deployed.h"

namespace holdfast::server {

void Deployed::each_zone(const Shown& shown, const ZoneVisitor& visit) const {
  const auto& zones = snapshot->zones();
  const bool few = zones.size() <= shown.most;
  std::size_t visited = 0;
  for (std::size_t i = 0; i < zones.size() && visited < shown.most; ++i) {
    const zones::ServedZone& served = zones[i];
    const Reading& reading = readings[i];
    if (!few && served.zone->is_available() && !reading.is_refused()) continue;
    ZoneStatus status;
    status.name = served.zone->apex().text();
    status.number = served.number;
    status.file = files->path(i);
    status.catalog = files->catalog(i);
    status.serving = served.zone->is_available();
    if (status.serving) {
      status.serial = served.zone->serial();
      status.records = served.zone->records();
      status.memory = served.zone->memory();
      status.loaded = reading.loaded;
    }
    if (reading.findings != nullptr) status.problems = reading.findings->problems;
    status.refused = reading.is_refused();
    visit(status);
    ++visited;
  }
}

}  // namespace holdfast::server
