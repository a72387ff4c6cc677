#include "zones/alias/flatten.h"

#include <gtest/gtest.h>

namespace holdfast::zones {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;

const AliasTime kNow{1000h};

Served served(AliasState state, AliasTime expires, std::vector<const char*> addresses = {}) {
  Served one{.addresses = {}, .expires = expires, .state = state};
  for (const char* address : addresses) one.addresses.push_back(make_address(address));
  return one;
}
const Served kUnknown;
const Served kFailed = served(AliasState::failed, {});
const Served kNodata = served(AliasState::nodata, kNow + 50s);
const Served kFresh = served(AliasState::fresh, kNow + 20s, {"192.0.2.1", "192.0.2.3"});
const Served kOther = served(AliasState::fresh, kNow + 10s, {"192.0.2.2", "192.0.2.3"});
const Served kStale = served(AliasState::stale, kNow - 10s, {"192.0.2.9"});

std::string text(const std::vector<Served>& targets) {
  const Flattened flat = flatten(targets);
  std::string text = zones::text(flat.state);
  for (const auto& address : flat.addresses) text += ' ' + address.to_string();
  return text;
}

TEST(Flatten, OfSeveralTargetsWhatTellsMostCounts) {
  EXPECT_EQ(text({}), "unknown");
  EXPECT_EQ(text({kUnknown, kUnknown}), "unknown");
  EXPECT_EQ(text({kUnknown, kFailed}), "failed");
  EXPECT_EQ(text({kFailed, kNodata}), "nodata");
  EXPECT_EQ(text({kNodata, kFresh, kFailed}), "fresh 192.0.2.1 192.0.2.3");
  EXPECT_EQ(text({kFailed, kStale}), "stale 192.0.2.9");
}

TEST(Flatten, AddressesOfAllTargetsAnswerTogether) {
  EXPECT_EQ(text({kFresh, kOther}), "fresh 192.0.2.1 192.0.2.2 192.0.2.3");
  EXPECT_EQ(flatten(std::vector{kFresh, kOther}).expires, kNow + 10s);
  EXPECT_EQ(flatten(std::vector{kNodata, kFresh}).expires, kNow + 20s);
}

TEST(Flatten, OneStaleTargetMakesTheWholeStale) {
  EXPECT_EQ(text({kFresh, kStale}), "stale 192.0.2.1 192.0.2.3 192.0.2.9");
  EXPECT_EQ(text({kStale, kFresh}), "stale 192.0.2.1 192.0.2.3 192.0.2.9");
}

LiveRecords limited(const Served& target, std::uint32_t ttl = 300) {
  LiveRecords records{.choice = {}, .addresses = {}, .ttl = ttl};
  limit(records, flatten(std::vector{target}), ttl);
  return records;
}

std::uint32_t ttl(const LiveRecords& records, AliasTime now) {
  return ttl_at(records.ttl, records.until, now);
}

TEST(Limit, TheTtlOfAFreshTargetCountsDown) {
  const LiveRecords records = limited(kFresh);
  EXPECT_EQ(ttl(records, kNow), 20U);
  EXPECT_EQ(ttl(records, kNow + 500ms), 19U);
  EXPECT_EQ(ttl(records, kNow + 19s), 1U);
  EXPECT_EQ(ttl(records, kNow + 21s), 1U);
  EXPECT_EQ(ttl(limited(kFresh, 5), kNow), 5U);
  EXPECT_EQ(records.error, ExtendedError::none);
  EXPECT_FALSE(records.is_failed);
}

TEST(Limit, AStaleTargetSaysSoForHalfAMinuteAtMost) {
  EXPECT_EQ(ttl(limited(kStale), kNow), 30U);
  EXPECT_EQ(ttl(limited(kStale, 7), kNow), 7U);
  EXPECT_EQ(limited(kStale).error, ExtendedError::stale_answer);
}

TEST(Limit, ThatThereAreNoneLastsNoLongerThanTheTargetSays) {
  const LiveRecords records = limited(kNodata);
  EXPECT_EQ(ttl_at(records.negative_ttl, records.until, kNow), 50U);
  EXPECT_EQ(ttl_at(records.negative_ttl, records.until, kNow + 49s), 1U);
  EXPECT_FALSE(records.is_failed);
}

TEST(Limit, WhatIsNotKnownIsAFailure) {
  for (const Served& target : {kFailed, kUnknown}) {
    EXPECT_TRUE(limited(target).is_failed);
    EXPECT_EQ(limited(target).error, ExtendedError::no_reachable_authority);
  }
}

}  // namespace
}  // namespace holdfast::zones
