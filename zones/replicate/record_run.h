#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "zones/dns/name.h"
#include "zones/dns/rrset.h"
#include "zones/dns/type.h"

namespace holdfast::zones {

/// One record. Borrows.
struct RecordView {
  NameView owner;
  RrType type{};
  std::uint32_t ttl = 0;
  Rdata data{};
};

/// Canonical order: owners, types, data (RFC 4034 6); of what is the same but for the TTL, by that.
std::strong_ordering operator<=>(const RecordView& a, const RecordView& b) noexcept;
bool operator==(const RecordView& a, const RecordView& b) noexcept;

/// Whether those who send and answer may look into the data: it has the names that its type has to have, the size of an
/// address, the numbers of a SOA. Any octets may come.
bool fits_type(RrType type, Rdata data) noexcept;

/// Records one behind the other as a message has them, class IN, no name compressed: how they are kept in memory, on disk
/// and put into transfers. A value.
class RecordRun {
 public:
  /// `data` has at most 65,535 octets.
  void add(const RecordView& record);
  void add(NameView owner, const RRset& rrset);
  /// Takes back what was written of octets(). Any octets may come: nothing, where they are not whole records of class IN,
  /// with owners in lower case and data that fits their types.
  static std::optional<RecordRun> read(std::span<const std::uint8_t> octets);

  std::size_t size() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  std::span<const std::uint8_t> octets() const noexcept { return octets_; }
  RecordView front() const noexcept { return *begin(); }

  class Iterator {
   public:
    using value_type = RecordView;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(const std::uint8_t* at) noexcept : at_(at) {}
    RecordView operator*() const noexcept;
    Iterator& operator++() noexcept;
    Iterator operator++(int) noexcept {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator&) const noexcept = default;

   private:
    const std::uint8_t* at_ = nullptr;
  };
  Iterator begin() const noexcept { return Iterator(octets_.data()); }
  Iterator end() const noexcept { return Iterator(octets_.data() + octets_.size()); }

  bool operator==(const RecordRun&) const = default;

 private:
  std::vector<std::uint8_t> octets_;
  std::size_t count_ = 0;
};

}  // namespace holdfast::zones
