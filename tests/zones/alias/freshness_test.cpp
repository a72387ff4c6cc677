#include "zones/alias/freshness.h"

#include <gtest/gtest.h>

namespace holdfast::zones {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;

const AliasTime kStart{1000h};
const ResolverSettings kSettings{};

Reply good(std::uint32_t ttl, std::vector<const char*> addresses = {"198.51.100.1"}) {
  Reply reply{ReplyKind::addresses};
  for (const char* address : addresses) reply.addresses.push_back(make_address(address));
  reply.ttl = ttl;
  return reply;
}

const Reply kNodata{ReplyKind::nodata};
const Reply kMissing{ReplyKind::nxdomain};

Freshness fresh(std::uint32_t ttl = 100) {
  Freshness target;
  target.replied(good(ttl), kStart, kSettings, 0);
  return target;
}

TEST(Freshness, AsksAheadOfExpiryWithJitter) {
  for (const std::uint64_t random : {0u, 7u, 90u, 180u, 181u, 12345678u}) {
    Freshness target;
    EXPECT_TRUE(target.replied(good(100), kStart, kSettings, random));
    EXPECT_GE(target.due(), kStart + 81s);
    EXPECT_LE(target.due(), kStart + 99s);
    EXPECT_EQ(target.served().expires, kStart + 100s);
  }
}

TEST(Freshness, ClampsTtls) {
  EXPECT_EQ(fresh(0).served().expires, kStart + 5s);
  EXPECT_EQ(fresh(1).served().expires, kStart + 5s);
  EXPECT_EQ(fresh(4294967295).served().expires, kStart + 300s);
}

TEST(Freshness, ReportsOnlyOtherSets) {
  Freshness target = fresh();
  EXPECT_FALSE(target.replied(good(100), kStart + 90s, kSettings, 0));
  EXPECT_EQ(target.served().since, kStart);
  EXPECT_TRUE(target.replied(good(100, {"198.51.100.2"}), kStart + 180s, kSettings, 0));
}

TEST(Freshness, AsksAgainWhenWhatTheResolverHasCachedEnds) {
  Freshness target = fresh(10);
  target.replied(good(2), kStart + 8s, kSettings, 0);
  EXPECT_EQ(target.due(), kStart + 10s);
  EXPECT_EQ(target.served().expires, kStart + 10s);
  target.replied(good(0), kStart + 10s, kSettings, 0);
  EXPECT_EQ(target.due(), kStart + 10s + 250ms);
  target.replied(good(0), kStart + 11s + 1ms, kSettings, 0);  // its clock is a little behind ours
  EXPECT_EQ(target.due(), kStart + 11s + 250ms);
  target.replied(good(0), kStart + 11s + 501ms, kSettings, 0);  // no longer what was cached: clamped
  EXPECT_GE(target.due(), kStart + 15s);
}

/// One that counts in whole seconds of its own, and forgets what it has cached at the end of the TTL, or a second later.
class Resolver {
 public:
  Resolver(std::uint32_t ttl, bool serves_last_second) : ttl_(ttl), serves_last_second_(serves_last_second) {}

  Reply ask(AliasTime now) {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    const std::chrono::seconds left = ends_ - second;
    if (left > 0s || (left == 0s && serves_last_second_)) {
      return good(static_cast<std::uint32_t>(left.count()));
    }
    fetched.push_back(now);
    ends_ = second + std::chrono::seconds(ttl_);
    return good(ttl_);
  }

  std::vector<AliasTime> fetched;

 private:
  std::uint32_t ttl_;
  bool serves_last_second_;
  std::chrono::time_point<AliasClock, std::chrono::seconds> ends_{};
};

TEST(Freshness, WhatAResolverFetchedIsReplacedAfterItsTtlAndTheSecondInWhichItCounts) {
  for (const bool serves_last_second : {false, true}) {
    for (const std::uint32_t ttl : {5u, 6u, 30u, 300u, 1000u}) {
      for (AliasTime begun = kStart; begun < kStart + 1s; begun += 41ms) {
        Resolver resolver(ttl, serves_last_second);
        Freshness target;
        std::size_t asked = 0;
        for (AliasTime now = begun; resolver.fetched.size() < 10; now = target.due()) {
          target.replied(resolver.ask(now), now, kSettings, 7 * ++asked);
        }
        for (std::size_t i = 1; i < resolver.fetched.size(); ++i) {
          EXPECT_LE(resolver.fetched[i] - resolver.fetched[i - 1],
                    std::chrono::seconds(ttl) + (serves_last_second ? 1s : 0s));
        }
        EXPECT_LE(asked, (6 + ttl / 243) * resolver.fetched.size());  // 81 % of max_ttl
      }
    }
  }
}

TEST(Freshness, ClampsATtlOfZeroEachTime) {
  Freshness target = fresh(0);
  for (AliasTime now = kStart; now < kStart + 100s; now = target.due()) {
    target.replied(good(0), now, kSettings, 0);
    EXPECT_GE(target.due() - now, 4s);
  }
}

TEST(Freshness, RetriesAfter1To30s) {
  Freshness target = fresh();
  AliasTime now = kStart + 90s;
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    target.failed("timeout", now, kSettings);
    EXPECT_EQ(target.due() - now, wait);
    now = target.due();
  }
}

TEST(Freshness, ServesTheLastGoodForAnHourThenFails) {
  Freshness target = fresh();
  EXPECT_FALSE(target.failed("timeout", kStart + 90s, kSettings));
  EXPECT_EQ(target.served().state, AliasState::fresh);
  EXPECT_EQ(target.turns(kSettings), kStart + 100s);
  EXPECT_TRUE(target.pass(kStart + 100s, kSettings));
  EXPECT_EQ(target.served().state, AliasState::stale);
  EXPECT_EQ(target.served().addresses.size(), 1u);
  EXPECT_FALSE(target.pass(kStart + 100s + 1h - 1s, kSettings));
  EXPECT_EQ(target.turns(kSettings), kStart + 100s + 1h);
  EXPECT_TRUE(target.pass(kStart + 100s + 1h, kSettings));
  EXPECT_EQ(target.served().state, AliasState::failed);
  EXPECT_TRUE(target.served().addresses.empty());
  EXPECT_TRUE(target.replied(good(100), kStart + 2h, kSettings, 0));
  EXPECT_EQ(target.served().state, AliasState::fresh);
}

TEST(Freshness, StaysFreshWhileAQuestionIsOnItsWay) {
  Freshness target = fresh();
  EXPECT_FALSE(target.pass(kStart + 101s, kSettings));
  EXPECT_EQ(target.served().state, AliasState::fresh);
  EXPECT_EQ(target.turns(kSettings), kStart + 102s);
  Freshness other = target;
  EXPECT_TRUE(other.failed("timeout", kStart + 101s, kSettings));
  EXPECT_TRUE(target.pass(kStart + 102s, kSettings));
  EXPECT_EQ(target.served().state, AliasState::stale);
}

TEST(Freshness, FailsAtOnceWhereNothingWasGood) {
  Freshness target;
  EXPECT_TRUE(target.failed("timeout", kStart, kSettings));
  EXPECT_EQ(target.served().state, AliasState::failed);
  EXPECT_EQ(target.served().error, "timeout");
}

TEST(Freshness, KeepsTheLastGoodUntilNxdomainHasLasted5Minutes) {
  Freshness target = fresh();
  EXPECT_FALSE(target.replied(kMissing, kStart + 90s, kSettings, 0));
  target.failed("timeout", kStart + 120s, kSettings);  // says nothing about the name
  target.replied(kMissing, kStart + 90s + 5min - 1s, kSettings, 0);
  EXPECT_EQ(target.served().state, AliasState::stale);
  EXPECT_TRUE(target.replied(kMissing, kStart + 90s + 5min, kSettings, 0));
  EXPECT_EQ(target.served().state, AliasState::nodata);
}

TEST(Freshness, BeginsToCountAnewWhenTheNameWasThere) {
  Freshness target = fresh();
  target.replied(kMissing, kStart + 90s, kSettings, 0);
  target.replied(good(100), kStart + 100s, kSettings, 0);
  target.replied(kMissing, kStart + 90s + 6min, kSettings, 0);
  EXPECT_NE(target.served().state, AliasState::nodata);
}

TEST(Freshness, MissingTargetIsNodataAtOnceWhereNothingWasGood) {
  Freshness target;
  EXPECT_TRUE(target.replied(kMissing, kStart, kSettings, 0));
  EXPECT_EQ(target.served().state, AliasState::nodata);
}

TEST(Freshness, TakesNodataWhenSeenTwiceInARow) {
  Freshness target = fresh();
  EXPECT_FALSE(target.replied(kNodata, kStart + 90s, kSettings, 0));
  EXPECT_EQ(target.due(), kStart + 91s);
  EXPECT_TRUE(target.replied(kNodata, kStart + 91s, kSettings, 0));
  EXPECT_EQ(target.served().state, AliasState::nodata);
}

TEST(Freshness, DoesNotTakeNodataSeenTwiceApart) {
  Freshness target = fresh();
  target.replied(kNodata, kStart + 90s, kSettings, 0);
  target.failed("timeout", kStart + 91s, kSettings);
  EXPECT_FALSE(target.replied(kNodata, kStart + 92s, kSettings, 0));
  EXPECT_EQ(target.served().state, AliasState::fresh);
}

TEST(Freshness, NodataOutlivesFailuresForKeep) {
  Freshness target;
  target.replied(kNodata, kStart, kSettings, 0);
  target.failed("timeout", kStart + 10s, kSettings);
  EXPECT_EQ(target.served().state, AliasState::nodata);
  target.failed("timeout", kStart + 2h, kSettings);
  EXPECT_EQ(target.served().state, AliasState::failed);
}

TEST(Freshness, LooksSoonAgainAtWhatIsOursWhileItFails) {
  Reply own{ReplyKind::failed};
  own.is_own = true;
  Freshness target;
  AliasTime now = kStart;
  for (const auto wait : {50ms, 100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    target.replied(own, now, kSettings, 0);
    EXPECT_EQ(target.due(), now + wait);
    now += wait;
  }
}

TEST(Freshness, LooksAtWhatIsOursEverySecondAndTakesItsTtlAsItIs) {
  Reply own = good(2);
  own.is_own = true;
  Freshness target;
  EXPECT_TRUE(target.replied(own, kStart, kSettings, 0));
  EXPECT_EQ(target.served().expires, kStart + 2s);
  EXPECT_EQ(target.due(), kStart + 1s);
  own.ttl = 86'400;
  EXPECT_FALSE(target.replied(own, kStart + 1s, kSettings, 0));
  EXPECT_EQ(target.served().expires, kStart + 1s + 24h);
  EXPECT_EQ(target.due(), kStart + 2s);
}

const std::chrono::system_clock::time_point kNoon{1'790'000'000s};  // of the wall, at kStart

/// "fresh 40", "stale -10": what it begins with, and seconds until the end of its TTL.
std::string begun(std::chrono::seconds left, std::vector<const char*> addresses = {"198.51.100.1"}) {
  Freshness target;
  const bool is_other = target.begin({.addresses = good(0, addresses).addresses, .ends = kNoon + left},
                                     kStart, kNoon, kSettings);
  const Served& served = target.served();
  EXPECT_EQ(is_other, served.state != AliasState::unknown);
  EXPECT_EQ(target.due(), AliasTime{}) << "it is asked for at once";
  if (!is_other) return "nothing";
  EXPECT_EQ(served.addresses, good(0, addresses).addresses);
  EXPECT_EQ(served.since, kStart);
  return text(served.state) + std::string(" ") +
         std::to_string(std::chrono::duration_cast<std::chrono::seconds>(served.expires - kStart).count());
}

TEST(Freshness, BeginsWithWhatWasKnownByTheClockOfTheWall) {
  EXPECT_EQ(begun(40s), "fresh 40");
  EXPECT_EQ(begun(300s), "fresh 300");
  EXPECT_EQ(begun(1s), "fresh 1");
  EXPECT_EQ(begun(0s), "stale 0");
  EXPECT_EQ(begun(-10s), "stale -10");
  EXPECT_EQ(begun(-3599s), "stale -3599");
  EXPECT_EQ(begun(-3600s), "nothing");
  EXPECT_EQ(begun(-8h), "nothing") << "that clock went forward, or it was long ago";
  EXPECT_EQ(begun(8h), "fresh 300") << "that clock went back";
  EXPECT_EQ(begun(std::chrono::hours(24 * 365 * 200)), "fresh 300");
  EXPECT_EQ(begun(40s, {}), "nodata 40");
  EXPECT_EQ(begun(-10s, {}), "nodata -10");
  EXPECT_EQ(begun(40s, {"0.0.0.0"}), "nothing") << "which is not the same as that there are none";
}

TEST(Freshness, WhatItBeganWithEndsAsIfItHadBeenAnswered) {
  Freshness target;
  target.begin({.addresses = good(0).addresses, .ends = kNoon + 40s}, kStart, kNoon, kSettings);
  EXPECT_FALSE(target.failed("timeout", kStart + 1s, kSettings));
  EXPECT_EQ(target.turns(kSettings), kStart + 40s);
  EXPECT_TRUE(target.pass(kStart + 40s, kSettings));
  EXPECT_EQ(target.served().state, AliasState::stale);
  EXPECT_FALSE(target.pass(kStart + 40s + 1h - 1s, kSettings));
  EXPECT_TRUE(target.pass(kStart + 40s + 1h, kSettings));
  EXPECT_EQ(target.served().state, AliasState::failed);
}

TEST(Freshness, AnAnswerReplacesWhatItBeganWith) {
  Freshness target;
  target.begin({.addresses = good(0).addresses, .ends = kNoon - 40s}, kStart, kNoon, kSettings);
  EXPECT_TRUE(target.replied(good(100, {"198.51.100.2"}), kStart + 1s, kSettings, 0));
  EXPECT_EQ(target.served().addresses, good(0, {"198.51.100.2"}).addresses);
  EXPECT_EQ(target.served().state, AliasState::fresh);
}

}  // namespace
}  // namespace holdfast::zones
