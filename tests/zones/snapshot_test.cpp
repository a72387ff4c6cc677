#include "zones/snapshot.h"

#include <gtest/gtest.h>

using namespace holdfast::zones;

namespace {

Snapshot serving(std::initializer_list<const char*> apexes) {
  std::vector<ServedZone> zones;
  for (const char* apex : apexes) {
    zones.push_back({Zone::unavailable(Name::parse(apex).value()), static_cast<ZoneNumber>(zones.size())});
  }
  return Snapshot(std::move(zones));
}

std::string text(const ServedZone* zone) { return zone == nullptr ? "none" : zone->zone->apex().text(); }
HashedName name(const char* text) { return HashedName(Name::parse(text).value()); }

TEST(Snapshot, FindsTheDeepestZoneAtOrAbove) {
  const Snapshot zones = serving({"example.com", "sub.example.com", "org"});
  EXPECT_EQ(text(zones.find(name("example.com"))), "example.com.");
  EXPECT_EQ(text(zones.find(name("www.example.com"))), "example.com.");
  EXPECT_EQ(text(zones.find(name("a.b.sub.example.com"))), "sub.example.com.");
  EXPECT_EQ(text(zones.find(name("x.org"))), "org.");
  EXPECT_EQ(text(zones.find(name("com"))), "none");
  EXPECT_EQ(text(zones.find(name("."))), "none");
}

TEST(Snapshot, TakesTheZoneOfTheQueryBeforeOnlyWhereNoOtherCanBeDeeper) {
  const Snapshot zones = serving({"example.com", "sub.example.com", "org"});
  const auto near = [&](const char* before, const char* now) {
    return text(zones.find_near(zones.find(name(before)), name(now)));
  };
  EXPECT_EQ(near("www.org", "www.org"), "org.");
  EXPECT_EQ(near("www.org", "org"), "org.");
  EXPECT_EQ(near("www.org", "a.b.example.com"), "example.com.");
  EXPECT_EQ(near("www.org", "xorg"), "none");
  EXPECT_EQ(near("www.org", "."), "none");
  EXPECT_EQ(near("example.com", "a.sub.example.com"), "sub.example.com.");
  EXPECT_EQ(near("sub.example.com", "a.example.com"), "example.com.");
  EXPECT_EQ(near("elsewhere", "org"), "org.");
}

TEST(Snapshot, FindsTheParentsSideOfAZone) {
  const Snapshot zones = serving({"example.com", "sub.example.com"});
  EXPECT_EQ(text(zones.find_above(name("sub.example.com"))), "example.com.");
  EXPECT_EQ(text(zones.find_above(name("example.com"))), "none");
}

TEST(Snapshot, ServesTheRoot) {
  EXPECT_EQ(text(serving({"."}).find(name("a.b"))), ".");
  EXPECT_EQ(text(serving({"."}).find_above(name("."))), "none");
}

TEST(Snapshot, OfNothingFindsNothing) { EXPECT_EQ(text(Snapshot().find(name("a"))), "none"); }

TEST(Snapshot, TakesOverNewVersionsOfItsZones) {
  const Snapshot before = serving({"example.com", "sub.example.com", "org"});
  const auto version = Zone::unavailable(Name::parse("sub.example.com").value());
  const Snapshot after(before, std::vector<Snapshot::NewVersion>{{1, version}}, 7);
  EXPECT_EQ(after.find(name("a.sub.example.com"))->zone, version);
  EXPECT_EQ(after.find(name("a.example.com"))->zone, before.zones()[0].zone);
  EXPECT_TRUE(after.find(name("example.com"))->has_zones_below);
  EXPECT_FALSE(after.find(name("org"))->has_zones_below);
  EXPECT_EQ(after.zone_numbers(), 3U);
  EXPECT_EQ(after.live_names(), 7U);
}

TEST(Snapshot, ForgetsZonesBelowThatAreGone) {
  const Snapshot before = serving({"example.com", "sub.example.com", "org"});
  const Snapshot after({before.zones()[0], before.zones()[2]});
  EXPECT_FALSE(after.find(name("example.com"))->has_zones_below);
}

TEST(Snapshot, FindsEachOfManyZones) {
  std::vector<ServedZone> zones;
  for (ZoneNumber i = 0; i < 10'000; ++i) {
    zones.push_back({Zone::unavailable(Name::parse("zone" + std::to_string(i) + ".test").value()), i});
  }
  const Snapshot snapshot(std::move(zones));
  for (ZoneNumber i = 0; i < 10'000; ++i) {
    const std::string apex = "zone" + std::to_string(i) + ".test";
    ASSERT_EQ(snapshot.find(name(("www." + apex).c_str()))->number, i);
  }
  EXPECT_EQ(snapshot.zone_numbers(), 10'000U);
}

}  // namespace
