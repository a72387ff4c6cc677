#include <gtest/gtest.h>

#include "tests/config/examples.h"
#include "tests/config/message.h"

/// Members of pools that are names or pools, live names of other types, and what is said when that is wrong.
namespace holdfast::config {
namespace {

using namespace examples;

const std::string kResolver = "[resolver]\nupstreams = [\"192.0.2.53\"]\n";

/// Pools with these rows in lines 2, 4, ... of a file; the first answers at shop.example.com.
std::string pools(const std::vector<std::string>& members, const std::string& more = "") {
  std::string toml;
  char name = 'a';
  for (const std::string& rows : members)
    toml += std::string("[pool.") + name++ + "]\nmembers = [ " + rows + " ]\n";
  return toml + more + kZone + "live = [{ name = \"shop\", pool = \"a\" }]\n";
}

/// A row of `live`, in line 4 from column 10, and a pool of names.
std::string names(const std::string& row) {
  return kZone + "live = [ " + row + " ]\n" + kMonitor + kResolver +
         "[pool.cdn]\nmonitor = \"web\"\nmembers = [{ name = \"a.cdn.test\" }]\n";
}

TEST(Members, MayBeNamesOrPools) {
  const auto loaded = parse(pools({R"({ pool = "b", weight = 3 }, { pool = "c" })",
                                   R"({ name = "a.cdn.test" })", R"({ name = "b.cdn.test." })"}),
                            "t.toml");
  ASSERT_TRUE(loaded.config);
  const auto& all = loaded.config->pools;
  EXPECT_EQ(all.at(0).members.at(0).pool, "b");
  EXPECT_EQ(all.at(1).members.at(0).name, zones::Name::parse("a.cdn.test").value());
  EXPECT_EQ(all.at(2).members.at(0).name, zones::Name::parse("b.cdn.test").value());
}

TEST(Live, MayBeByOtherTypes) {
  const auto loaded =
      parse(names(R"({ name = "@", monitor = "web", type = "MX" }, { name = "@", monitor = "web" },
                                     { name = "shop", pool = "cdn" })"),
            "t.toml");
  ASSERT_TRUE(loaded.config);
  EXPECT_TRUE(loaded.problems.empty());
  EXPECT_EQ(loaded.config->zones.at(0).live.at(0).type, zones::RrType::MX);
  EXPECT_EQ(loaded.config->zones.at(0).live.at(1).type, zones::RrType::A);
}

class GroupMessage : public testing::TestWithParam<MessageCase> {};
TEST_P(GroupMessage, IsExact) { EXPECT_EQ(problems(GetParam().toml), GetParam().problems); }

const MessageCase kCases[] = {
    {"Both",
     pools({R"({ address = "192.0.2.1", name = "a.cdn.test" })"}),
     {R"(2:13: pool "a": members 1: has both address and name; leave one out)"}},
    {"Neither",
     pools({R"({ tier = 1 })"}),
     {R"(2:13: pool "a": members 1: has no address; give address, or name or pool instead)",
      R"(2:22: warning: pool "a": members 1: tier: counts only with policy or flat = "failover")"}},
    {"TooLongForAPort",
     kZone + "live = [ { name = \"_a\", monitor = \"" + std::string(58, 'm') +
         "\", type = \"SRV\" } ]\n[monitor." + std::string(58, 'm') + "]\ntype = \"http\"\n",
     {"4:35: zone \"example.com\": live 1: monitor: \"" + std::string(58, 'm') +
      "\" is too long a name to have a port behind it; at most 57 octets are allowed for SRV records"}},
    {"Twice",
     pools({R"({ name = "a.cdn.test" }, { name = "A.cdn.test." })"}),
     {R"(2:47: pool "a": members 2: name: a.cdn.test. stands in members 1 already; leave one out)"}},
    {"NoSuchPool",
     pools({R"({ pool = "bb" })", R"({ address = "192.0.2.1" })"}),
     {R"(2:22: pool "a": members 1: pool: there is no pool "bb"; did you mean "b"?)"}},
    {"InItself",
     pools({R"({ pool = "b" })", R"({ pool = "a" })"}),
     {R"(2:11: pool "a": members: is in itself: "a" -> "b" -> "a")",
      R"(4:11: pool "b": members: is in itself: "b" -> "a" -> "b")"}},
    {"Mixed",
     pools({R"({ pool = "b" }, { address = "192.0.2.1" })", R"({ name = "a.cdn.test" })"}),
     {R"(2:11: pool "a": members: mixes names with addresses: a client is given a CNAME, or addresses; make it two )"
      R"(pools)"}},
    {"TooDeep",
     pools({R"({ pool = "b" })", R"({ pool = "c" })", R"({ pool = "d" })", R"({ pool = "e" })",
            R"({ pool = "f" })", R"({ address = "192.0.2.1" })"}),
     {R"(2:11: pool "a": members: goes more than 4 pools deep: "a" -> "b" -> "c" -> "d" -> "e" -> "f")"}},
    {"OneLabel",
     pools({R"({ name = "cdn" })"}),
     {R"(2:22: pool "a": members 1: name: "cdn." is taken as a whole name, and has only one label; write the whole, )"
      R"(such as "www.example.com")"}},
    {"NobodyToAsk",
     "[monitor.web]\ntype = \"http\"\n[pool.a]\nmonitor = \"web\"\nmembers = [ { name = \"a.cdn.test\" } "
     "]\n" +
         kZone + "live = [{ name = \"shop\", pool = \"a\" }]\n",
     {R"(5:22: pool "a": members 1: name: a.cdn.test. is in no zone of this file, and nobody is asked for others; add )"
      R"([resolver] upstreams = ["192.0.2.53"], with the address of a resolver)"}},
    {"AtTheApex",
     names(R"({ name = "@", pool = "cdn" })"),
     {R"(4:31: zone "example.com": live 1: pool: "cdn" is of names, and there can be no CNAME at the apex of a zone )"
      R"((RFC 1034 3.6.2); write aname = [...] with these names instead)"}},
    {"TypeOfAPool",
     names(R"({ name = "www", pool = "cdn", type = "MX" })"),
     {R"(4:47: zone "example.com": live 1: type: is that of records which a monitor watches; leave it out here)"}},
    {"NoSuchType",
     names(R"({ name = "www", monitor = "web", type = "TXT" }, { name = "shop", pool = "cdn" })"),
     {R"(4:50: zone "example.com": live 1: type: "TXT" is unknown; known are "A", "MX", "SRV")"}},
    {"PortOfPing",
     kZone + "live = [ { name = \"_a\", monitor = \"p\", type = \"SRV\" } ]\n[monitor.p]\ntype = \"ping\"\n",
     {R"(4:35: zone "example.com": live 1: monitor: SRV records are probed at their ports, and monitors of type "ping" )"
      R"(have none; take one of another type, such as "tcp")"}},
    {"NamedLikeAPort",
     kZone +
         "live = [ { name = \"_a\", monitor = \"web\", type = \"SRV\" }, { name = \"b\", monitor = "
         "\"web.80\" } ]\n" +
         kMonitor + "[monitor.\"web.80\"]\ntype = \"http\"\n",
     {R"(4:35: zone "example.com": live 1: monitor: the monitor "web.80" is named as one for a port in an SRV record is; )"
      R"(call it otherwise)"}},
    {"FallbackOfAnotherKind",
     "[pool.a]\nfallback = \"b\"\nmembers = [ { name = \"a.cdn.test\" } ]\n[pool.b]\nmembers = [ { address = "
     "\"192.0.2.1\" } ]\n" +
         kZone + "live = [{ name = \"shop\", pool = \"a\" }]\n",
     {R"(2:12: pool "a": fallback: leads from "a" to "b", of which one has names and the other addresses; take two of a )"
      R"(kind)"}},
    {"Circle",
     kZone + "live = [ { name = \"shop\", pool = \"a\" } ]\n[pool.a]\nmembers = [ { name = "
             "\"shop.example.com\" } ]\n",
     {R"(4:34: zone "example.com": live 1: pool: leads back: shop.example.com. -> shop.example.com.)"}},
    {"LimitOfNames",
     "[pool.a]\nlimit = 2\nmembers = [ { name = \"a.cdn.test\" }, { name = \"b.cdn.test\" } ]\n" + kZone +
         "live = [{ name = \"shop\", pool = \"a\" }]\n",
     {R"(1:1: warning: pool "a": has no monitor, so that its members answer whether they are alive or not; add one)",
      R"(2:9: warning: pool "a": limit: does not count: of one name there is one CNAME, so each client gets one)"}},
};
INSTANTIATE_TEST_SUITE_P(All, GroupMessage, testing::ValuesIn(kCases), name_of);

TEST(Members, ComeToNoMoreThanOnePoolMayHave) {
  std::string rows;
  for (int i = 0; i < 300; ++i)
    rows += "{ address = \"10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1) + "\" },";
  const std::string toml = pools({R"({ pool = "b" }, { pool = "c" })", rows, rows});
  EXPECT_EQ(
      problems(toml),
      (std::vector<std::string>{
          R"(2:11: pool "a": members: comes to more than 500 members, with those of the pools in it)"}));
}

}  // namespace
}  // namespace holdfast::config
