#include "zones/dns/hashed_name.h"

namespace holdfast::zones {

std::size_t HashedName::read(std::span<const std::uint8_t> octets) noexcept {
  const std::size_t size = name_.read(octets);
  if (size != 0) hash();
  return size;
}

void HashedName::hash() noexcept {
  labels_ = 0;
  std::size_t offset = 0;
  const std::uint8_t* octets = name_.view().data();
  for (; octets[offset] != 0; offset += octets[offset] + 1U)
    offsets_[labels_++] = static_cast<std::uint8_t>(offset);
  offsets_[labels_] = static_cast<std::uint8_t>(offset);
  hashes_[labels_] = kRootHash;
  for (std::size_t i = labels_; i-- > 0;) {
    const std::uint8_t* label = octets + offsets_[i];
    hashes_[i] = extend_hash(hashes_[i + 1], {label + 1, label[0]});
  }
}

}  // namespace holdfast::zones
