#include "health/store/outbox.h"

#include "tests/health/store/session_fixture.h"

namespace holdfast::health {
namespace {

/// "a=1 b gone", as it is to be written now.
std::string taken(Outbox& outbox, Outbox::Time now, bool has_lease = true) {
  std::string text;
  for (const auto& [key, value, is_leased] : outbox.take(now, has_lease))
    text += (text.empty() ? "" : " ") + key + (value ? "=" + *value : " gone");
  return text;
}

constexpr Outbox::Time kNow{1h};

TEST(Outbox, WritesTogetherWhatWaitsAndNothingTwice) {
  Outbox outbox;
  outbox.put("a", "1", Outbox::Life::ours);
  outbox.erase("b");
  EXPECT_EQ(outbox.waiting(), 2U);
  EXPECT_EQ(taken(outbox, kNow), "a=1 b gone");
  outbox.wrote();
  EXPECT_EQ(outbox.waiting(), 0U);
  EXPECT_EQ(taken(outbox, kNow), "");
  EXPECT_EQ(outbox.due(true), Outbox::Time::max());
  outbox.put("a", "1", Outbox::Life::ours);
  EXPECT_EQ(taken(outbox, kNow), "") << "it is there";
}

TEST(Outbox, WaitsForALeaseWithWhatHangsOnIt) {
  Outbox outbox;
  outbox.put("a", "1", Outbox::Life::leased);
  EXPECT_EQ(outbox.due(false), Outbox::Time::max());
  EXPECT_EQ(taken(outbox, kNow, false), "");
  EXPECT_EQ(taken(outbox, kNow), "a=1");
  outbox.wrote();
  outbox.lease_is_new();
  EXPECT_EQ(taken(outbox, kNow), "a=1");
}

TEST(Outbox, TriesEachAloneAfterARefusalWhatIsLeasedFirst) {
  Outbox outbox;
  for (const char* key : {"a", "b"}) outbox.put(key, "1", Outbox::Life::ours);
  outbox.put("z", "1", Outbox::Life::leased);
  EXPECT_EQ(taken(outbox, kNow), "a=1 b=1 z=1");
  outbox.refused(kNow);
  outbox.put("new", "1", Outbox::Life::ours);
  EXPECT_EQ(taken(outbox, kNow), "z=1");
  outbox.wrote();
  EXPECT_EQ(taken(outbox, kNow), "new=1") << "every other time";
  outbox.wrote();
  EXPECT_EQ(taken(outbox, kNow), "a=1");
  outbox.refused(kNow);
  EXPECT_EQ(taken(outbox, kNow), "b=1");
  outbox.wrote();
  EXPECT_EQ(outbox.due(true), kNow + Outbox::kTryAgain);
  EXPECT_EQ(taken(outbox, kNow), "");
  EXPECT_EQ(taken(outbox, kNow + Outbox::kTryAgain), "a=1");
}

TEST(Outbox, WritesAgainWhatDoesNotStandThere) {
  Outbox outbox;
  outbox.put("a", "1", Outbox::Life::ours);
  taken(outbox, kNow);
  outbox.wrote();
  outbox.stands("a", "1");
  outbox.stands("b", "1");
  EXPECT_EQ(taken(outbox, kNow), "");
  outbox.stands("a", "2");
  EXPECT_EQ(taken(outbox, kNow), "a=1");
  outbox.not_written();
  EXPECT_EQ(taken(outbox, kNow), "a=1");
  outbox.wrote();
  outbox.stands_all([](const std::string&) { return std::optional<std::string_view>(); });
  EXPECT_EQ(taken(outbox, kNow), "a=1");
}

// ---- with a session, and an etcd that refuses

using OutboxTest = SessionTest;

TEST_F(OutboxTest, WritesOnceASecondHoweverOftenItIsTold) {
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

TEST_F(OutboxTest, KeepsListeningWhileEtcdRefusesToWrite) {
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

TEST_F(OutboxTest, GetsALeaseOnceThereIsSpaceForIt) {
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

TEST_F(OutboxTest, WritesTheRestWhenOneOfThemIsRefused) {
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

TEST_F(OutboxTest, BlamesNobodyElseForAKeyThatChangesWhileItIsRefused) {
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

TEST_F(OutboxTest, DoesNotAskForALeaseOverAndOverWhereThereIsNone) {
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

TEST_F(OutboxTest, AfterARefusalNoKeyThatChangesAllTheTimeKeepsTheOthersOut) {
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

TEST_F(OutboxTest, WhatIsRefusedForEverKeepsTheOthersOutOfEverySecondTransactionAtMost) {
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

TEST_F(OutboxTest, LeavesWhatIsSharedToWhoeverChangesIt) {
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

TEST_F(OutboxTest, WritesAgainWhatIsItsOwn) {
  start();
  session->put("a", "1", Session::Life::ours);
  pass(2s);
  take_away("/hf/a");
  pass(2s);
  EXPECT_EQ(etcd.keys().at("/hf/a").value, "1");
}

TEST_F(OutboxTest, WritesManyKeysInSeveralTransactions) {
  start();
  for (int i = 0; i < 200; ++i) session->put(std::to_string(i), "1", Session::Life::shared);
  pass(5s);
  EXPECT_EQ(asked["/v3/kv/txn"], 4);
  for (int i = 0; i < 200; ++i) session->erase(std::to_string(i));
  pass(5s);
  EXPECT_EQ(asked["/v3/kv/txn"], 8);
  EXPECT_TRUE(etcd.keys().empty());
}

}  // namespace
}  // namespace holdfast::health
