#include "zones/dns/octets.h"

#include <gtest/gtest.h>

#include <vector>

using namespace holdfast::zones;

namespace {

using Octets = std::vector<std::uint8_t>;

// Vectors of exactly that size, so that ASan sees what is read or written beside them.
Octets octets(std::size_t size) {
  Octets octets(size);
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::uint8_t>(i * 37 + 'A');
  return octets;
}

TEST(Octets, AreCopiedWhateverTheirNumber) {
  for (std::size_t size = 0; size < 70; ++size) {
    const Octets from = octets(size);
    Octets to(size);
    copy_octets(from.data(), size, to.data());
    EXPECT_EQ(to, from);
  }
}

TEST(Octets, AreComparedWhateverTheirNumber) {
  for (std::size_t size = 0; size < 70; ++size) {
    const Octets one = octets(size);
    Octets other = one;
    EXPECT_TRUE(same_octets(one.data(), other.data(), size));
    for (std::size_t i = 0; i < size; ++i) {
      other[i] ^= 1;
      EXPECT_FALSE(same_octets(one.data(), other.data(), size)) << i << " of " << size;
      other[i] ^= 1;
    }
  }
}

TEST(Octets, BecomeLowerCaseWhateverTheirNumber) {
  for (std::size_t size = 0; size < 70; ++size) {
    const Octets from = octets(size);
    Octets expected = from, to(size);
    for (std::uint8_t& octet : expected) octet = lower(octet);
    copy_lower(from.data(), size, to.data());
    EXPECT_EQ(to, expected);
  }
}

}  // namespace
