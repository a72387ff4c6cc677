#include "health/verdict/quorum.h"

#include <gtest/gtest.h>

#include <string_view>

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

/// A letter for each location: u says up, d down, - nothing. What becomes of the verdict: U, D or ? and why.
std::string ruled(std::string_view votes, Verdict before, Quorum quorum = {}, std::size_t configured = 0,
                  std::chrono::nanoseconds alone_for = 0s) {
  std::vector<LocationVote> locations;
  for (const char vote : votes) locations.push_back({vote == 'u' ? 1U : 0U, vote == 'd' ? 1U : 0U});
  const auto [verdict, basis] =
      decide(before, locations, quorum, configured == 0 ? votes.size() : configured, alone_for);
  return std::string(text(verdict)) + " " + std::string(text(basis));
}

constexpr Quorum kAny{Quorum::Rule::any, 0};
constexpr Quorum kAll{Quorum::Rule::all, 0};
constexpr Quorum three() { return {Quorum::Rule::number, 3}; }

TEST(Quorum, BelievesTheMajorityOfLocations) {
  EXPECT_EQ(ruled("udd", Verdict::up), "down quorum");
  EXPECT_EQ(ruled("uud", Verdict::down), "up quorum");
  EXPECT_EQ(ruled("dddd", Verdict::up), "down quorum");
}

TEST(Quorum, NeverTakesOneOpinionWhereSeveralAreToBeHad) {
  EXPECT_EQ(ruled("ud", Verdict::up), "up quorum");
  EXPECT_EQ(ruled("ud", Verdict::up, kAny), "up quorum");
  EXPECT_EQ(ruled("uuud", Verdict::up, {Quorum::Rule::number, 1}), "up quorum");
  EXPECT_EQ(ruled("dd", Verdict::up), "down quorum");
}

TEST(Quorum, HalfOfTheLocationsBringATargetBack) {
  EXPECT_EQ(ruled("ud", Verdict::down), "up quorum");
  EXPECT_EQ(ruled("uudd", Verdict::down), "up quorum");
}

TEST(Quorum, OfSeveralLocationsCountsOnlyWhatTheySayNow) {
  for (const Verdict before : {Verdict::unknown, Verdict::up, Verdict::down}) {
    EXPECT_EQ(ruled("udd", before, kAll), "up quorum");
    EXPECT_EQ(ruled("ud", before), "up quorum");
    EXPECT_EQ(ruled("udd", before), "down quorum");
  }
}

TEST(Quorum, CanBeChosen) {
  EXPECT_EQ(ruled("uuudd", Verdict::up, kAny), "down quorum");
  EXPECT_EQ(ruled("uuddd", Verdict::up, three()), "down quorum");
  EXPECT_EQ(ruled("uuudd", Verdict::up, three()), "up quorum");
  EXPECT_EQ(ruled("dd", Verdict::up, three()), "down quorum") << "no more than there are";
  EXPECT_EQ(ruled("ddd", Verdict::up, kAll), "down quorum");
}

TEST(Quorum, HoldsWithOneOfSeveralLocationsForFiveMinutes) {
  EXPECT_EQ(ruled("d--", Verdict::up, {}, 3, 0s), "up alone");
  EXPECT_EQ(ruled("u--", Verdict::down, {}, 3, 299s), "down alone");
  EXPECT_EQ(ruled("d--", Verdict::up, {}, 3, 5min), "down single");
}

TEST(Quorum, BelievesTheOnlyLocation) {
  EXPECT_EQ(ruled("d", Verdict::up), "down single");
  EXPECT_EQ(ruled("u", Verdict::down), "up single");
}

TEST(Quorum, HoldsWithoutAnyVote) {
  for (const Verdict before : {Verdict::unknown, Verdict::up, Verdict::down}) {
    EXPECT_EQ(decide(before, {}, {}, 3, 24h), (Ruling{before, Basis::nobody}));
    EXPECT_EQ(ruled("---", before, {}, 3, 24h), std::string(text(before)) + " nobody");
  }
}

TEST(Quorum, ALocationSaysWhatMostOfItsAgentsSay) {
  EXPECT_EQ((LocationVote{1, 2}.verdict()), Verdict::down);
  EXPECT_EQ((LocationVote{1, 1}.verdict()), Verdict::up) << "a tie takes nothing down";
  EXPECT_EQ((LocationVote{0, 0}.verdict()), Verdict::unknown);
}

TEST(Quorum, HangsOnOneLocationWhereTheyDiffer) {
  const auto hangs = [](std::string_view votes, Quorum quorum = {}) {
    std::vector<LocationVote> locations;
    for (const char vote : votes) locations.push_back({vote == 'u' ? 1U : 0U, vote == 'd' ? 1U : 0U});
    return hangs_on_one(locations, quorum);
  };
  for (const char* votes : {"ud", "uud", "udd", "uudd", "uuddd", "uud-"}) EXPECT_TRUE(hangs(votes)) << votes;
  for (const char* votes : {"", "u", "d", "uu", "dd", "uuu", "ddd", "uuuud", "udddd", "uu-"})
    EXPECT_FALSE(hangs(votes)) << votes;
  EXPECT_TRUE(hangs("uuuud", kAny)) << "two are enough for down";
  EXPECT_FALSE(hangs("uudd", kAll));
  EXPECT_TRUE(hangs("uddd", kAll));
}

}  // namespace
}  // namespace holdfast::health
