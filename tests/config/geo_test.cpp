#include <gtest/gtest.h>

#include "config/regions.h"
#include "tests/config/examples.h"
#include "tests/config/message.h"

/// Which clients are where, and what is said when that is wrong.
namespace holdfast::config {
namespace {

using namespace examples;

const std::string kPlaces =
    "[location.europe]\n[location.cork]\nin = \"europe\"\nlatitude = 51.9\nlongitude = -8.5\n";
const std::string kUsed = kMonitor + kZone + kLive;

TEST(Clients, AreReadWithTheirLocations) {
  const auto loaded =
      parse(kPlaces +
                "[clients.cork]\ncountries = [\"IE\"]\nnetworks = [\"192.0.2.0/24\", \"2001:db8::/32\"]\n"
                "[clients.europe]\ncontinents = [\"EU\"]\n[geo]\ndatabase = \"geo.mmdb\"\n" +
                kUsed,
            "/etc/holdfast/t.toml");
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->geo->database, "/etc/holdfast/geo.mmdb");
  const auto regions = config::regions(loaded.config->locations, loaded.config->clients);
  ASSERT_EQ(regions.size(), 2U);
  EXPECT_EQ(regions[0].name, "cork");
  EXPECT_EQ(regions[0].parent, 1);
  EXPECT_EQ(regions[0].countries, std::vector{zones::Country::parse("IE").value()});
  EXPECT_EQ(regions[0].networks.size(), 2U);
  EXPECT_EQ(regions[0].coordinates->latitude, 51.9);
  EXPECT_EQ(regions[1].continents, std::vector{zones::Continent::europe});
  EXPECT_EQ(regions[1].parent, -1);
}

class GeoMessage : public testing::TestWithParam<MessageCase> {};
TEST_P(GeoMessage, IsExact) { EXPECT_EQ(problems(GetParam().toml), GetParam().problems); }

const MessageCase kCases[] = {
    {"NoSuchLocation",
     kPlaces + "[clients.crok]\nnetworks = [\"192.0.2.0/24\"]\n" + kUsed,
     {R"(6:1: clients "crok": there is no location "crok"; did you mean "cork"?)"}},
    {"NoLocations",
     "[clients.cork]\nnetworks = [\"192.0.2.0/24\"]\n" + kUsed,
     {R"(1:1: clients "cork": there is no location "cork"; add a section [location.cork])"}},
    {"NoCountry",
     kPlaces + "[clients.cork]\ncountries = [\"UK\"]\n" + kUsed,
     {R"(7:14: clients "cork": countries: )" + zones::wrong_country("UK")}},
    {"NoContinent",
     kPlaces + "[clients.cork]\ncontinents = [\"XX\"]\n" + kUsed,
     {R"(7:15: clients "cork": continents: )" + zones::wrong_continent("XX")}},
    {"NoNetwork",
     kPlaces + "[clients.cork]\nnetworks = [\"192.0.2.1/24\"]\n" + kUsed,
     {R"(7:13: clients "cork": networks: )" + zones::Prefix::parse("192.0.2.1/24").error}},
    {"CountryTwice",
     kPlaces + "[clients.cork]\ncountries = [\"IE\"]\n[clients.europe]\ncountries = [\"IE\"]\n" + kUsed,
     {R"(8:1: clients "europe": "cork" has the country IE already)"}},
    {"NearestWithoutLocations",
     "[pool.shop]\nmonitor = \"web\"\npolicy = \"nearest\"\nmembers = [{ address = \"192.0.2.1\" }]\n" +
         kMonitor + kZone + "live = [{ name = \"shop\", pool = \"shop\" }]\n",
     {R"(3:10: warning: pool "shop": policy: nobody says which clients are where, so that each gets any member; add [clients.NAME] for locations)",
      R"(4:12: warning: pool "shop": members 1: has no location, and so is farther than any for policy "nearest"; add one)"}},
};
INSTANTIATE_TEST_SUITE_P(Geo, GeoMessage, testing::ValuesIn(kCases), name_of);

}  // namespace
}  // namespace holdfast::config
