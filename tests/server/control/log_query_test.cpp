#include "server/control/log_query.h"

#include <gtest/gtest.h>

#include "tests/server/control/sample_state.h"

namespace holdfast::server {
namespace {

using namespace std::chrono_literals;
using health::LogQuery;

LogQuery good(std::string_view query) {
  const auto read = log_query(query, sample_state(), at(3600));
  const auto* wrong = std::get_if<std::string>(&read);
  EXPECT_EQ(wrong, nullptr) << *wrong;
  return wrong == nullptr ? std::get<LogQuery>(read) : LogQuery();
}

std::string complaint(std::string_view query) {
  const auto read = log_query(query, sample_state(), at(3600));
  const auto* wrong = std::get_if<std::string>(&read);
  return wrong == nullptr ? "" : *wrong;
}

TEST(LogQuery, WantsTheNewestOfEverythingByDefault) {
  const LogQuery query = good("");
  EXPECT_EQ(query.limit, 100U);
  EXPECT_EQ(query.after, std::nullopt);
  EXPECT_EQ(query.since, std::nullopt);
  EXPECT_TRUE(query.kinds.empty() && query.monitor.empty() && !query.targets);
}

TEST(LogQuery, ReadsEveryParameter) {
  const LogQuery query = good(
      "monitor=web&address=192.0.2.10&agent=cork-1&outcome=bad_status&kind=probe&kind=transition&since=1h&"
      "until=2026-03-01T00:30:00Z&limit=5&after=17");
  EXPECT_EQ(query.monitor, "web");
  EXPECT_EQ(query.address, address("192.0.2.10"));
  EXPECT_EQ(query.agent, "cork-1");
  EXPECT_EQ(query.outcome, "bad_status");
  EXPECT_EQ(query.kinds, (std::vector<std::string>{"probe", "transition"}));
  EXPECT_EQ(query.since, at(0));
  EXPECT_EQ(query.until, at(1800) + 999us);
  EXPECT_EQ(query.limit, 5U);
  EXPECT_EQ(query.after, 17);
}

TEST(LogQuery, FindsTheMembersOfAPool) {
  const std::vector<health::TargetId> members{{"web", address("192.0.2.10")},
                                              {"web", address("2001:db8::20")}};
  EXPECT_EQ(good("pool=shop").targets, members);
  EXPECT_NE(complaint("pool=www.example.com"), "")
      << "it answers from a pool, and has no records that are watched";
  ControlState state = sample_state();
  LiveNameStatus own = live_name();
  own.pool.clear();
  for (MemberStatus& member : own.members) member.pool = "www.example.com.";
  state.live_names = [own] { return std::vector{own}; };
  for (const char* query : {"pool=www.example.com", "pool=www.example.com."}) {
    const auto read = log_query(query, state, at(0));
    ASSERT_EQ(read.index(), 0U) << query;
    EXPECT_EQ(std::get<LogQuery>(read).targets, members) << query;
  }
}

TEST(LogQuery, SaysWhatWouldBeRight) {
  const std::pair<const char*, const char*> kCases[] = {
      {"limit=0", "limit is a number from 1 to 1000"},
      {"limit=1001", "limit is a number from 1 to 1000"},
      {"limit=5x", "limit is a number"},
      {"limit=", "limit is a number"},
      {"limit=-1", "limit is a number"},
      {"after=-1", "after is a number"},
      {"after=99999999999999999999", "after is a number"},
      {"since=soon", "since is a time such as 2026-"},
      {"until=2026", "until is a time such as 2026-"},
      {"address=localhost", "address is an IP address"},
      {"outcome=broken", "outcome is one of failed, passed, connect_timeout"},
      {"kind=probes", "kind is one of probe, transition, override"},
      {"monitor=", "monitor is the name of a monitor"},
      {"agent=", "agent is the name of an agent"},
      {"pool=none", "no live name answers from such a pool"},
      {"colour=red", "known are monitor, address, pool"},
      {"since=1h&since=2h", "since is given twice"},
      {"since", "this is no query of a URL"},
      {"since=%zz", "this is no query of a URL"},
  };
  for (const auto& [query, says] : kCases)
    EXPECT_TRUE(complaint(query).starts_with(says)) << query << ": " << complaint(query);
}

}  // namespace
}  // namespace holdfast::server
