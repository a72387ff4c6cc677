#include "zones/dns/hashed_name.h"

#include <algorithm>

namespace holdfast::zones {

std::size_t HashedName::read(std::span<const std::uint8_t> octets) noexcept {
  const std::size_t room = std::min(octets.size(), kMaxName);
  const std::uint8_t* const from = octets.data();
  std::uint8_t* offset = offsets_.data();  // as many labels as fit into kMaxName have room
  std::size_t at = 0;
  for (;;) {
    if (at >= room) return 0;
    *offset = static_cast<std::uint8_t>(at);
    const std::size_t length = from[at];
    if (length == 0) break;
    if (length > kMaxLabel) return 0;
    at += length + 1;
    ++offset;
  }
  labels_ = static_cast<std::size_t>(offset - offsets_.data());
  size_ = at + 1;
  copy_lower(from, size_, octets_.data());
  hash_ = hash_name(name());
  return size_;
}

}  // namespace holdfast::zones
