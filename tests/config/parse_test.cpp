#include <gtest/gtest.h>

#include "config/config.h"
#include "tests/config/examples.h"

namespace holdfast::config {
namespace {

using namespace std::chrono_literals;
using namespace examples;
using boost::asio::ip::make_address;

Config parsed(const std::string& toml, const std::filesystem::path& name = "/etc/holdfast/site.toml") {
  const Loaded loaded = parse(toml, name);
  for (const Problem& problem : loaded.problems) ADD_FAILURE() << problem.text();
  return loaded.config.value_or(Config{});
}

TEST(Parse, ReadsTheConfigurationOfTheDesign) {
  const Config config = parsed(R"([server]
listen  = ["0.0.0.0:5300", "[::]:5300", "127.0.0.1", "[::1]", "127.0.0.2:0"]
threads = 2
nsid    = "ns1.example.net"

[control]
listen = "[::1]:8054"

[monitor.web]
type     = "https"
host     = "www.example.com"
path     = "/healthz?deep=1"
status   = [200, 204]
expect   = "I eat DNS for breakfast!"
interval = "10s"
ca_file  = "ca/../private.pem"

[pool.shop]
monitor = "web"
policy  = "failover"
ttl     = "30s"
members = [
  { address = "192.0.2.10",   tier = 1 },
  { address = "2001:db8::10", tier = 2 },
]

[[zone]]
name = "Example.COM"
file = "zones/example.com.zone"
live = [
  { name = "www",  monitor = "web" },
  { name = "shop", pool = "shop" },
  { name = "@",    monitor = "web", ttl = "5s" },
  { name = "ftp.example.com.", monitor = "web" },
]
)");
  using boost::asio::ip::udp;
  EXPECT_EQ(config.server.listen, (std::vector<udp::endpoint>{{make_address("0.0.0.0"), 5300},
                                                              {make_address("::"), 5300},
                                                              {make_address("127.0.0.1"), 53},
                                                              {make_address("::1"), 53},
                                                              {make_address("127.0.0.2"), 0}}));
  EXPECT_EQ(config.server.threads, 2U);
  EXPECT_EQ(config.server.nsid, "ns1.example.net");
  EXPECT_EQ(config.control.value().listen, boost::asio::ip::tcp::endpoint(make_address("::1"), 8054));

  ASSERT_EQ(config.monitors.size(), 1U);
  const health::MonitorSettings& web = config.monitors[0];
  EXPECT_EQ(web.name, "web");
  EXPECT_EQ(web.type, health::Protocol::https);
  EXPECT_EQ(web.port, 0);
  EXPECT_EQ(web.host, "www.example.com");
  EXPECT_EQ(web.path, "/healthz?deep=1");
  EXPECT_EQ(web.status, (std::vector<health::StatusRange>{200, 204}));
  EXPECT_EQ(web.expect, "I eat DNS for breakfast!");
  EXPECT_EQ(web.interval, 10s);
  EXPECT_EQ(web.timeout, 3s);
  EXPECT_EQ(web.ca_file, "/etc/holdfast/private.pem");

  ASSERT_EQ(config.pools.size(), 1U);
  const zones::PoolSettings& shop = config.pools[0];
  EXPECT_EQ(shop.monitor, "web");
  EXPECT_EQ(shop.policy, zones::Policy::failover);
  EXPECT_EQ(shop.ttl, 30s);
  ASSERT_EQ(shop.members.size(), 2U);
  EXPECT_EQ(shop.members[1].address, make_address("2001:db8::10"));
  EXPECT_EQ(shop.members[1].tier, 2);

  ASSERT_EQ(config.zones.size(), 1U);
  const zones::ZoneSettings& zone = config.zones[0];
  EXPECT_EQ(zone.name.text(), "example.com.");
  EXPECT_EQ(zone.file, "/etc/holdfast/zones/example.com.zone");
  ASSERT_EQ(zone.live.size(), 4U);
  EXPECT_EQ(zone.live[0].name.text(), "www.example.com.");
  EXPECT_EQ(zone.live[0].monitor, "web");
  EXPECT_EQ(zone.live[1].pool, "shop");
  EXPECT_EQ(zone.live[2].name.text(), "example.com.");
  EXPECT_EQ(zone.live[2].ttl, 5s);
  EXPECT_EQ(zone.live[3].name.text(), "ftp.example.com.");
}

TEST(Parse, LeavesOutWhatIsNotThere) {
  const Config config = parsed(kZone);
  EXPECT_EQ(config.server, server::ServerSettings{});
  EXPECT_FALSE(config.control);
  EXPECT_EQ(parsed("[control]\n" + kZone).control, server::ControlSettings{});
}

TEST(Parse, GivesSectionsByName) {
  const Config config =
      parsed(zone("name = \"b.example\"\nfile = \"b\"") + zone("name = \"a.example\"\nfile = \"a\"") +
             zone("name = \"www.a.example\"\nfile = \"/w\""));
  ASSERT_EQ(config.zones.size(), 3U);
  EXPECT_EQ(config.zones[0].name.text(), "a.example.");
  EXPECT_EQ(config.zones[1].name.text(), "www.a.example.");  // canonical order
  EXPECT_EQ(config.zones[2].name.text(), "b.example.");
  EXPECT_EQ(config.zones[1].file, "/w");
}

TEST(Parse, KeepsTheConfigurationWhenThereAreOnlyWarnings) {
  const Loaded loaded = parse("", "t");
  EXPECT_TRUE(loaded.config);
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems[0].text(), "t:1:1: warning: there is no [[zone]]; every query will be refused");
}

TEST(Parse, TellsEveryProblemOfAFileByPlace) {
  EXPECT_EQ(
      problems(R"([server]
listn = ["0.0.0.0:53"]
threads = "4"
[control]
listen = "0.0.0.0:8053"
[monitor.web]
typ = "https"
interval = "1s"
[[zone]]
name = "example.com"
live = [ { name = "www" }, { name = "www", monitor = "wbe" } ]
)"),
      (std::vector<std::string>{
          R"(2:1: server: unknown key "listn"; did you mean "listen"?)",
          R"(3:11: server: threads: expected a whole number from 0 to 256, found string "4")",
          R"(5:10: control: listen: "0.0.0.0" is not loopback, and anybody who reaches it could read the state and )"
          R"(ask for a reload; listen at "127.0.0.1:8053", or add allow_remote = true)",
          R"(7:1: monitor "web": unknown key "typ"; did you mean "type"?)",
          R"(9:1: zone "example.com": file is missing; give it, or the primaries to transfer the zone from)",
          R"(11:10: zone "example.com": live 1: has neither monitor nor pool nor aname; give one of them)",
          R"(11:37: zone "example.com": live 2: name: www.example.com. stands in live 1 already; leave one out)",
          R"(11:54: zone "example.com": live 2: monitor: there is no monitor "wbe"; did you mean "web"?)",
      }));
}

TEST(Parse, ADefaultTimeoutGivesWayToAShortInterval) {
  const auto timeout = [](const std::string& interval) {
    const Loaded loaded =
        parse("[monitor.web]\ntype = \"http\"\ninterval = \"" + interval + "\"\n", "t.toml");
    return loaded.config.value().monitors.at(0).timeout;
  };
  EXPECT_EQ(timeout("1s"), 600ms);
  EXPECT_EQ(timeout("5s"), 3s);
  EXPECT_EQ(timeout("1h"), 3s);
}

TEST(Parse, ReadsWhatAProbeAsksAndLooksFor) {
  const Config config = parsed(monitor(R"(method = "POST"
headers = ["accept:text/plain", "X-A:  b  "]
body = "a\u0000b"
status = [200, "300-399"]
expect = { regex = "^up" }
reject = { any_case = "down" })"));
  const health::MonitorSettings& web = config.monitors.at(0);
  EXPECT_EQ(web.method, "POST");
  EXPECT_EQ(web.headers, (std::vector<std::string>{"accept: text/plain", "X-A: b"}));
  EXPECT_EQ(web.body, std::string("a\0b", 3));
  EXPECT_EQ(web.status, (std::vector<health::StatusRange>{200, {300, 399}}));
  EXPECT_EQ(web.expect, health::Pattern("^up", health::Matching::regex));
  EXPECT_EQ(web.reject, health::Pattern("down", health::Matching::any_case));
}

TEST(Parse, DataOfADnsMonitorIsPutAsAnAnswerHasIt) {
  const auto expect = [](const std::string& type, const std::string& data) {
    return parsed(monitor("query = \"example.com\"\nquery_type = \"" + type + "\"\nexpect = '" + data + "'",
                          "dns"))
        .monitors.at(0)
        .expect.text();
  };
  EXPECT_EQ(expect("MX", "10  mail.example.com"), "10 mail.example.com.");
  EXPECT_EQ(expect("AAAA", "2001:DB8:0::1"), "2001:db8::1");
  EXPECT_EQ(expect("TXT", "hello"), "\"hello\"");
  EXPECT_EQ(expect("ANY", "whatever"), "whatever");
}

TEST(Parse, AProgramIsInItsDirectory) {
  EXPECT_EQ(parsed(exec("command = [\"true\", \"--x\"]")).monitors.at(0).command,
            (std::vector<std::string>{"/usr/bin/true", "--x"}));
}

TEST(Parse, ACombinationHasItsPartsWithNoMoreTimeThanItself) {
  const Config config = parsed("[monitor.slow]\ntype = \"ping\"\ntimeout = \"4s\"\n" +
                               monitor("of = [\"slow\", \"fast\"]\ntimeout = \"2s\"", "any") +
                               "[monitor.fast]\ntype = \"tcp\"\nport = 1\ninterval = \"1s\"\n");
  const health::MonitorSettings& both = config.monitors.at(2);
  ASSERT_EQ(both.parts.size(), 2U);
  EXPECT_EQ(both.parts[0].name, "slow");
  EXPECT_EQ(both.parts[0].timeout, 2s);
  EXPECT_EQ(both.parts[1].port, 1);
  EXPECT_EQ(both.parts[1].timeout, 600ms);
}

TEST(Parse, CountsWhatItDoesNotShow) {
  std::string toml = "[server]\n";
  for (std::size_t i = 0; i < kMaxProblems + 7; ++i) toml += "k" + std::to_string(i) + " = 1\n";
  const Loaded loaded = parse(toml + kZone, "t");
  EXPECT_FALSE(loaded.config);
  ASSERT_EQ(loaded.problems.size(), kMaxProblems + 1);
  EXPECT_EQ(loaded.problems.back().text(), "t: 7 more problems are not shown");
}

TEST(Parse, RefusesTooManyMembersInAll) {
  std::string toml = kMonitor + "[[zone]]\nname = \"example.com\"\nfile = \"f\"\nlive = [\n";
  for (int i = 0; i <= 200; ++i) {
    toml += "{ name = \"n" + std::to_string(i) + "\", pool = \"p" + std::to_string(i) + "\" },\n";
  }
  toml += "]\n";
  for (int i = 0; i <= 200; ++i) {
    toml += "[pool.p" + std::to_string(i) + "]\nmonitor = \"web\"\nmembers = [\n";
    for (int j = 0; j < 500; ++j) {
      toml += "{ address = \"10." + std::to_string(i) + "." + std::to_string(j / 250) + "." +
              std::to_string(j % 250) + "\" },\n";
    }
    toml += "]\n";
  }
  const std::vector<std::string> seen = problems(toml);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_NE(seen[0].find("100500 members of all pools are too many; at most 100000 are allowed"),
            std::string::npos);
}

}  // namespace
}  // namespace holdfast::config
