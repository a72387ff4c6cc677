#include "zones/live/selection.h"

#include <gtest/gtest.h>

using namespace holdfast::zones;

namespace {

/// "ADDRESS", "ADDRESS@TIER"
std::vector<MemberSettings> members(std::initializer_list<const char*> texts) {
  std::vector<MemberSettings> all;
  for (std::string member : texts) {
    const auto at = member.find('@');
    const auto tier = at == std::string::npos ? 1 : std::stoi(member.substr(at + 1));
    all.push_back({.address = boost::asio::ip::make_address(member.substr(0, at)),
                   .tier = static_cast<std::uint16_t>(tier)});
  }
  return all;
}

/// Of each member a letter: U up, D down, X drained, ? unknown.
std::vector<MemberState> states(std::string_view letters) {
  std::vector<MemberState> states;
  for (const char c : letters) {
    states.push_back(c == 'U'   ? MemberState::up
                     : c == 'D' ? MemberState::down
                     : c == 'X' ? MemberState::drained
                                : MemberState::unknown);
  }
  return states;
}

/// "10.0.0.1 10.0.0.2 / 30 / alive"
std::string select(const Pool& pool, std::string_view letters, Family family = Family::v4,
                   const std::vector<std::size_t>& last_good = {}) {
  const Selection selection = select(pool, states(letters), family, last_good);
  std::string text;
  for (const std::size_t i : selection.members) text += pool.members[i].address.to_string() + " ";
  return text + "/ " + std::to_string(selection.ttl) + " / " + holdfast::zones::text(selection);
}

std::string select(std::initializer_list<const char*> texts, std::string_view letters, Policy policy,
                   Family family = Family::v4) {
  return select(Pool(PoolRules{.policy = policy}, members(texts)), letters, family);
}

TEST(SelectAll, LeavesOutWhatIsDown) {
  EXPECT_EQ(select({"10.0.0.1", "10.0.0.2"}, "UU", Policy::all), "10.0.0.1 10.0.0.2 / 30 / alive");
  EXPECT_EQ(select({"10.0.0.1", "10.0.0.2"}, "DU", Policy::all), "10.0.0.2 / 30 / alive");
}

TEST(SelectAll, TakesUnknownForAlive) {
  EXPECT_EQ(select({"10.0.0.1", "10.0.0.2"}, "?D", Policy::all), "10.0.0.1 / 30 / alive");
}

TEST(SelectAll, AnswersWithEverybodyWhenAllAreDown) {
  EXPECT_EQ(select({"10.0.0.1", "10.0.0.2"}, "DD", Policy::all),
            "10.0.0.1 10.0.0.2 / 10 / all down: every member");
}

TEST(SelectAll, ChoosesEachFamilyByItself) {
  const auto members = {"10.0.0.1", "fd00::1"};
  EXPECT_EQ(select(members, "UD", Policy::all, Family::v4), "10.0.0.1 / 30 / alive");
  EXPECT_EQ(select(members, "UD", Policy::all, Family::v6), "fd00::1 / 10 / all down: every member");
  EXPECT_EQ(select({"10.0.0.1"}, "U", Policy::all, Family::v6), "/ 30 / no member");
}

TEST(SelectFailover, TakesTheLowestTierThatIsAlive) {
  const auto members = {"10.0.0.3@3", "10.0.0.1@1", "10.0.0.2@2", "10.0.0.22@2"};
  EXPECT_EQ(select(members, "UUUU", Policy::failover), "10.0.0.1 / 30 / tier 1");
  EXPECT_EQ(select(members, "UDUU", Policy::failover), "10.0.0.2 10.0.0.22 / 30 / tier 2");
  EXPECT_EQ(select(members, "UDDU", Policy::failover), "10.0.0.22 / 30 / tier 2");
  EXPECT_EQ(select(members, "UDDD", Policy::failover), "10.0.0.3 / 30 / tier 3");
  EXPECT_EQ(select(members, "U?UU", Policy::failover), "10.0.0.1 / 30 / tier 1");
}

TEST(SelectFailover, AnswersWithEveryTierWhenAllAreDown) {
  EXPECT_EQ(select({"10.0.0.1@1", "10.0.0.2@2"}, "DD", Policy::failover),
            "10.0.0.1 10.0.0.2 / 10 / all down: every member");
}

TEST(SelectAll, NeverAnswersWithWhatIsDrained) {
  const auto members = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
  EXPECT_EQ(select(members, "XUU", Policy::all), "10.0.0.2 10.0.0.3 / 30 / alive");
  EXPECT_EQ(select(members, "XDU", Policy::all), "10.0.0.3 / 30 / alive");
  EXPECT_EQ(select(members, "XDD", Policy::all), "10.0.0.2 10.0.0.3 / 10 / all down: every member");
  EXPECT_EQ(select(members, "XX?", Policy::all), "10.0.0.3 / 30 / alive");
}

TEST(SelectAll, LeavesADrainedFamilyToTheOther) {
  const auto members = {"10.0.0.1", "fd00::1", "fd00::2"};
  EXPECT_EQ(select(members, "UXX", Policy::all, Family::v6), "/ 30 / drained");
  EXPECT_EQ(select(members, "UXX", Policy::all, Family::v4), "10.0.0.1 / 30 / alive");
  EXPECT_EQ(select(members, "DXX", Policy::all, Family::v6), "/ 30 / drained");
  EXPECT_EQ(select(members, "XUD", Policy::all, Family::v4), "/ 30 / drained");
}

TEST(SelectAll, AnswersWithEverybodyWhenNobodyIsLeft) {
  const auto members = {"10.0.0.1", "10.0.0.2", "fd00::1"};
  EXPECT_EQ(select(members, "XXX", Policy::all), "10.0.0.1 10.0.0.2 / 10 / all drained: every member");
  EXPECT_EQ(select(members, "XXX", Policy::all, Family::v6), "fd00::1 / 10 / all drained: every member");
}

TEST(SelectFailover, GoesOnToTheNextTierWhenOneIsDrained) {
  const auto members = {"10.0.0.1@1", "10.0.0.2@2", "10.0.0.3@3"};
  EXPECT_EQ(select(members, "XUU", Policy::failover), "10.0.0.2 / 30 / tier 2");
  EXPECT_EQ(select(members, "XDD", Policy::failover), "10.0.0.2 10.0.0.3 / 10 / all down: every member");
}

// ---- too few alive

Pool pool_of_three(PoolRules rules) { return Pool(rules, members({"10.0.0.1", "10.0.0.2", "10.0.0.3"})); }

TEST(SelectMinimum, IsANumberOfMembersThatMustBeAlive) {
  const Pool pool = pool_of_three({.min_alive = {2}});
  EXPECT_EQ(select(pool, "UUD"), "10.0.0.1 10.0.0.2 / 30 / alive");
  EXPECT_EQ(select(pool, "UDD"), "10.0.0.1 10.0.0.2 10.0.0.3 / 10 / too few alive: every member");
  EXPECT_EQ(select(pool, "DDD"), "10.0.0.1 10.0.0.2 10.0.0.3 / 10 / all down: every member");
  EXPECT_EQ(select(pool, "UDX"), "10.0.0.1 10.0.0.2 / 10 / too few alive: every member");
}

TEST(SelectMinimum, OrAShareOfThoseThatAreNotDrained) {
  const Pool pool = pool_of_three({.min_alive = {50, true}});
  EXPECT_EQ(select(pool, "UUD"), "10.0.0.1 10.0.0.2 / 30 / alive");
  EXPECT_EQ(select(pool, "UDD"), "10.0.0.1 10.0.0.2 10.0.0.3 / 10 / too few alive: every member");
  EXPECT_EQ(select(pool, "UDX"), "10.0.0.1 / 30 / alive") << "one of the two that are left";
  EXPECT_EQ(Minimum({1, true}).of(3), 1U);
  EXPECT_EQ(Minimum({100, true}).of(3), 3U);
  EXPECT_EQ(Minimum({34, true}).of(3), 2U) << "a part of a member is a whole one";
  EXPECT_EQ(Minimum({50, true}).of(0), 1U);
}

TEST(SelectMinimum, IsOfATier) {
  const Pool pool(PoolRules{.policy = Policy::failover, .min_alive = {2}},
                  members({"10.0.0.1@1", "10.0.0.2@1", "10.0.0.3@2", "10.0.0.4@2"}));
  EXPECT_EQ(select(pool, "UUUU"), "10.0.0.1 10.0.0.2 / 30 / tier 1");
  EXPECT_EQ(select(pool, "UDUU"), "10.0.0.3 10.0.0.4 / 30 / tier 2");
  EXPECT_EQ(select(pool, "UDUD"), "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 / 10 / too few alive: every member");
}

/// What each rule answers with one of two members after the other gone.
TEST(SelectWhenDown, IsWhatThePoolSays) {
  const std::vector<std::size_t> before{1};
  const auto of = [&](WhenDown when_down, std::string_view letters) {
    return select(Pool(PoolRules{.when_down = when_down}, members({"10.0.0.1", "10.0.0.2"})), letters,
                  Family::v4, before);
  };
  for (const WhenDown any : {WhenDown::all, WhenDown::last_good, WhenDown::nodata, WhenDown::servfail}) {
    EXPECT_EQ(of(any, "UU"), "10.0.0.1 10.0.0.2 / 30 / alive");
    EXPECT_EQ(of(any, "DU"), "10.0.0.2 / 30 / alive");
    EXPECT_EQ(of(any, "XU"), "10.0.0.2 / 30 / alive");
  }
  EXPECT_EQ(of(WhenDown::all, "DD"), "10.0.0.1 10.0.0.2 / 10 / all down: every member");
  EXPECT_EQ(of(WhenDown::all, "XD"), "10.0.0.2 / 10 / all down: every member");
  EXPECT_EQ(of(WhenDown::all, "XX"), "10.0.0.1 10.0.0.2 / 10 / all drained: every member");
  EXPECT_EQ(of(WhenDown::last_good, "DD"), "10.0.0.2 / 10 / too few alive: those of before");
  EXPECT_EQ(of(WhenDown::last_good, "DX"), "10.0.0.1 / 10 / all down: every member") << "that one is drained";
  EXPECT_EQ(of(WhenDown::last_good, "XX"), "10.0.0.1 10.0.0.2 / 10 / all drained: every member");
  EXPECT_EQ(of(WhenDown::nodata, "DD"), "/ 10 / too few alive: no records");
  EXPECT_EQ(of(WhenDown::nodata, "XX"), "/ 10 / too few alive: no records");
  EXPECT_EQ(of(WhenDown::servfail, "DD"), "/ 10 / too few alive: SERVFAIL");
  EXPECT_EQ(of(WhenDown::servfail, "XD"), "/ 10 / too few alive: SERVFAIL");
}

TEST(SelectFallback, AnswersWhileTooFewAreAlive) {
  Pool pool(PoolRules{.min_alive = {2}}, members({"10.0.0.1", "10.0.0.2", "fd00::1"}));
  pool.add({.policy = Policy::failover}, members({"10.1.0.1@1", "10.1.0.2@2"}));
  EXPECT_EQ(select(pool, "UU?UU"), "10.0.0.1 10.0.0.2 / 30 / alive");
  EXPECT_EQ(select(pool, "UD?UU"), "10.1.0.1 / 10 / fallback 1: tier 1");
  EXPECT_EQ(select(pool, "UD?DU"), "10.1.0.2 / 10 / fallback 1: tier 2");
  EXPECT_EQ(select(pool, "UD?DD"), "10.1.0.1 10.1.0.2 / 10 / fallback 1: all down: every member");
  EXPECT_EQ(select(pool, "XXUUU"), "10.1.0.1 / 10 / fallback 1: tier 1") << "drained, and IPv6 is left";
  EXPECT_EQ(select(pool, "UUD??", Family::v6), "fd00::1 / 10 / all down: every member")
      << "the fallback has no IPv6";
  EXPECT_EQ(select(pool, "UUXUU", Family::v6), "/ 30 / drained") << "and none is made up";
}

TEST(SelectFallback, IsLeftAgainWhenNobodyOfItMayAnswer) {
  Pool pool({}, members({"10.0.0.1", "fd00::1"}));
  pool.add({}, members({"10.1.0.1", "fd00::2"}));
  EXPECT_EQ(select(pool, "DUXU"), "10.0.0.1 / 10 / all down: every member") << "who is drained stays so";
  EXPECT_EQ(select(pool, "DUXX"), "10.0.0.1 / 10 / all down: every member");
  EXPECT_EQ(select(pool, "XUXU"), "/ 30 / drained");
  EXPECT_EQ(select(pool, "XXXX"), "10.0.0.1 / 10 / all drained: every member");
}

TEST(SelectFallback, HasRulesOfItsOwnAndAnotherBehindIt) {
  Pool pool({}, members({"10.0.0.1"}));
  pool.add({.when_down = WhenDown::servfail}, members({"10.1.0.1"}));
  EXPECT_EQ(select(pool, "DD"), "/ 10 / fallback 1: too few alive: SERVFAIL");
  pool.add({}, members({"10.2.0.1"}));
  EXPECT_EQ(select(pool, "DDU"), "10.2.0.1 / 10 / fallback 2: alive");
  EXPECT_EQ(select(pool, "D?U"), "10.1.0.1 / 10 / fallback 1: alive");
}

TEST(SelectTtl, IsNeverMadeLonger) {
  const Pool pool(PoolRules{.ttl = 5}, members({"10.0.0.1"}));
  EXPECT_EQ(select(pool, "D"), "10.0.0.1 / 5 / all down: every member");
  EXPECT_EQ(select(pool, states("D"), Family::v4).ttl_rule, TtlRule::pool);
  EXPECT_EQ(select(pool_of_three({}), states("DDD"), Family::v4).ttl_rule, TtlRule::down);
}

TEST(SelectLimit, IsOneWhereMembersAreDrawnElseNone) {
  const auto each = [](PoolRules rules) {
    return select(pool_of_three(rules), states("UUU"), Family::v4).each;
  };
  EXPECT_EQ(each({.policy = Policy::all}), 3U);
  EXPECT_EQ(each({.policy = Policy::all, .limit = 2}), 2U);
  EXPECT_EQ(each({.policy = Policy::all, .limit = 9}), 3U);
  EXPECT_EQ(each({.policy = Policy::failover, .limit = 1}), 1U);
  EXPECT_EQ(each({.policy = Policy::weighted}), 1U);
  EXPECT_EQ(each({.policy = Policy::hashed, .limit = 2}), 2U);
}

TEST(SelectWeighted, LeavesOutWhoWeighsNothingWhileOthersDo) {
  std::vector<MemberSettings> three = members({"10.0.0.1", "10.0.0.2", "10.0.0.3"});
  three[0].weight = three[2].weight = 0;
  const Pool pool(PoolRules{.policy = Policy::weighted, .limit = 2}, three);
  EXPECT_EQ(select(pool, "UUU"), "10.0.0.2 / 30 / alive");
  EXPECT_EQ(select(pool, "UDU"), "10.0.0.1 10.0.0.3 / 30 / alive");
  EXPECT_EQ(select(pool, states("UUU"), Family::v4).each, 1U);
}

TEST(SelectWeighted, TakesWhoStandsByBeforeWhoIsDown) {
  std::vector<MemberSettings> three = members({"10.0.0.1", "10.0.0.2", "10.0.0.3"});
  three[2].weight = 0;
  const Pool pool(PoolRules{.policy = Policy::weighted, .min_alive = {2}}, three);
  EXPECT_EQ(select(pool, "DDU"), "10.0.0.3 / 10 / too few alive: every member");
  EXPECT_EQ(select(pool, "UDU"), "10.0.0.1 / 30 / alive");
  EXPECT_EQ(select(pool, "DDD"), "10.0.0.1 10.0.0.2 / 10 / all down: every member");
}

/// Every pool of up to four members in every state, by every policy and rule.
TEST(Select, NeverAnswersWithNobodyNorWithTheDrained) {
  constexpr std::string_view kLetters = "UDX?";
  for (const Policy policy : {Policy::all, Policy::failover, Policy::weighted, Policy::hashed}) {
    for (const WhenDown when_down :
         {WhenDown::all, WhenDown::last_good, WhenDown::nodata, WhenDown::servfail}) {
      for (const Minimum minimum : {Minimum{1}, Minimum{2}, Minimum{50, true}}) {
        const Pool pool(PoolRules{.policy = policy, .min_alive = minimum, .when_down = when_down},
                        members({"10.0.0.1@1", "10.0.0.2@2", "10.0.0.3@1", "fd00::1"}));
        for (int code = 0; code < 256; ++code) {
          std::string letters;
          for (int i = 0; i < 4; ++i) letters += kLetters[static_cast<std::size_t>(code >> 2 * i & 3)];
          for (const Family family : {Family::v4, Family::v6}) {
            const Selection selection = select(pool, states(letters), family, {0, 3});
            const bool all_drained = letters == "XXXX";
            const bool family_drained =
                (family == Family::v4 ? letters.substr(0, 3) == "XXX" : letters[3] == 'X');
            const bool is_silent = when_down == WhenDown::nodata || when_down == WhenDown::servfail;
            if (!is_silent && (!family_drained || all_drained)) {
              EXPECT_GT(choice(pool, selection, Geography()).each(), 0U) << letters;
            }
            if (is_good(selection.rule)) {
              EXPECT_FALSE(selection.members.empty()) << letters;
            }
            for (const std::size_t member : selection.members) {
              EXPECT_TRUE(letters[member] != 'X' || all_drained) << letters;
              if (is_good(selection.rule)) {
                EXPECT_NE(letters[member], 'D') << letters;
              }
            }
          }
        }
      }
    }
  }
}

TEST(Select, NeverAnswersWithTheDrainedOfAFallbackEither) {
  constexpr std::string_view kLetters = "UDX?";
  for (const auto& fallback :
       {members({"10.1.0.1"}), members({"10.1.0.1", "fd00::2"}), members({"fd00::2"})}) {
    for (const Minimum minimum : {Minimum{1}, Minimum{100, true}}) {
      Pool pool(PoolRules{.min_alive = minimum}, members({"10.0.0.1", "fd00::1"}));
      pool.add({.policy = Policy::weighted, .min_alive = minimum}, fallback);
      const std::size_t size = pool.members.size();
      for (std::size_t code = 0; code < std::size_t{1} << 2 * size; ++code) {
        std::string letters;
        for (std::size_t i = 0; i < size; ++i) letters += kLetters[code >> 2 * i & 3];
        for (const Family family : {Family::v4, Family::v6}) {
          const Selection selection = select(pool, states(letters), family);
          bool is_left = false, is_any_left = false;
          for (std::size_t i = 0; i < size; ++i) {
            is_any_left = is_any_left || letters[i] != 'X';
            is_left =
                is_left || (letters[i] != 'X' && pool.members[i].address.is_v4() == (family == Family::v4));
          }
          EXPECT_EQ(selection.members.empty(), !is_left && is_any_left) << letters;
          for (const std::size_t member : selection.members)
            EXPECT_TRUE(letters[member] != 'X' || !is_any_left) << letters;
          EXPECT_LE(selection.ttl, is_good(selection.rule) && selection.part == 0 ? 30U
                                   : selection.rule == Rule::drained              ? 30U
                                                                                  : 10U);
        }
      }
    }
  }
}

/// What a choice gives does not hang on the order in which members stand.
TEST(SelectHashed, GoesByWhoAMemberIs) {
  const Pool one(PoolRules{.policy = Policy::hashed}, members({"10.0.0.1", "10.0.0.2", "10.0.0.3"}));
  const Pool other(PoolRules{.policy = Policy::hashed}, members({"10.0.0.3", "10.0.0.1", "10.0.0.2"}));
  const auto given = [](const Pool& pool, std::uint8_t octet) {
    const Selection selection = select(pool, states("UUU"), Family::v4);
    const std::uint8_t address[] = {10, 0, octet, 1};
    Choice::Drawn drawn;
    const Choice::Picked picked = choice(pool, selection, Geography()).pick({.address = address}, drawn);
    return pool.members[selection.members[picked.first]].address;
  };
  for (std::uint8_t octet = 0; octet < 100; ++octet) EXPECT_EQ(given(one, octet), given(other, octet));
}

}  // namespace
