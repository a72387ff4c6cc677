#pragma once

#include <cstdint>

namespace holdfast::zones {

/// The serial of a version of a zone, on the circle of RFC 1982.
///
/// It has no order and no sum: of two that are exactly half a circle apart neither is after the other, and what is more than
/// half a circle ahead is behind.
class Serial {
 public:
  constexpr Serial() noexcept = default;
  explicit constexpr Serial(std::uint32_t value) noexcept : value_(value) {}

  constexpr std::uint32_t value() const noexcept { return value_; }
  /// Whether a secondary that has `other` would take this (RFC 1982 3.2).
  constexpr bool is_after(Serial other) const noexcept {
    const std::uint32_t ahead = value_ - other.value_;
    return ahead != 0 && ahead < 0x80000000U;
  }
  constexpr Serial next() const noexcept { return Serial(value_ + 1); }

  bool operator==(const Serial&) const noexcept = default;

 private:
  std::uint32_t value_ = 0;
};

}  // namespace holdfast::zones
