#include "health/store/session.h"

#include "tests/health/store/session_fixture.h"

namespace holdfast::health {
namespace {

TEST_F(SessionTest, KeepsInTheStoreWhatItWasTold) {
  start();
  session->put("a", "1", Session::Life::ours);
  pass(200ms);
  EXPECT_EQ(changes(), "a=1 ");
  EXPECT_EQ(session->state(), Session::State::following);
  EXPECT_EQ(session->waiting_writes(), 0U);
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
