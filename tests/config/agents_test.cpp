#include <gtest/gtest.h>

#include "config/options.h"
#include "tests/config/examples.h"

/// Locations, agents and the store: what is read, and what an operator is told.
namespace holdfast::config {
namespace {

using namespace examples;
using boost::asio::ip::make_address;
using health::Quorum;
using Texts = std::vector<std::string>;

const std::string kSelf = "[self]\nname = \"ns1\"\n";
const std::string kStore = kSelf + "[store]\nendpoints = [\"https://192.0.2.10:2379\"]\n";
const std::string kPlaces = "[location.eu]\n[location.us]\n[location.cork]\nin = \"eu\"\n";
const std::string kAgents = kPlaces +
                            "[agent.ns1]\nlocation = \"cork\"\n"
                            "[agent.far]\nlocation = \"us\"\n";

/// `choice` stands in line 3, from column 12.
std::string with_choice(const std::string& choice,
                        const std::string& member = "\"192.0.2.1\", location = \"us\"") {
  return "[monitor.web]\ntype = \"ping\"\nagents = { " + choice +
         " }\n[pool.a]\nmonitor = \"web\"\nmembers = [{ address = " + member + " }]\n" + kZone +
         "live = [{ name = \"a\", pool = \"a\" }]\n";
}

TEST(Agents, AreReadAsWritten) {
  const Loaded loaded = parse(R"([self]
name       = "ns1"
references = ["192.0.2.1:443", "[2001:db8::1]"]
[store]
endpoints     = ["https://192.0.2.10:2379/", "http://127.0.0.1:2379"]
prefix        = "/site/"
user          = "holdfast"
password_file = "secret"
ca_file       = "/ca.pem"
certificate   = "me.pem"
key           = "me.key"
[location.eu]
latitude  = 53
longitude = -6.26
[location.eu-cork]
in = "eu"
[agent.far]
location  = "eu-cork"
addresses = ["192.0.2.7", "2001:db8::7"]
[agent.ns1]
location = "eu"
[monitor.web]
type   = "ping"
agents = { prefer = ["eu-cork", "eu"], nearest = 3, min = 1, quorum = 2 }
[pool.shop]
monitor = "web"
members = [{ address = "192.0.2.1", location = "eu-cork" }]
[[zone]]
name = "example.com"
file = "f"
live = [{ name = "a", pool = "shop" }]
)",
                              "/etc/holdfast/site.toml");
  for (const Problem& problem : loaded.problems) ADD_FAILURE() << problem.text();
  const Config& config = loaded.config.value();
  EXPECT_EQ(config.self, (health::SelfSettings{.name = "ns1",
                                               .references = {{make_address("192.0.2.1"), 443},
                                                              {make_address("2001:db8::1"), 443}}}));
  EXPECT_EQ(config.store,
            (health::StoreSettings{.endpoints = {"https://192.0.2.10:2379", "http://127.0.0.1:2379"},
                                   .prefix = "/site/",
                                   .user = "holdfast",
                                   .password_file = "/etc/holdfast/secret",
                                   .ca_file = "/ca.pem",
                                   .certificate = "/etc/holdfast/me.pem",
                                   .key = "/etc/holdfast/me.key"}));
  EXPECT_EQ(config.locations,
            (std::vector<health::LocationSettings>{{.name = "eu", .latitude = 53.0, .longitude = -6.26},
                                                   {.name = "eu-cork", .in = "eu"}}));
  EXPECT_EQ(config.agents, (std::vector<health::AgentSettings>{
                               {"far", "eu-cork", {make_address("192.0.2.7"), make_address("2001:db8::7")}},
                               {"ns1", "eu", {}}}));
  EXPECT_EQ(config.monitors.at(0).agents,
            (health::AgentChoice{
                .prefer = {"eu-cork", "eu"}, .nearest = 3, .min = 1, .quorum = {Quorum::Rule::number, 2}}));
  EXPECT_EQ(config.pools.at(0).members.at(0).location, "eu-cork");
}

TEST(Agents, DoNotCountWithoutAStore) {
  const Loaded loaded = parse(kAgents + kZone, "t");
  ASSERT_TRUE(loaded.config);
  EXPECT_FALSE(loaded.config->store);
  EXPECT_TRUE(loaded.config->agents.empty());
  EXPECT_EQ(
      problems(kAgents + kZone),
      Texts{
          "7:1: warning: agent \"far\": there is no [store] where agents could meet; only what holdfast sees "
          "itself counts"});
}

TEST(Agents, OwnFileNeedsNothingElse) { EXPECT_EQ(problems(kStore), Texts{}); }

TEST(Agents, OfAServerAreFine) { EXPECT_EQ(problems(kStore + kAgents + kZone), Texts{}); }

struct Case {
  const char* name;
  std::string toml;
  Texts problems;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
class AgentMessage : public testing::TestWithParam<Case> {};
TEST_P(AgentMessage, IsExact) { EXPECT_EQ(problems(GetParam().toml), GetParam().problems); }

const Case kCases[] = {
    {"LocationNowhere",
     "[location.cork]\nin = \"ue\"\n[location.eu]\n" + kZone,
     {R"(2:6: location "cork": in: there is no location "ue"; did you mean "eu"?)"}},
    {"Circle",
     "[location.b]\nin = \"c\"\n[location.a]\nin = \"b\"\n[location.c]\nin = \"a\"\n[location.d]\nin = "
     "\"a\"\n" +
         kZone,
     {R"(4:6: location "a": in: goes in a circle: "a" in "b" in "c" in "a"; leave one of them out)"}},
    {"InItself",
     "[location.a]\nin = \"a\"\n" + kZone,
     {R"(2:6: location "a": in: goes in a circle: "a" in "a"; leave one of them out)"}},
    {"HalfACoordinate",
     "[location.a]\nlatitude = 1\n" + kZone,
     {R"(2:12: location "a": latitude: needs longitude; add that, or leave both out)"}},
    {"NoNumber",
     "[location.a]\nlatitude = \"53N\"\nlongitude = 1\n" + kZone,
     {R"(2:12: location "a": latitude: expected degrees from -90 to 90, found string "53N")"}},
    {"AgentNowhere",
     kStore + "[agent.a]\nlocation = \"eu\"\n",
     {R"(6:12: agent "a": location: there is no location "eu"; add a section [location.eu])"}},
    {"AgentWithoutLocation",
     kStore + "[agent.a]\n",
     {R"(5:1: agent "a": location is missing; it must be given)"}},
    {"MemberNowhere",
     kPlaces + pool("members = [{ address = \"192.0.2.1\", location = \"usa\" }]"),
     {R"(7:48: pool "shop": members 1: location: there is no location "usa"; did you mean "us"?)"}},
    {"PreferNowhere",
     with_choice("prefer = [\"moon\"]") + kPlaces,
     {R"(3:22: monitor "web": agents: prefer: there is no location "moon"; known are "cork", "eu", "us")"}},
    {"PreferNobody",
     with_choice("prefer = [\"empty\"]") + kStore + kAgents + "[location.empty]\n",
     {R"(3:22: warning: monitor "web": agents: prefer: no [agent.NAME] is in "empty")"}},
    {"PreferARegion", with_choice("prefer = [\"eu\"]") + kStore + kAgents, {}},
    {"TooFewForMin",
     with_choice("min = 3") + kStore + kAgents,
     {R"(3:18: warning: monitor "web": agents: min: 3 agents are wanted, and there are 2 sections [agent.NAME])"}},
    {"NearestBelowMin",
     with_choice("nearest = 1") + kPlaces,
     {R"(3:22: warning: monitor "web": agents: nearest: is less than min, which is 2; so many probe nevertheless)"}},
    {"NearestToWhat",
     with_choice("nearest = 2", "\"192.0.2.1\""),
     {R"(3:22: warning: monitor "web": agents: nearest: member 1 of pool "a" has no location, so all agents are as near to it; give members of a pool one)"}},
    {"NearestToOwnRecords",
     "[monitor.web]\ntype = \"ping\"\nagents = { nearest = 2 }\n" + kZone + kLive,
     {R"(3:22: warning: monitor "web": agents: nearest: what the zone itself has at www.example.com. has no location, so all agents are as near to it; give members of a pool one)"}},
    {"QuorumOfTooMany",
     with_choice("quorum = 3") + kStore + kAgents,
     {R"(3:21: warning: monitor "web": agents: quorum: 3 locations are wanted, and there are agents in 2; all of these must agree then)"}},
    {"QuorumUnknown",
     with_choice("quorum = \"most\"") + kPlaces,
     {R"(3:21: monitor "web": agents: quorum: "most" is unknown; known are "majority", "any", "all")"}},
    {"ChoiceIsAWord",
     monitor("agents = \"all\""),
     {R"(3:10: monitor "web": agents: expected a table in braces, found string "all")"}},
    {"ChoiceUnknownKey",
     monitor("agents = { neares = 1 }"),
     {R"(3:12: monitor "web": agents: unknown key "neares"; did you mean "nearest"?)"}},
    {"OneLocation",
     kStore + kPlaces + "[agent.a]\nlocation = \"us\"\n[agent.b]\nlocation = \"us\"\n" + kZone,
     {R"(9:1: warning: agent "a": all agents are in "us", so one location decides alone; two keep its own troubles from looking like those of the targets)"}},
    {"SelfMisspelt",
     "[self]\nname = \"ns11\"\n[store]\nendpoints = [\"https://a:1\"]\n" + kAgents + kZone,
     {R"(2:8: warning: self: name: there is no [agent.ns11], so what this process sees does not count; did you mean "ns1"?)"}},
    {"OnlyCollects",
     "[self]\nname = \"collector\"\n[store]\nendpoints = [\"https://a:1\"]\n" + kAgents + kZone,
     {}},
    {"StoreWithoutSelf",
     "[store]\nendpoints = [\"https://a:1\"]\n",
     {"1:1: store: [self] is missing; add it, with a name that no other process has which shares the store"}},
    {"StoreWithoutName",
     "[self]\n[store]\nendpoints = [\"https://a:1\"]\n",
     {"1:1: self: name is missing; a process that shares a store must have one"}},
    {"StoreWithoutEndpoints", kSelf + "[store]\n", {"3:1: store: endpoints is missing; it must be given"}},
    {"StoreWithoutAgents",
     kStore + kZone,
     {"3:1: warning: store: there is no [agent.NAME]: what agents see does not count, only what this server "
      "sees itself"}},
    {"StoreUserAlone",
     kStore + "user = \"a\"\n",
     {"5:8: store: user: needs password_file; add that, or leave user out"}},
    {"StoreKeyAlone",
     kStore + "key = \"a\"\n",
     {"5:7: store: key: needs certificate; add that, or leave key out"}},
    {"StoreInTheClear",
     kSelf + "[store]\nendpoints = [\"https://a:1\", \"http://192.0.2.1:1\"]\n",
     {R"(4:13: warning: store: endpoints: "http://192.0.2.1:1" is spoken to in the clear: who listens learns what monitors send, who meddles decides what is alive; take https)"}},
    {"StoreNearbyInTheClear",
     kSelf + "[store]\nendpoints = [\"http://127.0.0.1:1\", \"http://localhost:1\"]\n",
     {}},
    {"StorePasswordInTheClear",
     kSelf + "[store]\nendpoints = [\"http://127.evil.example:1\"]\nuser = \"a\"\npassword_file = \"b\"\n",
     {R"(4:13: store: endpoints: "http://127.evil.example:1" would be sent the password in the clear; take https)"}},
    {"StoreCertificateWithoutTls",
     kSelf + "[store]\nendpoints = [\"http://127.0.0.1:1\"]\nca_file = \"a\"\n",
     {"5:11: warning: store: ca_file: counts only with endpoints of https"}},
    {"StoreUrlWithPassword",
     kSelf + "[store]\nendpoints = [\"https://root:secret@a:1\"]\n",
     {"4:14: store: endpoints: has a user before the host; only a URL without is taken, give user and "
      "password_file "
      "instead"}},
    {"ReferenceWithoutPort",
     "[self]\nreferences = [\"192.0.2.1:0\"]\n" + kZone,
     {R"(2:14: self: references: "192.0.2.1:0" has no port to connect to; write one)"}},
};
std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(, AgentMessage, testing::ValuesIn(kCases), name_of);

TEST(Locations, AreNoDeeperThanIsLookedAt) {
  const auto chain = [](std::size_t length) {
    std::string toml = "[location.p100]\n";
    for (std::size_t i = 1; i < length; ++i)
      toml += "[location.p" + std::to_string(100 + i) + "]\nin = \"p" + std::to_string(99 + i) + "\"\n";
    return toml + kZone;
  };
  EXPECT_EQ(problems(chain(32)), Texts{});
  EXPECT_EQ(problems(chain(33)),
            Texts{"65:6: location \"p132\": in: is 33 locations deep; at most 32 are looked at"});
}

TEST(Agents, HaveALimit) {
  std::string toml = kStore + "[location.eu]\n[location.us]\n";
  for (std::size_t i = 0; i <= kMaxAgents; ++i)
    toml += "[agent.a" + std::to_string(i) + "]\nlocation = \"" + (i == 0 ? "us" : "eu") + "\"\n";
  EXPECT_EQ(problems(toml).back(), "7:1: 257 agents are too many; at most 256 are allowed");
}

}  // namespace
}  // namespace holdfast::config
