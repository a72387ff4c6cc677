#pragma once

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "zones/dns/extended_error.h"
#include "zones/dns/rrset.h"
#include "zones/live/choice.h"
#include "zones/live/client_networks.h"

namespace holdfast::zones {

/// Of what somebody gets for whose network nothing is known yet, seconds: it is soon.
inline constexpr std::uint32_t kMeanwhileTtl = 5;

/// Of the answer that there are none, once the time is over for which that was known, seconds.
inline constexpr std::uint32_t kBehindTtl = 30;

/// The records of one family that a live name has to give at the moment, ready to copy. Immutable.
struct LiveRecords {
  Choice choice;                                    ///< whose candidates are the addresses
  std::vector<boost::asio::ip::address> addresses;  ///< all of one family
  std::uint32_t ttl = 0;                            ///< seconds
  /// Of the answer that there are none; seconds; 0: what the zone says.
  std::uint32_t negative_ttl = 0;
  bool is_failed = false;  ///< SERVFAIL instead
  /// No TTL reaches beyond this moment, as long as it leaves a second; nothing: each is given in full.
  std::optional<LiveTime> until{};
  ExtendedError error = ExtendedError::none;
  Dependence dependence = Dependence::no;
  std::shared_ptr<const ClientNetworks> networks{};  ///< with Dependence::yes; null: none are known
};

/// A TTL that does not reach beyond `until`, as long as that leaves a second.
inline std::uint32_t ttl_at(std::uint32_t ttl, std::optional<LiveTime> until, LiveTime now) noexcept {
  if (!until || ttl == 0) return ttl;
  const auto left = std::chrono::floor<std::chrono::seconds>(*until - now).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(left, 1, ttl));
}

/// Room for the records that are put together for one client; need not be initialised.
inline constexpr std::size_t kPickedRoom = kMaxPicked * (2 + 16);

/// What a live name answers with at the moment. Immutable.
///
/// It covers A and AAAA: for these types it stands in place of the zone's own records, also when it is empty (NODATA).
class LiveAnswer {
 public:
  LiveAnswer(const LiveRecords& a, const LiveRecords& aaaa);

  static bool covers(RrType type) noexcept { return type == RrType::A || type == RrType::AAAA; }

  /// What one client gets.
  struct Given {
    RRset rrset;             ///< borrows from the answer, or from the room
    std::uint8_t scope = 0;  ///< bits of the client's address that it depended on
    bool is_wish = false;    ///< it should be found out what the client's network gets
    ExtendedError error = ExtendedError::none;
  };

  // `type` must be covered.
  /// @param room  kPickedRoom octets, or empty: then what would have to be put together there is left out (the RRset is
  ///              empty)
  Given give(RrType type, const Client& client, std::span<std::uint8_t> room) const noexcept;
  /// What everybody gets; empty where it depends on the client, the query or the time, or there is nothing more to it than
  /// records.
  RRset for_everybody(RrType type) const noexcept {
    const Part& part = this->part(type);
    const bool is_same = part.is_same;
    return {type, is_same ? static_cast<std::uint16_t>(part.choice.candidates()) : std::uint16_t{0}, part.ttl,
            part.octets.data()};
  }
  bool is_failed(RrType type) const noexcept { return part(type).is_failed; }
  /// Of the answer that there are none, now; 0: what the zone says.
  std::uint32_t negative_ttl(RrType type, LiveTime now) const noexcept {
    const Part& part = this->part(type);
    const bool is_behind = part.until && now >= *part.until;
    return is_behind ? std::min(part.negative_ttl, kBehindTtl) : ttl_at(part.negative_ttl, part.until, now);
  }
  ExtendedError error(RrType type) const noexcept { return part(type).error; }

 private:
  struct Part {
    Choice choice;
    std::vector<std::uint8_t>
        octets;  // as RRset wants them; twice where they are rotated, so that all are neighbours
    std::uint32_t ttl;
    std::uint32_t negative_ttl;
    std::optional<LiveTime> until;
    ExtendedError error;
    std::uint8_t size;  // of a record, octets
    bool is_failed;
    bool is_same;  // for everybody and at any time, and only records
    Dependence dependence;
    std::shared_ptr<const ClientNetworks> networks;

    Part(const LiveRecords& records, std::uint8_t size);
  };
  static Given give_by_network(RrType type, const Part& part, const Client& client, Given general) noexcept;
  const Part& part(RrType type) const noexcept { return type == RrType::A ? a_ : aaaa_; }

  Part a_, aaaa_;
};

}  // namespace holdfast::zones
