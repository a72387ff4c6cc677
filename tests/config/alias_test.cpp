#include <gtest/gtest.h>

#include "tests/config/examples.h"
#include "tests/config/message.h"

/// ANAMEs, who is asked for their targets, and what is said when that is wrong.
namespace holdfast::config {
namespace {

using namespace examples;

const std::string kResolver = "[resolver]\nupstreams = [\"192.0.2.53\"]\n";

std::string live_rows(const std::string& rows) {
  return "[[zone]]\nname = \"example.com\"\nfile = \"example.com.zone\"\nlive = [\n" + rows + "\n]\n";
}

TEST(Aname, IsOneNameOrSeveral) {
  const auto loaded = parse(
      kResolver + live_rows("{ name = \"@\", aname = \"www.cdn.example.net\" },\n"
                            "{ name = \"two\", aname = [\"a.cdn.test\", \"b.cdn.test.\"], ttl = \"1m\" }"),
      "t.toml");
  ASSERT_TRUE(loaded.config);
  EXPECT_TRUE(loaded.problems.empty());
  const auto& live = loaded.config->zones.at(0).live;
  EXPECT_EQ(live.at(0).aliases, std::vector{zones::Name::parse("www.cdn.example.net").value()})
      << "whole also without the final dot";
  EXPECT_EQ(live.at(1).aliases.size(), 2U);
  EXPECT_EQ(live.at(1).ttl, std::chrono::minutes(1));
  EXPECT_FALSE(live.at(0).has_own_records());
  EXPECT_TRUE(live.at(0).could_be_cname());
  EXPECT_FALSE(live.at(1).could_be_cname());
}

TEST(Resolver, HasItsDefaults) {
  const auto loaded = parse(kResolver + live_rows("{ name = \"@\", aname = \"www.cdn.test\" }"), "t.toml");
  ASSERT_TRUE(loaded.config);
  zones::ResolverSettings expected;
  expected.upstreams = {{boost::asio::ip::make_address("192.0.2.53"), 53}};
  EXPECT_EQ(loaded.config->resolver, expected);
}

TEST(Aname, NeedsNobodyForWhatIsInOwnZones) {
  const auto loaded = parse(live_rows("{ name = \"@\", aname = \"www.example.com\" }"), "t.toml");
  EXPECT_TRUE(loaded.config);
  EXPECT_TRUE(loaded.problems.empty());
}

class AliasMessage : public testing::TestWithParam<MessageCase> {};
TEST_P(AliasMessage, IsExact) { EXPECT_EQ(problems(GetParam().toml), GetParam().problems); }

const MessageCase kCases[] = {
    {"NobodyToAsk",
     live_rows("{ name = \"@\", aname = \"www.cdn.test\" }"),
     {R"(5:23: zone "example.com": live 1: aname: www.cdn.test. is in no zone of this file, and nobody is asked for )"
      R"(others; add [resolver] upstreams = ["192.0.2.53"], with the address of a resolver)"}},
    {"ItsOwnTarget",
     live_rows("{ name = \"www\", aname = \"www.example.com\" }"),
     {R"(5:25: zone "example.com": live 1: aname: leads back: www.example.com. -> www.example.com.)"}},
    {"Circle",
     live_rows("{ name = \"a\", aname = \"b.example.com\" },\n{ name = \"b\", aname = \"a.example.com\" }"),
     {R"(5:23: zone "example.com": live 1: aname: leads back: a.example.com. -> b.example.com. -> a.example.com.)",
      R"(6:23: zone "example.com": live 2: aname: leads back: b.example.com. -> a.example.com. -> b.example.com.)"}},
    {"TheZoneItself",
     kResolver + live_rows("{ name = \"www\", aname = \"@\" }"),
     {R"(7:25: zone "example.com": live 1: aname: "@" would lead to the zone itself; write the whole name that it )"
      R"(leads to)"}},
    {"OneLabel",
     kResolver + live_rows("{ name = \"@\", aname = \"www\" }"),
     {R"(7:23: zone "example.com": live 1: aname: "www." is taken as a whole name, and has only one label; write the )"
      R"(whole, such as "www.example.com")"}},
    {"BesideAPool",
     kMonitor + kResolver + "[pool.shop]\nmonitor = \"web\"\nmembers = [{ address = \"192.0.2.1\" }]\n" +
         live_rows("{ name = \"@\", aname = \"www.cdn.test\", pool = \"shop\" }"),
     {R"(12:1: zone "example.com": live 1: has both aname and pool; leave one out)"}},
    {"NothingAtAll",
     live_rows("{ name = \"@\" }"),
     {R"(5:1: zone "example.com": live 1: has neither monitor nor pool nor aname; give one of them)"}},
    {"ContactsOfNothing",
     kResolver + "[contact.ops]\ntype = \"webhook\"\nurl = \"https://ops.test/\"\n" +
         live_rows("{ name = \"@\", aname = \"www.cdn.test\", contacts = [\"ops\"] }"),
     {R"(10:50: warning: zone "example.com": live 1: contacts: counts only with monitor; add that, or leave it out)"}},
    {"ResolverForNobody",
     kMonitor + kZone + kLive + kResolver,
     {R"(7:1: warning: resolver: nothing uses it: no live name has an aname, or watches other names)"}},
    {"ClampsThatCross",
     "[resolver]\nupstreams = [\"192.0.2.53\"]\nmin_ttl = \"10m\"\n" +
         live_rows("{ name = \"@\", aname = \"www.cdn.test\" }"),
     {R"(3:11: resolver: min_ttl: min_ttl, 10m, is longer than max_ttl, 5m)"}},
    {"ATargetOfOursThatDraws",
     kMonitor +
         "[pool.shop]\nmonitor = \"web\"\npolicy = \"weighted\"\nmembers = [{ address = \"192.0.2.1\" }]\n" +
         live_rows("{ name = \"@\", aname = \"shop.example.com\" },\n{ name = \"shop\", pool = \"shop\" }"),
     {R"(11:23: warning: zone "example.com": live 1: aname: shop.example.com. answers each client differently, of which )"
      R"(this name would have one answer for all; write pool = "shop" instead)"}},
    {"NoUpstreams",
     "[resolver]\n" + live_rows("{ name = \"@\", aname = \"www.cdn.test\" }"),
     {R"(1:1: resolver: upstreams is missing; it must be given)"}},
};
INSTANTIATE_TEST_SUITE_P(All, AliasMessage, testing::ValuesIn(kCases), name_of);

}  // namespace
}  // namespace holdfast::config
