#include "zones/replicate/membership.h"

#include <algorithm>

namespace holdfast::zones {
namespace {

using Owned = Membership::Owned;

/// All that is listed, by name; of one name by catalog.
std::vector<Owned> all_of(const Membership& membership) {
  std::vector<Owned> all;
  const auto by_name = [&](const Owned& a, const Owned& b) {
    return membership.member(a).zone < membership.member(b).zone;
  };
  for (std::uint32_t catalog = 0; catalog < membership.catalogs.size(); ++catalog) {
    const auto middle = static_cast<std::ptrdiff_t>(all.size());
    const std::size_t members = membership.catalogs[catalog].members->size();
    for (std::uint32_t i = 0; i < members; ++i) all.push_back({catalog, i});
    std::inplace_merge(all.begin(), all.begin() + middle, all.end(), by_name);
  }
  return all;
}

bool is_name(std::string_view wire, NameView name) {
  return wire == std::string_view(reinterpret_cast<const char*>(name.data()), name.size());
}

struct Chosen {
  const Owned* owner = nullptr;
  bool is_same = true;  // as the zone was before
};

/// @param listed  all of the same zone, one at least
/// @param before  who had it, in the membership before
Chosen choose(const Membership& now, std::span<const Owned> listed, const Membership& then,
              const Owned& before) {
  const std::string& label = then.member(before).label;
  const auto owner = std::find_if(listed.begin(), listed.end(), [&](const Owned& one) {
    return now.catalogs[one.catalog].name == then.catalogs[before.catalog].name;
  });
  if (owner == listed.end()) return {&listed.front(), false};
  const std::string& moves_to = now.member(*owner).moves_to;
  const auto next = std::find_if(listed.begin(), listed.end(), [&](const Owned& one) {
    const NameView apex = now.catalogs[one.catalog].apex;
    return is_name(moves_to, apex);
  });
  const auto& chosen = next != listed.end() ? *next : *owner;
  return {&chosen, now.member(chosen).label == label};
}

}  // namespace

const Membership::Listing* Membership::find(std::string_view catalog) const {
  const auto found =
      std::find_if(catalogs.begin(), catalogs.end(), [&](const Listing& one) { return one.name == catalog; });
  return found == catalogs.end() ? nullptr : &*found;
}

Membership share_out(std::vector<Membership::Listing> catalogs,
                     const std::function<bool(NameView)>& is_configured, const Membership& before,
                     const std::function<std::string(NameView)>& had) {
  Membership now{.catalogs = std::move(catalogs)};
  const std::vector<Owned> all = all_of(now);
  auto then = before.zones.begin();
  const auto end_until = [&](const auto& is_before) {
    for (; then != before.zones.end() && is_before(before.member(*then).zone); ++then) {
      if (!is_configured(before.member(*then).zone)) now.ended.push_back(before.member(*then).zone);
    }
  };
  const auto first = [&](std::span<const Owned> listed) {
    const std::string catalog =
        had && listed.size() > 1 ? had(now.member(listed.front()).zone) : std::string();
    const auto found = std::find_if(listed.begin(), listed.end(), [&](const Owned& one) {
      return now.catalogs[one.catalog].name == catalog;
    });
    return Chosen{found != listed.end() ? &*found : &listed.front()};
  };
  for (std::size_t at = 0; at < all.size();) {
    const Name& zone = now.member(all[at]).zone;
    std::size_t count = 1;
    while (at + count < all.size() && now.member(all[at + count]).zone == zone) ++count;
    const std::span<const Owned> listed(all.data() + at, count);
    at += count;
    end_until([&](const Name& name) { return name < zone; });
    const Owned* const owner =
        then != before.zones.end() && before.member(*then).zone == zone ? &*then++ : nullptr;
    if (is_configured(zone)) {
      for (const Owned& one : listed)
        now.clashes.push_back(zone.text() + " is listed by the catalog " + now.catalogs[one.catalog].name +
                              ", too: that of the configuration counts");
      continue;
    }
    const Chosen chosen = owner != nullptr ? choose(now, listed, before, *owner) : first(listed);
    now.zones.push_back(*chosen.owner);
    if (listed.size() > 1) now.contested.emplace(zone, now.catalogs[chosen.owner->catalog].name);
    if (!chosen.is_same) now.ended.push_back(zone);
    for (const Owned& one : listed) {
      const bool moves = is_name(now.member(one).moves_to, now.catalogs[chosen.owner->catalog].apex);
      if (one.catalog == chosen.owner->catalog || moves) continue;
      now.clashes.push_back(zone.text() + " is listed by the catalog " + now.catalogs[one.catalog].name +
                            ", too: that of " + now.catalogs[chosen.owner->catalog].name + " counts");
    }
  }
  end_until([](const Name&) { return true; });
  return now;
}

}  // namespace holdfast::zones
