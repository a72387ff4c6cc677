#include "zones/dns/canonical_key.h"

#include <array>

namespace holdfast::zones {

CanonicalKey canonical_key(NameView name, std::size_t suffix) noexcept {
  constexpr std::size_t kSize = 16;
  const std::size_t end = name.size() - suffix;
  std::array<std::uint8_t, kMaxLabels> labels;
  std::size_t count = 0;
  for (std::size_t at = 0; at < end; at += name.data()[at] + 1U) {
    labels[count++] = static_cast<std::uint8_t>(at);
  }
  // The labels from the apex on, an octet 0 after each; so the octets 0 and 1 of labels become two, 1 and 1 or 2.
  std::array<std::uint8_t, kSize + 1> key = {};
  std::size_t size = 0;
  while (count > 0 && size < kSize) {
    const std::uint8_t* at = name.data() + labels[--count];
    for (const std::uint8_t* const last = at + *at; at != last && size < kSize;) {
      const std::uint8_t octet = *++at;
      if (octet <= 1) key[size++] = 1;
      key[size++] = octet <= 1 ? octet + 1 : octet;
    }
    ++size;
  }
  CanonicalKey result;
  for (std::size_t i = 0; i < 8; ++i) result.high = result.high << 8 | key[i];
  for (std::size_t i = 8; i < kSize; ++i) result.low = result.low << 8 | key[i];
  return result;
}

}  // namespace holdfast::zones
