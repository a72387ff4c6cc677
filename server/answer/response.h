#pragma once

#include <array>
#include <memory>

#include "server/answer/query.h"
#include "zones/dns/extended_error.h"
#include "zones/snapshot.h"

namespace holdfast::server {

inline constexpr std::size_t kMaxChain = 16;       ///< CNAMEs and DNAMEs followed for one query
inline constexpr std::size_t kMaxAdditional = 13;  ///< names whose addresses go into the additional section
inline constexpr std::size_t kMaxGlue = 32;  ///< servers below a zone cut whose addresses go into a referral

/// What a query is answered with, before it is octets. Borrows from the query, the zones and the live table.
/// Lives on the stack; no allocation.
class Response {
 public:
  Response() noexcept {}

  struct Item {
    zones::NameView owner;
    zones::RRset rrset;
    bool required = true;  ///< false: left out without TC when there is no room for it
  };

  zones::Rcode rcode = zones::Rcode::noerror;
  bool authoritative = false;
  zones::ZoneNumber zone = zones::kNoZone;  ///< that of QNAME
  zones::LiveIndex live = zones::kNotLive;  ///< the live name that decided the answer, if one did
  zones::ZoneNumber soa_of =
      zones::kNoZone;  ///< the zone whose SOA stands behind everything else, if one does

  zones::ExtendedError error = zones::ExtendedError::none;  ///< what the client is told beside it
  bool is_private = false;                                  ///< refused, since it is not for everybody
  bool depends_on_health = false;  ///< of some name in the additional section health decides what is told

  // Sections are filled in their order: answer, authority, additional. A full one takes no more.
  void add_answer(const Item& item) noexcept { answers_ += add(item); }
  void add_authority(const Item& item) noexcept { authorities_ += add(item); }
  void add_additional(const Item& item) noexcept { additional_ += add(item); }

  std::span<const Item> answers() const noexcept { return {items_.data(), answers_}; }
  std::span<const Item> authorities() const noexcept { return {items_.data() + answers_, authorities_}; }
  std::span<const Item> additional() const noexcept {
    return {items_.data() + answers_ + authorities_, additional_};
  }
  bool holds(zones::NameView owner, zones::RrType type) const noexcept;

  /// Makes a one-record RRset whose octets live in this response; an empty one when there is no more room for it.
  zones::RRset synthesise(zones::RrType type, std::uint32_t ttl, std::span<const std::uint8_t> data) noexcept;

 private:
  std::size_t size() const noexcept { return answers_ + authorities_ + additional_; }
  std::size_t add(const Item& item) noexcept {
    if (size() == items_.size()) return 0;
    std::construct_at(items_.data() + size(), item);
    return 1;
  }

  // A chain may use two items a step (a DNAME and its CNAME); then the answer, the authority, three types a name, or
  // two for glue.
  // In a union, since a query must not pay for initialising what it does not use.
  union {
    std::array<Item, 2 * (kMaxChain + 1) + 2 + 3 * kMaxAdditional + 2 * kMaxGlue> items_;
  };
  std::size_t answers_ = 0, authorities_ = 0, additional_ = 0;

  std::array<std::uint8_t, (kMaxChain + 1) * (2 + zones::kMaxName)> octets_;
  std::size_t used_ = 0;
};

}  // namespace holdfast::server
