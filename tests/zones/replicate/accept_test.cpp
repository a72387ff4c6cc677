#include "zones/replicate/accept.h"

#include <gtest/gtest.h>

#include "tests/zones/load/loading.h"
#include "tests/zones/replicate/sent.h"

namespace holdfast::zones {
namespace {

using testing::kApex;
using testing::load;
using testing::name;
using testing::soa;
using testing::wire;
using Lines = std::vector<std::string>;

const std::string kHead = soa(5) + "@ NS ns\nns A 192.0.2.1\n";

std::shared_ptr<const Zone> zone_of(const std::string& text, const std::vector<LiveName>& live = {}) {
  const LoadedZone loaded = load("example.", "$TTL 60\n" + text, {}, live);
  EXPECT_TRUE(loaded.zone) << ::testing::PrintToString(testing::lines(loaded.problems));
  return loaded.zone;
}

/// What a primary that sends these records as one message transfers.
Received received(const std::string& records, std::optional<Serial> have = {}, bool is_incremental = false) {
  Incoming incoming({.id = 7, .apex = kApex, .have = have, .is_incremental = is_incremental});
  const auto step =
      incoming.take(wire({.records = records, .question = is_incremental ? RrType::IXFR : RrType::AXFR}));
  EXPECT_EQ(step.kind, Incoming::Step::Kind::done) << step.problem;
  return incoming.release();
}

/// A version that is transferred whole: serial 9.
Received whole(const std::string& records) { return received(soa(9) + records + soa(9)); }

Received change(const std::string& removed, const std::string& added) {
  return received(soa(9) + soa(5) + removed + soa(9) + added + soa(9), Serial(5), true);
}

const std::string kNs = "@ NS ns\nns A 192.0.2.1\n";

std::string many(int names) {
  std::string records;
  for (int i = 0; i < names; ++i) records += "a" + std::to_string(i) + " A 192.0.2.1\n";
  return records;
}

TEST(Accept, MakesAZoneOfAWholeTransfer) {
  const Accepted accepted = accept(whole("www A 192.0.2.2\n" + kNs), {.apex = kApex});
  ASSERT_TRUE(accepted.zone) << accepted.problem;
  EXPECT_EQ(testing::records(*accepted.zone),
            (Lines{"example. 60 IN NS ns.example.",
                   "example. 60 IN SOA ns.example. host.example. 9 7200 3600 1209600 300",
                   "ns.example. 60 IN A 192.0.2.1", "www.example. 60 IN A 192.0.2.2"}));
  EXPECT_EQ(accepted.warnings, Lines());
}

TEST(Accept, MakesAZoneOfAChangeAndTheZoneBefore) {
  const auto before = zone_of(kHead + "old A 192.0.2.2\nstays TXT x\n");
  const Accepted accepted =
      accept(change("old A 192.0.2.2\n", "new A 192.0.2.3\n"), {.apex = kApex, .before = before.get()});
  ASSERT_TRUE(accepted.zone) << accepted.problem;
  EXPECT_EQ(accepted.zone->serial(), 9U);
  EXPECT_FALSE(accepted.zone->find(name("old.example")));
  EXPECT_TRUE(accepted.zone->find(name("new.example")));
  EXPECT_TRUE(accepted.zone->find(name("stays.example")));
}

TEST(Accept, RefusesAChangeThatDoesNotFit) {
  const auto before = zone_of(kHead);
  const AcceptInput input{.apex = kApex, .before = before.get()};
  EXPECT_EQ(accept(change("absent A 192.0.2.2\n", ""), input).problem,
            "it removes a record of absent.example. A that is not there, from serial 5 to 9");
  EXPECT_EQ(accept(change("", "ns A 192.0.2.1\n"), input).problem,
            "it adds a record of ns.example. A that is there already, from serial 5 to 9");
  const auto other = zone_of(soa(6) + kNs);
  EXPECT_EQ(accept(change("", ""), {.apex = kApex, .before = other.get()}).problem,
            "it goes from serial 5 to 9, and not on from serial 6");
  EXPECT_EQ(accept(change("", ""), {.apex = kApex}).problem, "it is a change of a version that is not there");
  const auto unavailable = Zone::unavailable(kApex);
  EXPECT_EQ(accept(change("", ""), {.apex = kApex, .before = unavailable.get()}).problem,
            "it is a change of a version that is not there");
}

TEST(Accept, RefusesWhatIsNoZone) {
  const auto problem = [](const std::string& records) {
    return accept(whole(records), {.apex = kApex}).problem;
  };
  EXPECT_EQ(problem(""), "no NS at example.: a zone names its servers (RFC 1034 4.2.1)");
  EXPECT_EQ(problem(kNs + "www A 192.0.2.1\nwww CNAME ns\n"),
            "www.example. has both CNAME and A (RFC 1034 3.6.2)");
  EXPECT_EQ(problem(kNs + "d DNAME x.\na.d A 192.0.2.1\n"),
            "a.d.example. A is below the DNAME at d.example. (RFC 6672 2.4)");
  const auto before = zone_of(kHead);
  EXPECT_EQ(accept(change("@ NS ns\n", ""), {.apex = kApex, .before = before.get()}).problem,
            "no NS at example.: a zone names its servers (RFC 1034 4.2.1)");
}

TEST(Accept, TakesTheSameRecordTwiceForOne) {
  const Accepted accepted =
      accept(whole(kNs + "a 60 A 192.0.2.1\nb TXT x\na 30 A 192.0.2.1\n"), {.apex = kApex});
  ASSERT_TRUE(accepted.zone) << accepted.problem;
  EXPECT_EQ(testing::records(*accepted.zone)[2], "a.example. 30 IN A 192.0.2.1");
}

TEST(Accept, RefusesAZoneThatShrank) {
  const auto names = [](int before, int after, bool may_shrink = false) {
    const auto zone = zone_of(kHead + many(before - 2));
    const Accepted accepted =
        accept(whole(kNs + many(after - 2)), {.apex = kApex, .before = zone.get(), .may_shrink = may_shrink});
    EXPECT_EQ(accepted.zone == nullptr, !accepted.problem.empty());
    return accepted.problem;
  };
  EXPECT_EQ(names(100, 49),
            "it has 49 names, and had 100: fewer than half are taken only when somebody says so");
  EXPECT_EQ(names(100, 50), "");
  EXPECT_EQ(names(100, 2, true), "");
  EXPECT_EQ(names(23, 2), "it has 2 names, and had 23: fewer than half are taken only when somebody says so");
  EXPECT_EQ(names(22, 2), "");
  EXPECT_EQ(names(50, 200), "");
}

TEST(Accept, RefusesAChangeThatTakesMostNamesAway) {
  const auto before = zone_of(kHead + many(100));
  EXPECT_EQ(accept(change(many(90), ""), {.apex = kApex, .before = before.get()}).problem,
            "it has 12 names, and had 102: fewer than half are taken only when somebody says so");
}

// A truncated zone must not come as the first version of a restart either, but then there is nothing to compare with.
TEST(Accept, TakesAnySizeAsTheFirstVersion) {
  const auto unavailable = Zone::unavailable(kApex);
  EXPECT_TRUE(accept(whole(kNs), {.apex = kApex, .before = unavailable.get()}).zone);
}

TEST(Accept, HasLiveNames) {
  const std::vector<LiveName> live = {{name("www.example"), 3, true}, {name("shop.example"), 4}};
  const Accepted accepted = accept(whole(kNs + "www A 192.0.2.2\n"), {.apex = kApex, .live = live});
  ASSERT_TRUE(accepted.zone) << accepted.problem;
  EXPECT_EQ(accepted.live, live);
  EXPECT_EQ(accepted.zone->find(name("www.example")).live(), 3U);
  EXPECT_EQ(accepted.zone->find(name("shop.example")).live(), 4U);
}

TEST(Accept, AnswersAsThePrimaryWhereALiveNameDoesNotFitAnyMore) {
  const std::vector<LiveName> live = {{name("www.sub.example"), 1},
                                      {name("alias.example"), 2},
                                      {name("gone.example"), 3, true},
                                      {name("nowhere.example"), 4, true},
                                      {name("fits.example"), 5}};
  const Accepted accepted = accept(
      whole(kNs +
            "sub NS ns.sub\nns.sub A 192.0.2.2\nwww.sub A 192.0.2.3\nalias CNAME ns\nnowhere A 0.0.0.0\n"),
      {.apex = kApex, .live = live});
  ASSERT_TRUE(accepted.zone) << accepted.problem;
  EXPECT_EQ(accepted.live, std::vector<LiveName>{live[4]});
  EXPECT_EQ(accepted.warnings.size(), 4U);
  EXPECT_EQ(accepted.warnings[0],
            "live name www.sub.example. is at or below the zone cut at sub.example.: the servers there "
            "answer for it");
  EXPECT_EQ(accepted.warnings[2],
            "live name gone.example. has no A or AAAA record to watch: add one, or give it a pool");
  EXPECT_EQ(accepted.zone->find(name("alias.example")).live(), kNotLive);
  EXPECT_TRUE(accepted.zone->find(name("www.sub.example")).is_below_cut());
}

TEST(Accept, RefusesASignedZoneThatIsToHaveLiveNames) {
  const std::string rrsig = "@ RRSIG SOA 13 1 60 20300101000000 1800000000 7 example. AQID\n";
  const std::vector<LiveName> live = {{name("www.example"), 1}};
  EXPECT_TRUE(accept(whole(kNs + rrsig), {.apex = kApex}).zone);
  EXPECT_EQ(
      accept(whole(kNs + rrsig), {.apex = kApex, .live = live}).problem,
      "it is signed, and its live names would have answers without signatures: take out its live names");
}

}  // namespace
}  // namespace holdfast::zones
