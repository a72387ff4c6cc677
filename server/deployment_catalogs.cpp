#include <algorithm>

#include "server/catalogs.h"
#include "server/deployment.h"

// What a deployment has to do with catalogs (RFC 9432) that are transferred in.
namespace holdfast::server {

using zones::Name;
using zones::NameView;

const zones::CatalogSettings* Deployment::followed_catalog(NameView zone) const {
  const auto found = std::find_if(catalogs_.begin(), catalogs_.end(),
                                  [&](const auto& one) { return !one.is_made() && one.zone.view() == zone; });
  return found == catalogs_.end() ? nullptr : &*found;
}

zones::Membership Deployment::membership_of(const config::Config& config,
                                            std::vector<std::string>& problems) const {
  std::vector<zones::Membership::Listing> listings;
  for (const zones::CatalogSettings& catalog : config.catalogs) {
    if (catalog.is_made()) continue;
    const zones::Membership::Listing* const known = membership_.find(catalog.name);
    if (known != nullptr && known->apex == catalog.zone) {
      listings.push_back(*known);
      continue;
    }
    zones::Catalog listed;  // nothing, before it was transferred
    const auto place = place_of(catalog.zone);
    std::shared_ptr<const zones::Zone> zone;
    if (place) zone = deployed_->snapshot->zones()[*place].zone;
    if (zone == nullptr && hooks_.kept) zone = hooks_.kept(catalog.zone, {}).zone;
    if (zone != nullptr && zone->is_available()) listed = zones::members_of(*zone);
    if (!listed.problem.empty())
      problems.push_back("catalog " + catalog.name + ": what is kept of it is of no use: " + listed.problem);
    listings.push_back(
        {catalog.name, catalog.zone,
         std::make_shared<const std::vector<zones::CatalogMember>>(std::move(listed.members))});
  }
  return share_out(
      std::move(listings), [&](NameView zone) { return has_zone(config.zones, zone); }, membership_,
      hooks_.owner);
}

std::optional<zones::Membership> Deployment::membership_with(NameView zone, const zones::Zone& next) const {
  const zones::CatalogSettings* const catalog = followed_catalog(zone);
  if (catalog == nullptr || !next.is_available()) return std::nullopt;
  zones::Catalog listed = zones::members_of(next);
  std::vector<zones::Membership::Listing> listings = membership_.catalogs;
  const auto listing = std::find_if(listings.begin(), listings.end(),
                                    [&](const auto& one) { return one.name == catalog->name; });
  if (!listed.problem.empty() || *listing->members == listed.members) return std::nullopt;
  listing->members = std::make_shared<const std::vector<zones::CatalogMember>>(std::move(listed.members));
  return share_out(
      std::move(listings), [&](NameView name) { return has_zone(configured_, name); }, membership_);
}

Deployment::Consequences Deployment::consequences(NameView catalog, const zones::Zone& next) const {
  const zones::CatalogSettings& settings = *followed_catalog(catalog);
  zones::Catalog listed = zones::members_of(next);
  if (listed.problem.empty())
    listed.problem = loses_too_much(settings, *membership_.find(settings.name)->members, listed.members);
  if (!listed.problem.empty()) return {std::move(listed.problem), {}};
  std::optional<zones::Membership> membership = membership_with(catalog, next);
  return {{}, membership ? std::move(membership->ended) : std::vector<Name>()};
}

}  // namespace holdfast::server
