#include "zones/geo/places.h"

#include <gtest/gtest.h>

#include "tests/zones/geo/world.h"

namespace holdfast::zones {
namespace {

using namespace testing;

Database database() {
  Database database{.type = "test", .built = {}, .records = {}, .entries = {}};
  const auto add = [&](const char* text, const PlaceRecord& record) {
    database.entries.push_back({prefix(text), static_cast<std::uint32_t>(database.records.size())});
    database.records.push_back(record);
  };
  add("10.0.0.0/16", {.country = country("IE")});
  add("10.1.0.0/16", {.country = country("IT")});
  add("10.2.0.0/16", {.country = country("DE"), .continent = Continent::north_america});
  add("10.3.0.0/16", {.country = country("JP"), .coordinates = Coordinates{35.7, 139.7}});
  add("10.4.0.0/16", {.country = country("JP")});
  add("10.5.0.0/16", {.coordinates = Coordinates{52, -8}});
  add("10.6.0.0/16", {.continent = Continent::north_america, .coordinates = Coordinates{52, -8}});
  add("10.7.0.0/16", {.country = country("ZZ")});
  add("192.0.0.0/16", {.country = country("DE")});
  add("2001:db8::/31", {.country = country("FR")});
  return database;
}

/// "munich /16"
std::string found(const Places& places, const char* address) {
  const Places::Found found = places.find(boost::asio::ip::make_address(address));
  return (found.region ? world()[*found.region].name : "nowhere") + " /" + std::to_string(found.length);
}

TEST(Places, AreByCountryThenContinentThenCoordinates) {
  const Database known = database();
  const Places places = compile(world(), &known);
  EXPECT_EQ(found(places, "10.0.0.1"), "cork /16");
  EXPECT_EQ(found(places, "10.1.0.1"),
            "europe /16");  // of Italy only the continent is listed, and the record has none
  EXPECT_EQ(found(places, "10.2.0.1"), "munich /16");
  EXPECT_EQ(found(places, "10.3.0.1"), "oregon /16");  // 7,700 km; Munich is at 9,400
  EXPECT_EQ(found(places, "10.4.0.1"), "nowhere /16");
  EXPECT_EQ(found(places, "10.5.0.1"), "cork /16");
  EXPECT_EQ(found(places, "10.6.0.1"), "america /16");
  EXPECT_EQ(found(places, "10.7.0.1"), "nowhere /16");
  EXPECT_EQ(found(places, "172.16.0.1"), "nowhere /2");
}

TEST(Places, NetworksComeBeforeTheDatabase) {
  const Database known = database();
  const Places places = compile(world(), &known);
  EXPECT_EQ(found(places, "192.0.2.1"), "office /24");
  EXPECT_EQ(found(places, "192.0.3.1"), "munich /24");
  EXPECT_EQ(found(places, "::ffff:192.0.2.1"), "office /24");
  EXPECT_EQ(found(places, "2001:db8::1"), "office /32");
  EXPECT_EQ(found(places, "2001:db9::1"), "west /32");
}

TEST(Places, NeedNoDatabase) {
  EXPECT_EQ(found(compile(world(), nullptr), "192.0.2.1"), "office /24");
  EXPECT_EQ(found(compile(world(), nullptr), "10.0.0.1"), "nowhere /1");
  EXPECT_EQ(found(compile({}, nullptr), "10.0.0.1"), "nowhere /0");
}

TEST(Places, TheNarrowestNetworkDecides) {
  std::vector<Region> regions = world();
  regions[kCork].networks = {prefix("192.0.2.128/25")};
  regions[kMunich].networks = {prefix("192.0.0.0/16")};
  EXPECT_EQ(found(compile(regions, nullptr), "192.0.2.129"), "cork /25");
  EXPECT_EQ(found(compile(regions, nullptr), "192.0.2.1"), "office /25");
  EXPECT_EQ(found(compile(regions, nullptr), "192.0.4.1"), "munich /22");
}

TEST(Places, OfTwoThatListTheSameTheDeeperHasIt) {
  const std::vector<Region> regions{{.name = "wide", .countries = {country("DE")}},
                                    {.name = "deep", .parent = 0, .countries = {country("DE")}},
                                    {.name = "late", .parent = 0, .countries = {country("DE")}}};
  EXPECT_EQ(regions_of(regions, {{.country = country("DE")}}), std::vector<std::optional<RegionIndex>>{1});
}

}  // namespace
}  // namespace holdfast::zones
