#include "server/catalogs.h"

#include <gtest/gtest.h>

namespace holdfast::server {
namespace {

using zones::CatalogMember;
using zones::CatalogSettings;
using zones::Name;
using zones::ZoneSettings;
using Names = std::vector<std::string>;

Name name(const std::string& text) { return *Name::parse(text); }

/// m000.example., m001.example., ...
std::vector<CatalogMember> members(int begin, int end, const std::string& label = "1") {
  std::vector<CatalogMember> all;
  for (int i = begin; i < end; ++i) {
    CatalogMember& member = all.emplace_back();
    member.zone = name("m" + std::to_string(1000 + i) + ".example");
    member.label = label;
  }
  return all;
}

CatalogSettings may_lose(zones::Minimum what = {50, true}) {
  CatalogSettings catalog;
  catalog.name = "theirs";
  catalog.may_lose = what;
  return catalog;
}

TEST(Catalogs, MayLoseAsManyMembersAsIsSaid) {
  const auto is_refused = [](int before, int after, zones::Minimum what = {50, true}) {
    return !loses_too_much(may_lose(what), members(0, before), members(0, after)).empty();
  };
  EXPECT_FALSE(is_refused(100, 50));
  EXPECT_TRUE(is_refused(100, 49));
  EXPECT_FALSE(is_refused(30, 10)) << "20 in any case";
  EXPECT_TRUE(is_refused(30, 0)) << "but not all";
  EXPECT_TRUE(is_refused(2, 0));
  EXPECT_FALSE(is_refused(1, 0)) << "the last one may go";
  EXPECT_FALSE(is_refused(0, 0));
  EXPECT_FALSE(is_refused(100, 0, {100, true}));
  EXPECT_FALSE(is_refused(10, 7, {3, false}));
  EXPECT_TRUE(is_refused(10, 6, {3, false})) << "a number is one";
  EXPECT_TRUE(is_refused(3, 0, {3, false}));
}

TEST(Catalogs, LoseWhatIsToBeginAnewButNotWhatMovesToAnother) {
  EXPECT_EQ(loses_too_much(may_lose(), members(0, 100), members(0, 100, "2")),
            "of 100 zones it lists 100 no more, or under another label: that many go only with another "
            "may_lose in [catalog.theirs]; say so for as long as it is meant, and reload");
  auto before = members(0, 100);
  for (CatalogMember& member : before) member.moves_to = "x";
  EXPECT_EQ(loses_too_much(may_lose(), before, {}), "");
  EXPECT_EQ(loses_too_much(may_lose(), members(50, 150), members(0, 100)), "") << "50 others";
}

/// "a from p to s, of theirs"
Names described(const std::vector<ZoneSettings>& zones) {
  Names all;
  for (const ZoneSettings& zone : zones) {
    std::string text = zone.name.text();
    for (const std::string& peer : zone.primaries) text += " from " + peer;
    for (const std::string& peer : zone.secondaries) text += " to " + peer;
    all.push_back(zone.origin == zones::Origin::member ? text + ", of " + zone.catalog : text);
  }
  return all;
}

TEST(Catalogs, BringZonesWithWhatHoldsForTheirGroup) {
  CatalogSettings catalog = may_lose();
  catalog.zone = name("catalog.example");
  catalog.primaries = {"p"};
  catalog.secondaries = {"s"};
  catalog.groups = {{"g", {"q"}, {}}, {"h", {}, {"t"}}};
  auto list = members(0, 4);
  list[1].groups = {"unknown", "g"};
  list[2].groups = {"h"};
  list[3].groups = {"h", "g"};
  const auto shared = std::make_shared<const std::vector<CatalogMember>>(list);
  const zones::Membership membership = zones::share_out(
      {{"theirs", catalog.zone, shared}}, [](zones::NameView) { return false; }, zones::Membership());
  std::vector<ZoneSettings> configured{{.name = name("a.example")}, {.name = name("z.example")}};
  EXPECT_EQ(described(with_members(configured, std::vector{catalog}, membership)),
            (Names{"a.example.", "m1000.example. from p to s, of theirs",
                   "m1001.example. from q to s, of theirs", "m1002.example. from p to t, of theirs",
                   "m1003.example. from q to s, of theirs", "z.example."}));
  catalog.members_from = {"r"};
  EXPECT_EQ(described(with_members({}, std::vector{catalog}, membership)).front(),
            "m1000.example. from r to s, of theirs");
  EXPECT_TRUE(has_zone(configured, name("z.example")));
  EXPECT_FALSE(has_zone(configured, name("b.example")));
}

TEST(Catalogs, AreMadeOfTheZonesThatNameThem) {
  std::vector<ZoneSettings> all{{.name = name("a.example")},
                                {.name = name("b.example")},
                                {.name = name("c.example")},
                                {.name = name("catalog.example")}};
  all[0].catalog = all[3].catalog = "fleet";
  all[0].group = "g";
  all[1].catalog = "other";
  all[2].catalog = "fleet";
  all[2].origin = zones::Origin::member;
  all[3].origin = zones::Origin::catalog;
  const zones::Catalog made = zones::members_of(*make_catalog(all[3], all));
  ASSERT_EQ(made.members.size(), 1U) << "but not those that another catalog brings, nor itself";
  EXPECT_EQ(made.members[0].zone, all[0].name);
  EXPECT_EQ(made.members[0].groups, Names{"g"});
}

}  // namespace
}  // namespace holdfast::server
