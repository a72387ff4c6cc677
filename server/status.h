#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "health/verdict/override.h"
#include "health/verdict/verdict.h"
#include "zones/settings.h"
#include "zones/snapshot.h"

namespace holdfast::server {

// What can be told of the running server, as of one moment: values for the API, the metrics and the tables.

struct ZoneStatus {
  std::string name;              ///< with the final dot
  zones::ZoneNumber number = 0;  ///< ZoneNumber, for the counters
  std::string file;
  std::string catalog{};  ///< the [catalog.NAME] that brings it; empty: none does
  bool serving = false;   ///< false: it was never loaded; its names get SERVFAIL
  std::uint32_t serial = 0;
  std::size_t records = 0;
  std::size_t memory = 0;                          ///< octets
  std::chrono::system_clock::time_point loaded{};  ///< when this version was read
  /// Of the last attempt to load: errors first; what is served may be older.
  std::vector<std::string> problems;
  bool refused = false;  ///< the last attempt was refused, and the version before it (if any) serves on
};

using ZoneVisitor = std::function<void(const ZoneStatus&)>;

/// Of all zones together.
struct ZoneTotals {
  std::size_t zones = 0;
  std::size_t serving = 0;
  std::size_t refused = 0;
  std::size_t records = 0;
  std::size_t memory = 0;  ///< octets
};

/// Which zones are to be told of: all, where there are at most `most`; else those that are refused or not served, and of
/// these the first `most`.
struct Shown {
  std::size_t most = std::numeric_limits<std::size_t>::max();
};

struct MemberStatus {
  boost::asio::ip::address address{};  ///< unspecified: it is a name or a pool
  std::string name{};                  ///< of these; else empty
  bool is_pool = false;                ///< a pool
  std::string of{};       ///< the name whose address it is, that answers in place of it; else empty
  std::size_t depth = 0;  ///< pools and names that it is in
  std::uint16_t tier = 1;
  health::Verdict verdict =
      health::Verdict::unknown;  ///< of a name or a pool: what is in it, or an override, makes it
  bool answering = false;        ///< part of what is served now
  std::string location{};        ///< empty: unknown
  std::string pool{};            ///< that it is of, or the live name where its own records are the members
  std::string monitor{};         ///< empty: nobody checks it
  std::optional<health::Override> decided{};  ///< goes before the verdict; null: nobody decided anything
};

struct LiveNameStatus {
  std::string zone;                       ///< with the final dot
  std::string name;                       ///< owner name, with the final dot
  zones::RrType type = zones::RrType::A;  ///< of what it answers with: A (and AAAA), CNAME, MX or SRV
  zones::LiveIndex index = 0;             ///< LiveIndex, for the counters
  std::string pool;  ///< empty: the zone's own records are the members, or what `aliases` have
  std::string monitor;
  std::vector<std::string> aliases{};  ///< targets of an ANAME, with the final dot
  zones::Policy policy = zones::Policy::all;
  std::vector<MemberStatus> members;
  std::string rule;       ///< why these answer: "alive", "tier 2", "all down: every member", ...
  std::uint32_t ttl = 0;  ///< seconds, as served
  std::chrono::system_clock::time_point since{};  ///< of the answer served now
};

struct ReloadReport {
  bool configuration_accepted = true;           ///< false: nothing changed at all
  std::size_t zones_changed = 0;                ///< loaded anew, added or removed
  std::size_t zones_refused = 0;                ///< the version before serves on
  std::size_t zones_read = 0;                   ///< from files that changed, or were refused before
  std::size_t zones_unknown = 0;                ///< asked for by name, but not in service
  std::vector<std::string> problems;            ///< `file:line[:column]: text`
  std::vector<std::string> catalog_problems{};  ///< those of them that are about what catalogs list
  bool ok() const noexcept { return configuration_accepted && zones_refused == 0 && zones_unknown == 0; }
};

}  // namespace holdfast::server
