#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "zones/settings.h"

namespace holdfast::zones {

inline constexpr std::uint32_t kAllDownTtl = 10;  ///< seconds; the longest TTL while every member is down

/// What is known of a member when a selection is made. A member of which nothing is known counts as alive: no evidence
/// is not evidence of failure. One that is drained does not answer, whatever is known of it.
enum class MemberState : std::uint8_t { unknown, up, down, drained };

/// The set of addresses that a live name answers with. A value.
struct Pool {
  Policy policy = Policy::all;
  std::uint32_t ttl = 30;  ///< seconds
  std::vector<MemberSettings> members;

  bool operator==(const Pool&) const = default;
};

/// Why these members answer.
enum class Rule : std::uint8_t {
  alive,        ///< policy `all`: every member that is not down
  tier,         ///< policy `failover`: the members that are not down, of the first tier that has one
  all_down,     ///< every member that is not drained, of whatever tier: a wrong guess beats no answer
  all_drained,  ///< every member: nobody else is left, in the other family neither
  drained,      ///< nobody: all of this family are drained, and the other family answers
  none,         ///< the pool has no member of this family
};

/// "alive", "tier 2", "all down: every member", "all drained: every member", "drained", "no member".
std::string text(Rule rule, std::uint16_t tier);

/// The members of one family (A or AAAA) that answer now.
struct Selection {
  std::vector<std::size_t> members;  ///< indexes into Pool::members, in their order
  std::uint32_t ttl = 0;             ///< seconds
  Rule rule = Rule::none;
  std::uint16_t tier = 0;  ///< with Rule::tier

  bool operator==(const Selection&) const = default;
};

enum class Family : std::uint8_t { v4, v6 };

/// Chooses. Pure. The families are chosen for separately: AAAA members that are down never hide A.
///
///   members alive    policy     answer                                       TTL
///   some             all        those                                        the pool's
///   some             failover   those of the lowest tier that has any        the pool's
///   none             any        every member that is not drained             the pool's, at most kAllDownTtl
///   none, all of the family drained:
///     not all of the other family    nobody                                  the pool's
///     nor is the other family left   every member, since somebody must       the pool's, at most kAllDownTtl
///
/// @param states  one for each member
Selection select(const Pool& pool, const std::vector<MemberState>& states, Family family);

}  // namespace holdfast::zones
