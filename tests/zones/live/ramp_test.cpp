#include "zones/live/ramp.h"

#include <gtest/gtest.h>

using namespace holdfast::zones;
using namespace std::chrono_literals;

namespace {

using Parts = std::vector<std::uint32_t>;
constexpr std::uint32_t kWhole = Ramp::kWhole;

Pool pool(Policy policy = Policy::weighted, std::chrono::seconds ramp_up = 64s) {
  std::vector<MemberSettings> members;
  for (const char* address : {"10.0.0.1", "10.0.0.2"})
    members.push_back({.address = boost::asio::ip::make_address(address)});
  return {PoolRules{.policy = policy, .ramp_up = ramp_up}, members};
}

/// A letter for each member: Up, down (x), drained (-), unknown (?).
std::vector<MemberState> states(std::string_view text) {
  std::vector<MemberState> states;
  for (const char c : text)
    states.push_back(c == 'U'   ? MemberState::up
                     : c == 'x' ? MemberState::down
                     : c == '-' ? MemberState::drained
                                : MemberState::unknown);
  return states;
}

const Ramp::Time kStart{1h};

TEST(Ramp, WhoWasDownGrowsEvenlyFromNearlyNothing) {
  Ramp ramp;
  ramp.saw(pool(), states("Ux"), kStart);
  EXPECT_EQ(ramp.parts(pool(), kStart), Parts{});
  ramp.saw(pool(), states("UU"), kStart);
  EXPECT_EQ(ramp.parts(pool(), kStart), (Parts{kWhole, 1})) << "never nothing";
  EXPECT_EQ(ramp.parts(pool(), kStart + 16s), (Parts{kWhole, 16}));
  EXPECT_EQ(ramp.parts(pool(), kStart + 63s), (Parts{kWhole, 63}));
  EXPECT_EQ(ramp.parts(pool(), kStart + 64s), (Parts{kWhole, kWhole}));
  ramp.tick(pool(), kStart + 63s);
  EXPECT_FALSE(ramp.empty());
  ramp.tick(pool(), kStart + 64s);
  EXPECT_TRUE(ramp.empty());
}

TEST(Ramp, WhoWasDrainedGrowsToo) {
  Ramp ramp;
  ramp.saw(pool(), states("-U"), kStart);
  ramp.saw(pool(), states("?U"), kStart);
  EXPECT_EQ(ramp.parts(pool(), kStart), (Parts{1, kWhole}));
}

TEST(Ramp, WhoIsDownAgainBeginsAnew) {
  Ramp ramp;
  ramp.saw(pool(), states("Ux"), kStart);
  ramp.saw(pool(), states("UU"), kStart);
  ramp.saw(pool(), states("Ux"), kStart + 32s);
  EXPECT_TRUE(ramp.empty());
  ramp.saw(pool(), states("UU"), kStart + 40s);
  ramp.saw(pool(), states("UU"), kStart + 50s);
  EXPECT_EQ(ramp.parts(pool(), kStart + 50s), (Parts{kWhole, 10}));
}

TEST(Ramp, WhoIsKnownForTheFirstTimeHasItsWholeWeight) {
  Ramp ramp;
  ramp.saw(pool(), states("??"), kStart);
  ramp.saw(pool(), states("UU"), kStart);
  EXPECT_TRUE(ramp.empty());
}

TEST(Ramp, IsOnlyForWeightsAndWhereItIsWanted) {
  for (const Pool& other : {pool(Policy::all), pool(Policy::weighted, 0s)}) {
    Ramp ramp;
    ramp.saw(other, states("Ux"), kStart);
    ramp.saw(other, states("UU"), kStart);
    EXPECT_TRUE(ramp.empty());
  }
}

TEST(Ramp, IsCarriedToAnotherPoolByAddress) {
  Pool before = pool(), after = pool();
  after.members.insert(after.members.begin(), {.address = boost::asio::ip::make_address("10.0.0.9")});
  after.parts[0].size = 3;
  Ramp ramp;
  ramp.saw(before, states("xx"), kStart);
  ramp.saw(before, states("xU"), kStart);
  Ramp carried = ramp.carried(before, after);
  EXPECT_EQ(carried.parts(after, kStart + 32s), (Parts{kWhole, kWhole, kWhole / 2}));
  carried.saw(after, states("?UU"), kStart + 32s);
  EXPECT_EQ(carried.parts(after, kStart + 32s), (Parts{kWhole, 1, kWhole / 2}))
      << "the first was down before";
  EXPECT_EQ(ramp.carried(before, before), ramp);
}

TEST(Ramp, DoesNotHoldBackTheOnlyOneThatIsAlive) {
  Pool two = pool();
  two.parts[0].rules.min_alive.number = 2;
  const Selection selection = select(two, states("xU"), Family::v4);
  ASSERT_EQ(selection.rule, Rule::too_few);
  EXPECT_EQ(choice(two, selection, Geography(), {kWhole, 1}).shares(), (std::vector<double>{0.5, 0.5}));
}

TEST(Ramp, IsWhatSharesGoBy) {
  Selection selection = select(pool(), states("UU"), Family::v4);
  const auto shares = [&](Parts parts) { return choice(pool(), selection, Geography(), parts).shares(); };
  EXPECT_EQ(shares({}), (std::vector<double>{0.5, 0.5}));
  EXPECT_EQ(shares({kWhole, kWhole / 4}), (std::vector<double>{0.8, 0.2}));
  EXPECT_EQ(shares({1, 1}), (std::vector<double>{0.5, 0.5})) << "nobody else is there";
}

}  // namespace
