#include "server/control/replay_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "server/cli/replay_text.h"
#include "tests/server/control/sample_state.h"

namespace holdfast::server {
namespace {

using health::Verdict;
using namespace std::chrono_literals;

ReplayWish good(std::string_view query) {
  const auto read = replay_wish(query, at(7200));
  const auto* wrong = std::get_if<std::string>(&read);
  EXPECT_EQ(wrong, nullptr) << *wrong;
  return wrong == nullptr ? std::get<ReplayWish>(read) : ReplayWish();
}
std::string complaint(std::string_view query) {
  const auto read = replay_wish(query, at(7200));
  const auto* wrong = std::get_if<std::string>(&read);
  return wrong == nullptr ? "" : *wrong;
}

TEST(ReplayWish, ReadsEveryParameter) {
  const ReplayWish wish = good("name=www.example.com&type=AAAA&fall=2&rise=5&since=10m");
  EXPECT_EQ(wish.name, "www.example.com");
  EXPECT_EQ(wish.type, zones::RrType::AAAA);
  EXPECT_EQ(wish.fall, 2U);
  EXPECT_EQ(wish.rise, 5U);
  EXPECT_EQ(wish.since, at(6600));
  EXPECT_EQ(good("name=www.example.com&fall=2").since, at(3600));
}

TEST(ReplayWish, SaysWhatWouldBeRight) {
  EXPECT_EQ(complaint("fall=2"), "say of which name: name=www.example.com");
  EXPECT_EQ(complaint("name=www"), "say what is to be otherwise: fall, rise, or both");
  for (const char* query : {"name=www&fall=0", "name=www&fall=101", "name=www&fall=2x", "name=www&fall="})
    EXPECT_EQ(complaint(query), "fall is a number from 1 to 100") << query;
  EXPECT_EQ(complaint("name=www&fall=2&since=2026-03-02T00:00:00Z"),
            "since is a moment that is over; 2026-03-02T00:00:00Z is yet to come");
  EXPECT_EQ(complaint("name=www&fall=2&timeout=1s"),
            "\"timeout\" is not known here; known are name, type, fall, rise, since");
}

Replayed sample() {
  ReplayedTarget one{.target = {"web", address("192.0.2.10")}, .first = Verdict::up};
  one.configured = {{.rise = 3, .fall = 3}, {{at(65), Verdict::down}, {at(100.5), Verdict::up, true}}};
  one.other = {{.rise = 3, .fall = 2},
               {{at(60), Verdict::down}, {at(100.5), Verdict::up, true}, {at(200), Verdict::down}}};
  one.logged = 12;
  one.put_back = 700;
  one.transitions = 2;
  Replayed replayed{.from = at(0), .to = at(3600), .targets = {one}};
  replayed.answers = {{"example.com.",
                       "www.example.com.",
                       "A",
                       {{at(60), at(65), "192.0.2.10, 192.0.2.11 (alive)", "192.0.2.11 (alive)"}}}};
  return replayed;
}

TEST(ReplayText, TellsWhatWouldHaveBeenDifferent) {
  EXPECT_EQ(replay_text(to_json(sample(), "www.example.com.", 1)),
            "www.example.com. from 2026-03-01T00:00:00.000Z to 2026-03-01T01:00:00.000Z\n"
            "  TARGET          FALL    RISE  PROBES     TRANSITIONS  DOWN\n"
            "  web 192.0.2.10  3 -> 2  3     12 + ~700  2 -> 3       35.5 s -> 3440.5 s\n"
            "\n"
            "  TARGET          BECOMES  AS CONFIGURED             REPLAYED                  DIFFERENCE\n"
            "  web 192.0.2.10  down     2026-03-01T00:01:05.000Z  2026-03-01T00:01:00.000Z  5.0 s sooner\n"
            "  web 192.0.2.10  down     never                     2026-03-01T00:03:20.000Z\n"
            "\n"
            "  FROM                      FOR    TYPE  AS CONFIGURED                   REPLAYED\n"
            "  2026-03-01T00:01:00.000Z  5.0 s  A     192.0.2.10, 192.0.2.11 (alive)  192.0.2.11 (alive)\n"
            "\n"
            "  + ~N: so many passes that the log leaves out, put back where the schedule of today has them.\n"
            "  ~: to an interval of the monitor, for it hangs on such a pass.\n"
            "  The probes are those that were made; with other thresholds some would have been made at other "
            "times.\n");
}

TEST(ReplayText, SaysThatNothingWould) {
  Replayed replayed = sample();
  replayed.targets[0].other.turns = replayed.targets[0].configured.turns;
  replayed.answers[0].differences.clear();
  const std::string text = replay_text(to_json(replayed, "www.example.com.", 1));
  EXPECT_NE(
      text.find("  No transition would have been different.\n\n  No answer would have been different.\n"),
      text.npos)
      << text;
}

TEST(ReplayText, SaysWhatItDoesNotKnow) {
  Replayed replayed = sample();
  replayed.is_cut = true;
  replayed.targets[0].transitions = 4;
  replayed.targets[0].silences = {{at(300), at(600)}};
  ReplayedTarget unseen{.target = {"web", address("192.0.2.11")}};
  replayed.targets.push_back(unseen);
  const std::string text = replay_text(to_json(replayed, "www.example.com.", 2));
  for (const char* said :
       {"The log does not reach farther back.", "Other agents have a say too",
        "web 192.0.2.10: the log has 4 transitions, of which the thresholds of today make 2",
        "web 192.0.2.10: nothing is in the log from 2026-03-01T00:05:00.000Z to 2026-03-01T00:10:00.000Z",
        "web 192.0.2.11: the log has no probe of it"})
    EXPECT_NE(text.find(said), text.npos) << said << "\n" << text;
}

/// What happened before the time that was asked about is only the run-in.
TEST(ReplayJson, LeavesOutTheRunIn) {
  Replayed replayed = sample();
  replayed.from = at(90);
  const auto json = to_json(replayed, "www.example.com.", 1);
  const auto& one = json.at("targets").at(0);
  EXPECT_EQ(one.at("transitions").as_array().size(), 2U);
  EXPECT_EQ(one.at("as_configured").at("transitions"), 1U);
  EXPECT_NEAR(one.at("as_configured").at("down_seconds").as_double(), 10.5, 1e-6);
}

}  // namespace
}  // namespace holdfast::server
