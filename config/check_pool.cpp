#include "config/check_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/check_groups.h"
#include "config/options.h"
#include "config/place.h"
#include "zones/live/choice.h"

namespace holdfast::config {
namespace {

using zones::Policy;
using zones::PoolSettings;

/// What a member says that its pool's policy does not look at.
void check_members(const Section<PoolSettings>& pool) {
  const toml::array* members = pool.table->get_as<toml::array>("members");
  if (members == nullptr) return;
  struct Column {
    const char* key;
    Policy policy;
    zones::Flat flat;
  };
  constexpr Column kColumns[] = {{"tier", Policy::failover, zones::Flat::failover},
                                 {"weight", Policy::weighted, zones::Flat::weighted}};
  for (std::size_t i = 0; i < members->size(); ++i) {
    const toml::table* row = members->get(i)->as_table();
    for (const auto& [key, policy, flat] : kColumns) {
      if (row == nullptr || !has(*row, key) || pool.settings.policy == policy || pool.settings.flat == flat)
        continue;
      pool.scope.in("members").row(i).in(key).warning(
          place(*row, key), fmt::format("counts only with policy or flat = \"{}\"", text(policy)));
    }
  }
}

/// The members of one family in the largest tier, or in the whole where there are none. What a name or a pool has is not
/// known here.
std::size_t largest_tier(const PoolSettings& pool) {
  std::map<std::pair<bool, std::uint16_t>, std::size_t> sizes;
  std::size_t largest = 0;
  for (const zones::PoolMemberSettings& member : pool.members) {
    const std::uint16_t tier = pool.policy == Policy::failover ? member.tier : std::uint16_t{0};
    for (const bool is_v4 : {true, false}) {
      const bool is_address = member.pool.empty() && member.name.view().is_root();
      if (is_address && member.address.is_v4() != is_v4) continue;
      largest = std::max(largest, ++sizes[{is_v4, tier}]);
    }
  }
  return largest;
}

}  // namespace

void check_rules(const Section<PoolSettings>& pool) {
  const PoolSettings& settings = pool.settings;
  const toml::table& table = *pool.table;
  check_members(pool);
  const bool is_for_each = is_drawn(settings.policy) || settings.policy == Policy::nearest;
  if (is_for_each && settings.limit > zones::kMaxPicked) {
    pool.scope.in("limit").error(
        place(table, "limit"),
        fmt::format("at most {} can be chosen by policy \"{}\"", zones::kMaxPicked, text(settings.policy)));
  }
  if (const std::size_t most = largest_tier(settings);
      !settings.min_alive.is_percent && settings.min_alive.number > most && most != 0) {
    pool.scope.in("min_alive")
        .error(place(table, "min_alive"),
               fmt::format("{} can never be alive where {} has more than {}; make it smaller",
                           settings.min_alive.number,
                           settings.policy == Policy::failover ? "no tier" : "no family", most));
  }
  if (settings.recovery == zones::Recovery::manual && !has(table, "monitor")) {
    pool.scope.in("recovery")
        .warning(place(table, "recovery"), "counts only with monitor; add that, or leave it out");
  }
  if (settings.ramp_up.count() != 0 && settings.policy != Policy::weighted) {
    pool.scope.in("ramp_up").warning(place(table, "ramp_up"), "counts only with policy = \"weighted\"");
  }
  if (has(table, "fallback") && has(table, "when_down")) {
    pool.scope.in("when_down")
        .warning(place(table, "when_down"), "does not count beside fallback; leave one of them out");
  }
}

void check_fallbacks(std::span<const Section<PoolSettings>> pools) {
  std::map<std::string_view, const Section<PoolSettings>*> all;
  for (const auto& pool : pools) all.emplace(pool.settings.name, &pool);
  for (const auto& pool : pools) {
    std::string way = in_quotes(pool.settings.name);
    const Section<PoolSettings>* at = &pool;
    for (std::size_t i = 0; !at->settings.fallback.empty(); ++i) {
      if (i == kMaxFallbacks) {
        pool.scope.in("fallback")
            .error(place(*pool.table, "fallback"),
                   fmt::format("leads over more than {} pools: {}, ...", kMaxFallbacks, way));
        break;
      }
      const auto next = all.find(at->settings.fallback);
      if (next == all.end()) break;  // reported before
      if (has_names(at->settings, pools) != has_names(next->second->settings, pools)) {
        pool.scope.in("fallback")
            .error(
                place(*pool.table, "fallback"),
                fmt::format(
                    "leads from {} to {}, of which one has names and the other addresses; take two of a kind",
                    in_quotes(at->settings.name), in_quotes(next->second->settings.name)));
        break;
      }
      at = next->second;
      way += " -> " + in_quotes(at->settings.name);
      if (at != &pool) continue;
      pool.scope.in("fallback").error(place(*pool.table, "fallback"), fmt::format("leads back: {}", way));
      break;
    }
  }
}

}  // namespace holdfast::config
