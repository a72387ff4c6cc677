#include <gtest/gtest.h>

#include "tests/server/answer/ask.h"

// The serial in the SOAs that are given where it is not that of the zone's file.
namespace holdfast::server {
namespace {

using Records = std::vector<std::string>;

/// Two zones, with serial 1 in their files; what is prebuilt and what is worked out must say the same.
class AnsweredSerial : public testing::TestWithParam<bool> {
 protected:
  AnsweredSerial() {
    const zones::SerialTable::Change changes[] = {{0, zones::Serial(0xfedcba98)}, {1, zones::Serial(42)}};
    zones.serials = zones.serials->with(changes);
  }
  static std::string soa(const std::string& zone, const std::string& serial, const std::string& ttl) {
    return zone + ' ' + ttl + " SOA ns1.example.test. admin.example.test. " + serial + " 2 3 4 60";
  }

  Zones zones{{{"example.test", kText + "to CNAME nothing.example.net.\nten 600 A 192.0.2.1\n"},
               {"example.net", kText}},
              {},
              GetParam()};
  static inline const std::string kText =
      "$TTL 600\n@ SOA ns1.example.test. admin.example.test. 1 2 3 4 60\n@ NS ns1.example.test.\n";
};

INSTANTIATE_TEST_SUITE_P(Both, AnsweredSerial, testing::Bool(),
                         [](const auto& one) { return one.param ? "Prebuilt" : "WorkedOut"; });

TEST_P(AnsweredSerial, IsThatOfTheVersion) {
  for (const std::uint16_t edns : {std::uint16_t{0}, std::uint16_t{1232}}) {
    EXPECT_EQ(zones.ask("example.test. SOA", edns).answer,
              Records{soa("example.test.", "4275878552", "600")});
    EXPECT_EQ(zones.ask("EXAMPLE.net. SOA", edns).answer, Records{soa("EXAMPLE.net.", "42", "600")});
  }
}

TEST_P(AnsweredSerial, IsInNegativeAnswersToo) {
  for (const std::uint16_t edns : {std::uint16_t{0}, std::uint16_t{1232}}) {
    EXPECT_EQ(zones.ask("none.example.test. A", edns).authority,
              Records{soa("example.test.", "4275878552", "60")});
    EXPECT_EQ(zones.ask("a.b.none.example.net. A", edns).authority, Records{soa("example.net.", "42", "60")});
    EXPECT_EQ(zones.ask("ten.example.test. AAAA", edns).authority,
              Records{soa("example.test.", "4275878552", "60")});
  }
}

TEST_P(AnsweredSerial, BehindAnAliasIsThatOfTheZoneThatItLeadsTo) {
  const DecodedReply reply = zones.ask("to.example.test. A", 1232);
  EXPECT_EQ(reply.answer, Records{"to.example.test. 600 CNAME nothing.example.net."});
  EXPECT_EQ(reply.authority, Records{soa("example.net.", "42", "60")});
}

TEST_P(AnsweredSerial, OfAZoneWithoutVersionsIsThatOfItsFile) {
  const zones::SerialTable::Change gone{1, std::nullopt};
  zones.serials = zones.serials->with({&gone, 1});
  EXPECT_EQ(zones.ask("example.net. SOA").answer, Records{soa("example.net.", "1", "600")});
}

TEST_P(AnsweredSerial, LeavesOtherRecordsAlone) {
  EXPECT_EQ(zones.ask("ten.example.test. A", 1232).answer, Records{"ten.example.test. 600 A 192.0.2.1"});
  EXPECT_EQ(zones.ask("example.test. NS", 1232).answer, Records{"example.test. 600 NS ns1.example.test."});
}

}  // namespace
}  // namespace holdfast::server
