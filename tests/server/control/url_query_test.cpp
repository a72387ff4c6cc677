#include "server/control/url_query.h"

#include <gtest/gtest.h>

namespace holdfast::server {
namespace {

std::string read(std::string_view query) {
  const auto given = parameters(query);
  if (!given) return "none";
  std::string text;
  for (const Parameter& parameter : *given) text += parameter.name + " is " + parameter.value + ";";
  return text;
}

TEST(UrlQuery, IsAListOfParameters) {
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("zone=a.example&zone=b.example"), "zone is a.example;zone is b.example;");
  EXPECT_EQ(read("a=&=b"), "a is ; is b;");
}

TEST(UrlQuery, IsDecoded) { EXPECT_EQ(read("zone=a%5c032b%2Fc"), "zone is a\\032b/c;"); }

TEST(UrlQuery, IsRefusedWhenBroken) {
  EXPECT_EQ(read("zone"), "none");
  EXPECT_EQ(read("zone=%4"), "none");
  EXPECT_EQ(read("zone=%4g"), "none");
}

}  // namespace
}  // namespace holdfast::server
