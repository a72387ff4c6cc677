#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "health/settings.h"
#include "health/target.h"
#include "health/verdict/override_set.h"
#include "zones/alias/flatten.h"
#include "zones/dns/name.h"
#include "zones/live/pool.h"
#include "zones/live/selection.h"
#include "zones/node.h"

namespace holdfast::server {

/// One live name as it is to be served: everything that its declaration refers to, put together.
struct LiveDeclaration {
  zones::Name zone;
  zones::Name name;
  zones::LiveIndex index = zones::kNotLive;
  zones::RrType type = zones::RrType::A;  ///< of what it answers with: A (and AAAA), CNAME, MX or SRV
  /// Where the members of one part of the pool come from.
  struct Source {
    std::string pool;                 ///< for people; empty: the zone's own records
    health::MonitorSettings monitor;  ///< without a name: nobody checks them
    bool is_manual = false;           ///< who was down stays out until somebody releases it
    std::uint16_t port = 0;           ///< that `monitor` was given; 0: it has its own
  };
  std::vector<Source> sources;  ///< beside pool.parts
  /// ANAME targets. Where there are any, the members are what these have at the time.
  std::vector<zones::Name> aliases{};
  zones::Pool pool;

  const Source& source_of(zones::MemberIndex member) const { return sources[pool.part_of(member)]; }
  /// Of what is in it, of a group; empty: nobody checks it.
  const std::string& monitor_of(zones::MemberIndex member) const;
  bool is_checked() const { return !sources.front().monitor.name.empty(); }
  /// The names whose addresses are to be known: ANAME targets, and those in groups that are checked.
  std::set<zones::Name> names_to_know() const;
  /// Of whose records it has members: of both kinds of addresses, or of the one type.
  std::span<const zones::Family> families() const;
};

/// "A", "AAAA", "MX".
std::string type_text(const LiveDeclaration& declaration, zones::Family family);
/// "192.0.2.10", "eu", "mx1.example.com."
std::string text(const zones::Pool& pool, zones::MemberIndex member);

/// As overrides know a member: of its pool, or of the name itself where its own records are the members.
health::Member member_of(const LiveDeclaration& declaration, zones::MemberIndex member);
/// Null: nobody checks that member.
std::optional<health::TargetId> target_of(const LiveDeclaration& declaration, std::size_t member);

/// "192.0.2.10, 192.0.2.11"; of pools "eu (192.0.2.10), us (198.51.100.10)"; "nobody".
std::string list(const zones::Pool& pool, const zones::Selection& selection);
/// What is said of why these answer: "alive", "tier 2"; of an ANAME "fresh", "stale, all down: every member".
std::string why(const LiveDeclaration& declaration, const zones::Selection& selection,
                const zones::Flattened& flat);
/// The TTL of an ANAME as it is served at the moment.
std::uint32_t ttl_now(const zones::Selection& selection, const zones::Flattened& flat);

}  // namespace holdfast::server
