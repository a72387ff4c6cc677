#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "zones/geo/geography.h"
#include "zones/live/choice.h"
#include "zones/live/pool.h"

namespace holdfast::zones {

inline constexpr std::uint32_t kDownTtl = 10;  ///< seconds; the longest TTL while too few members are alive

/// Why these members answer.
enum class Rule : std::uint8_t {
  alive,        ///< every member that is not down, or some of these
  tier,         ///< policy `failover`: the members that are not down, of the first tier that has enough
  all_down,     ///< none is alive: every member that is not drained, of whatever tier
  too_few,      ///< fewer than `min_alive` are alive: the same
  last_good,    ///< too few are alive: those that answered before, but for the drained
  all_drained,  ///< every member: nobody else is left, in the other family neither
  drained,      ///< nobody: all of this family are drained, and the other family answers
  nodata,       ///< too few are alive: no records
  servfail,     ///< too few are alive: SERVFAIL
  none,         ///< the pool has no member of this family
};

/// What decided the TTL.
enum class TtlRule : std::uint8_t {
  pool,   ///< the pool's own
  down,   ///< kDownTtl, since too few members are alive and that may change at any time
  doubt,  ///< what is left until a member may change it (zones/live/doubt.h)
};

/// The members of one family that answer now. A value.
struct Selection {
  std::vector<MemberIndex> members;  ///< who may answer, in their order
  Policy policy = Policy::all;       ///< by which a client's are chosen among these
  std::size_t each = 0;              ///< how many of these one client gets
  std::uint32_t ttl = 0;             ///< seconds
  TtlRule ttl_rule = TtlRule::pool;
  MemberIndex doubtful = 0;  ///< with TtlRule::doubt: that member
  Rule rule = Rule::none;
  std::uint16_t tier = 0;  ///< with Rule::tier
  std::size_t part = 0;    ///< of the pool; not 0: what it falls back to
  /// What the pools among `members` answer with, in their order.
  std::vector<std::pair<MemberIndex, Selection>> inside{};

  bool operator==(const Selection&) const = default;
};

/// Of which records members are.
enum class Family : std::uint8_t {
  v4,
  v6,
  record,  ///< what groups have that are records: CNAME, MX or SRV, all of one pool the same
};

/// Whether the members of a selection are alive, as far as is known, and not served for want of others.
constexpr bool is_good(Rule rule) { return rule == Rule::alive || rule == Rule::tier; }

/// "alive", "tier 2", "all down: every member", "fallback 1: alive", ...
std::string text(const Selection& selection);
/// "the pool's", "no more, since too few are alive".
std::string text(TtlRule rule);

/// All that may answer: what is inside of pools instead of these.
std::vector<MemberIndex> all_of(const Selection& selection);

/// What is known of each member, of groups too: what makes it that in the family in which it is best off.
MemberStates whole_states(const Pool& pool, const MemberStates& states);

/// Chooses. Pure. The families are chosen for separately: AAAA members that are down never hide A.
///
///   members alive             policy     answer                                       TTL
///   min_alive or more         failover   those of the lowest tier that has so many    the pool's
///                             others     those                                        the pool's
///   fewer                     any        what the next part with enough answers with;
///                                        else as `when_down` of the last one says:    the pool's, at most kDownTtl
///     all                                  every member of it that is not drained;
///                                          are all of it, of the first part that has such
///     last-good                            `last_good`, where that leaves anybody; else as all
///     nodata, servfail                     nobody
///   all of the family are drained:
///     not all of the other family        nobody                                       the pool's
///     nor is the other family left       as fewer, but that all is every member, since somebody must answer
///
/// Who may answer is drawn from for each client by `weighted`, `hashed` and `nearest`; where `limit` is less than who may answer, by
/// the others too.
///
/// A pool that is a member answers, where it is chosen, as it would alone, but that neither its `when_down` nor what it falls back
/// to counts. The smallest TTL of all that may answer is that of the whole.
///
/// @param last_good  members of the last selection that is_good(); empty: there was none
Selection select(const Pool& pool, const MemberStates& states, Family family,
                 const std::vector<MemberIndex>& last_good = {});

/// How a client's members are chosen among those of a selection. By `nearest`, those of the region that is nearest to the
/// client's, of all that have one; a member without a location is farther than any; a client that is nowhere gets any.
///
/// @param selection  of the pool, or of one inside of it
/// @param parts  how much of its weight each member has, as states lie, as Ramp::parts() tells; it counts while enough are alive,
///               for who is down has all of its own
Choice choice(const Pool& pool, const Selection& selection, const Geography& geography,
              const std::vector<std::uint32_t>& parts = {});

}  // namespace holdfast::zones
