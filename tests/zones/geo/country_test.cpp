#include "zones/geo/country.h"

#include <gtest/gtest.h>

namespace holdfast::zones {
namespace {

TEST(Country, IsTwoLettersInEitherCase) {
  EXPECT_EQ(Country::parse("DE"), Country::parse("de"));
  EXPECT_EQ(Country::parse("dE")->text(), "DE");
  for (const char* text : {"", "D", "DEU", "D1", "--", "[]", "\xc3\xa4"})
    EXPECT_FALSE(Country::parse(text)) << text;
}

TEST(Country, KnowsItsContinent) {
  const auto continent = [](const char* country) {
    const auto found = Country::parse(country)->continent();
    return found ? text(*found) : "none";
  };
  EXPECT_EQ(continent("IE"), "EU");
  EXPECT_EQ(continent("BR"), "SA");
  EXPECT_EQ(continent("US"), "NA");
  EXPECT_EQ(continent("ZA"), "AF");
  EXPECT_EQ(continent("JP"), "AS");
  EXPECT_EQ(continent("NZ"), "OC");
  EXPECT_EQ(continent("AQ"), "AN");
  EXPECT_EQ(continent("XK"), "EU");
  EXPECT_EQ(continent("ZZ"), "none");
  EXPECT_EQ(continent("EU"), "none");  // what registries say of networks of several countries
}

TEST(Country, ThereAre249AndKosovo) {
  int countries = 0;
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) countries += Country::parse(std::string{a, b})->continent() ? 1 : 0;
  }
  EXPECT_EQ(countries, 250);
}

TEST(WrongCountry, SaysWhatWouldBeRight) {
  EXPECT_EQ(wrong_country("GB"), "");
  EXPECT_EQ(wrong_country("UK"), "\"UK\" is not a country of ISO 3166; did you mean \"GB\"?");
  EXPECT_EQ(wrong_country("EU"), "\"EU\" is not a country of ISO 3166, but a continent");
  EXPECT_EQ(wrong_country("ZZ"), "\"ZZ\" is not a country of ISO 3166");
  EXPECT_EQ(wrong_country("Germany"),
            "\"Germany\" is not a country of ISO 3166, whose codes have two letters, like \"DE\"");
}

TEST(Continent, IsReadAndNamed) {
  EXPECT_EQ(parse_continent("oc"), Continent::oceania);
  EXPECT_EQ(name_of(Continent::north_america), "North America");
  EXPECT_EQ(wrong_continent("EU"), "");
  EXPECT_EQ(wrong_continent("Europe"),
            "\"Europe\" is not a continent; there are: \"AF\" (Africa), \"AN\" (Antarctica), \"AS\" (Asia), "
            "\"EU\" (Europe), "
            "\"NA\" (North America), \"OC\" (Oceania), \"SA\" (South America)");
}

}  // namespace
}  // namespace holdfast::zones
