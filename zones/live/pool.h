#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "zones/settings.h"

namespace holdfast::zones {

/// What is known of a member when a selection is made. A member of which nothing is known counts as alive: no evidence
/// is not evidence of failure. One that is drained does not answer, whatever is known of it.
enum class MemberState : std::uint8_t { unknown, up, down, drained };

/// How a pool answers, apart from who its members are.
struct PoolRules {
  Policy policy = Policy::all;
  std::uint32_t ttl = 30;   ///< seconds
  std::uint16_t limit = 0;  ///< members that one answer has at most; 0: one where they are drawn, else all
  Minimum min_alive{};
  WhenDown when_down = WhenDown::all;
  std::chrono::seconds ramp_up{0};  ///< see zones/live/ramp.h; 0: none
  Flat flat = Flat::all;

  bool operator==(const PoolRules&) const = default;
};

/// A member that is no address, but stands for what is in a part of its own. A value.
///
///   of                              answers with                         is down when                  of which family
///   a pool                          what that would choose               too few in it are alive       each that it has
///   a record with a name in it      that record: the CNAME, MX, SRV      all addresses of the name     Family::record
///                                                                        are, or it has none
struct Group {
  std::string name;  ///< of the pool; of the target, with its final dot
  Name target{};     ///< the name in the record, whose addresses are its part; the root: it has none
  std::vector<std::uint8_t> data{};  ///< of the record; empty: it is a pool
  std::uint16_t tier = 1;
  std::uint16_t weight = 100;
  std::string location{};
  std::size_t part = 0;  ///< of Pool::parts

  bool is_record() const { return !data.empty(); }
  bool operator==(const Group&) const = default;
};

/// A member of either kind: below kGroup an index into Pool::members, else, without that bit, into Pool::groups.
using MemberIndex = std::size_t;
inline constexpr MemberIndex kGroup = std::size_t{1} << 32;

/// The members that a live name answers with, and how. A value.
///
/// A pool to fall back to may follow, perhaps with one more behind it, and then what is in groups: the members of all lie
/// one behind the other, and so do the groups.
struct Pool {
  struct Part {
    PoolRules rules{};
    std::size_t size = 0;    ///< members that are addresses
    std::size_t groups = 0;  ///< members that are groups, whose parts come behind this one

    bool operator==(const Part&) const = default;
  };

  std::vector<MemberSettings> members;
  std::vector<Group> groups{};
  std::vector<Part> parts;  ///< the pool itself, then what it falls back to, then what is in groups
  std::size_t chain = 0;    ///< parts before those that are in groups

  Pool() = default;
  Pool(PoolRules rules, std::vector<MemberSettings> all)
      : members(std::move(all)), parts{{rules, members.size()}}, chain(1) {}

  /// Adds what it falls back to, with its members that are addresses.
  void add(PoolRules rules, const std::vector<MemberSettings>& more) {
    add_inside(rules, more);
    chain = parts.size();
  }
  /// Adds what is in a group, when the whole chain is there.
  void add_inside(PoolRules rules, const std::vector<MemberSettings>& more) {
    members.insert(members.end(), more.begin(), more.end());
    parts.push_back({rules, more.size()});
  }
  const PoolRules& rules() const { return parts.front().rules; }
  /// The part that a member belongs to.
  std::size_t part_of(MemberIndex member) const {
    const bool is_group = member >= kGroup;
    std::size_t left = is_group ? member - kGroup : member, part = 0;
    const auto size = [&] { return is_group ? parts[part].groups : parts[part].size; };
    for (; left >= size(); ++part) left -= size();
    return part;
  }
  /// How many groups a part is in.
  std::size_t depth(std::size_t part) const;
  /// The group whose part it is; null: none's.
  const Group* group_of(std::size_t part) const {
    for (const Group& group : groups) {
      if (group.part == part) return &group;
    }
    return nullptr;
  }
  /// Every member of every part: those of the pool itself, each group followed by what is in it, then those of what it falls
  /// back to.
  std::vector<MemberIndex> all() const;
  /// The members of a part, addresses first.
  std::vector<MemberIndex> of_part(std::size_t part) const;

  /// Where a member's state lies.
  std::size_t place(MemberIndex member) const {
    return member >= kGroup ? members.size() + (member - kGroup) : member;
  }
  const Group* group(MemberIndex member) const {
    return member >= kGroup ? &groups[member - kGroup] : nullptr;
  }
  std::uint16_t tier(MemberIndex member) const {
    return member >= kGroup ? group(member)->tier : members[member].tier;
  }
  std::uint16_t weight(MemberIndex member) const {
    return member >= kGroup ? group(member)->weight : members[member].weight;
  }
  const std::string& location(MemberIndex member) const {
    return member >= kGroup ? group(member)->location : members[member].location;
  }

  bool operator==(const Pool&) const = default;
};

/// What is known of the members of a pool: of its addresses, then of its groups. Of a group `unknown` means that what is in
/// it decides; else it is so whatever that is, but drained where all in it are.
using MemberStates = std::vector<MemberState>;

}  // namespace holdfast::zones
