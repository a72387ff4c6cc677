#include <gtest/gtest.h>

#include "tests/server/answer/ask.h"

namespace holdfast::server {
namespace {

/// example. for everybody, with an alias that leads into catalog.example., which is private.
class PrivateZoneTest : public testing::Test {
 protected:
  PrivateZoneTest() {
    const std::string head = "@ 60 SOA a a 7 1 1 1 1\n@ 60 NS a.\n";
    add("example", head + "www 60 CNAME version.catalog\n", false);
    add("catalog.example", head + "version 60 TXT 2\n", true);
    zones = zones::Snapshot(served);
  }

  void add(const std::string& apex, const std::string& text, bool is_private) {
    const auto loaded = zones::load_zone_text(*zones::Name::parse(apex), text, apex, {});
    prebuild(*loaded.zone);
    served.push_back({.zone = loaded.zone,
                      .number = static_cast<zones::ZoneNumber>(served.size()),
                      .is_versioned = true,
                      .is_private = is_private});
  }

  /// "NOERROR 1 privileged": the rcode, and how many records the answer has.
  std::string ask(const std::string& question, bool shows_private = false) const {
    std::vector<std::uint8_t> room(65535);
    const Serving serving{.zones = zones, .live = live, .identity = identity, .shows_private = shows_private};
    const Answered answered = answer(Zones::query(question), room, serving, Transport::tcp);
    return zones::text(answered.rcode) + " " + std::to_string(room[7]) +
           (answered.is_privileged ? " privileged" : "");
  }

  std::vector<zones::ServedZone> served;
  zones::Snapshot zones;
  zones::LiveTable live;
  Identity identity;
};

TEST_F(PrivateZoneTest, IsForThoseOnlyWhoMaySeeIt) {
  for (const char* const question :
       {"catalog.example. SOA", "catalog.example. ANY", "version.catalog.example. TXT"}) {
    EXPECT_EQ(ask(question), "REFUSED 0 privileged") << question;
    EXPECT_TRUE(ask(question, true).starts_with("NOERROR ")) << question;
  }
  EXPECT_EQ(ask("no.catalog.example. A"), "REFUSED 0 privileged") << "nor whether something is there";
  EXPECT_EQ(ask("no.catalog.example. A", true), "NXDOMAIN 0");
  EXPECT_EQ(ask("example. SOA"), "NOERROR 1");
}

TEST_F(PrivateZoneTest, IsLikeOneOfOthersForAnAlias) {
  EXPECT_EQ(ask("www.example. TXT"), "NOERROR 1");
  EXPECT_EQ(ask("www.example. TXT", true), "NOERROR 2");
}

}  // namespace
}  // namespace holdfast::server
