#include "config/check_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "config/options.h"
#include "config/place.h"

namespace holdfast::config {
namespace {

using zones::PoolMemberSettings;
using zones::PoolSettings;
using Pools = std::span<const Section<PoolSettings>>;

constexpr const char* kKinds[] = {"address", "name", "pool"};

bool is_name(const PoolMemberSettings& member) { return !member.name.view().is_root(); }

const toml::table* row_of(const Section<PoolSettings>& pool, std::size_t i) {
  const toml::array* members = pool.table->get_as<toml::array>("members");
  return members == nullptr ? nullptr : members->get(i)->as_table();
}

/// Goes down through the pools in a pool.
class Descent {
 public:
  Descent(Pools pools, const Section<PoolSettings>& top) : pools_(pools), top_(top) {}

  /// What is wrong; empty: nothing is.
  std::string go(const PoolSettings& pool) {
    way_.push_back(pool.name);
    for (const PoolMemberSettings& member : pool.members) {
      if (++members_ > kMaxPoolMembers)
        return fmt::format("comes to more than {} members, with those of the pools in it", kMaxPoolMembers);
      if (member.pool.empty()) {
        (is_name(member) ? has_names_ : has_addresses_) = true;
        continue;
      }
      const auto* inner = find_pool(pools_, member.pool);
      if (inner == nullptr) continue;  // reported before
      const bool is_around = std::find(way_.begin(), way_.end(), member.pool) != way_.end();
      if (is_around || way_.size() > kMaxDepth) {
        std::string way;
        for (const std::string& name : way_) way += in_quotes(name) + " -> ";
        way += in_quotes(member.pool);
        if (!is_around) return fmt::format("goes more than {} pools deep: {}", kMaxDepth, way);
        // Of those that only lead to such a circle nothing is said.
        return member.pool == top_.settings.name ? "is in itself: " + way : kAround;
      }
      if (std::string wrong = go(inner->settings); !wrong.empty()) return wrong;
    }
    way_.pop_back();
    if (has_names_ && has_addresses_)
      return "mixes names with addresses: a client is given a CNAME, or addresses; make it two pools";
    return {};
  }

  static constexpr const char* kAround = "\n";

 private:
  Pools pools_;
  const Section<PoolSettings>& top_;
  std::vector<std::string> way_;
  std::size_t members_ = 0;
  bool has_names_ = false, has_addresses_ = false;
};

}  // namespace

const Section<PoolSettings>* find_pool(Pools pools, std::string_view name) {
  const auto found = std::lower_bound(  // they are in the order of their names
      pools.begin(), pools.end(), name,
      [](const Section<PoolSettings>& one, std::string_view wanted) { return one.settings.name < wanted; });
  return found != pools.end() && found->settings.name == name ? &*found : nullptr;
}

void check_kinds(const Section<PoolSettings>& pool) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < pool.settings.members.size(); ++i) {
    const toml::table* row = row_of(pool, i);
    if (row == nullptr) continue;
    const Scope scope = pool.scope.in("members").row(i);
    std::vector<std::string_view> given;
    for (const char* key : kKinds) {
      if (has(*row, key)) given.emplace_back(key);
    }
    if (given.empty()) {
      scope.error(*row, "has no address; give address, or name or pool instead");
    } else if (given.size() > 1) {
      scope.error(*row, fmt::format("has both {} and {}; leave one out", given[0], given[1]));
    }
    if (given.size() != 1) continue;
    const std::string key(given.front());
    const PoolMemberSettings& member = pool.settings.members[i];
    const std::string text = key == "address"
                                 ? member.address.is_unspecified() ? "" : member.address.to_string()
                             : key == "name" ? is_name(member) ? member.name.text() : ""
                                             : member.pool;
    if (text.empty()) continue;  // reported before
    const auto [first, is_new] = seen.emplace(text, i);
    if (is_new) continue;
    scope.in(key).error(place(*row, key), fmt::format("{} stands in members {} already; leave one out", text,
                                                      first->second + 1));
  }
}

void check_nesting(Pools pools) {
  for (const Section<PoolSettings>& pool : pools) {
    const std::string wrong = Descent(pools, pool).go(pool.settings);
    if (!wrong.empty() && wrong != Descent::kAround)
      pool.scope.in("members").error(place(*pool.table, "members"), wrong);
    const auto& members = pool.settings.members;
    if (pool.settings.limit > 1 && !members.empty() && has_names(pool.settings, pools)) {
      pool.scope.in("limit").warning(
          place(*pool.table, "limit"),
          "does not count: of one name there is one CNAME, so each client gets one");
    }
  }
}

bool has_names(const PoolSettings& pool, Pools pools) {
  const PoolSettings* at = &pool;
  for (std::size_t depth = 0; depth <= kMaxDepth && !at->members.empty(); ++depth) {
    const PoolMemberSettings& first = at->members.front();
    if (first.pool.empty()) return is_name(first);
    const auto* inner = find_pool(pools, first.pool);
    if (inner == nullptr) return false;
    at = &inner->settings;
  }
  return false;
}

}  // namespace holdfast::config
