#pragma once

#include <array>

#include "zones/dns/name.h"

namespace holdfast::zones {

/// A name with the hash of each of its suffixes, made in one pass: what a lookup walks up along.
/// Owns its octets; no allocation.
class HashedName {
 public:
  HashedName() noexcept = default;
  explicit HashedName(NameView name) noexcept : name_(name) { hash(); }

  /// Takes the name at the start of `octets` as it stands in a question: uncompressed, any case.
  /// @return its size in `octets`, or 0 when there is no valid name (a pointer has no place in a question).
  std::size_t read(std::span<const std::uint8_t> octets) noexcept;

  const Name& name() const noexcept { return name_; }
  /// Labels, the root's not counted.
  std::size_t labels() const noexcept { return labels_; }
  /// The name without its first `i` labels, i from 0 to labels().
  NameView suffix(std::size_t i) const noexcept {
    return {name_.view().data() + offsets_[i], name_.view().size() - offsets_[i]};
  }
  NameHash hash(std::size_t i = 0) const noexcept { return hashes_[i]; }
  /// Where suffix(i) begins in the name.
  std::size_t offset(std::size_t i) const noexcept { return offsets_[i]; }

 private:
  void hash() noexcept;

  Name name_;
  std::size_t labels_ = 0;
  std::array<std::uint8_t, kMaxLabels> offsets_;
  std::array<NameHash, kMaxLabels> hashes_;
};

}  // namespace holdfast::zones
