#include "zones/geo/region.h"

#include <gtest/gtest.h>

#include "tests/zones/geo/world.h"

namespace holdfast::zones {
namespace {

using testing::country;
using testing::prefix;
using Lines = std::vector<std::string>;

Lines problems(const std::vector<Region>& regions) {
  Lines lines;
  for (const RegionProblem& problem : check(regions))
    lines.push_back(std::to_string(problem.region) + ": " + problem.what);
  return lines;
}

TEST(CheckRegions, FindsTheWorldInOrder) { EXPECT_EQ(problems(testing::world()), Lines{}); }

TEST(CheckRegions, NoTwoMayClaimTheSame) {
  EXPECT_EQ(
      problems({{.name = "a", .countries = {country("DE")}, .continents = {Continent::asia}},
                {.name = "b", .countries = {country("FR"), country("DE")}, .continents = {Continent::asia}},
                {.name = "c", .networks = {prefix("10.0.0.0/8")}},
                {.name = "d", .networks = {prefix("10.0.0.0/9"), prefix("::ffff:10.0.0.0/104")}}}),
      (Lines{"1: \"a\" has the country DE already", "1: \"a\" has the continent AS already",
             "3: \"c\" has the network 10.0.0.0/8 already"}));
}

TEST(CheckRegions, NorOneTwice) {
  EXPECT_EQ(problems({{.name = "a", .countries = {country("DE"), country("de")}}}),
            Lines{"0: it has the country DE twice"});
}

TEST(CheckRegions, CodesAreOfCountries) {
  EXPECT_EQ(problems({{.name = "a", .countries = {country("UK")}}}),
            Lines{"0: \"UK\" is not a country of ISO 3166; did you mean \"GB\"?"});
}

TEST(CheckRegions, TheyAreATree) {
  EXPECT_EQ(problems({{.name = "a", .parent = 1},
                      {.name = "b", .parent = 0},
                      {.name = "c", .parent = 2},
                      {.name = "d", .parent = 7},
                      {.name = "e", .parent = -2}}),
            (Lines{"0: it is in itself", "1: it is in itself", "2: it is in itself",
                   "3: it is in a region that there is not", "4: it is in a region that there is not"}));
}

TEST(CheckRegions, LimitsAreNamed) {
  std::vector<Region> deep(kMaxRegionDepth + 1);
  for (std::size_t i = 1; i < deep.size(); ++i) deep[i].parent = static_cast<int>(i) - 1;
  EXPECT_EQ(problems(deep), Lines{"32: it is more than 32 regions deep"});
  EXPECT_EQ(problems(std::vector<Region>(kMaxRegions)), Lines{});
  EXPECT_EQ(problems(std::vector<Region>(kMaxRegions + 2)), Lines{"4096: there are more than 4096 regions"});
}

TEST(CheckRegions, CoordinatesAreOnEarth) {
  EXPECT_EQ(problems({{.name = "a", .coordinates = Coordinates{91, 0}}}),
            Lines{"0: its coordinates are not within -90 .. 90 and -180 .. 180"});
}

TEST(Outward, GoesUpTheTree) {
  using testing::world;
  EXPECT_EQ(outward(world(), testing::kCork),
            (std::vector<RegionIndex>{testing::kCork, testing::kWest, testing::kEurope}));
  EXPECT_TRUE(outward(world(), 99).empty());
  EXPECT_EQ(outward({{.name = "a", .parent = 0}}, 0).size(),
            kMaxRegionDepth);  // it ends, whatever check() says
}

}  // namespace
}  // namespace holdfast::zones
