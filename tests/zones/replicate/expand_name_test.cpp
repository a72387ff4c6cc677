#include "zones/replicate/expand_name.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace holdfast::zones {
namespace {

using Octets = std::vector<std::uint8_t>;

/// The name at `at` behind a header, and the octets it takes there; "!" where there is none.
std::string expanded(const Octets& behind_header, std::size_t at) {
  Octets message(12, 0xff);
  message.insert(message.end(), behind_header.begin(), behind_header.end());
  std::array<std::uint8_t, kMaxName> out;
  const ExpandedName name = expand_name(message, 12 + at, out.data());
  if (name.taken == 0) return "!";
  return NameView(out.data(), name.size).text() + " " + std::to_string(name.taken);
}

/// `count` labels of `size` octets.
Octets labels(std::size_t count, std::uint8_t size) {
  Octets octets;
  for (std::size_t i = 0; i < count; ++i) {
    octets.push_back(size);
    octets.insert(octets.end(), size, 'a');
  }
  return octets;
}

Octets operator+(Octets a, const Octets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(ExpandName, ReadsWhatIsNotCompressed) {
  EXPECT_EQ(expanded({0}, 0), ". 1");
  EXPECT_EQ(expanded({1, 'a', 1, 'b', 0, 9}, 0), "a.b. 5");
}

TEST(ExpandName, FollowsPointersBackwards) {
  EXPECT_EQ(expanded({1, 'a', 0, 1, 'b', 0xc0, 12}, 3), "b.a. 4");
  EXPECT_EQ(expanded({1, 'a', 0, 1, 'b', 0xc0, 12, 0xc0, 15}, 7), "b.a. 2");
}

TEST(ExpandName, IsInLowerCase) {
  EXPECT_EQ(expanded({1, 'A', 0, 3, 'W', '[', 'z', 0xc0, 12}, 3), "w[z.a. 6");
}

// RFC 9267
TEST(ExpandName, RefusesPointersThatDoNotGoBackwards) {
  EXPECT_EQ(expanded({0xc0, 12}, 0), "!");                     // to itself
  EXPECT_EQ(expanded({1, 'a', 0xc0, 12}, 0), "!");             // to the name that it is in
  EXPECT_EQ(expanded({0xc0, 14, 0xc0, 12}, 2), "!");           // to one another
  EXPECT_EQ(expanded({0xc0, 14, 0}, 0), "!");                  // forwards
  EXPECT_EQ(expanded({1, 'a', 0, 1, 'b', 0xc0, 17}, 3), "!");  // into itself
}

TEST(ExpandName, RefusesPointersIntoTheHeader) {
  EXPECT_EQ(expanded({0xc0, 0}, 0), "!");
  EXPECT_EQ(expanded({0xc0, 11}, 0), "!");
}

TEST(ExpandName, RefusesOtherKindsOfLabels) {
  EXPECT_EQ(expanded({0x40, 'a', 0}, 0), "!");
  EXPECT_EQ(expanded({0x80, 'a', 0}, 0), "!");
}

TEST(ExpandName, RefusesWhatIsCutOff) {
  const Octets whole = {3, 'w', 'w', 'w', 1, 'a', 0, 1, 'b', 0xc0, 16};
  for (std::size_t size = 0; size < 7; ++size)
    EXPECT_EQ(expanded({whole.begin(), whole.begin() + static_cast<long>(size)}, 0), "!");
  EXPECT_EQ(expanded({1, 'a', 0, 1, 'b', 0xc0}, 3), "!");
}

TEST(ExpandName, HoldsAtMost255Octets) {
  EXPECT_EQ(expanded(labels(127, 1) + Octets{0}, 0).back(), '5');
  EXPECT_EQ(expanded(labels(127, 1) + Octets{0}, 0).substr(254), " 255");
  EXPECT_EQ(expanded(labels(126, 1) + labels(1, 2) + Octets{0}, 0), "!");
  EXPECT_EQ(expanded(labels(128, 1) + Octets{0}, 0), "!");
  // 255 octets over a pointer, and one more
  const Octets tail = labels(3, 63) + Octets{0};
  EXPECT_NE(expanded(tail + labels(1, 61) + Octets{0xc0, 12}, tail.size()), "!");
  EXPECT_EQ(expanded(tail + labels(1, 62) + Octets{0xc0, 12}, tail.size()), "!");
}

TEST(ExpandName, FollowsAtMost126Pointers) {
  Octets octets = {0};
  std::size_t last = 12;
  for (std::size_t i = 1; i <= 127; ++i) {
    const std::size_t here = 12 + octets.size();
    octets.push_back(static_cast<std::uint8_t>(0xc0 | last >> 8));
    octets.push_back(static_cast<std::uint8_t>(last));
    last = here;
    EXPECT_EQ(expanded(octets, last - 12), i <= 126 ? ". 2" : "!") << i;
  }
}

TEST(PlainName, EndsWithTheRoot) {
  const auto size = [](const Octets& octets) { return plain_name_size(octets); };
  EXPECT_EQ(size({0}), 1U);
  EXPECT_EQ(size({1, 'A', 0, 7}), 3U);
  EXPECT_EQ(size({}), 0U);
  EXPECT_EQ(size({1, 'a'}), 0U);
  EXPECT_EQ(size({3, 'a'}), 0U);
  EXPECT_EQ(size({0xc0, 12}), 0U);
  EXPECT_EQ(size(labels(127, 1) + Octets{0}), 255U);
  EXPECT_EQ(size(labels(126, 1) + labels(1, 2) + Octets{0}), 0U);
}

}  // namespace
}  // namespace holdfast::zones
