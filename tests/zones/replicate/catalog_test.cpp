#include "zones/replicate/catalog.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/zones/replicate/versions.h"

namespace holdfast::zones {
namespace {

using namespace testing;
using Lines = std::vector<std::string>;

/// Of example.com., beside its version.
Catalog listed(const std::string& text, const std::string& version = "version TXT 2\n") {
  return members_of(*zone(version + text));
}

/// "example.org. by a": name and label.
Lines members(const Catalog& catalog) {
  Lines all;
  for (const CatalogMember& member : catalog.members)
    all.push_back(member.zone.text() + " by " + member.label);
  EXPECT_EQ(catalog.problem, "");
  return all;
}

TEST(Catalog, ListsItsMembersByNameEachWithItsLabel) {
  EXPECT_EQ(
      members(listed("b.zones PTR Example.ORG.\na.zones PTR z.example.net.\n0.zones PTR a.example.net.\n")),
      (Lines{"a.example.net. by 0", "z.example.net. by a", "example.org. by b"}));
  EXPECT_EQ(members(listed("")), Lines());
}

TEST(Catalog, TellsGroupsAndWhereAMemberMoves) {
  const Catalog catalog = listed(
      "a.zones PTR a.example.\ngroup.a.zones TXT one\ngroup.a.zones TXT t \"wo\"\ncoo.a.zones PTR "
      "Other.Example.\n"
      "b.zones PTR b.example.\ncoo.b.zones PTR one.example.\ncoo.b.zones PTR two.example.\n");
  ASSERT_EQ(members(catalog).size(), 2U);
  EXPECT_EQ(catalog.members[0].groups, (Lines{"two", "one"})) << "in the order of records";
  const Name other = name("other.example");
  EXPECT_EQ(catalog.members[0].moves_to,
            std::string(reinterpret_cast<const char*>(other.view().data()), other.view().size()));
  EXPECT_EQ(catalog.members[1].groups, Lines());
  EXPECT_EQ(catalog.members[1].moves_to, "") << "two are none";
}

TEST(Catalog, LeavesAloneWhatItDoesNotKnow) {
  EXPECT_EQ(
      members(listed(
          "a.zones PTR a.example.\nb.zones TXT x\ngroup.b.zones TXT no-member\nx.group.a.zones TXT deep\n"
          "ext.a.zones TXT x\nzones PTR no.example.\nwww A 192.0.2.1\nother.ext TXT x\n")),
      Lines{"a.example. by a"});
  EXPECT_EQ(listed("a.zones PTR a.example.\ngroup.b.zones TXT other\n").members[0].groups, Lines());
}

TEST(Catalog, OfAnotherVersionOrBrokenCountsForNothing) {
  const auto problem = [](const std::string& text, const std::string& version = "version TXT 2\n") {
    const Catalog catalog = listed("a.zones PTR a.example.\n" + text, version);
    EXPECT_TRUE(catalog.members.empty() || catalog.problem.empty());
    return catalog.problem;
  };
  EXPECT_EQ(problem("", ""), "it is no catalog: there is no TXT record at version.example.com.");
  EXPECT_EQ(problem("", "version TXT 1\n"), "it is a catalog of version \"1\", and only \"2\" is known");
  EXPECT_EQ(problem("", "version TXT \"\\\"2\\010\"\n"),
            "it is a catalog of version \"\"2?\", and only \"2\" is known");
  EXPECT_EQ(problem("", "version TXT 2\nversion TXT 3\n"),
            "it is no catalog: there are several TXT records at version.example.com.");
  EXPECT_EQ(problem("a.zones PTR b.example.\n"),
            "it is broken: there are several PTR records at a.zones.example.com.");
  EXPECT_EQ(problem("b.zones PTR A.example.\n"), "it is broken: it lists a.example. twice");
  EXPECT_EQ(problem("b.zones PTR b.example.\n"), "");
  EXPECT_EQ(members_of(*Zone::unavailable(name("example.com"))).problem, "it is not there");
}

TEST(Catalog, MayBeAnyZone) {
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) EXPECT_NE(members_of(*zone(random_zone(random))).problem, "");
  const std::string label(63, 'x');
  const LoadedZone deep = load(label + "." + label + "." + label + "." + std::string(59, 'x'),
                               "@ 1 SOA a. a. 1 1 1 1 1\n@ 1 NS a.\n", {}, {});
  ASSERT_TRUE(deep.zone) << ::testing::PrintToString(lines(deep.problems));
  EXPECT_EQ(members_of(*deep.zone).problem, "it is no catalog: its name has no room for members");
}

TEST(Catalog, IsMadeOfTheZonesThatItLists) {
  const Name a = name("a.example"), b = name("b.example");
  const std::vector<ListedZone> zones{{a, {}}, {b, "signed"}};
  const std::shared_ptr<Zone> made = catalog_of(name("catalog.example"), zones);
  Lines all = lines(Contents(Serial(7), made, nullptr));
  const std::string of_a = label_of(a) + ".zones.catalog.example.",
                    of_b = label_of(b) + ".zones.catalog.example.";
  Lines wanted{"catalog.example. 0 IN SOA invalid. invalid. 7 3600 600 2147483646 0",
               "catalog.example. 0 IN NS invalid.",
               "version.catalog.example. 0 IN TXT \"2\"",
               of_a + " 0 IN PTR a.example.",
               of_b + " 0 IN PTR b.example.",
               "group." + of_b + " 0 IN TXT \"signed\""};
  std::sort(all.begin(), all.end());
  std::sort(wanted.begin(), wanted.end());
  EXPECT_EQ(all, wanted);
  const Catalog catalog = members_of(*made);
  EXPECT_EQ(members(catalog), (Lines{"a.example. by " + label_of(a), "b.example. by " + label_of(b)}));
  EXPECT_EQ(catalog.members[1].groups, Lines{"signed"});
}

TEST(Catalog, NeedsNoOtherLabelForOtherMembersOrAnotherCatalog) {
  const Name a = name("a.example"), b = name("b.example");
  const Catalog one = members_of(*catalog_of(name("catalog.example"), std::vector<ListedZone>{{a, {}}}));
  const Catalog two =
      members_of(*catalog_of(name("other.example"), std::vector<ListedZone>{{a, {}}, {b, "x"}}));
  EXPECT_EQ(one.members[0].label, two.members[0].label);
  EXPECT_NE(two.members[0].label, two.members[1].label);
}

TEST(Catalog, HasRoomForAMemberAndAGroupBelowTheLongestName) {
  const std::string label(49, 'x');
  const Name apex = name(label + "." + label + "." + label + "." + std::string(48, 'x'));
  ASSERT_EQ(apex.view().size(), kMaxCatalogName);
  const Name a = name("a.example");
  const std::vector<ListedZone> zones{{a, "group"}};
  EXPECT_EQ(members_of(*catalog_of(apex, zones)).members[0].groups, Lines{"group"});
}

}  // namespace
}  // namespace holdfast::zones
