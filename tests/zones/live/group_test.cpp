#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "zones/live/selection.h"

using namespace holdfast::zones;

namespace {

PoolRules by(Policy policy, std::uint32_t ttl = 30) { return {.policy = policy, .ttl = ttl}; }

MemberSettings at(const char* address) { return {.address = boost::asio::ip::make_address(address)}; }

/// A pool of two pools: eu with 10.0.0.1 and 10.0.0.2, us with 10.0.1.1 and fd00::1.
Pool world(Policy policy = Policy::failover, PoolRules inside = {}) {
  Pool pool(by(policy), {});
  pool.groups = {{.name = "eu", .tier = 1, .part = 1}, {.name = "us", .tier = 2, .part = 2}};
  pool.parts.front().groups = 2;
  pool.add_inside(inside, {at("10.0.0.1"), at("10.0.0.2")});
  pool.add_inside(inside, {at("10.0.1.1"), at("fd00::1")});
  return pool;
}

/// Two names, a with 10.0.0.1 and fd00::1, b with 10.0.0.2; and c, of which nothing is known.
Pool names(Policy policy = Policy::all) {
  Pool pool(by(policy), {});
  std::size_t part = 1;
  for (const char* name : {"a.", "b.", "c."}) {
    const auto tier = static_cast<std::uint16_t>(part);
    pool.groups.push_back({.name = name, .data = {1}, .tier = tier, .part = part++});
  }
  pool.parts.front().groups = 3;
  pool.add_inside({}, {at("10.0.0.1"), at("fd00::1")});
  pool.add_inside({}, {at("10.0.0.2")});
  pool.add_inside({}, {});
  return pool;
}

/// Of each member a letter, then of each group: U up, D down, X drained, ? unknown.
MemberStates states(std::string_view letters) {
  MemberStates states;
  for (const char c : letters) {
    if (c == ' ') continue;
    states.push_back(c == 'U'   ? MemberState::up
                     : c == 'D' ? MemberState::down
                     : c == 'X' ? MemberState::drained
                                : MemberState::unknown);
  }
  return states;
}

std::string described(const Pool& pool, const Selection& selection) {
  std::string text;
  auto inside = selection.inside.begin();
  for (const MemberIndex i : selection.members) {
    text += text.empty() ? "" : " ";
    text += pool.group(i) != nullptr ? pool.group(i)->name : pool.members[i].address.to_string();
    if (inside != selection.inside.end() && inside->first == i)
      text += "(" + described(pool, inside++->second) + ")";
  }
  return text;
}

/// "eu(10.0.0.1 10.0.0.2) / 30 / tier 1"
std::string select(const Pool& pool, std::string_view letters, Family family = Family::v4) {
  const Selection selection = select(pool, states(letters), family);
  return described(pool, selection) + " / " + std::to_string(selection.ttl) + " / " + text(selection);
}

TEST(SelectPools, AsksAPoolThatIsChosenInItsTurn) {
  EXPECT_EQ(select(world(), "UUUU ??"), "eu(10.0.0.1 10.0.0.2) / 30 / tier 1");
  EXPECT_EQ(select(world(), "DUUU ??"), "eu(10.0.0.2) / 30 / tier 1");
  EXPECT_EQ(select(world(Policy::all), "DUUU ??"), "eu(10.0.0.2) us(10.0.1.1) / 30 / alive");
}

TEST(SelectPools, TakesAPoolForDownWhereTooFewInItAreAlive) {
  EXPECT_EQ(select(world(), "DDUU ??"), "us(10.0.1.1) / 30 / tier 2");
  EXPECT_EQ(select(world(Policy::failover, {.min_alive = {2}}), "DUUU ??"),
            "eu(10.0.0.1 10.0.0.2) us(10.0.1.1) / 10 / all down: every member")
      << "us has one member of the family, of which two must be alive";
  EXPECT_EQ(select(world(), "DDDU ??"), "eu(10.0.0.1 10.0.0.2) us(10.0.1.1) / 10 / all down: every member");
}

TEST(SelectPools, HasTheFamiliesOfWhatIsInThem) {
  EXPECT_EQ(select(world(), "UUUU ??", Family::v6), "us(fd00::1) / 30 / tier 2");
  EXPECT_EQ(select(world(), "UUUU ??", Family::record), " / 30 / no member");
}

TEST(SelectPools, LeavesOutWhatIsDrained) {
  EXPECT_EQ(select(world(), "XUUU ??"), "eu(10.0.0.2) / 30 / tier 1");
  EXPECT_EQ(select(world(), "XXUU ??"), "us(10.0.1.1) / 30 / tier 2");
  EXPECT_EQ(select(world(), "UUUU X?"), "us(10.0.1.1) / 30 / tier 2") << "the pool as a member";
  EXPECT_EQ(select(world(), "XXDU ??"), "us(10.0.1.1) / 10 / all down: every member");
  EXPECT_EQ(select(world(), "XXXU ??"), " / 30 / drained") << "the other family answers";
  EXPECT_EQ(select(world(), "XXXX ??"),
            "eu(10.0.0.1 10.0.0.2) us(10.0.1.1) / 10 / all drained: every member");
}

TEST(SelectPools, HeedsWhatSomebodyDecidedAboutOne) {
  EXPECT_EQ(select(world(), "UUUU D?"), "us(10.0.1.1) / 30 / tier 2");
  EXPECT_EQ(select(world(), "DDUU U?"), "eu(10.0.0.1 10.0.0.2) / 10 / tier 1")
      << "forced up, while all that is in it is down: with the TTL of that";
}

TEST(SelectPools, HasTheSmallestTtl) {
  EXPECT_EQ(select(world(Policy::failover, by(Policy::all, 20)), "UUUU ??"),
            "eu(10.0.0.1 10.0.0.2) / 20 / tier 1");
  EXPECT_EQ(select(world(Policy::failover, by(Policy::all, 60)), "UUUU ??"),
            "eu(10.0.0.1 10.0.0.2) / 30 / tier 1");
}

TEST(SelectNames, TakesOneForDownWhereAllItsAddressesAre) {
  EXPECT_EQ(select(names(), "UUU ???", Family::record), "a. b. c. / 30 / alive");
  EXPECT_EQ(select(names(), "DUU ???", Family::record), "a. b. c. / 30 / alive") << "its AAAA is up";
  EXPECT_EQ(select(names(), "DDU ???", Family::record), "b. c. / 30 / alive");
  EXPECT_EQ(select(names(), "DDD ??D", Family::record), "a. b. c. / 10 / all down: every member");
}

TEST(SelectNames, TakesOneOfWhichNothingIsKnownForAlive) {
  EXPECT_EQ(select(names(), "DDD ???", Family::record), "c. / 30 / alive");
  EXPECT_EQ(select(names(), "D?D ??D", Family::record), "a. / 30 / alive");
}

TEST(SelectNames, GoesDownTheTiers) {
  EXPECT_EQ(select(names(Policy::failover), "DDU ???", Family::record), "b. / 30 / tier 2");
  EXPECT_EQ(select(names(Policy::failover), "UUU X??", Family::record), "b. / 30 / tier 2") << "a is drained";
  EXPECT_EQ(select(names(Policy::failover), "XXU ???", Family::record), "b. / 30 / tier 2")
      << "both its addresses are";
}

TEST(WholeStates, TellWhatAGroupIsByWhatIsInIt) {
  EXPECT_EQ(whole_states(world(), states("DDUU ??")), states("DDUU DU"));
  EXPECT_EQ(whole_states(world(), states("UUDU ??")), states("UUDU UU")) << "up in one family";
  EXPECT_EQ(whole_states(world(), states("UUDX ??")), states("UUDX UD")) << "drained in the other";
  EXPECT_EQ(whole_states(names(), states("D?D ??X")), states("D?D ?DX"));
}

/// Pools in pools, up to three deep, with whatever rules.
class Random {
 public:
  explicit Random(unsigned seed) : random_(seed) {}

  Pool pool() {
    Pool pool(rules(), addresses());
    add_groups(pool, 0);
    for (std::size_t i = 0; i < pool.groups.size(); ++i) {
      pool.groups[i].part = pool.parts.size();
      pool.add_inside(rules(), addresses());
      if (pool.parts.size() < 6) add_groups(pool, pool.parts.size() - 1);
    }
    return pool;
  }
  MemberStates states(const Pool& pool) {
    MemberStates states;
    for (std::size_t i = 0; i < pool.members.size() + pool.groups.size(); ++i)
      states.push_back(static_cast<MemberState>(below(4)));
    for (std::size_t i = 0; i < pool.groups.size(); ++i) {
      if (below(3) != 0) states[pool.members.size() + i] = MemberState::unknown;
    }
    return states;
  }

 private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  PoolRules rules() {
    return {.policy = static_cast<Policy>(below(5)),
            .limit = static_cast<std::uint16_t>(below(3)),
            .min_alive = {static_cast<std::uint16_t>(1 + below(2)), false}};
  }
  std::vector<MemberSettings> addresses() {
    std::vector<MemberSettings> all;
    for (unsigned i = 1 + below(2); i > 0; --i) {
      all.push_back(at(("10.0.0." + std::to_string(++last_)).c_str()));
      all.back().tier = static_cast<std::uint16_t>(1 + below(2));
      all.back().weight = static_cast<std::uint16_t>(below(3));
    }
    return all;
  }
  void add_groups(Pool& pool, std::size_t part) {
    for (unsigned i = below(3); i > 0; --i) {
      pool.groups.push_back({.name = "g" + std::to_string(pool.groups.size()),
                             .tier = static_cast<std::uint16_t>(1 + below(2)),
                             .weight = static_cast<std::uint16_t>(below(3))});
      ++pool.parts[part].groups;
    }
  }

  std::mt19937 random_;
  unsigned last_ = 0;
};

/// What stands around each member: the groups that it is in.
std::map<MemberIndex, std::vector<MemberIndex>> surroundings(const Pool& pool) {
  std::map<MemberIndex, std::vector<MemberIndex>> all;
  for (const MemberIndex i : pool.all()) {
    std::vector<MemberIndex>& around = all[i];
    std::size_t part = pool.part_of(i);
    while (const Group* group = pool.group_of(part)) {
      const auto at = static_cast<std::size_t>(group - pool.groups.data());
      around.push_back(kGroup + at);
      part = pool.part_of(kGroup + at);
    }
  }
  return all;
}

TEST(SelectPools, NeverAnswerWithNobodyNorWithTheDrained) {
  std::set<std::string> seen;
  for (unsigned seed = 0; seed < 5000; ++seed) {
    Random random(seed);
    const Pool pool = random.pool();
    const MemberStates given = random.states(pool);
    const auto around = surroundings(pool);
    const auto is_drained = [&](MemberIndex i) {
      const auto& groups = around.at(i);
      return given[pool.place(i)] == MemberState::drained ||
             std::any_of(groups.begin(), groups.end(),
                         [&](MemberIndex group) { return given[pool.place(group)] == MemberState::drained; });
    };
    const Selection selection = holdfast::zones::select(pool, given, Family::v4);
    const std::vector<MemberIndex> answering = all_of(selection);
    ASSERT_FALSE(answering.empty()) << seed;
    seen.insert(text(selection));
    if (selection.rule == Rule::all_drained) {
      for (std::size_t i = 0; i < pool.members.size(); ++i)
        EXPECT_TRUE(is_drained(i)) << seed << " member " << i;
      continue;
    }
    for (const MemberIndex i : answering) {
      ASSERT_EQ(pool.group(i), nullptr) << seed;
      EXPECT_FALSE(is_drained(i)) << seed << ", member " << i << ", " << text(selection);
    }
  }
  EXPECT_GE(seen.size(), 5U);
}

TEST(Hashed, GoesByWhatAGroupIsAndNotByWhatIsInIt) {
  const auto chosen = [](const Pool& pool) {
    const Selection selection = holdfast::zones::select(pool, states("UUUU ??"), Family::v4);
    const Choice choice = holdfast::zones::choice(pool, selection, Geography());
    std::vector<std::size_t> firsts;  // of each network
    for (unsigned i = 0; i < 64; ++i) {
      const std::array<std::uint8_t, 3> network{10, 1, static_cast<std::uint8_t>(i)};
      Client client;
      client.address = network;
      Choice::Drawn drawn;
      firsts.push_back(choice.pick(client, drawn).first);
    }
    return firsts;
  };
  const Pool pool = world(Policy::hashed);
  Pool other = pool;
  other.members.front() = at("10.9.9.9");
  EXPECT_EQ(chosen(pool), chosen(other));
  const std::vector<std::size_t> each = chosen(pool);
  EXPECT_EQ(std::set<std::size_t>(each.begin(), each.end()), (std::set<std::size_t>{0, 1}));
}

}  // namespace
