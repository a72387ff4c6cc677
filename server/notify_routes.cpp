#include "server/notify_routes.h"

namespace holdfast::server {

health::Routes routes_of(const config::Config& config) {
  health::Routes routes{.usual = config.notify.contacts};
  for (const zones::PoolSettings& pool : config.pools) {
    if (!pool.contacts.empty()) routes.own[pool.name] = pool.contacts;
  }
  for (const zones::ZoneSettings& zone : config.zones) {
    for (const zones::LiveSettings& live : zone.live) {
      if (live.contacts.empty()) continue;
      // The same owner name in two zones, one below the other, is one user with the contacts of both.
      auto& contacts = routes.own[live.name.text()];
      contacts.insert(contacts.end(), live.contacts.begin(), live.contacts.end());
    }
  }
  return routes;
}

}  // namespace holdfast::server
