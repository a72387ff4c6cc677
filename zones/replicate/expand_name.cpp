#include "zones/replicate/expand_name.h"

#include "zones/replicate/message.h"

namespace holdfast::zones {

ExpandedName expand_name(std::span<const std::uint8_t> octets, std::size_t at, std::uint8_t* out) noexcept {
  const std::size_t first = at;
  std::size_t begin = at;  // of the labels that are read: a pointer leads to before them
  std::size_t taken = 0;   // known with the first pointer
  std::size_t size = 0;
  std::size_t pointers = 0;
  while (at < octets.size()) {
    const std::size_t length = octets[at];
    if (length == 0) {
      out[size++] = 0;
      return {taken == 0 ? at + 1 - first : taken, size};
    }
    if (length <= kMaxLabel) {
      if (octets.size() - at <= length || size + length + 2 > kMaxName) return {};
      copy_lower(octets.data() + at, length + 1, out + size);
      size += length + 1;
      at += length + 1;
    } else {
      if (length < 0xc0 || octets.size() - at < 2) return {};
      if (taken == 0) taken = at + 2 - first;
      at = (length & 0x3f) << 8 | octets[at + 1];
      if (at >= begin || at < kMessageHeader || ++pointers > kMaxPointers) return {};
      begin = at;
    }
  }
  return {};
}

std::size_t plain_name_size(std::span<const std::uint8_t> octets) noexcept {
  for (std::size_t at = 0; at < octets.size() && at < kMaxName; at += octets[at] + 1U) {
    if (octets[at] == 0) return at + 1;
    if (octets[at] > kMaxLabel) return 0;
  }
  return 0;
}

}  // namespace holdfast::zones
