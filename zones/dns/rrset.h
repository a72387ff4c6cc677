#pragma once

#include <cstdint>
#include <cstring>
#include <iterator>
#include <span>

#include "zones/dns/name.h"
#include "zones/dns/type.h"

namespace holdfast::zones {

using Rdata = std::span<const std::uint8_t>;

/// The records of one owner and type. Borrows its octets: `count` times a length (two octets, big-endian) and that
/// many octets of data in wire form, names in it uncompressed.
struct RRset {
  RrType type{};
  std::uint16_t count = 0;
  std::uint32_t ttl = 0;
  const std::uint8_t* data = nullptr;
  const std::uint8_t* prebuilt = nullptr;  ///< see zones/prebuilt.h; null: nothing

  bool empty() const noexcept { return count == 0; }

  class Iterator {
   public:
    using value_type = Rdata;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const std::uint8_t* at, unsigned left) noexcept : at_(at), left_(left) {}
    Rdata operator*() const noexcept { return {at_ + 2, size()}; }
    Iterator& operator++() noexcept {
      at_ += 2 + size();
      --left_;
      return *this;
    }
    Iterator operator++(int) noexcept {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const noexcept { return left_ == other.left_; }

   private:
    std::size_t size() const noexcept { return static_cast<std::size_t>(at_[0] << 8 | at_[1]); }
    const std::uint8_t* at_ = nullptr;
    unsigned left_ = 0;
  };
  Iterator begin() const noexcept { return {data, count}; }
  Iterator end() const noexcept { return {nullptr, 0}; }
};

/// The name in wire form at the start of `octets`, which must hold one: data of a zone does, it was checked at load.
inline NameView name_in(Rdata octets) noexcept {
  std::size_t size = 0;
  while (octets[size] != 0) size += octets[size] + 1U;
  return {octets.data(), size + 1};
}

}  // namespace holdfast::zones
