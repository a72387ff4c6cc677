#include "zones/replicate/flat_octets.h"

#include <gtest/gtest.h>

#include "tests/zones/replicate/versions.h"

namespace holdfast::zones {
namespace {

using namespace testing;
using Octets = std::vector<std::uint8_t>;

TEST(FlatOctets, AreReadBackAsTheyWereWritten) {
  for (const std::vector<std::string>& view :
       {std::vector<std::string>{},
        {"@ A 192.0.2.1", "@ AAAA"},
        {"b CNAME a.b.c."},
        {"www A 192.0.2.1\nwww A 192.0.2.2", "www MX 1 a\nwww MX 2 a", "a.www AAAA ::1"}}) {
    EXPECT_EQ(read_flat(to_octets(*flat(view))), *flat(view));
  }
}

TEST(FlatOctets, AreNotReadWithAnythingOddInThem) {
  const FlatView view = *flat({"a A 192.0.2.1\na A 192.0.2.2", "b CNAME x.y."});
  EXPECT_FALSE(read_flat(to_octets({view[1], view[0]})));
  EXPECT_FALSE(read_flat(to_octets({view[0], view[0]})));
  FlatRRset bad_name = view[1];
  bad_name.data[2] = 9;
  EXPECT_FALSE(read_flat(to_octets({view[0], bad_name})));
  FlatRRset other_order = view[0];
  std::swap(other_order.data[5], other_order.data[11]);
  EXPECT_FALSE(read_flat(to_octets({other_order})));
  FlatRRset one_less = view[0];
  one_less.count = 1;
  EXPECT_FALSE(read_flat(to_octets({one_less})));
  FlatRRset soa{name("example.com"), RrType::SOA};
  EXPECT_FALSE(read_flat(to_octets({soa})));

  const Octets all = to_octets(view);
  const std::size_t first = to_octets({view[0]}).size();
  for (std::size_t size = 0; size <= all.size(); ++size) {
    EXPECT_EQ(read_flat(std::span(all).first(size)).has_value(),
              size == 0 || size == first || size == all.size());
  }
}

TEST(FlatOctets, AreReadWhateverIsInThem) {
  std::mt19937 random(5);
  const Octets all =
      to_octets(*flat({"a A 192.0.2.1\na A 192.0.2.2", "b CNAME x.y.", "c SRV 1 2 3 d", "d MX"}));
  for (int i = 0; i < 20'000; ++i) {
    Octets octets = all;
    for (auto n = 1 + random() % 3; n > 0; --n)
      octets[random() % octets.size()] = static_cast<std::uint8_t>(random());
    if (const auto read = read_flat(octets)) {
      ASSERT_EQ(to_octets(*read), octets);
    }
  }
}

}  // namespace
}  // namespace holdfast::zones
