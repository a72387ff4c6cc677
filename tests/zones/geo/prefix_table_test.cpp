#include "zones/geo/prefix_table.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>

namespace holdfast::zones {
namespace {

using boost::asio::ip::make_address;
using Layer = PrefixTable::Layer;

PrefixTable::Entry entry(const std::string& prefix, PrefixTable::Value value) {
  return {Prefix::parse(prefix).prefix.value(), value};
}

/// "7 /24": what is found for an address.
std::string found(const PrefixTable& table, const std::string& address) {
  const auto [value, length] = table.find(make_address(address));
  return (value == PrefixTable::kNowhere ? "nowhere" : std::to_string(value)) + " /" + std::to_string(length);
}

TEST(PrefixTable, AnEmptyOneIsNowhereEverywhere) {
  const PrefixTable table;
  EXPECT_EQ(found(table, "192.0.2.1"), "nowhere /0");
  EXPECT_EQ(found(table, "2001:db8::1"), "nowhere /0");
  EXPECT_LT(table.memory(), 1000U);
}

TEST(PrefixTable, TheLongestPrefixDecides) {
  const PrefixTable table({{entry("10.0.0.0/8", 1), entry("10.1.0.0/16", 2), entry("10.1.2.3/32", 3)}});
  EXPECT_EQ(found(table, "10.2.0.1"), "1 /15");  // 10.2.0.0/15 is all of 1, 10.0.0.0/14 is not
  EXPECT_EQ(found(table, "10.1.128.1"), "2 /17");
  EXPECT_EQ(found(table, "10.1.2.3"), "3 /32");
  EXPECT_EQ(found(table, "10.1.2.2"), "2 /32");
  EXPECT_EQ(found(table, "11.0.0.0"), "nowhere /8");
  EXPECT_EQ(found(table, "200.0.0.0"), "nowhere /1");
  EXPECT_EQ(found(table, "::ffff:10.1.2.3"), "3 /32");
  EXPECT_EQ(found(table, "2001:db8::1"), "nowhere /0");
}

TEST(PrefixTable, NeighboursOfOneValueAreOne) {
  const PrefixTable table({{entry("192.0.2.0/25", 1), entry("192.0.2.128/25", 1), entry("192.0.2.7/32", 1)}});
  EXPECT_EQ(found(table, "192.0.2.7"), "1 /24");
  EXPECT_EQ(table.ranges(), PrefixTable().ranges() + 2);
}

TEST(PrefixTable, OfOnePrefixTheLaterDecides) {
  EXPECT_EQ(found(PrefixTable({{entry("10.0.0.0/8", 1), entry("10.0.0.0/8", 2)}}), "10.0.0.1"), "2 /8");
}

TEST(PrefixTable, ALaterLayerDecidesWhateverTheLengths) {
  const PrefixTable table({{entry("10.1.2.0/24", 1), entry("172.16.0.0/12", 1)},
                           {entry("10.0.0.0/8", 2), entry("10.1.2.128/25", PrefixTable::kNowhere)}});
  EXPECT_EQ(found(table, "10.1.2.1"), "2 /25");
  EXPECT_EQ(found(table, "10.1.2.129"), "1 /25");  // through the hole
  EXPECT_EQ(found(table, "172.16.0.1"), "1 /12");
}

TEST(PrefixTable, KnowsWhatIsWithinA64) {
  const PrefixTable table(
      {{entry("2001:db8::/32", 1), entry("2001:db8:0:1::5/128", 2), entry("2001:db8:0:1::6/128", 3),
        entry("2001:db8:0:2:8000::/65", 4), entry("2001:db8:0:3::/64", 4)}});
  EXPECT_EQ(found(table, "2001:db8::1"), "1 /64");
  EXPECT_EQ(found(table, "2001:db8:0:1::4"), "1 /128");
  EXPECT_EQ(found(table, "2001:db8:0:1::5"), "2 /128");
  EXPECT_EQ(found(table, "2001:db8:0:1::6"), "3 /128");
  EXPECT_EQ(found(table, "2001:db8:0:1:8000::"), "1 /65");
  EXPECT_EQ(found(table, "2001:db8:0:2::"), "1 /65");
  EXPECT_EQ(found(table, "2001:db8:0:2:ffff::"), "4 /65");
  EXPECT_EQ(found(table, "2001:db8:0:3:ffff::"), "4 /64");
  EXPECT_EQ(found(table, "2001:db8:0:4::"), "1 /62");
}

TEST(PrefixTable, ReachesBothEnds) {
  const PrefixTable table(
      {{entry("0.0.0.0/32", 1), entry("255.255.255.255/32", 2), entry("::/128", 3),
        entry("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", 4), entry("ffff:ffff::/32", 5)}});
  EXPECT_EQ(found(table, "0.0.0.0"), "1 /32");
  EXPECT_EQ(found(table, "0.0.0.1"), "nowhere /32");
  EXPECT_EQ(found(table, "255.255.255.255"), "2 /32");
  EXPECT_EQ(found(table, "::"), "3 /128");
  EXPECT_EQ(found(table, "::1"), "nowhere /128");
  EXPECT_EQ(found(table, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "4 /128");
  EXPECT_EQ(found(table, "ffff:ffff::"), "5 /33");
}

TEST(PrefixTable, AllOfAFamilyIsOfThatFamily) {
  const PrefixTable table({{entry("::/0", 1)}});
  EXPECT_EQ(found(table, "2001:db8::1"), "1 /0");
  EXPECT_EQ(found(table, "192.0.2.1"), "nowhere /0");
}

// ---- against the definition

/// Tables whose prefixes are near one another: within a few bits of some places, so that they nest and meet.
struct Naive {
  std::vector<Layer> layers;
  bool v4;

  unsigned width() const { return v4 ? 32 : 128; }
  AddressBits family() const { return v4 ? AddressBits{0xffff} << 32 : 0; }

  PrefixTable::Value value(AddressBits address) const {
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
      const PrefixTable::Entry* best = nullptr;
      for (const PrefixTable::Entry& one : *layer) {
        const unsigned mapped = one.prefix.length() + (v4 ? 96 : 0);
        const bool holds = Prefix::of_bits(address, mapped).bits() == one.prefix.bits();
        if (holds && (best == nullptr || one.prefix.length() >= best->prefix.length())) best = &one;
      }
      if (best != nullptr && best->value != PrefixTable::kNowhere) return best->value;
    }
    return PrefixTable::kNowhere;
  }

  /// Whether all addresses of a prefix have one value: it can only change where a prefix begins, or behind its end.
  bool is_uniform(AddressBits address, unsigned length) const {
    const Prefix prefix = Prefix::of_bits(address, length + (v4 ? 96 : 0));
    const AddressBits host = length == width() ? 0 : ~AddressBits{0} >> (128 - width() + length);
    const AddressBits first = prefix.bits();
    const PrefixTable::Value expected = value(first);
    for (const Layer& layer : layers) {
      for (const PrefixTable::Entry& one : layer) {
        const unsigned n = one.prefix.length();
        const AddressBits own = n == width() ? 0 : ~AddressBits{0} >> (128 - width() + n);
        for (const AddressBits edge : {one.prefix.bits(), one.prefix.bits() + own + 1}) {
          if (edge >= first && edge <= first + host && value(edge) != expected) return false;
        }
      }
    }
    return true;
  }
};

Naive random_tables(std::mt19937_64& random, bool v4) {
  Naive naive{std::vector<Layer>(1 + random() % 3), v4};
  const unsigned width = naive.width();
  std::vector<AddressBits> places;
  for (std::size_t i = 0; i < 3; ++i) places.push_back(AddressBits{random()} << 64 | random());
  for (Layer& layer : naive.layers) {
    for (std::size_t count = random() % 40; count > 0; --count) {
      const unsigned length = static_cast<unsigned>(random() % (width + 1));
      AddressBits bits = places[random() % places.size()];
      if (random() % 2 == 0) bits ^= AddressBits{random() % 16} << std::min(127U, width - length);
      if (v4) bits = naive.family() | (bits & 0xffffffffU);
      const auto value =
          random() % 8 == 0 ? PrefixTable::kNowhere : static_cast<PrefixTable::Value>(random() % 3);
      layer.push_back({Prefix::of_bits(bits, length + (v4 ? 96 : 0)), value});
    }
  }
  return naive;
}

class RandomTables : public ::testing::TestWithParam<bool> {};

TEST_P(RandomTables, AgreeWithTheDefinition) {
  const bool v4 = GetParam();
  std::mt19937_64 random(7);
  for (int round = 0; round < 1000; ++round) {
    const Naive naive = random_tables(random, v4);
    const PrefixTable table(naive.layers);
    std::vector<AddressBits> addresses;
    for (const Layer& layer : naive.layers) {
      for (const PrefixTable::Entry& one : layer) {
        const AddressBits last =
            one.prefix.length() == naive.width()
                ? one.prefix.bits()
                : one.prefix.bits() | ~AddressBits{0} >> (128 - naive.width() + one.prefix.length());
        for (const AddressBits bits : {one.prefix.bits(), one.prefix.bits() - 1, last, last + 1})
          addresses.push_back(bits);
      }
    }
    for (int i = 0; i < 20; ++i) addresses.push_back(AddressBits{random()} << 64 | random());
    std::shuffle(addresses.begin(), addresses.end(), random);
    addresses.resize(std::min<std::size_t>(addresses.size(), 40));
    for (AddressBits bits : addresses) {
      if (v4) bits = naive.family() | (bits & 0xffffffffU);
      const auto address = Prefix::of_bits(bits, 128).address();
      if (!v4 && bits >> 32 == 0xffff) continue;  // that is IPv4
      const auto found = table.find(address);
      ASSERT_EQ(found.value, naive.value(bits)) << address << " in round " << round;
      ASSERT_LE(found.length, naive.width());
      ASSERT_TRUE(naive.is_uniform(bits, found.length)) << address << "/" << unsigned{found.length};
      if (found.length > 0) {
        ASSERT_FALSE(naive.is_uniform(bits, found.length - 1U)) << address << "/" << unsigned{found.length};
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, RandomTables, ::testing::Bool(),
                         [](const auto& v4) { return v4.param ? "V4" : "V6"; });

TEST(PrefixTable, ManyPrefixesInOnePlaceStayFewOctets) {
  Layer layer;
  for (std::uint32_t i = 0; i < 100'000; ++i)
    layer.push_back(
        {Prefix::of_bits(AddressBits{0x20010db8} << 96 | i, 128), static_cast<PrefixTable::Value>(i % 2)});
  const PrefixTable table({layer});
  for (const std::uint32_t i : {0U, 1U, 31'337U, 99'999U}) {
    const auto found = table.find(layer[i].prefix.address());
    EXPECT_EQ(found.value, i % 2);
    EXPECT_EQ(found.length, 128);
  }
  EXPECT_LT(table.memory(), 100'000U * 32);
}

}  // namespace
}  // namespace holdfast::zones
