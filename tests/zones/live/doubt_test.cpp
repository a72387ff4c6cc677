#include "zones/live/doubt.h"

#include <gtest/gtest.h>

using namespace holdfast::zones;

namespace {

/// Members 10.0.0.1 and so on, of the tiers that are given.
Pool pool_of(PoolRules rules, std::initializer_list<std::uint16_t> tiers) {
  std::vector<MemberSettings> members;
  for (const std::uint16_t tier : tiers) {
    const auto number = static_cast<std::uint32_t>(members.size() + 1);
    members.push_back({.address = boost::asio::ip::make_address_v4(0x0a000000U + number), .tier = tier});
  }
  return Pool(rules, members);
}

/// Of each member a letter: U up, D down, X drained; small: another one in `left` seconds (up of who is down or drained).
Selection chosen(const Pool& pool, std::string_view letters, std::vector<int> left,
                 const std::vector<std::size_t>& last_good = {}) {
  std::vector<MemberState> states;
  std::vector<Doubt> doubts;
  std::size_t next = 0;
  for (const char c : letters) {
    const bool is_up = c == 'U' || c == 'u';
    if (c == 'u' || c == 'd' || c == 'x') {
      doubts.push_back({.member = states.size(),
                        .then = is_up ? MemberState::down : MemberState::up,
                        .left = std::chrono::seconds(left.at(next++))});
    }
    states.push_back(is_up                  ? MemberState::up
                     : c == 'D' || c == 'd' ? MemberState::down
                                            : MemberState::drained);
  }
  return select(pool, states, Family::v4, last_good, doubts);
}

/// "12 doubt 0": the TTL, and which member is why.
std::string ttl(const Pool& pool, std::string_view letters, std::vector<int> left = {},
                const std::vector<std::size_t>& last_good = {}) {
  const Selection selection = chosen(pool, letters, std::move(left), last_good);
  const char* const rule = selection.ttl_rule == TtlRule::pool   ? "pool"
                           : selection.ttl_rule == TtlRule::down ? "down"
                                                                 : "doubt ";
  return std::to_string(selection.ttl) + " " + rule +
         (selection.ttl_rule == TtlRule::doubt ? std::to_string(selection.doubtful) : "");
}

TEST(DoubtTtl, IsThePoolsWhileAllIsSettled) {
  EXPECT_EQ(ttl(pool_of({}, {1, 1}), "UU"), "30 pool");
  EXPECT_EQ(ttl(pool_of({}, {1, 1}), "DD"), "10 down");
}

TEST(DoubtTtl, DoesNotOutlastWhatMayChangeSoonest) {
  const Pool pool = pool_of({}, {1, 1});
  EXPECT_EQ(ttl(pool, "uU", {12}), "12 doubt 0") << "may go down";
  EXPECT_EQ(ttl(pool, "Ud", {12}), "12 doubt 1") << "may be up";
  EXPECT_EQ(ttl(pool, "xU", {12}), "12 doubt 0") << "the end of a drain";
  EXPECT_EQ(ttl(pool, "uu", {20, 12}), "12 doubt 1");
  EXPECT_EQ(ttl(pool, "uU", {300}), "30 pool");
  EXPECT_EQ(ttl(pool, "uU", {30}), "30 pool");
}

TEST(DoubtTtl, HasAFloor) {
  const Pool pool = pool_of({}, {1, 1});
  EXPECT_EQ(ttl(pool, "uU", {6}), "6 doubt 0");
  EXPECT_EQ(ttl(pool, "uU", {5}), "5 doubt 0");
  EXPECT_EQ(ttl(pool, "uU", {0}), "5 doubt 0");
}

TEST(DoubtTtl, IsNeverMadeLonger) {
  EXPECT_EQ(ttl(pool_of({.ttl = 3}, {1, 1}), "uU", {0}), "3 pool");
  EXPECT_EQ(ttl(pool_of({.ttl = 5}, {1, 1}), "uU", {0}), "5 pool");
  EXPECT_EQ(ttl(pool_of({}, {1, 1}), "dD", {12}), "10 down") << "all are down";
  EXPECT_EQ(ttl(pool_of({}, {1, 1}), "dD", {7}), "7 doubt 0");
}

TEST(DoubtTtl, IsNotThatOfWhoDoesNotMatter) {
  const Pool pool = pool_of({.policy = Policy::failover}, {1, 2, 3});
  EXPECT_EQ(ttl(pool, "Uuu", {0, 0}), "30 pool") << "behind the tier that answers";
  EXPECT_EQ(ttl(pool, "uUU", {0}), "5 doubt 0");
  EXPECT_EQ(ttl(pool, "dUu", {0, 0}), "5 doubt 0") << "before it";
  EXPECT_EQ(ttl(pool, "DuU", {0}), "5 doubt 1");
  EXPECT_EQ(ttl(pool, "uuU", {12, 0}), "12 doubt 0") << "the second tier only matters once the first is gone";

  Pool falling = pool_of({}, {1, 1});
  falling.add({}, {{.address = boost::asio::ip::make_address("10.1.0.1")},
                   {.address = boost::asio::ip::make_address("10.1.0.2")}});
  EXPECT_EQ(ttl(falling, "UUuU", {0}), "30 pool");
  EXPECT_EQ(ttl(falling, "DDuU", {0}), "5 doubt 2");
  EXPECT_EQ(ttl(falling, "dDUU", {0}), "5 doubt 0");

  EXPECT_EQ(ttl(pool_of({}, {1}), "u", {0}), "30 pool")
      << "the only one, which is answered with when it is down";
  EXPECT_EQ(ttl(pool_of({.when_down = WhenDown::nodata}, {1}), "u", {0}), "5 doubt 0");
  EXPECT_EQ(ttl(pool_of({.when_down = WhenDown::last_good}, {1, 1}), "Du", {0}, {0, 1}), "30 pool")
      << "it would be answered with as before";
}

TEST(DoubtTtl, IsThatOfSeveralTogetherWhereNoneMattersAlone) {
  const Pool pool = pool_of({.min_alive = {3}}, {1, 1, 1, 1});
  EXPECT_EQ(ttl(pool, "UDDd", {6}), "10 down") << "two of three needed";
  EXPECT_EQ(ttl(pool, "UDdd", {6, 8}), "8 doubt 3");
}

TEST(DoubtTtl, HasNothingToDoWithWhatIsAnswered) {
  const Pool pool = pool_of({}, {1, 1});
  EXPECT_TRUE(is_same_but_for_ttl(chosen(pool, "uU", {7}), chosen(pool, "UU", {})));
  EXPECT_NE(chosen(pool, "uU", {7}), chosen(pool, "UU", {}));
  EXPECT_FALSE(is_same_but_for_ttl(chosen(pool, "DU", {}), chosen(pool, "UU", {})));
}

}  // namespace
