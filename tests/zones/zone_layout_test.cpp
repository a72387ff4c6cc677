#include "zones/zone_layout.h"

#include <gtest/gtest.h>

#include "tests/zones/load/loading.h"

namespace holdfast::zones {
namespace {

using namespace testing;

std::shared_ptr<Zone> zone(std::size_t hosts, const std::vector<LiveName>& live = {}) {
  std::string text = "$TTL 60\n@ SOA ns1 admin 1 2 3 4 5\n@ NS ns1\nsub NS ns1\nns.sub A 192.0.2.1\n";
  for (std::size_t i = 0; i < hosts; ++i) text += "h" + std::to_string(i) + " A 192.0.2.1\n";
  return load("example.com", text, {}, live).zone;
}

Block copy(std::span<const std::uint8_t> octets) {
  Block copied(octets.size());
  std::copy(octets.begin(), octets.end(), copied.data());
  return copied;
}

TEST(ZoneLayout, GivesTheZoneBack) {
  for (const std::size_t hosts : {0U, 5U, 30'000U}) {
    const auto before = zone(hosts);
    const ZoneLayout layout = ZoneLayout::of(*before);
    const auto after = layout.restore(copy(layout.octets), {});
    ASSERT_TRUE(after);
    EXPECT_EQ(*after, *before);
    EXPECT_EQ(after->records(), before->records());
    EXPECT_EQ(after->memory(), before->memory());
    for (const Node node : before->nodes()) {
      ASSERT_EQ(after->find(node.name()).name(), node.name());
      ASSERT_EQ(after->find(node.name()).is_below_cut(), node.is_below_cut());
    }
    EXPECT_EQ(after->cut(after->find(name("ns.sub.example.com"))).name(), name("sub.example.com").view());
  }
}

TEST(ZoneLayout, NumbersLiveNamesAnew) {
  const auto before = zone(3, {{name("h1.example.com"), 7}, {name("x.y.example.com"), 8}});
  const ZoneLayout layout = ZoneLayout::of(*before);
  const std::vector<LiveName> live{{name("x.y.example.com"), 1},
                                   {name("h1.example.com"), 2},
                                   {.name = name("h1.example.com"), .index = 2, .type = RrType::MX}};
  const auto after = layout.restore(copy(layout.octets), live);
  ASSERT_TRUE(after);
  EXPECT_EQ(*after, *zone(3, live));
}

TEST(ZoneLayout, IsNotGivenBackWithOtherLiveNames) {
  const auto before = zone(3, {{name("h1.example.com"), 7}});
  const ZoneLayout layout = ZoneLayout::of(*before);
  EXPECT_FALSE(layout.restore(copy(layout.octets), {}));
  const std::vector<LiveName> other{{name("h2.example.com"), 7}};
  EXPECT_FALSE(layout.restore(copy(layout.octets), other));
  const std::vector<LiveName> more{{name("h1.example.com"), 7}, {name("h2.example.com"), 7}};
  EXPECT_FALSE(layout.restore(copy(layout.octets), more));
}

TEST(ZoneLayout, IsNotGivenBackWithNumbersThatDoNotFit) {
  const auto before = zone(3);
  ZoneLayout layout = ZoneLayout::of(*before);
  ++layout.nodes;
  EXPECT_FALSE(layout.restore(copy(layout.octets), {}));
  layout.nodes -= 2;
  EXPECT_FALSE(layout.restore(copy(layout.octets), {}));
  ++layout.nodes;
  EXPECT_FALSE(layout.restore(copy(layout.octets.first(layout.octets.size() - 1)), {}));
}

}  // namespace
}  // namespace holdfast::zones
