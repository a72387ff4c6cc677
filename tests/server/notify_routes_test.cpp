#include "server/notify_routes.h"

#include <gtest/gtest.h>

namespace holdfast::server {
namespace {

using Names = std::vector<std::string>;

TEST(NotifyRoutes, AreThoseOfTheConfiguration) {
  const config::Loaded loaded = config::parse(R"(
[notify]
contacts = ["ops"]
[contact.ops]
type = "webhook"
url = "http://a.example/"
[contact.ann]
type = "webhook"
url = "http://a.example/"
[monitor.web]
type = "http"
[pool.shop]
monitor = "web"
members = [{ address = "192.0.2.1" }]
contacts = ["ann", "ops"]
[pool.other]
monitor = "web"
members = [{ address = "192.0.2.1" }]
[[zone]]
name = "example.com"
file = "example.com.zone"
live = [
  { name = "www", monitor = "web", contacts = ["ann"] },
  { name = "ftp", monitor = "web" },
  { name = "shop", pool = "shop" },
  { name = "other", pool = "other" },
]
)",
                                              "t");
  ASSERT_TRUE(loaded.config);
  const health::Routes routes = routes_of(*loaded.config);
  EXPECT_EQ(routes.usual, Names{"ops"});
  EXPECT_EQ(routes.own,
            (std::map<std::string, Names>{{"shop", {"ann", "ops"}}, {"www.example.com.", {"ann"}}}));
}

}  // namespace
}  // namespace holdfast::server
