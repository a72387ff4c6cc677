#include "server/cli/status_text.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "server/control/json.h"
#include "server/control/override_json.h"
#include "tests/server/control/sample_state.h"

namespace holdfast::server {
namespace {

boost::json::value status(const std::vector<ZoneStatus>& zones, const std::vector<LiveNameStatus>& names,
                          const std::vector<health::MergedStatus>& watched,
                          const boost::json::value& checks = nullptr) {
  ControlState state;
  set_zones(state, zones);
  boost::json::array list;
  for (const ZoneStatus& zone : zones) list.push_back(to_json(zone));
  return {{"version", "1.2.3"},
          {"started", rfc3339(at(0))},
          {"now", rfc3339(at(240))},
          {"ready", true},
          {"zone_totals", to_json(state.zone_totals())},
          {"zones", list},
          {"live", to_json(names)},
          {"targets", to_json(watched)},
          {"overrides", boost::json::array()},
          {"checks", checks}};
}

TEST(StatusText, ShowsZonesAndLiveNames) {
  ZoneStatus old = served_zone();
  old.name = "a-longer-name.example.";
  old.loaded = at(-100000);
  old.problems = {"a.zone:7: warning: no glue for ns.example.net."};
  ZoneStatus stale = served_zone();
  stale.refused = true;
  stale.problems = {"1", "2", "3", "4", "5"};
  LiveNameStatus own = live_name();
  own.name = "own.example.com.";
  own.pool = "";
  own.policy = zones::Policy::all;
  own.rule = "all that are up";
  own.members.resize(1);
  EXPECT_EQ(status_text(status({served_zone(), old, stale, broken_zone()}, {live_name(), own}, targets())),
            R"(holdfast 1.2.3, up 4 min: 4 zones, 2 live names, 2 targets

ZONE                        SERIAL  RECORDS  LOADED             STATE
example.com.            2026030101       12  00:00:01 (3 min)   serving
a-longer-name.example.  2026030101       12  2026-02-27 (27 h)  serving, 1 warning
  a.zone:7: warning: no glue for ns.example.net.
example.com.            2026030101       12  00:00:01 (3 min)   OLD VERSION SERVED
  1
  2
  3
  and 2 more (--json)
example.org.                     -        -  -                  NOT SERVED
  example.org.zone:3: no SOA record at the apex

LIVE NAME         TIER  VERDICT  SINCE             ANSWERS  LAST PROBE
www.example.com.  pool shop, monitor web, policy failover, TTL 30 s, answering: tier 2
  192.0.2.10         1  down     00:01:00 (3 min)  no       bad_status: 503 Service Unavailable
  2001:db8::20       2  up       00:01:00 (3 min)  yes      none yet
own.example.com.  own records, monitor web, policy all, TTL 30 s, answering: all that are up
  192.0.2.10         1  down     00:01:00 (3 min)  no       bad_status: 503 Service Unavailable
)");
}

TEST(StatusText, SaysWhoIsLate) {
  health::MergedStatus late = targets().front(), unseen = target("2001:db8::20", health::Verdict::unknown);
  late.own->late = unseen.own->late = true;
  late.own->unseen = unseen.own->unseen = std::chrono::milliseconds(34500);
  const std::string text = status_text(status({}, {live_name()}, {late, unseen}));
  EXPECT_NE(text.find("no       LATE, 34 s ago: bad_status: 503"), text.npos) << text;
  EXPECT_NE(text.find("yes      LATE: none for 34 s"), text.npos) << text;
}

TEST(StatusText, ShowsWhatAgentsSayAndWhoTheyAre) {
  const boost::json::value checks = to_json(meeting(), std::chrono::steady_clock::now());
  health::MergedStatus held = voted();
  held.target.id.address = address("2001:db8::20");
  held.votes.clear();
  held.basis = health::Basis::nobody;
  const std::string text = status_text(status({}, {live_name()}, {voted(), held}, checks));
  EXPECT_NE(text.find("no       2 of 2 down: cork (eu) bad_status, "), text.npos) << text;
  EXPECT_NE(text.find("no agent says anything\n"), text.npos) << text;
  EXPECT_EQ(text.substr(text.find("\nAGENT")), R"(
AGENT     LOCATION  STANDING    HEARD  TARGETS
cork      eu        counted   2 s ago        2
tokyo     asia      suspect   2 s ago        1
virginia  us        absent          -        0

store: refused: the store went back, from revision 9 to 3; when it is right: holdfast store accept; 1 verdict is held; 3 targets are probed from here
)");
  EXPECT_FALSE(is_fine(status({served_zone()}, {}, {}, checks)));
}

TEST(StatusText, ShowsWhatAnAgentProbesAndThatItIsBlind) {
  health::MeetingStatus blind{.blind = true, .duties = 2};
  blind.store.emplace().state = health::Session::State::following;
  const std::string text =
      status_text(status({}, {}, targets(), to_json(blind, std::chrono::steady_clock::now())));
  EXPECT_EQ(text.substr(text.find("\nTARGET")), R"(
TARGET            VERDICT  SINCE             LAST PROBE
web 192.0.2.10    down     00:01:00 (3 min)  bad_status: 503 Service Unavailable
web 2001:db8::20  up       00:01:00 (3 min)  none yet

store: following; 0 verdicts are held; 2 targets are probed from here; blind: none of our references answers
)");
}

TEST(StatusText, AStoreIsFineWhenItIsFollowedAndTakesWhatIsOurs) {
  const auto is_fine_with = [](health::StoreStatus store) {
    const health::MeetingStatus checks{.store = std::move(store)};
    return is_store_fine(to_json(checks, std::chrono::steady_clock::now()).at("store"));
  };
  using enum health::Session::State;
  EXPECT_TRUE(is_fine_with({.state = following}));
  EXPECT_FALSE(is_fine_with({.state = following, .problem = "permission denied"}));
  EXPECT_FALSE(is_fine_with({.state = connecting}));
  EXPECT_TRUE(is_store_fine(nullptr));
}

TEST(StatusText, ShowsAnEmptyServer) {
  EXPECT_EQ(status_text(status({}, {}, {})), "holdfast 1.2.3, up 4 min: 0 zones, 0 live names, 0 targets\n");
}

TEST(StatusText, StaysWithinItsWidthWhateverAServerSent) {
  health::MergedStatus chatty = target("192.0.2.10", health::Verdict::down);
  chatty.own->last =
      observation("192.0.2.10", health::Outcome::bad_status, "302 to \x1b[2J\n" + std::string(500, 'x'));
  const std::string text = status_text(status({}, {live_name()}, {chatty}));
  EXPECT_EQ(text.find('\x1b'), text.npos);
  EXPECT_NE(text.find("  -  "), text.npos) << "a member that nobody watches:\n" << text;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(line.size(), 102U) << line;  // an ellipsis is 3 octets
}

TEST(StatusText, RefusesWhatIsOfAnotherForm) {
  EXPECT_ANY_THROW(status_text(boost::json::value{{"hello", "world"}}));
  EXPECT_ANY_THROW(is_fine(boost::json::value(nullptr)));
}

TEST(IsFine, TellsGoodNewsFromBad) {
  ZoneStatus stale = served_zone();
  stale.refused = true;
  const auto up = target("192.0.2.10", health::Verdict::up);
  const auto unknown = target("192.0.2.11", health::Verdict::unknown);
  const auto down = target("192.0.2.12", health::Verdict::down);
  EXPECT_TRUE(is_fine(status({served_zone()}, {}, {up, unknown})));
  EXPECT_FALSE(is_fine(status({served_zone()}, {}, {up, down})));
  auto late = up;
  late.own->late = true;
  EXPECT_FALSE(is_fine(status({served_zone()}, {}, {late})));
  EXPECT_FALSE(is_fine(status({served_zone(), broken_zone()}, {}, {})));
  EXPECT_FALSE(is_fine(status({stale}, {}, {})));
  boost::json::value unready = status({}, {}, {});
  unready.as_object()["ready"] = false;
  EXPECT_FALSE(is_fine(unready));
}

TEST(StatusText, ShowsWhatOperatorsDecided) {
  health::Override drain{.id = "0192-ab",
                         .subject = *health::read_subject("192.0.2.10"),
                         .author = "alice",
                         .reason = "kernel update",
                         .created = at(0),
                         .expires = at(300)};
  health::Override force = drain;
  force.subject = *health::read_subject("location:eu-cork");
  force.decision = health::Decision::force_up;
  force.expires.reset();
  LiveNameStatus live = live_name();
  live.members[0].decided = drain;
  boost::json::value overridden = status({}, {live}, targets());
  overridden.at("overrides") = {to_json(drain), to_json(force)};
  const std::string text = status_text(overridden);
  EXPECT_NE(text.find("00:01:00 (3 min)  no, drain  bad_status"), text.npos) << text;
  EXPECT_NE(text.find(R"(
OVERRIDE  OF                BY     SINCE             UNTIL      REASON
drain     192.0.2.10        alice  00:00:00 (4 min)  60 s left  kernel update
force_up  location:eu-cork  alice  00:00:00 (4 min)  released   kernel update
)"),
            text.npos)
      << text;
}

TEST(StatusText, SaysHowManyZonesAreNotShown) {
  boost::json::value many = status({broken_zone()}, {}, {});
  many.at("zone_totals") = {
      {"zones", 1000}, {"serving", 999}, {"refused", 1}, {"records", 5}, {"memory_bytes", 5}};
  const std::string text = status_text(many);
  EXPECT_NE(text.find(": 1000 zones, "), text.npos) << text;
  EXPECT_NE(
      text.find(
          "\n999 zones are served, 1 refused; shown are only zones with something wrong (all: --json)\n"),
      text.npos)
      << text;
  EXPECT_FALSE(is_fine(many));
}

}  // namespace
}  // namespace holdfast::server
