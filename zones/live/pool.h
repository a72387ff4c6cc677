#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "zones/settings.h"

namespace holdfast::zones {

/// How a pool answers, apart from who its members are.
struct PoolRules {
  Policy policy = Policy::all;
  std::uint32_t ttl = 30;   ///< seconds
  std::uint16_t limit = 0;  ///< members that one answer has at most; 0: one where they are drawn, else all
  Minimum min_alive{};
  WhenDown when_down = WhenDown::all;
  std::chrono::seconds ramp_up{0};  ///< see zones/live/ramp.h; 0: none

  bool operator==(const PoolRules&) const = default;
};

/// The members that a live name answers with, and how. A value.
///
/// A pool to fall back to may follow, perhaps with one more behind it: the members of all lie one behind the other, and
/// so do their states.
struct Pool {
  struct Part {
    PoolRules rules{};
    std::size_t size = 0;  ///< members

    bool operator==(const Part&) const = default;
  };

  std::vector<MemberSettings> members;
  std::vector<Part> parts;  ///< the pool itself, then what it falls back to

  Pool() = default;
  Pool(PoolRules rules, std::vector<MemberSettings> all)
      : members(std::move(all)), parts{{rules, members.size()}} {}

  void add(PoolRules rules, const std::vector<MemberSettings>& more) {
    members.insert(members.end(), more.begin(), more.end());
    parts.push_back({rules, more.size()});
  }
  const PoolRules& rules() const { return parts.front().rules; }
  /// The part that a member belongs to.
  std::size_t part_of(std::size_t member) const {
    std::size_t part = 0;
    for (std::size_t end = parts[0].size; member >= end; end += parts[++part].size) {
    }
    return part;
  }

  bool operator==(const Pool&) const = default;
};

}  // namespace holdfast::zones
