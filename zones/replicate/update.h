#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "zones/replicate/delta.h"
#include "zones/zone.h"

namespace holdfast::zones {

// DNS UPDATE (RFC 2136), but for who may: reading, what is required, what becomes of it. Pure; any octets may come.

inline constexpr std::size_t kMaxUpdateRows = 4096;  ///< of both sections of one message

/// A row of an update: a record, or what stands for one, by its class (RFC 2136 2.4, 2.5).
struct UpdateRow {
  Name owner;
  RrType type{};
  RrClass rr_class{};
  std::uint32_t ttl = 0;
  std::vector<std::uint8_t> data{};  ///< as a Zone keeps it where it is that of one record, else as it came
};

struct Update {
  Name zone;
  std::vector<UpdateRow> prerequisites{};
  std::vector<UpdateRow> rows{};  ///< what is to be done, in this order
};

/// Reads a message, which is without TSIG. Else what to answer: FORMERR where it is no UPDATE of class IN or is broken, REFUSED
/// where it has too many rows.
std::variant<Update, Rcode> read_update(std::span<const std::uint8_t> message);

/// Whether the zone is as the update requires (RFC 2136 3.2): NOERROR; else what to answer.
///
/// @param zone  available, and the one that the update is for
Rcode check_prerequisites(const Update& update, const Zone& zone);

/// What an update changes. Both runs are in canonical order and without SOA.
struct Updated {
  RecordRun removed{};             ///< all of it is in the zone
  RecordRun added{};               ///< none of it is
  std::optional<UpdateRow> soa{};  ///< the SOA, where the update has one that is after that of the zone

  /// Nothing changes, and so the serial does not.
  bool empty() const noexcept { return removed.empty() && added.empty() && !soa; }
};

/// What becomes of a zone by an update (RFC 2136 3.4), all of it or nothing: then what to answer. That the zone is still right
/// (its limits, no CNAME beside other data by way of what is not seen here) is for check_zone to say.
///
/// @param zone    as for check_prerequisites
/// @param serial  of the version that is served: a SOA counts only where it is after that
std::variant<Updated, Rcode> apply_update(const Update& update, const Zone& zone, Serial serial);

/// The same as a step from one version of the zone to the next.
///
/// @param serial  after that of the zone; that of the SOA in `updated` may be taken
std::shared_ptr<const Delta> delta_of(const Updated& updated, const Zone& zone, Serial serial);

}  // namespace holdfast::zones
