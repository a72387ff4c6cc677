#pragma once

#include <array>

#include "zones/dns/name.h"

namespace holdfast::zones {

/// A name with its hash and the places of its labels: what a lookup walks up along.
/// Owns its octets; no allocation.
class HashedName {
 public:
  HashedName() noexcept {}
  explicit HashedName(NameView name) noexcept { read({name.data(), name.size()}); }

  /// Takes the name at the start of `octets` as it stands in a question: uncompressed, any case.
  /// @return its size in `octets`, or 0 when there is no valid name (a pointer has no place in a question).
  std::size_t read(std::span<const std::uint8_t> octets) noexcept;

  NameView name() const noexcept { return {octets_.data(), size_}; }
  /// Labels, the root's not counted.
  std::size_t labels() const noexcept { return labels_; }
  /// The name without its first `i` labels, i from 0 to labels().
  NameView suffix(std::size_t i) const noexcept {
    return {octets_.data() + offsets_[i], size_ - offsets_[i]};
  }
  /// Where suffix(i) begins in the name.
  std::size_t offset(std::size_t i) const noexcept { return offsets_[i]; }

  NameHash hash() const noexcept { return hash_; }
  NameHash hash(std::size_t i) const noexcept { return i == 0 ? hash_ : hash_name(suffix(i)); }

 private:
  // Not initialised: a query must not pay for more than its name needs.
  std::size_t size_, labels_;
  NameHash hash_;
  std::array<std::uint8_t, kMaxName> octets_;
  std::array<std::uint8_t, kMaxLabels> offsets_;
};

}  // namespace holdfast::zones
