#include "zones/alias/lookup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdio>
#include <random>
#include <thread>

#include "tests/zones/alias/fake_upstream.h"

namespace holdfast::zones {
namespace {

using namespace std::chrono_literals;

const Answer kGood{{"www.example. 60 A 198.51.100.1"}};
const Answer kForged{{"www.example. 60 A 203.0.113.66"}};

std::vector<Octets> good(const Asked& asked) { return {reply_to(asked.query, kGood)}; }
std::vector<Octets> silent(const Asked&) { return {}; }

FakeUpstream::Script always(Answer answer) {
  return [answer](const Asked& asked) -> std::vector<Octets> { return {reply_to(asked.query, answer)}; };
}

class Lookup : public testing::Test {
 protected:
  Lookup() { settings.timeout = 10s; }  // who answers, but late, was asked once

  FakeUpstream& upstream(FakeUpstream::Script script) {
    fakes_.push_back(std::make_unique<FakeUpstream>(io, std::move(script)));
    settings.upstreams.push_back(fakes_.back()->endpoint());
    return *fakes_.back();
  }

  Lookups& lookups() {
    if (!lookups_) lookups_ = std::make_shared<Lookups>(io, settings);
    return *lookups_;
  }

  LookupResult ask(const char* name = "www.example.") {
    std::optional<LookupResult> result;
    lookups().ask({*Name::parse(name)}, [&](const LookupResult& given) { result = given; });
    EXPECT_TRUE(run_until([&] { return result.has_value(); }));
    return result.value_or(LookupResult{});
  }

  template <class Condition>
  bool run_until(Condition is_met) {
    return zones::run_until(io, is_met);
  }

  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      io.get_executor()};  // between two questions
  ResolverSettings settings;

 private:
  std::vector<std::unique_ptr<FakeUpstream>> fakes_;
  std::shared_ptr<Lookups> lookups_;
};

std::string list(const LookupResult& result) {
  std::string all;
  for (const auto& address : result.reply.addresses) all += (all.empty() ? "" : " ") + address.to_string();
  return all;
}

TEST_F(Lookup, AnswersAndSaysWho) {
  const FakeUpstream& fake = upstream(good);
  const LookupResult result = ask();
  EXPECT_EQ(list(result), "198.51.100.1");
  EXPECT_EQ(result.upstream, "127.0.0.1:" + std::to_string(fake.endpoint().port()));
  EXPECT_TRUE(lookups().upstreams()[0].srtt.has_value());
}

TEST_F(Lookup, GivesUpAfterItsTries) {
  settings.timeout = 50ms;
  FakeUpstream& fake = upstream(silent);
  const LookupResult result = ask();
  EXPECT_EQ(result.reply.kind, ReplyKind::silence);
  EXPECT_EQ(result.reply.problem, "timeout");
  EXPECT_EQ(fake.asked.size(), 2u);
  EXPECT_EQ(lookups().upstreams()[0].timeouts, 2u);
}

TEST_F(Lookup, EveryQueryHasAPortAnIdAndACaseOfItsOwn) {
  settings.timeout = 20ms;
  settings.tries = 6;
  FakeUpstream& fake = upstream(silent);
  ask("a.rather.long.name.for.its.case.example.");
  std::set<std::uint16_t> ports;
  std::set<Octets> ids, names;
  for (const Asked& asked : fake.asked) {
    ports.insert(asked.from.port());
    ids.insert(Octets(asked.query.begin(), asked.query.begin() + 2));
    names.insert(Octets(asked.query.begin() + 12, asked.query.begin() + 50));
  }
  EXPECT_GE(ports.size(), 5u);
  EXPECT_GE(ids.size(), 5u);
  EXPECT_GE(names.size(), 5u);
}

TEST_F(Lookup, AsksTheOtherWhenOneIsSilent) {
  settings.timeout = 300ms;
  settings.tries = 6;
  upstream(silent);
  upstream(good);
  EXPECT_EQ(list(ask()), "198.51.100.1");
}

TEST_F(Lookup, AsksTheOtherWhenOneFailsOrRefuses) {
  for (const int rcode : {2, 5}) {
    settings.upstreams.clear();
    upstream(always({{}, {}, {}, rcode}));
    upstream(good);
    auto asking = std::make_shared<Lookups>(io, settings);
    std::optional<LookupResult> result;
    asking->ask({*Name::parse("www.example.")}, [&](const LookupResult& given) { result = given; });
    ASSERT_TRUE(run_until([&] { return result.has_value(); }));
    EXPECT_EQ(list(*result), "198.51.100.1");
  }
}

TEST_F(Lookup, BacksOffWhoRefuses) {
  const FakeUpstream& refusing = upstream(always({{}, {}, {}, 5}));
  upstream(good);
  const auto begun = AliasClock::now();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(list(ask()), "198.51.100.1");
  if (AliasClock::now() - begun > 1s)
    GTEST_SKIP() << "a machine that is busy elsewhere: the back-off is over";
  EXPECT_EQ(refusing.asked.size(), 1u);
  EXPECT_EQ(lookups().upstreams()[0].refusals, 1u);
}

TEST_F(Lookup, IgnoresAWrongIdAndAWrongCaseBeforeTheReply) {
  upstream([](const Asked& asked) -> std::vector<Octets> {
    Octets wrong_id = reply_to(asked.query, kForged), wrong_case = wrong_id;
    wrong_id[1] ^= 1;
    wrong_case[13] ^= 0x20;
    return {wrong_id, wrong_case, {}, {1, 2, 3}, reply_to(asked.query, kGood)};
  });
  const LookupResult result = ask();
  EXPECT_EQ(list(result), "198.51.100.1");
  EXPECT_EQ(result.counters.mismatches, 4u);
}

TEST_F(Lookup, DoesNotHearAnotherPort) {
  boost::asio::ip::udp::socket other(io, {boost::asio::ip::address_v4::loopback(), 0});
  upstream([&](const Asked& asked) -> std::vector<Octets> {
    other.send_to(boost::asio::buffer(reply_to(asked.query, kForged)), asked.from);
    return {reply_to(asked.query, kGood)};
  });
  const LookupResult result = ask();
  EXPECT_EQ(list(result), "198.51.100.1");
  EXPECT_EQ(result.counters.mismatches, 0u);
}

TEST_F(Lookup, AsksOverTcpInAStorm) {
  FakeUpstream& fake = upstream([](const Asked& asked) -> std::vector<Octets> {
    if (asked.is_tcp) return {reply_to(asked.query, kGood)};
    Octets wrong = reply_to(asked.query, kForged);
    wrong[0] ^= 1;
    return std::vector<Octets>(kMaxMismatches + 1, wrong);
  });
  const LookupResult result = ask();
  EXPECT_EQ(list(result), "198.51.100.1");
  EXPECT_EQ(result.counters.tcp, 1u);
  EXPECT_TRUE(fake.asked.back().is_tcp);
}

TEST_F(Lookup, AsksOverTcpWhenTruncated) {
  upstream([](const Asked& asked) -> std::vector<Octets> {
    return {reply_to(asked.query, asked.is_tcp ? kGood : Answer{{}, {}, {}, 0, true})};
  });
  const LookupResult result = ask();
  EXPECT_EQ(list(result), "198.51.100.1");
  EXPECT_EQ(result.counters.tcp, 1u);
}

TEST_F(Lookup, ComesAgainWithTheCookie) {
  const Octets server = {21, 22, 23, 24, 25, 26, 27, 28};
  FakeUpstream& fake = upstream([&](const Asked& asked) -> std::vector<Octets> {
    const bool has_it = std::search(asked.query.begin(), asked.query.end(), server.begin(), server.end()) !=
                        asked.query.end();
    Answer answer = has_it ? kGood : Answer{};
    if (!has_it) answer.rcode = 23;
    const auto client = asked.query.end() - (has_it ? 16 : 8);
    answer.cookie.assign(client, client + 8);
    answer.cookie.insert(answer.cookie.end(), server.begin(), server.end());
    return {reply_to(asked.query, answer)};
  });
  EXPECT_EQ(list(ask()), "198.51.100.1");
  EXPECT_EQ(fake.asked.size(), 2u);
  EXPECT_EQ(list(ask()), "198.51.100.1");
  EXPECT_EQ(fake.asked.size(), 3u);
}

TEST_F(Lookup, AsksTheSameQuestionOnce) {
  FakeUpstream& fake = upstream(good);
  int done = 0;
  for (int i = 0; i < 5; ++i) {
    lookups().ask({*Name::parse("www.example.")}, [&](const LookupResult&) { done += 1; });
  }
  EXPECT_EQ(done, 0);  // never from within ask()
  ASSERT_TRUE(run_until([&] { return done == 5; }));
  EXPECT_EQ(fake.asked.size(), 1u);
}

TEST_F(Lookup, KeepsToTheBudget) {
  settings.budget = 100;
  FakeUpstream& fake = upstream(good);
  int done = 0;
  const auto begun = AliasClock::now();
  int good_ones = 0;
  for (int i = 0; i < 200; ++i) {
    lookups().ask({*Name::parse("n" + std::to_string(i) + ".example.")}, [&](const LookupResult& result) {
      done += 1;
      good_ones += !is_failure(result.reply.kind);
    });
  }
  ASSERT_TRUE(run_until([&] { return done == 200; }));
  EXPECT_GE(AliasClock::now() - begun, 850ms);  // 100 at once, 100 at 100 per second
  EXPECT_GE(fake.asked.size(), 200u);
  EXPECT_EQ(good_ones, 200) << "who waits for the budget is asked in the end";
  EXPECT_GT(lookups().upstreams()[0].waited, 0u);
}

TEST_F(Lookup, QueuesBehindThoseInFlight) {
  settings.budget = 10000;
  upstream(good);
  std::size_t done = 0;
  const std::size_t all = settings.in_flight + 50;
  for (std::size_t i = 0; i < all; ++i) {
    lookups().ask({*Name::parse("n" + std::to_string(i) + ".example.")},
                  [&](const LookupResult&) { done += 1; });
  }
  EXPECT_EQ(lookups().waiting(), 50u);
  EXPECT_TRUE(run_until([&] { return done == all; }));
}

TEST_F(Lookup, SaysNothingAfterStop) {
  settings.timeout = 50ms;
  upstream(good);
  bool said = false;
  lookups().ask({*Name::parse("www.example.")}, [&](const LookupResult&) { said = true; });
  lookups().stop();
  io.run_for(200ms);
  EXPECT_FALSE(said);
}

TEST_F(Lookup, SaysWhenNobodyIsThere) {
  boost::asio::ip::udp::endpoint closed;
  closed = boost::asio::ip::udp::socket(io, {boost::asio::ip::address_v4::loopback(), 0}).local_endpoint();
  settings.upstreams = {closed};
  EXPECT_EQ(ask().reply.problem, "Connection refused");
  settings.upstreams.clear();
}

/// Somebody who sees our port and whose packets come from the upstream's address: only id and case are to be guessed.
/// The upstream's own socket sends for him, from a thread of its own, for as long as the lookups go on.
TEST_F(Lookup, TakesNoneOfTheForgedAnswers) {
  constexpr auto kFor = 2s;
  constexpr std::uint64_t kAtLeast = 1000;
  std::atomic<bool> is_over = false;
  std::atomic<std::uint64_t> forged = 0;
  boost::asio::io_context other;
  boost::asio::ip::udp::socket socket(other, {boost::asio::ip::address_v4::loopback(), 0});
  settings.upstreams = {socket.local_endpoint()};
  settings.timeout = 1s;
  settings.budget = 10000;
  std::thread forger([&] {
    std::mt19937_64 random(1);
    boost::asio::ip::udp::endpoint from;
    std::array<std::uint8_t, 4096> room{};
    socket.non_blocking(true);
    Octets forgery;
    while (!is_over) {
      boost::system::error_code error;
      const std::size_t size = socket.receive_from(boost::asio::buffer(room), from, 0, error);
      if (!error) {
        forgery = reply_to({room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size)}, kForged);
      }
      if (forgery.empty()) continue;
      forgery[0] = static_cast<std::uint8_t>(random());
      forgery[1] = static_cast<std::uint8_t>(random());
      for (std::size_t i = 12; forgery[i] != 0; ++i) {
        if (std::isalpha(forgery[i]) != 0 && (random() & 1) != 0) forgery[i] ^= 0x20;
      }
      socket.send_to(boost::asio::buffer(forgery), from, 0, error);
      forged += 1;
    }
  });
  std::uint64_t asked = 0, accepted = 0;
  const auto until = AliasClock::now() + kFor,
             limit = until + 60s;  // a busy machine takes longer for as many
  while (AliasClock::now() < until ||
         (lookups().counters().mismatches <= kAtLeast && AliasClock::now() < limit)) {
    asked += 1;
    accepted += ask("a.name.with.more.than.forty.letters.for.its.mixed.case.example.").reply.kind ==
                ReplyKind::addresses;
  }
  is_over = true;
  forger.join();
  std::printf("forged %lu, looked at %lu, questions %lu\n", static_cast<unsigned long>(forged.load()),
              static_cast<unsigned long>(lookups().counters().mismatches), static_cast<unsigned long>(asked));
  EXPECT_EQ(accepted, 0u);
  EXPECT_GT(lookups().counters().mismatches, kAtLeast);
}

}  // namespace
}  // namespace holdfast::zones
