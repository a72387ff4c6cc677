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
    session.emplace(
        Session::Options{.prefix = "/hf/", .endpoints = 2, .user = {}, .password = {}, .trust = trust}, now);
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
    if (action.kind == Session::Action::Kind::watch) watch = action.id;
    if (action.kind == Session::Action::Kind::unwatch) watch = 0;
    if (action.kind != Session::Action::Kind::request) return;
    ++asked[action.path];
    endpoint = action.endpoint;
    const std::string answer = is_up ? etcd.ask(action.path, action.body, seconds()) : "";
    session->replied(action.id, !is_up ? 0 : answer.empty() ? 400 : 200, answer, now);
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
             seconds());
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
  bool is_up = true;
};

TEST_F(SessionTest, KeepsInTheStoreWhatItWasTold) {
  start();
  session->put("a", "1", false);
  pass(200ms);
  EXPECT_EQ(changes(), "a=1 ");
  EXPECT_EQ(session->state(), Session::State::following);
  EXPECT_EQ(session->waiting_writes(), 0U);
}

TEST_F(SessionTest, WritesOnceASecondHoweverOftenItIsTold) {
  start();
  pass(200ms);
  for (int i = 0; i < 100; ++i) {
    session->put("a", std::to_string(i), false);
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
  session->put("a", "1", true);
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
  session->put("a", "1", true);
  session->put("b", "1", false);
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
  etcd.go_back();
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

TEST_F(SessionTest, WritesWhatIsItsOwnAlsoIntoAStoreThatItRefuses) {
  start();
  session->put("a", "1", false);
  pass(200ms);
  etcd.wipe(true);
  pass(Session::kReadAll + 3s);
  EXPECT_EQ(session->state(), Session::State::refused);
  EXPECT_NE(etcd.ask("/v3/kv/range", "{}", seconds()).find(to_base64("/hf/a")), std::string::npos);
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
