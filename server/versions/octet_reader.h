#pragma once

#include <cstdint>
#include <span>

#include "zones/dns/name.h"

namespace holdfast::server {

/// Takes octets from the front. Once there are too few, or a name is none, there is nothing more, for good.
class OctetReader {
 public:
  explicit OctetReader(std::span<const std::uint8_t> left) noexcept : left_(left) {}

  std::span<const std::uint8_t> take(std::size_t size) noexcept {
    if (size > left_.size()) {
      fail();
      return {};
    }
    const auto taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }
  /// Big-endian, of so many octets, 8 at most.
  std::uint64_t number(unsigned octets) noexcept {
    std::uint64_t value = 0;
    for (const std::uint8_t octet : take(octets)) value = value << 8 | octet;
    return value;
  }
  /// A name in lower case with its size, an octet, in front; the root where there is none.
  zones::NameView name() noexcept {
    const auto octets = take(number(1));
    zones::Name name;
    if (!octets.empty() && name.read(octets) == octets.size() &&
        zones::same_octets(name.view().data(), octets.data(), octets.size())) {
      return {octets.data(), octets.size()};
    }
    fail();
    return {};
  }

  bool failed() const noexcept { return failed_; }
  std::size_t left() const noexcept { return left_.size(); }

 private:
  void fail() noexcept {
    failed_ = true;
    left_ = {};
  }

  std::span<const std::uint8_t> left_;
  bool failed_ = false;
};

}  // namespace holdfast::server
