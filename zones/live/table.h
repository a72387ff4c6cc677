#pragma once

#include <array>
#include <memory>
#include <vector>

#include "zones/dns/rrset.h"
#include "zones/zone.h"

namespace holdfast::zones {

/// The addresses that a live name answers with at the moment, ready to copy. Immutable.
///
/// It covers A and AAAA: for these types it stands in place of the zone's own records, also when it is empty (NODATA).
class LiveAnswer {
 public:
  /// @param a, aaaa  the addresses in wire form, one after another: 4 octets each, 16 octets each.
  LiveAnswer(std::span<const std::uint8_t> a, std::uint32_t a_ttl, std::span<const std::uint8_t> aaaa,
             std::uint32_t aaaa_ttl);

  static bool covers(RrType type) noexcept { return type == RrType::A || type == RrType::AAAA; }
  /// `type` must be covered.
  RRset rrset(RrType type) const noexcept;

 private:
  std::vector<std::uint8_t> octets_;  // as RRset wants them, the A records first
  std::uint32_t a_ttl_, aaaa_ttl_;
  std::uint16_t a_count_, aaaa_count_;
};

/// What every live name answers with. Immutable: a change makes a new table that shares all but one block with the
/// old one, so that it costs the same however many records there are.
class LiveTable {
 public:
  /// Null: nothing is known for that name, and the records of its zone are served.
  const LiveAnswer* find(LiveIndex index) const noexcept {
    const std::size_t block = index / kBlock;
    if (block >= blocks_.size() || blocks_[block] == nullptr) return nullptr;
    return (*blocks_[block])[index % kBlock].get();
  }

  /// This table with one answer exchanged.
  std::shared_ptr<const LiveTable> with(LiveIndex index, std::shared_ptr<const LiveAnswer> answer) const;

 private:
  static constexpr std::size_t kBlock = 128;
  using Block = std::array<std::shared_ptr<const LiveAnswer>, kBlock>;
  std::vector<std::shared_ptr<const Block>> blocks_;
};

}  // namespace holdfast::zones
