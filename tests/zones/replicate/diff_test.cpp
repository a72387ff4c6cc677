#include "zones/replicate/diff.h"

#include <gtest/gtest.h>

#include "tests/zones/replicate/versions.h"

namespace holdfast::zones {
namespace {

using namespace testing;
using Lines = std::vector<std::string>;

Contents version(std::uint32_t serial, const std::string& text, const std::vector<std::string>& view = {}) {
  return Contents(Serial(serial), zone(text), view.empty() ? nullptr : flat(view));
}

/// What is between both SOAs and behind them.
Lines changes(const Contents& before, const Contents& after) {
  const auto delta = difference(before, after);
  if (!delta) return {"nothing"};
  EXPECT_EQ(delta->from(), before.serial());
  EXPECT_EQ(delta->to(), after.serial());
  Lines all;
  for (const auto& [run, sign] : {std::pair(&delta->removed, "- "), std::pair(&delta->added, "+ ")}) {
    for (auto at = ++run->begin(); at != run->end(); ++at) all.push_back(sign + line(*at));
  }
  return all;
}

TEST(Difference, IsWhatComesAndGoes) {
  const Contents before = version(1, "a A 192.0.2.1\na A 192.0.2.2\nb TXT x\nc TXT y");
  const Contents after = version(2, "a A 192.0.2.2\na A 192.0.2.3\naa MX 1 c\nc TXT y");
  EXPECT_EQ(changes(before, after),
            (Lines{"- a.example.com. 60 IN A 192.0.2.1", "- b.example.com. 60 IN TXT \"x\"",
                   "+ a.example.com. 60 IN A 192.0.2.3", "+ aa.example.com. 60 IN MX 1 c.example.com."}));
}

TEST(Difference, EndsWhenItIsTooMuch) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "a" + std::to_string(i) + " A 192.0.2.1\n";
  const Contents before = version(1, ""), after = version(2, many);
  const std::size_t whole = difference(before, after)->octets();
  EXPECT_GT(whole, 2000U);
  EXPECT_EQ(difference(before, after, whole), difference(before, after));
  const std::size_t less = difference(before, after, 500)->octets();
  EXPECT_GT(less, 500U);
  EXPECT_LT(less, 1000U);
  EXPECT_TRUE(difference(before, after, 0));
}

TEST(Difference, BeginsWithBothSoas) {
  const auto delta = difference(version(0xffffffff, "a A 192.0.2.1"), version(1, "a A 192.0.2.2"));
  EXPECT_EQ(lines(delta->removed)[0],
            "example.com. 60 IN SOA ns1.example.com. admin.example.com. 4294967295 2 3 4 5");
  EXPECT_EQ(lines(delta->added)[0], "example.com. 60 IN SOA ns1.example.com. admin.example.com. 1 2 3 4 5");
}

TEST(Difference, OfAnotherTtlIsTheWholeRRset) {
  EXPECT_EQ(
      changes(version(1, "a A 192.0.2.1\na A 192.0.2.2"), version(2, "a 9 A 192.0.2.1\na 9 A 192.0.2.2")),
      (Lines{"- a.example.com. 60 IN A 192.0.2.1", "- a.example.com. 60 IN A 192.0.2.2",
             "+ a.example.com. 9 IN A 192.0.2.1", "+ a.example.com. 9 IN A 192.0.2.2"}));
}

TEST(Difference, OfTheSameIsNothing) {
  EXPECT_EQ(changes(version(1, "a A 192.0.2.1"), version(2, "a A 192.0.2.1")), (Lines{"nothing"}));
  const Contents one = version(1, "a A 192.0.2.1", {"a A 192.0.2.9"});
  EXPECT_EQ(changes(one, one), (Lines{"nothing"}));
  EXPECT_EQ(changes(one, Contents(Serial(2), one.zone(), flat({"a A 192.0.2.9"}))), (Lines{"nothing"}));
}

TEST(Difference, SeesAnotherSoa) {
  const auto other = load("example.com", "$TTL 60\n@ SOA ns1 admin 1 2 3 9 5\n@ NS ns1\n").zone;
  EXPECT_EQ(changes(version(1, ""), Contents(Serial(2), other, nullptr)), Lines());
}

TEST(Difference, TellsWhetherOnlyLiveNamesChanged) {
  const Contents before = version(1, "a A 192.0.2.1\nb A 192.0.2.2", {"a A 192.0.2.9"});
  const auto is_live = [&](const Contents& after) { return difference(before, after)->is_live; };
  EXPECT_TRUE(is_live(Contents(Serial(2), before.zone(), flat({"a A 192.0.2.8"}))));
  EXPECT_TRUE(is_live(version(2, "a A 192.0.2.1\nb A 192.0.2.2", {"a A 192.0.2.8"})));
  EXPECT_FALSE(is_live(version(2, "a A 192.0.2.1\nb A 192.0.2.3", {"a A 192.0.2.8"})));
  EXPECT_FALSE(is_live(version(2, "a A 192.0.2.1\nb A 192.0.2.3", {"a A 192.0.2.9"})));
}

TEST(Difference, HasTheSoasAloneWhereTheFlatViewHidesWhatChanged) {
  const auto delta = difference(version(1, "a A 192.0.2.1", {"a A 192.0.2.9"}),
                                version(2, "a A 192.0.2.2", {"a A 192.0.2.9"}));
  ASSERT_TRUE(delta);
  EXPECT_FALSE(delta->is_live);
  EXPECT_EQ(delta->removed.size() + delta->added.size(), 2U);
}

TEST(Difference, OfFlatViewsSeesTheZoneBelow) {
  const auto below = zone("a A 192.0.2.1\na TXT x\nb A 192.0.2.2");
  const Contents before(Serial(1), below, flat({"a A 192.0.2.9", "b A"}));
  const Contents after(Serial(2), below, flat({"a CNAME c.d.", "c A 192.0.2.7"}));
  EXPECT_EQ(changes(before, after),
            (Lines{"- a.example.com. 30 IN A 192.0.2.9", "+ a.example.com. 30 IN CNAME c.d.",
                   "+ b.example.com. 60 IN A 192.0.2.2", "+ c.example.com. 30 IN A 192.0.2.7"}));
}

TEST(Difference, AppliedToTheOneGivesTheOther) {
  std::mt19937 random(1);
  for (int i = 0; i < 400; ++i) {
    const auto first = zone(random_zone(random));
    const Contents before(Serial(1), first, random_flat(random));
    const bool same_zone = random() % 3 == 0;
    const Contents after(Serial(2), same_zone ? first : zone(random_zone(random)), random_flat(random));
    const auto delta = difference(before, after);
    if (!delta) {
      EXPECT_EQ(inner(before), inner(after));
      continue;
    }
    ASSERT_EQ(apply(set(before), *delta), set(after));
    ASSERT_EQ(delta->is_live,
              inner(Contents({}, before.zone(), nullptr)) == inner(Contents({}, after.zone(), nullptr)));
    for (const RecordRun* const run : {&delta->removed, &delta->added}) {
      ASSERT_TRUE(std::is_sorted(++run->begin(), run->end()));
    }
  }
}

}  // namespace
}  // namespace holdfast::zones
