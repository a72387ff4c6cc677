#include "health/store/council.h"

#include <gtest/gtest.h>

#include "tests/simulator/etcd_model.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;
using simulator::EtcdModel;

const TargetId kTarget{"web", boost::asio::ip::make_address("192.0.2.1")};

Watchlist list_of(std::initializer_list<const char*> agents) {
  Watchlist list;
  list.targets.push_back({kTarget, {}, {}});
  for (const char* agent : agents) list.agents.push_back({agent, std::string("at-") + agent, {}});
  list.digest = "list";
  return list;
}

TargetStatus seen(Verdict verdict, Council::Time when) {
  TargetStatus status;
  status.target.id = kTarget;
  status.verdict = verdict;
  status.last.emplace();
  status.last->ended = when;
  return status;
}

/// Some of those that share a store, which does what it is asked at once.
class CouncilTest : public testing::Test {
 protected:
  Council& add(const std::string& name, bool has_store) {
    Council::Options options{.self = name, .incarnation = name};
    if (has_store) {
      options.store = Session::Options{.prefix = "/hf/"};
      options.read_list = [](std::string_view text) {
        return text == "newer" ? std::nullopt : std::optional(list_of({"a", "b"}));
      };
    }
    return *councils.emplace_back(std::make_unique<Council>(options, now));
  }
  void pass(std::chrono::milliseconds time) {
    for (const auto end = now + time; now < end; now += 50ms) {
      for (const auto& council : councils) {
        council->tick(now, {});
        for (const Session::Action& action : council->take_actions()) {
          if (action.kind == Session::Action::Kind::watch) watches[council.get()] = action.id;
          if (action.kind != Session::Action::Kind::request) continue;
          const auto answer = etcd.ask(action.path, action.body,
                                       std::chrono::duration<double>(now.time_since_epoch()).count());
          council->session()->replied(action.id, answer.status, answer.body, now);
        }
      }
      const auto events = etcd.take_events();
      if (events.empty()) continue;
      for (const auto& council : councils) {
        if (council->session()) council->session()->watched(watches[council.get()], etcd.line(events), now);
      }
    }
  }
  static std::string overrides(Council& council) {
    std::string text;
    for (const auto& [id, json] : council.take_overrides()) text += id + (json ? "=" + *json : " gone") + ' ';
    return text;
  }

  Council::Time now{1h};
  EtcdModel etcd;
  std::vector<std::unique_ptr<Council>> councils;
  std::map<Council*, std::uint64_t> watches;
};

TEST_F(CouncilTest, TellsWhatItsOwnAgentSeesAtOnceWhenItIsAlone) {
  Council& council = add("a", false);
  council.watch(list_of({}), "", {}, now, {});
  for (int i = 0; i < 200; ++i) {  // whenever it happens: also right after a heartbeat
    pass(150ms);
    now += 1ms;
    council.take_moves();
    council.voted(seen(i % 2 == 0 ? Verdict::up : Verdict::down, now));
    ASSERT_EQ(council.due(now), now);
    council.tick(now, {});
    const Verdict verdict = council.table().status(kTarget)->verdict;
    ASSERT_TRUE(i > 2 || council.take_moves().targets.size() == 1) << "later ones are held, for it flaps";
    ASSERT_TRUE(i > 2 || verdict == (i % 2 == 0 ? Verdict::up : Verdict::down));
  }
}

TEST_F(CouncilTest, TellsTogetherWhatHappensWithinAMoment) {
  Council& council = add("a", false);
  council.watch(list_of({}), "", {}, now, {});
  pass(1s);
  council.voted(seen(Verdict::up, now));
  council.tick(now, {});
  council.take_moves();
  council.voted(seen(Verdict::down, now));
  EXPECT_EQ(council.due(now), now + Council::kBallotEvery);
  council.tick(now + Council::kBallotEvery - 1ms, {});
  EXPECT_EQ(council.take_moves().targets.size(), 0U);
  council.tick(now + Council::kBallotEvery, {});
  EXPECT_EQ(council.take_moves().targets.size(), 1U);
}

TEST_F(CouncilTest, ComesToOneMindWithTheOthersOfItsStore) {
  Council& one = add("a", true);
  Council& other = add("b", true);
  for (Council* council : {&one, &other}) council->watch(list_of({"a", "b"}), "list", {}, now, {});
  pass(5s);
  for (Council* council : {&one, &other}) council->voted(seen(Verdict::down, now));
  pass(5s);
  for (Council* council : {&one, &other}) {
    EXPECT_EQ(council->table().status(kTarget)->verdict, Verdict::down);
    EXPECT_EQ(council->table().status(kTarget)->basis, Basis::quorum);
  }
}

TEST_F(CouncilTest, SharesOverridesWithWhoeverHasTheSameStore) {
  Council& one = add("a", true);
  Council& other = add("b", true);
  pass(1s);
  one.put_override("x", "1");
  EXPECT_EQ(overrides(one), "") << "not before it stands in the store";
  pass(2s);
  EXPECT_EQ(overrides(one), "x=1 ");
  EXPECT_EQ(overrides(other), "x=1 ");
  other.drop_override("x");
  pass(60s);
  EXPECT_EQ(overrides(one), "x gone ") << "and it does not come back";
  EXPECT_EQ(overrides(other), "x gone ");
  one.put_override("y", "2");
  pass(60s);
  Council& late = add("c", true);
  pass(1s);
  EXPECT_EQ(overrides(late), "y=2 ");
}

TEST_F(CouncilTest, NamesWhatItCannotReadWhileItStandsThere) {
  Council& council = add("a", true);
  Council& other = add("b", true);
  council.watch(list_of({"a", "b"}), "list", {}, now, {});
  other.watch(list_of({"a", "b"}), "newer", {}, now, {});
  pass(5s);
  EXPECT_EQ(council.unreadable(), std::set<std::string>{"server/b"});
  EXPECT_EQ(council.malformed(), 1U);
  other.watch(list_of({"a", "b"}), "list", {}, now, {});
  pass(5s);
  EXPECT_TRUE(council.unreadable().empty());
  EXPECT_EQ(council.malformed(), 1U);
}

TEST_F(CouncilTest, TellsOfADoubtAtOnceAndOfItsEndWithTheVerdict) {
  for (const bool has_store : {false, true}) {
    Council& council = add("a", has_store);
    council.watch(list_of({}), "", {}, now, {});
    pass(2s);
    council.voted(seen(Verdict::up, now));
    pass(2s);
    ASSERT_EQ(council.table().status(kTarget)->verdict, Verdict::up);
    council.take_moves();

    TargetStatus status = seen(Verdict::up, now);
    status.doubt = now + 2s;
    council.doubted(status);
    EXPECT_EQ(council.due(now), now);
    council.tick(now, {});
    auto moves = council.take_moves();
    ASSERT_EQ(moves.doubts.size(), 1U);
    EXPECT_EQ(moves.doubts[0].doubt, status.doubt);

    council.voted(seen(Verdict::down, now));
    bool is_down = false;
    while (!is_down) {
      pass(50ms);
      moves = council.take_moves();
      for (const Doubted& one : moves.doubts) EXPECT_TRUE(one.doubt) << "until the vote has come back";
      is_down = !moves.targets.empty();
    }
    EXPECT_EQ(moves.targets[0].now.verdict, Verdict::down);
    EXPECT_FALSE(moves.targets[0].now.doubt);
  }
}

TEST_F(CouncilTest, DoubtsNothingThatItLeavesToOthers) {
  Watchlist list = list_of({"a", "b", "c"});
  list.targets[0].monitor.agents = {.prefer = {"at-b", "at-c"}};
  Council& council = add("a", true);
  council.watch(list, "", {}, now, {});
  pass(2s);
  council.voted(seen(Verdict::up, now));
  TargetStatus status = seen(Verdict::up, now);
  status.doubt = now + 2s;
  council.doubted(status);
  pass(1s);
  EXPECT_TRUE(council.table().status(kTarget)->doubt) << "the others are not there";

  for (const char* other : {"b", "c"}) add(other, true).watch(list, "", {}, now, {});
  pass(10s);
  ASSERT_TRUE(council.take_duties().value().empty());
  EXPECT_FALSE(council.table().status(kTarget)->doubt);
  council.doubted(status);
  pass(1s);
  EXPECT_FALSE(council.table().status(kTarget)->doubt) << "a probe that was in flight";
}

}  // namespace
}  // namespace holdfast::health
