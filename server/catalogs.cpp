#include "server/catalogs.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "zones/replicate/accept.h"

namespace holdfast::server {

using zones::CatalogMember;
using zones::CatalogSettings;
using zones::Membership;
using zones::ZoneSettings;

namespace {

ZoneSettings settings_of(const CatalogMember& member, const CatalogSettings& catalog) {
  ZoneSettings zone{.name = member.zone};
  zone.primaries = catalog.members_from.empty() ? catalog.primaries : catalog.members_from;
  zone.secondaries = catalog.secondaries;
  zone.catalog = catalog.name;
  zone.origin = zones::Origin::member;
  const auto group = std::find_if(catalog.groups.begin(), catalog.groups.end(), [&](const auto& one) {
    return std::find(member.groups.begin(), member.groups.end(), one.name) != member.groups.end();
  });
  if (group == catalog.groups.end()) return zone;
  if (!group->primaries.empty()) zone.primaries = group->primaries;
  if (!group->secondaries.empty()) zone.secondaries = group->secondaries;
  return zone;
}

}  // namespace

std::shared_ptr<zones::Zone> make_catalog(const ZoneSettings& catalog, std::span<const ZoneSettings> all) {
  std::vector<zones::ListedZone> listed;
  for (const ZoneSettings& zone : all) {
    if (zone.origin == zones::Origin::configured && zone.catalog == catalog.catalog)
      listed.push_back({zone.name, zone.group});
  }
  return zones::catalog_of(catalog.name, listed);
}

std::vector<ZoneSettings> with_members(std::vector<ZoneSettings> configured,
                                       std::span<const CatalogSettings> catalogs,
                                       const Membership& membership) {
  if (membership.zones.empty()) return configured;
  std::vector<const CatalogSettings*> settings;  // beside the catalogs of the membership
  for (const Membership::Listing& listing : membership.catalogs) {
    settings.push_back(&*std::find_if(catalogs.begin(), catalogs.end(),
                                      [&](const auto& one) { return one.name == listing.name; }));
  }
  std::vector<ZoneSettings> all;
  all.reserve(configured.size() + membership.zones.size());
  auto next = configured.begin();
  for (const Membership::Owned& owned : membership.zones) {
    const CatalogMember& member = membership.member(owned);
    for (; next != configured.end() && next->name < member.zone; ++next) all.push_back(std::move(*next));
    all.push_back(settings_of(member, *settings[owned.catalog]));
  }
  std::move(next, configured.end(), std::back_inserter(all));
  return all;
}

bool has_zone(std::span<const ZoneSettings> by_name, zones::NameView zone) {
  const auto found = std::partition_point(by_name.begin(), by_name.end(),
                                          [&](const ZoneSettings& one) { return one.name.view() < zone; });
  return found != by_name.end() && found->name.view() == zone;
}

std::string loses_too_much(const CatalogSettings& catalog, std::span<const CatalogMember> before,
                           std::span<const CatalogMember> after) {
  std::size_t lost = 0;
  auto next = after.begin();  // both are by name
  for (const CatalogMember& member : before) {
    while (next != after.end() && next->zone < member.zone) ++next;
    const bool is_same = next != after.end() && next->zone == member.zone && next->label == member.label;
    if (!is_same && member.moves_to.empty()) ++lost;
  }
  const zones::Minimum& may_lose = catalog.may_lose;
  const std::size_t most =
      may_lose.is_percent ? std::max(may_lose.of(before.size()), zones::kShrinkNames) : may_lose.number;
  const bool may_lose_all = may_lose.is_percent && may_lose.number == 100;
  const bool has_lost_all = lost == before.size() && lost > 1;
  if (may_lose_all || (lost <= most && !has_lost_all)) return {};
  return fmt::format(
      "of {} zones it lists {} no more, or under another label: that many go only with another may_lose in "
      "[catalog.{}]; say so for as long as it is meant, and reload",
      before.size(), lost, catalog.name);
}

}  // namespace holdfast::server
