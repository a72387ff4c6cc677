#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "zones/dns/name.h"
#include "zones/dns/type.h"

namespace holdfast::zones {

/// Records as they are collected before a zone is built: any order, nothing checked. Packed, about 30 octets beside
/// the octets of owner and data.
class RecordList {
 public:
  struct Entry {
    std::uint64_t owner;  ///< offset into the octets
    std::uint64_t data;   ///< offset into the octets
    std::uint32_t ttl;
    std::uint32_t line;  ///< where it stands in its file, for messages; 0 where there is none
    std::uint16_t file;  ///< the caller's number of that file
    RrType type;
    std::uint16_t data_size;
    std::uint8_t owner_size;
  };

  /// `owner` in lower case; `data` in wire form, names in it uncompressed.
  void add(NameView owner, RrType type, std::uint32_t ttl, std::span<const std::uint8_t> data,
           std::uint16_t file = 0, std::uint32_t line = 0);

  NameView owner(const Entry& e) const noexcept { return {octets_.data() + e.owner, e.owner_size}; }
  std::span<const std::uint8_t> data(const Entry& e) const noexcept {
    return {octets_.data() + e.data, e.data_size};
  }
  std::vector<Entry>& entries() noexcept { return entries_; }
  const std::vector<Entry>& entries() const noexcept { return entries_; }

  /// All octets of owners and data. A Zone can be built from up to 2^31 of them.
  std::size_t octets() const noexcept { return octets_.size(); }

  /// Canonical order of owners (RFC 4034 6.1), then type, then data; stable.
  void sort();

 private:
  std::vector<std::uint8_t> octets_;
  std::vector<Entry> entries_;
};

}  // namespace holdfast::zones
