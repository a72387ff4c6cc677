#include "zones/replicate/update_rights.h"

#include <gtest/gtest.h>

#include "tests/zones/replicate/updates.h"

namespace holdfast::zones {
namespace {

using namespace testing;

UpdateSettings right(const std::vector<std::string>& names, const std::vector<RrType>& types = {}) {
  UpdateSettings right{.types = types};
  for (const std::string& one : names) right.names.push_back(*Name::parse(one, name("example.com")));
  return right;
}

Update update(const Rows& rows) { return std::get<Update>(read_update(message_of({.rows = rows}))); }

const std::string kZone = "www A 192.0.2.1\nwww TXT \"x\"\nsub.www TXT \"y\"\n";

/// "" where it may be.
std::string why_not(const std::vector<UpdateSettings>& rights, const Rows& rows) {
  return beyond(rights, update(rows), *zone(kZone));
}
bool may(const std::vector<UpdateSettings>& rights, const Rows& rows) {
  return why_not(rights, rows).empty();
}

TEST(UpdateRights, WithoutNamesAndTypesAreToEverything) {
  EXPECT_TRUE(may({right({})}, {"add www 60 A 192.0.2.9", "delete @ NS", "delete www"}));
}

TEST(UpdateRights, AreToExactlyTheNames) {
  const std::vector rights{right({"www"})};
  EXPECT_TRUE(may(rights, {"add www 60 A 192.0.2.9", "delete www TXT"}));
  EXPECT_EQ(why_not(rights, {"add www 60 A 192.0.2.9", "add sub.www 60 A 192.0.2.9"}),
            "sub.www.example.com. A is not among what this peer may update");
  EXPECT_FALSE(may(rights, {"add @ 60 A 192.0.2.9"}));
}

TEST(UpdateRights, WithAStarAreToAllBelow) {
  const std::vector rights{right({"*.www"})};
  EXPECT_TRUE(may(rights, {"add sub.www 60 A 192.0.2.9", "add a.b.www 60 A 192.0.2.9", "delete *.www A"}));
  EXPECT_FALSE(may(rights, {"add www 60 A 192.0.2.9"}));
  EXPECT_FALSE(may(rights, {"add xwww 60 A 192.0.2.9"}));
}

TEST(UpdateRights, AreToTheTypes) {
  const std::vector rights{right({}, {RrType::TXT})};
  EXPECT_TRUE(may(rights, {"add www 60 TXT \"z\"", "delete www TXT", "delete www TXT \"x\""}));
  EXPECT_FALSE(may(rights, {"delete www A"}));
  EXPECT_FALSE(may(rights, {"add @ 60 SOA ns1 admin 9 9 9 9 9"}));
}

TEST(UpdateRights, ToANameAsAWholeNeedThoseToAllTypesThatAreThere) {
  const std::vector rights{right({}, {RrType::TXT})};
  EXPECT_TRUE(may(rights, {"delete sub.www"}));
  EXPECT_EQ(why_not(rights, {"delete www"}), "www.example.com. A is not among what this peer may update");
  EXPECT_TRUE(may(rights, {"delete nobody"}));
  EXPECT_EQ(why_not({right({"www"})}, {"delete nobody"}),
            "nobody.example.com. (all types) is not among what this peer may update");
  EXPECT_TRUE(may({right({}, {RrType::MX})}, {"delete @"}));  // SOA and NS stay anyway
}

TEST(UpdateRights, CountTogetherButNotCrosswise) {
  const std::vector rights{right({"www"}, {RrType::A}), right({"mail"}, {RrType::MX})};
  EXPECT_TRUE(may(rights, {"add www 60 A 192.0.2.9", "add mail 60 MX 10 www"}));
  EXPECT_FALSE(may(rights, {"add www 60 MX 10 www"}));
  EXPECT_FALSE(may({}, {"add www 60 A 192.0.2.9"}));
}

TEST(UpdateOnLiveName, IsOfTheTypesThatItAnswersWith) {
  const std::vector<LiveName> live{{.name = name("www.example.com"), .index = 0},
                                   {.name = name("cdn.example.com"), .index = 1, .type = RrType::CNAME},
                                   {.name = name("mx.example.com"), .index = 2, .type = RrType::MX}};
  const auto why = [&](const Row& row) { return on_live_name(live, update({row})); };
  EXPECT_EQ(why("add www 60 A 192.0.2.9"),
            "www.example.com. A is live; change it in the configuration or in the zone's file");
  for (const char* const row :
       {"delete www AAAA", "add www 60 CNAME x", "delete www", "add cdn 60 TXT \"x\"", "delete mx MX"})
    EXPECT_NE(why(row), "") << row;
  for (const char* const row :
       {"add www 60 TXT \"x\"", "add mx 60 A 192.0.2.9", "add sub.www 60 A 192.0.2.9", "delete other"})
    EXPECT_EQ(why(row), "") << row;
}

}  // namespace
}  // namespace holdfast::zones
