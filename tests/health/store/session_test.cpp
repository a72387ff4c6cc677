#include "health/store/session.h"

#include <gtest/gtest.h>

#include "tests/simulator/etcd_model.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;
using simulator::EtcdModel;

/// A session, and an etcd that does what it is asked at once, unless it is down.
class SessionTest : public testing::Test {
 protected:
  void start(Session::Trust trust = Session::Trust::cautious) {
    session.emplace(Session::Options{.prefix = "/hf/",
                                     .endpoints = 2,
                                     .user = etcd.token.empty() ? "" : "hf",
                                     .password = {},
                                     .trust = trust},
                    now);
  }

  /// Time passes, with all that is due in it.
  void pass(std::chrono::milliseconds time) {
    for (const auto end = now + time; now < end; now += 50ms) {
      etcd.expire(seconds());
      tell();
      for (const Session::Action& action : session->tick(now)) act(action);
    }
  }
  void act(const Session::Action& action) {
    if (action.kind == Session::Action::Kind::watch) {
      watch = action.id;
      const auto first = boost::json::parse(action.body).at("create_request").at("start_revision");
      if (const auto missed = etcd.since(first.to_number<std::uint64_t>()))
        session->watched(watch, etcd.line(*missed), now);
    }
    if (action.kind == Session::Action::Kind::unwatch) watch = 0;
    if (action.kind != Session::Action::Kind::request) return;
    ++asked[action.path];
    endpoint = action.endpoint;
    const auto answer =
        is_up ? etcd.ask(action.path, action.body, seconds(), is_forgetful ? "void" : action.token)
              : EtcdModel::Answer{0, ""};
    if (action.path == "/v3/lease/grant" && has_no_leases) {
      session->replied(action.id, 200, "{}", now);
    } else if (action.path == "/v3/kv/range" && is_late) {
      delayed.emplace_back(action.id, answer);
    } else {
      session->replied(action.id, answer.status, answer.body, now);
    }
    tell();
  }
  void tell() {
    const auto events = etcd.take_events();
    if (!events.empty() && watch != 0) session->watched(watch, etcd.line(events), now);
  }
  void down() {
    is_up = false;
    if (watch != 0) session->watch_ended(std::exchange(watch, 0), now);
  }
  /// Somebody else writes.
  void write(const std::string& key, const std::string& value) {
    etcd.ask("/v3/kv/txn",
             R"({"success":[{"requestPut":{"key":")" + to_base64(key) + R"(","value":")" + to_base64(value) +
                 R"("}}]})",
             seconds(), etcd.token);
    tell();
  }
  void take_away(const std::string& key) {
    etcd.ask("/v3/kv/txn", R"({"success":[{"requestDeleteRange":{"key":")" + to_base64(key) + R"("}}]})",
             seconds(), etcd.token);
    tell();
  }
  std::string changes() {
    std::string text;
    for (const auto& [key, value] : session->take_changes())
      text += key + (value ? "=" + *value : " gone") + ' ';
    return text;
  }
  double seconds() const { return std::chrono::duration<double>(now.time_since_epoch()).count(); }

  Session::Time now{1h};
  EtcdModel etcd;
  std::optional<Session> session;
  std::map<std::string, int> asked;
  std::uint64_t watch = 0;
  std::size_t endpoint = 0;
  bool is_up = true, is_late = false, is_forgetful = false, has_no_leases = false;
  std::vector<std::pair<std::uint64_t, EtcdModel::Answer>> delayed;  // answers on their way
};

TEST_F(SessionTest, KeepsInTheStoreWhatItWasTold) {
  start();
  session->put("a", "1", Session::Life::ours);
  pass(200ms);
  EXPECT_EQ(changes(), "a=1 ");
  EXPECT_EQ(session->state(), Session::State::following);
  EXPECT_EQ(session->waiting_writes(), 0U);
}

TEST_F(SessionTest, WritesOnceASecondHoweverOftenItIsTold) {
  start();
  pass(200ms);
  for (int i = 0; i < 100; ++i) {
    session->put("a", std::to_string(i), Session::Life::ours);
    pass(50ms);
  }
  EXPECT_LE(asked["/v3/kv/txn"], 6);
  pass(1s);
  EXPECT_TRUE(changes().ends_with("a=99 "));
}

TEST_F(SessionTest, HearsWhatOthersWrite) {
  start();
  write("/hf/b", "1");
  write("/elsewhere", "1");
  pass(200ms);
  EXPECT_EQ(changes(), "b=1 ");
  write("/hf/b", "2");
  EXPECT_EQ(changes(), "b=2 ") << "by the watch, at once";
}

TEST_F(SessionTest, ReadsEverythingAgainSoThatALostEventIsNotLostForEver) {
  start();
  pass(200ms);
  const auto lost = std::exchange(watch, 0);
  write("/hf/b", "1");
  watch = lost;
  EXPECT_EQ(changes(), "");
  pass(Session::kReadAll + 1s);
  EXPECT_EQ(changes(), "b=1 ");
}

TEST_F(SessionTest, PassesOverEventsThatAreRepeatedOrLate) {
  start();
  pass(200ms);
  EtcdModel copy = etcd;
  write("/hf/b", "1");
  const std::string late = [&] {
    copy.ask("/v3/kv/txn", R"({"success":[{"requestPut":{"key":"L2hmL2I=","value":"b2xk"}}]})", seconds());
    return copy.line(copy.take_events());
  }();
  EXPECT_EQ(changes(), "b=1 ");
  session->watched(watch, late, now);
  EXPECT_EQ(changes(), "") << "of the same revision";
  EXPECT_EQ(session->state(), Session::State::following);
}

TEST_F(SessionTest, TriesTheNextEndpointAndComesBackWithinTwoSeconds) {
  start();
  session->put("a", "1", Session::Life::leased);
  pass(200ms);
  down();
  const auto before = endpoint;
  pass(300ms);
  EXPECT_NE(endpoint, before);
  pass(60s);
  EXPECT_EQ(session->state(), Session::State::connecting);
  EXPECT_NE(session->problem(), "");
  is_up = true;
  pass(2s);
  EXPECT_EQ(session->state(), Session::State::following);
  EXPECT_EQ(session->problem(), "");
}

TEST_F(SessionTest, WhatHangsOnTheLeaseGoesWhenItDoesNotLive) {
  start();
  session->put("a", "1", Session::Life::leased);
  session->put("b", "1", Session::Life::ours);
  pass(2s);
  changes();
  pass(30s);
  EXPECT_EQ(changes(), "") << "it is renewed";
  session->set_alive(false);
  pass(Session::kLease + Session::kRenew);
  EXPECT_EQ(changes(), "a gone ");
  session->set_alive(true);
  pass(Session::kRenew + 2s);
  EXPECT_EQ(changes(), "a=1 ");
}

TEST_F(SessionTest, RefusesAStoreThatWentBackUntilItIsAccepted) {
  start();
  write("/hf/b", "old");
  etcd.keep_copy();
  pass(200ms);
  for (int i = 0; i < 5; ++i) write("/hf/b", "new" + std::to_string(i));
  changes();
  etcd.go_back(seconds());
  pass(Session::kReadAll + 1s);
  EXPECT_EQ(session->state(), Session::State::refused);
  EXPECT_NE(session->problem().find("went back"), std::string::npos);
  EXPECT_EQ(changes(), "");
  session->accept(now);
  pass(1s);
  EXPECT_EQ(session->state(), Session::State::following);
  EXPECT_EQ(changes(), "b=old ");
}

TEST_F(SessionTest, RefusesAStoreThatIsEmptyOrAnother) {
  for (const bool anew : {false, true}) {
    etcd = EtcdModel();
    start();
    write("/hf/b", "1");
    pass(200ms);
    changes();
    etcd.wipe(anew);
    pass(Session::kReadAll + 1s);
    EXPECT_EQ(session->state(), Session::State::refused);
    EXPECT_EQ(changes(), "");
  }
}

TEST_F(SessionTest, WhatItRefusedStaysSoHoweverMuchIsWrittenIntoItMeanwhile) {
  for (const bool is_wiped : {false, true}) {
    etcd = EtcdModel();
    start();
    session->put("a", "1", Session::Life::ours);
    write("/hf/b", "old");
    etcd.keep_copy();
    pass(2s);
    write("/hf/b", "new");
    changes();
    if (is_wiped) {
      etcd.wipe(false);
    } else {
      etcd.go_back(seconds());
    }
    pass(Session::kReadAll + 1s);
    ASSERT_EQ(session->state(), Session::State::refused);
    for (int i = 0; i < 100; ++i) write("/hf/c", std::to_string(i));
    pass(Session::kReadAll * 3);
    EXPECT_EQ(session->state(), Session::State::refused);
    EXPECT_NE(session->problem(), "");
    EXPECT_EQ(changes(), "");
    session->accept(now);
    pass(1s);
    EXPECT_EQ(session->state(), Session::State::following);
    EXPECT_NE(changes().find("c=99 "), std::string::npos);
  }
}

TEST_F(SessionTest, WritesWhatIsItsOwnAlsoIntoAStoreThatItRefuses) {
  start();
  session->put("a", "1", Session::Life::ours);
  pass(200ms);
  etcd.wipe(true);
  pass(Session::kReadAll + 3s);
  EXPECT_EQ(session->state(), Session::State::refused);
  EXPECT_TRUE(etcd.keys().contains("/hf/a"));
}

TEST_F(SessionTest, AnAgentFollowsAnotherStoreOnceThereIsSomethingInIt) {
  start(Session::Trust::content);
  write("/hf/b", "1");
  pass(200ms);
  changes();
  etcd.wipe(true);
  pass(Session::kReadAll + 1s);
  EXPECT_EQ(session->state(), Session::State::refused);
  write("/hf/b", "2");
  pass(Session::kReadAll + 1s);
  EXPECT_EQ(session->state(), Session::State::following);
  EXPECT_EQ(changes(), "b=2 ");
}

TEST_F(SessionTest, AnAgentIsNotMisledByWhatItWroteItself) {
  start(Session::Trust::content);
  session->put("agent/x", "1", Session::Life::leased);
  write("/hf/server/y", "1");
  pass(2s);
  changes();
  etcd.wipe(true);
  pass(Session::kReadAll * 3);
  EXPECT_EQ(session->state(), Session::State::refused);
  EXPECT_EQ(changes(), "") << "the list is not gone";
}

TEST_F(SessionTest, ReadsAgainWhatWasAnsweredLaterThanTheWatchTold) {
  start();
  write("/hf/b", "1");
  pass(200ms);
  changes();
  is_late = true;
  pass(Session::kReadAll);
  ASSERT_EQ(delayed.size(), 1U);
  write("/hf/b", "2");
  EXPECT_EQ(changes(), "b=2 ");
  is_late = false;
  session->replied(delayed[0].first, delayed[0].second.status, delayed[0].second.body, now);
  EXPECT_EQ(session->state(), Session::State::following) << session->problem();
  EXPECT_EQ(changes(), "");
  const int before = asked["/v3/kv/range"];
  pass(2s);
  EXPECT_EQ(asked["/v3/kv/range"], before + 1);
  EXPECT_EQ(changes(), "");
}

TEST_F(SessionTest, OpensAnotherWatchWhenOneSaysNothingAnyMore) {
  start();
  pass(200ms);
  const auto deaf = std::exchange(watch, 0);
  write("/hf/b", "1");
  pass(Session::kReadAll + 1s);
  EXPECT_NE(watch, deaf);
  write("/hf/b", "2");
  EXPECT_EQ(changes(), "b=1 b=2 ");
}

TEST_F(SessionTest, OpensAnotherWatchWhenOneThatSpokeSaysNothingAnyMore) {
  start();
  pass(200ms);
  write("/hf/b", "1");
  pass(Session::kReadAll + 1s);
  watch = 0;
  write("/hf/b", "2");
  pass(Session::kReadAll + 1s);
  EXPECT_NE(watch, 0U);
  EXPECT_EQ(changes(), "b=1 b=2 ");
}

TEST_F(SessionTest, ReadsEveryFewSecondsWhileNoWatchSaysAnything) {
  start();
  pass(200ms);
  for (int i = 0; i < 10; ++i) {  // somebody lives, and no watch tells of it
    watch = 0;
    write("/hf/b", std::to_string(i));
    pass(Session::kReadAll / 10);
  }
  const int before = asked["/v3/kv/range"];
  for (int i = 0; i < 10; ++i) {
    watch = 0;
    write("/hf/b", std::to_string(10 + i));
    pass(3s);
  }
  EXPECT_GE(asked["/v3/kv/range"] - before, 5);
}

TEST_F(SessionTest, KeepsListeningWhileEtcdRefusesToWrite) {
  start();
  session->put("a", "1", Session::Life::ours);
  pass(2s);
  etcd.is_full = true;
  session->put("a", "2", Session::Life::ours);
  pass(60s);
  EXPECT_EQ(session->state(), Session::State::following);
  EXPECT_EQ(session->problem(), "");
  EXPECT_EQ(session->write_problem(), "etcdserver: mvcc: database space exceeded");
  EXPECT_EQ(session->waiting_writes(), 1U);
  EXPECT_LE(asked["/v3/kv/txn"], 15) << "every few seconds";
  etcd.is_full = false;
  write("/hf/b", "1");
  EXPECT_TRUE(changes().ends_with("b=1 "));
  pass(Session::kTryAgain + 1s);
  EXPECT_EQ(etcd.keys().at("/hf/a").value, "2");
  EXPECT_EQ(session->write_problem(), "");
}

TEST_F(SessionTest, GetsALeaseOnceThereIsSpaceForIt) {
  etcd.is_full = true;
  start();
  session->put("a", "1", Session::Life::leased);
  pass(30s);
  EXPECT_EQ(session->state(), Session::State::following);
  EXPECT_NE(session->write_problem(), "");
  etcd.is_full = false;
  pass(Session::kTryAgain + 2s);
  EXPECT_TRUE(etcd.keys().contains("/hf/a"));
  EXPECT_EQ(session->write_problem(), "");
}

TEST_F(SessionTest, WritesTheRestWhenOneOfThemIsRefused) {
  etcd.max_value = 100;
  etcd.forbidden = "/hf/d";
  start();
  for (const char* key : {"a", "b", "c", "d"})
    session->put(key, *key == 'b' ? std::string(200, 'x') : "1", Session::Life::ours);
  pass(8s);
  EXPECT_EQ(changes(), "a=1 c=1 ");
  EXPECT_EQ(session->waiting_writes(), 2U);
  EXPECT_NE(session->write_problem(), "");
  session->put("b", "2", Session::Life::ours);
  pass(Session::kTryAgain + 3s);
  EXPECT_EQ(changes(), "b=2 ");
}

TEST_F(SessionTest, BlamesNobodyElseForAKeyThatChangesWhileItIsRefused) {
  etcd.forbidden = "/hf/z";
  start();
  pass(200ms);
  session->put("a", "1", Session::Life::ours);
  session->put("z", "1", Session::Life::ours);
  now += Session::kWriteEvery;
  for (const Session::Action& action : session->tick(now)) {
    session->put("z", "2", Session::Life::ours);
    act(action);
  }
  ASSERT_FALSE(etcd.keys().contains("/hf/a"));
  pass(Session::kWriteEvery * 2);
  EXPECT_TRUE(etcd.keys().contains("/hf/a"));
  EXPECT_EQ(session->waiting_writes(), 1U);
}

TEST_F(SessionTest, DoesNotAskForALeaseOverAndOverWhereThereIsNone) {
  has_no_leases = true;
  start();
  session->put("a", "1", Session::Life::leased);
  pass(10s);
  EXPECT_LE(asked["/v3/lease/grant"], 3);
  EXPECT_EQ(session->write_problem(), "a lease that is none");
  has_no_leases = false;
  pass(Session::kTryAgain + 2s);
  EXPECT_TRUE(etcd.keys().contains("/hf/a"));
  EXPECT_EQ(session->write_problem(), "");
}

TEST_F(SessionTest, AfterARefusalNoKeyThatChangesAllTheTimeKeepsTheOthersOut) {
  start();
  etcd.is_full = true;
  for (const char* key : {"a", "b", "z"}) session->put(key, "0", Session::Life::ours);
  pass(20s);
  EXPECT_EQ(changes(), "");
  etcd.is_full = false;
  for (int second = 1; second <= 8; ++second) {
    session->put("a", std::to_string(second), Session::Life::ours);
    pass(1s);
  }
  EXPECT_EQ(etcd.keys().at("/hf/b").value, "0");
  EXPECT_EQ(etcd.keys().at("/hf/z").value, "0");
  EXPECT_EQ(session->write_problem(), "");
}

TEST_F(SessionTest, WhatIsRefusedForEverKeepsTheOthersOutOfEverySecondTransactionAtMost) {
  etcd.max_value = 100;
  start();
  for (const char* key : {"a", "b", "c", "d", "e", "f", "g"})
    session->put(key, std::string(200, 'x'), Session::Life::ours);
  pass(20s);
  for (int i = 0; i < 10; ++i) {
    session->put("z", std::to_string(i), Session::Life::ours);
    pass(2s);
    EXPECT_EQ(etcd.keys().at("/hf/z").value, std::to_string(i));
  }
  etcd.max_value = 1000;
  pass(Session::kTryAgain + 3s);
  EXPECT_EQ(session->waiting_writes(), 0U);
}

TEST_F(SessionTest, GoesToAnotherEndpointWhenEtcdCannotWriteNow) {
  start();
  pass(200ms);
  session->put("a", "1", Session::Life::ours);
  const auto before = endpoint;
  for (const Session::Action& action : session->tick(now)) {
    session->replied(action.id, 503, R"({"error":"x","message":"etcdserver: no leader","code":14})", now);
  }
  EXPECT_EQ(session->problem(), "etcdserver: no leader");
  pass(2s);
  EXPECT_NE(endpoint, before);
  EXPECT_EQ(session->problem(), "");
}

TEST_F(SessionTest, AsksForAnotherTokenWhenItsOwnIsNotValidAnyMore) {
  etcd.token = "first";
  start();
  session->put("a", "1", Session::Life::leased);
  pass(60s);
  EXPECT_EQ(asked["/v3/auth/authenticate"], 1);
  etcd.token = "second";
  pass(Session::kRenew + 1s);
  EXPECT_EQ(session->state(), Session::State::following);
  EXPECT_EQ(asked["/v3/auth/authenticate"], 2);
  session->put("a", "2", Session::Life::leased);
  pass(2s);
  EXPECT_EQ(etcd.keys().at("/hf/a").value, "2");
}

TEST_F(SessionTest, WritesAndKeepsItsLeaseHoweverOftenTokensBecomeVoid) {
  etcd.token = "0";
  start();
  for (int i = 1; i <= 300; ++i) {
    session->put("a", std::to_string(i), Session::Life::leased);
    etcd.token = std::to_string(i);
    pass(300ms);
    if (i > 5) {
      ASSERT_EQ(session->state(), Session::State::following) << i;
      ASSERT_GE(std::stoi(etcd.keys().at("/hf/a").value), i - 5) << i;
    }
  }
}

TEST_F(SessionTest, TellsOfATokenThatIsVoidFromTheStart) {
  etcd.token = "first";
  start();
  pass(1s);
  const int before = asked["/v3/auth/authenticate"];
  is_forgetful = true;
  session->put("a", "1", Session::Life::ours);
  pass(10s);
  EXPECT_EQ(session->problem(), "etcdserver: invalid auth token");
  EXPECT_LT(asked["/v3/auth/authenticate"] - before, 100);
}

TEST_F(SessionTest, TriesARefusedWatchEveryFewSecondsAndReadsMeanwhile) {
  const auto deny = [this](const char* line) {
    session->watched(watch, line, now);
    pass(200ms);
  };
  for (
      const char* line :
      {R"({"result":{"header":{},"watch_id":"-1","canceled":true,"cancel_reason":"permission denied"}})",
       R"({"error":{"grpc_code":7,"http_code":403,"message":"permission denied","http_status":"Forbidden"}})",
       "nonsense"}) {
    etcd = EtcdModel();
    start();
    pass(200ms);
    const auto first = watch;
    deny(line);
    EXPECT_EQ(watch, 0U);
    EXPECT_TRUE(session->problem().starts_with("no watch: ")) << session->problem();
    write("/hf/b", "1");
    pass(Session::kTryAgain + 1s);
    EXPECT_GT(watch, first);
    EXPECT_EQ(changes(), "b=1 ");
  }
}

TEST_F(SessionTest, ReadsEverythingAgainWhenTheWatchComesTooLate) {
  start();
  pass(200ms);
  const int before = asked["/v3/kv/range"];
  session->watched(watch, R"({"result":{"header":{},"canceled":true,"compact_revision":"4"}})", now);
  pass(1s);
  EXPECT_EQ(asked["/v3/kv/range"], before + 1);
  EXPECT_EQ(session->problem(), "");
  EXPECT_NE(watch, 0U);
}

TEST_F(SessionTest, ReadsManyKeysPageByPageAsOfOneMoment) {
  for (std::size_t i = 0; i < Session::kPage * 5 / 2; ++i) write("/hf/" + std::to_string(1000 + i), "1");
  start();
  pass(50ms);
  write("/hf/1000", "2");  // while it reads
  pass(500ms);
  EXPECT_EQ(asked["/v3/kv/range"], 3);
  EXPECT_EQ(session->take_changes().size(), Session::kPage * 5 / 2 + 1);
  EXPECT_EQ(session->state(), Session::State::following);
}

TEST_F(SessionTest, DoesNotFollowAStoreWithTooManyKeys) {
  for (std::size_t i = 0; i <= Session::kMaxKeys; ++i) write("/hf/" + std::to_string(i), "1");
  start();
  pass(60s);
  EXPECT_EQ(session->state(), Session::State::connecting);
  EXPECT_NE(session->problem().find("more below /hf/ than 4096 keys"), std::string::npos);
  EXPECT_LE(asked["/v3/kv/range"], 14 * 33) << "not over and over";
}

TEST_F(SessionTest, LeavesWhatIsSharedToWhoeverChangesIt) {
  start();
  session->put("a", "1", Session::Life::shared);
  pass(2s);
  EXPECT_EQ(changes(), "a=1 ");
  take_away("/hf/a");
  pass(Session::kReadAll + 2s);
  EXPECT_EQ(changes(), "a gone ");
  EXPECT_FALSE(etcd.keys().contains("/hf/a"));
  write("/hf/a", "2");
  session->erase("a");
  pass(2s);
  EXPECT_EQ(changes(), "a=2 a gone ");
  EXPECT_EQ(session->waiting_writes(), 0U);
}

TEST_F(SessionTest, WritesAgainWhatIsItsOwn) {
  start();
  session->put("a", "1", Session::Life::ours);
  pass(2s);
  take_away("/hf/a");
  pass(2s);
  EXPECT_EQ(etcd.keys().at("/hf/a").value, "1");
}

TEST_F(SessionTest, WritesManyKeysInSeveralTransactions) {
  start();
  for (int i = 0; i < 200; ++i) session->put(std::to_string(i), "1", Session::Life::shared);
  pass(5s);
  EXPECT_EQ(asked["/v3/kv/txn"], 4);
  for (int i = 0; i < 200; ++i) session->erase(std::to_string(i));
  pass(5s);
  EXPECT_EQ(asked["/v3/kv/txn"], 8);
  EXPECT_TRUE(etcd.keys().empty());
}

TEST_F(SessionTest, IsDueWhenThereIsSomethingToDo) {
  start();
  session->put("a", "1", Session::Life::leased);
  session->set_alive(false);
  EXPECT_EQ(session->due(now), now) << "to read everything";
  pass(2s);
  EXPECT_GT(session->due(now), now + 20s) << "what hangs on a lease waits until we live";
  session->set_alive(true);
  EXPECT_EQ(session->due(now), now) << "to ask for a lease";
  pass(200ms);
  EXPECT_GT(session->due(now), now);
  for (const auto end = now + 60s; now < end;) {  // as it is driven: never awake for nothing
    const auto actions = session->tick(now);
    for (const Session::Action& action : actions) act(action);
    const auto due = session->due(now);
    ASSERT_TRUE(due > now || !actions.empty());
    now = std::min(due, end);
  }
}

TEST_F(SessionTest, TakesNoHarmFromAnswersThatAreNone) {
  for (const char* body : {"", "null", "[]", "{}", "{\"header\":1}", "{\"header\":{},\"kvs\":3}",
                           "{\"header\":{},\"kvs\":[{\"key\":\"###\"}]}", "{\"result\":{}}"}) {
    start();
    for (const auto& action : session->tick(now)) session->replied(action.id, 200, body, now);
    now += 5s;
    session->watched(1, body, now);
    session->tick(now);
  }
}

}  // namespace
}  // namespace holdfast::health
