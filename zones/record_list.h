#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "zones/block.h"
#include "zones/dns/name.h"
#include "zones/dns/type.h"
#include "zones/pages.h"

namespace holdfast::zones {

/// Records as they are collected before a zone is built: any order, nothing checked. Packed, 32 octets beside the
/// octets of owner and data. At most 2^32 - 1 of them.
class RecordList {
 public:
  struct Entry {
    const std::uint8_t* owner;
    const std::uint8_t* data;
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
  /// The same, but the octets stay where they are: for as long as this is used.
  void borrow(NameView owner, RrType type, std::uint32_t ttl, std::span<const std::uint8_t> data);
  /// Adds all of `more`, as if each had been added here; `lines` is added to their lines.
  void append(RecordList&& more, std::uint32_t lines);
  /// Makes room for that many records in all, so that adding them copies nothing.
  void reserve(std::size_t records) { entries_.reserve(records); }

  NameView owner(const Entry& e) const noexcept { return {e.owner, e.owner_size}; }
  std::span<const std::uint8_t> data(const Entry& e) const noexcept { return {e.data, e.data_size}; }
  using Entries = std::vector<Entry, PageAllocator<Entry>>;
  Entries& entries() noexcept { return entries_; }
  const Entries& entries() const noexcept { return entries_; }

  /// All octets of owners and data. A Zone can be built from up to kMaxOctets of them.
  static constexpr std::size_t kMaxOctets = std::size_t{1} << 31;
  std::size_t octets() const noexcept { return octets_; }

  /// Canonical order of owners (RFC 4034 6.1), then type, then data; stable. Entries of one owner have the same
  /// `Entry::owner` then. Takes several threads for many records.
  ///
  /// @param apex  of the zone in which most records are: it makes no difference to the result, only to the time
  void sort(NameView apex = {});

  /// Where the i-th of `parts` nearly equal parts begins; none begins within the records of one owner. That of
  /// i = parts is the end.
  std::size_t part_begin(std::size_t parts, std::size_t i) const noexcept;

 private:
  struct Kept {
    Block octets;
    std::size_t used;
  };
  class Sorter;
  const std::uint8_t* keep(const std::uint8_t* octets, std::size_t size);

  std::vector<Kept> kept_;  // what the entries point into
  Entries entries_;
  std::size_t octets_ = 0;
};

}  // namespace holdfast::zones
