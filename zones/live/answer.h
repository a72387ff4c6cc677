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

/// The records of one type that a live name has to give at the moment, ready to copy. Immutable.
struct LiveRecords {
  Choice choice;                                      ///< whose candidates are the addresses, or what follows
  std::vector<boost::asio::ip::address> addresses{};  ///< all of one family
  std::vector<std::vector<std::uint8_t>> data{};      ///< of records of other types; of each candidate one
  /// What each candidate has in its turn; at most kMaxPicked records of all these are given where any is chosen for a client.
  std::vector<LiveRecords> inside{};
  std::uint32_t ttl = 0;  ///< seconds
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
inline constexpr std::size_t kPickedRoom = std::max<std::size_t>(kMaxPicked * (2 + 16), 2 + 255);

/// What a live name answers with at the moment. Immutable.
///
/// For the types that it covers it stands in place of the zone's own records, also when it is empty (NODATA): for A and AAAA,
/// unless it has only others.
class LiveAnswer {
 public:
  using Others = std::vector<std::pair<RrType, LiveRecords>>;

  LiveAnswer(const LiveRecords& a, const LiveRecords& aaaa, const Others& others = {});
  explicit LiveAnswer(const Others& others);

  bool covers(RrType type) const noexcept {
    return is_address(type) ? has_addresses_ : !others_.empty() && find(type) != nullptr;
  }
  /// It covers CNAME, so that whatever else is asked for is where that leads to.
  bool is_alias() const noexcept { return covers(RrType::CNAME); }

  /// What there is to know of what one client gets, beside the records.
  struct Beside {
    std::uint8_t scope = 0;  ///< bits of the client's address that they depended on
    bool is_wish = false;    ///< it should be found out what the client's network gets
    ExtendedError error = ExtendedError::none;
  };

  /// The types that it covers, but for A and AAAA.
  std::size_t others() const noexcept { return others_.size(); }
  RrType other(std::size_t i) const noexcept { return others_[i].first; }

  /// Sets `rrset` to what one client gets, which borrows from the answer, or from the room. `type` must be covered.
  ///
  /// It is set in place since a copy, right behind the stores of its parts, would wait until these have reached memory.
  /// @param room  kPickedRoom octets, or empty: then what would have to be put together there is left out (the RRset is
  ///              empty)
  Beside give(RrType type, const Client& client, std::span<std::uint8_t> room, RRset& rrset) const noexcept;
  /// What everybody gets; empty where it depends on the client, the query or the time, or there is more to it than records.
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
    // What most answers need comes first.
    std::vector<std::uint8_t>
        octets;  // as RRset wants them; twice where they are rotated, so that all are neighbours
    std::uint32_t ttl;
    std::uint16_t size;  // from one record to the next, octets; not looked at where everybody gets all
    bool is_failed;
    bool is_plain;  // at any time and whatever networks clients are in, and only records
    bool is_same;   // plain, and all for everybody
    Choice choice;
    std::uint32_t negative_ttl;
    ExtendedError error;
    Dependence dependence;
    std::optional<LiveTime> until;
    std::shared_ptr<const ClientNetworks> networks;
    std::vector<Part> inside;  // of each candidate
    bool is_long;              // may have more than are given: where all are to be, each has its turn

    explicit Part(const LiveRecords& records);
  };
  // What is rare stays apart, so that what is not is short.
  // Puts together what is drawn. @return bits of the client's address that it depended on
  [[gnu::noinline]] static std::uint8_t gather(const Part& part, const Client& client,
                                               std::span<std::uint8_t> room, RRset& rrset) noexcept;
  // The same, of what candidates have inside, behind `count` records and `octets`.
  static std::uint8_t gather_inside(const Part& part, const Client& client, std::span<std::uint8_t> room,
                                    RRset& rrset, std::size_t& octets) noexcept;
  // Changes what is not plain. `scope` is what it depended on so far.
  [[gnu::noinline]] static Beside at_the_moment(const Part& part, const Client& client, std::uint8_t scope,
                                                std::span<std::uint8_t> room, RRset& rrset) noexcept;
  static Beside give_by_network(const Part& part, const Client& client, Beside general,
                                RRset& rrset) noexcept;
  static bool is_address(RrType type) noexcept { return type == RrType::A || type == RrType::AAAA; }
  const Part& part(RrType type) const noexcept {
    return type == RrType::A ? a_ : type == RrType::AAAA ? aaaa_ : *find(type);
  }
  // Null: it does not cover that.
  [[gnu::noinline]] const Part* find(RrType type) const noexcept;

  Part a_, aaaa_;
  bool has_addresses_;
  std::vector<std::pair<RrType, Part>> others_;
};

inline LiveAnswer::Beside LiveAnswer::give(RrType type, const Client& client, std::span<std::uint8_t> room,
                                           RRset& rrset) const noexcept {
  const Part& part = this->part(type);
  rrset.type = type;
  rrset.ttl = part.ttl;
  rrset.prebuilt = nullptr;
  std::uint8_t scope = 0;
  if (part.choice.is_drawn()) {
    scope = gather(part, client, room, rrset);
  } else {
    const Choice::Picked picked = part.choice.pick_neighbours(client);
    rrset.count = picked.count;
    rrset.data = part.octets.data() + picked.first * part.size;
    scope = picked.scope;
  }
  if (!part.is_plain) return at_the_moment(part, client, scope, room, rrset);
  return {.scope = scope};
}

}  // namespace holdfast::zones
