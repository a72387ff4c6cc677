#include "health/verdict/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string_view>

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

/// A table of `targets` targets and agents a, b, c ... in a location each, which say what they are told to.
class VerdictTableTest : public testing::Test {
 protected:
  void watch(std::size_t targets, std::string_view agents, const std::vector<KeptVerdict>& kept = {}) {
    list = {};
    list.digest = "list " + std::to_string(targets);
    for (std::size_t i = 0; i < targets; ++i) list.targets.push_back({id(i), {}, {}});
    for (const char agent : agents)
      list.agents.push_back({std::string(1, agent), std::string("at-") + agent, {}});
    note(table.watch(list, kept, now, wall));
  }
  static TargetId id(std::size_t i) {
    return {"web", boost::asio::ip::make_address_v4(0xC0000200U + static_cast<std::uint32_t>(i))};
  }
  /// A letter for each target: u, d, or - for no opinion.
  void say(char agent, std::string_view votes, bool blind = false) {
    Ballot ballot{.agent = std::string(1, agent), .incarnation = "1", .sequence = ++sequence, .blind = blind};
    for (const char vote : votes) {
      ballot.votes[list.digest].push_back(vote == 'u'   ? Verdict::up
                                          : vote == 'd' ? Verdict::down
                                                        : Verdict::unknown);
    }
    view.hear_own(ballot, now);
    note(table.look(view, now, wall));
  }
  void pass(std::chrono::seconds time) {
    now += time;
    note(table.tick(now, wall));
  }
  void note(VerdictTable::Moves moves) {
    for (auto& moved : moves.targets) moved_.push_back(std::move(moved));
    for (auto& moved : moves.agents) agents_moved_.push_back(std::move(moved));
    for (auto& doubted : moves.doubts) doubts_.push_back(std::move(doubted));
  }
  std::string verdicts() const {
    std::string letters;
    for (const MergedStatus& status : table.status()) letters += "?ud"[static_cast<int>(status.verdict)];
    return letters;
  }
  Standing standing(char agent) const {
    for (const AgentStatus& one : table.agents())
      if (one.name[0] == agent) return one.standing;
    return Standing::absent;
  }

  VerdictTable::Time now{1h};
  const VerdictTable::WallTime wall{};
  std::uint64_t sequence = 0;
  Watchlist list;
  View view;
  VerdictTable table{"a"};
  std::vector<VerdictTable::Moved> moved_;
  std::vector<VerdictTable::AgentMoved> agents_moved_;
  std::vector<Doubted> doubts_;
};

TEST_F(VerdictTableTest, BelievesTheAgentOfAServerThatIsAlone) {
  watch(3, "");
  say('a', "ud-");
  EXPECT_EQ(verdicts(), "ud?");
  say('a', "duu");
  EXPECT_EQ(verdicts(), "duu");
  EXPECT_EQ(table.status()[0].basis, Basis::single);
  EXPECT_EQ(table.status()[0].transitions, 1U);
}

TEST_F(VerdictTableTest, NeedsTwoLocationsForDown) {
  watch(2, "abc");
  say('a', "uu");
  say('b', "uu");
  say('c', "uu");
  EXPECT_EQ(verdicts(), "uu");
  say('a', "du");
  EXPECT_EQ(verdicts(), "uu");
  say('b', "du");
  EXPECT_EQ(verdicts(), "du");
  EXPECT_EQ(moved_.back().before, Verdict::up);
  EXPECT_EQ(moved_.back().now.votes.size(), 3U);
}

TEST_F(VerdictTableTest, HoldsEverythingWhenNobodyIsHeard) {
  watch(2, "ab");
  say('a', "ud");
  say('b', "ud");
  EXPECT_EQ(verdicts(), "ud");
  moved_.clear();
  pass(24h);
  EXPECT_EQ(verdicts(), "ud");
  EXPECT_TRUE(moved_.empty());
  EXPECT_EQ(table.held(), 2U);
  EXPECT_EQ(standing('a'), Standing::absent);
}

TEST_F(VerdictTableTest, WaitsFiveMinutesBeforeItBelievesOneOfTwoLocations) {
  watch(1, "ab");
  say('a', "u");
  say('b', "u");
  pass(20s);
  say('a', "d");
  for (int i = 0; i < 28; ++i) {
    pass(10s);
    say('a', "d");
    ASSERT_EQ(verdicts(), "u") << i;
  }
  for (int i = 0; i < 3; ++i) {
    pass(10s);
    say('a', "d");
  }
  EXPECT_EQ(verdicts(), "d");
  say('b', "u");
  EXPECT_EQ(verdicts(), "u");
}

TEST_F(VerdictTableTest, DoesNotBelieveWhoIsHeardFirstAfterNobodyWasForLong) {
  watch(1, "abc");
  for (const char agent : {'a', 'b', 'c'}) say(agent, "u");
  pass(20s);
  pass(10min);
  say('a', "d");
  EXPECT_EQ(verdicts(), "u");
  EXPECT_EQ(table.status()[0].basis, Basis::alone);
  say('b', "u");
  say('c', "u");
  EXPECT_EQ(verdicts(), "u");
}

TEST_F(VerdictTableTest, LeavesOutWhoIsBlind) {
  watch(1, "abc");
  for (const char agent : {'a', 'b', 'c'}) say(agent, "u");
  say('b', "d", true);
  say('c', "d");
  EXPECT_EQ(verdicts(), "u");
  EXPECT_EQ(standing('b'), Standing::blind);
}

TEST_F(VerdictTableTest, SuspectsAnAgentThatAloneSeesManyTargetsDown) {
  watch(8, "abc");
  for (const char agent : {'a', 'b', 'c'}) say(agent, "uuuuuuuu");
  say('c', "dddddduu");
  EXPECT_EQ(standing('c'), Standing::suspect);
  EXPECT_EQ(agents_moved_.back().now.name, "c");
  say('a', "duuuuuuu");
  EXPECT_EQ(verdicts(), "uuuuuuuu") << "c does not count";
  say('c', "duuuuuuu");
  EXPECT_EQ(standing('c'), Standing::counted);
  EXPECT_EQ(verdicts(), "duuuuuuu");
}

TEST_F(VerdictTableTest, SuspectsByWhatIsSaidNowWhateverWasSaidBefore) {
  std::minstd_rand any(1);
  const auto chance = [&any](unsigned of) { return any() % of == 0; };
  watch(12, "abcde");
  std::map<char, std::string> votes;
  std::size_t suspected = 0;
  for (int round = 0; round < 2000; ++round) {
    const char agent = static_cast<char>('a' + any() % 5);
    std::string& now_said = votes.try_emplace(agent, 12, 'u').first->second;
    if (chance(20)) now_said.assign(12, "ud-"[any() % 3]);
    now_said[any() % 12] = "uud-"[any() % 4];
    if (chance(10)) pass(std::chrono::seconds(any() % 10));
    if (chance(30)) watch(12, chance(2) ? "abcde" : "acde");
    say(agent, now_said, chance(20));

    VerdictTable fresh("a");
    fresh.watch(list, {}, now, wall);
    fresh.look(view, now, wall);
    for (const AgentStatus& one : fresh.agents()) {
      ASSERT_EQ(standing(one.name[0]), one.standing) << one.name << " in round " << round;
      suspected += one.standing == Standing::suspect;
    }
  }
  EXPECT_GT(suspected, 100U) << "or this says little";
}

TEST_F(VerdictTableTest, TakesDownAFifthOfAllAtATimeOnTheWordOfOneLocation) {
  watch(50, "");
  say('a', std::string(50, 'u'));
  say('a', std::string(50, 'd'));
  const auto downs = [&] { return std::ranges::count(verdicts(), 'd'); };
  EXPECT_EQ(downs(), 10);
  pass(10s);
  say('a', std::string(50, 'd'));
  EXPECT_EQ(downs(), 20);
}

TEST_F(VerdictTableTest, BeginsWithWhatWasKept) {
  watch(2, "", {{id(1), Verdict::down, {}, 7, {}}});
  EXPECT_EQ(verdicts(), "?d");
  EXPECT_EQ(table.status()[1].basis, Basis::kept);
  EXPECT_EQ(table.status()[1].transitions, 7U);
  ASSERT_EQ(moved_.size(), 1U) << "as good as looked at";
  EXPECT_EQ(moved_[0].now.verdict, Verdict::down);
  say('a', "uu");
  EXPECT_EQ(verdicts(), "uu");
}

TEST_F(VerdictTableTest, UnderstandsAgentsThatHaveTheListOfBeforeAReload) {
  watch(2, "ab");
  const std::string before = list.digest;
  watch(3, "ab");
  list.digest = before;
  say('a', "ud");
  say('b', "ud");
  EXPECT_EQ(verdicts(), "ud?");
}

TEST_F(VerdictTableTest, ForgetsTheVotesOfWhoKnowsNoListOfOursAnyMore) {
  watch(2, "ab");
  say('a', "ud");
  watch(3, "ab");
  list.digest = "another";
  say('a', "uuu");
  EXPECT_EQ(table.status()[0].votes.size(), 0U);
}

TEST_F(VerdictTableTest, PassesOverABallotThatIsNotOfItsList) {
  watch(3, "a");
  say('a', "uuu");
  for (const char* of_another_size : {"dd", "dddd", ""}) {
    say('a', of_another_size);
    EXPECT_EQ(verdicts(), "uuu");
    EXPECT_EQ(table.status()[0].basis, Basis::nobody);
  }
}

TEST_F(VerdictTableTest, ForgetsTheVotesOfWhoLeft) {
  watch(1, "abc");
  for (const char agent : {'a', 'b', 'c'}) say(agent, "d");
  view.forget("a");
  view.forget("b");
  note(table.look(view, now, wall));
  EXPECT_EQ(verdicts(), "d") << "held";
  EXPECT_EQ(table.status()[0].basis, Basis::alone);
}

// ---- doubts; the agent of this process is a

class VerdictDoubtTest : public VerdictTableTest {
 protected:
  void believe(Verdict verdict, Doubt doubt) {
    table.believe(id(0), verdict, doubt);
    note(table.tick(now, wall));
  }
  /// Of the first target.
  Doubt doubt() const { return table.status()[0].doubt; }
};

TEST_F(VerdictDoubtTest, IsThatOfTheOwnAgentUntilItsVoteIsTaken) {
  watch(2, "");
  say('a', "uu");
  believe(Verdict::up, {});
  EXPECT_FALSE(doubt());
  believe(Verdict::up, now + 2s);
  EXPECT_EQ(doubt(), now + 2s);
  believe(Verdict::down, {});
  EXPECT_EQ(doubt(), kAnyTime) << "it has not said so yet";
  say('a', "du");
  EXPECT_EQ(verdicts(), "du");
  EXPECT_FALSE(doubt()) << "settled";
}

TEST_F(VerdictDoubtTest, IsToldWhenItChangesAndWithTheVerdictWhereThatDoes) {
  watch(2, "");
  say('a', "uu");
  EXPECT_TRUE(doubts_.empty());
  believe(Verdict::up, now + 2s);
  believe(Verdict::up, now + 2s);
  pass(1s);
  ASSERT_EQ(doubts_.size(), 1U);
  EXPECT_EQ(doubts_[0].target, id(0));
  EXPECT_EQ(doubts_[0].doubt, now + 1s);
  believe(Verdict::up, {});
  ASSERT_EQ(doubts_.size(), 2U);
  EXPECT_FALSE(doubts_[1].doubt);
  moved_.clear();
  table.believe(id(0), Verdict::down, {});
  say('a', "du");
  EXPECT_EQ(doubts_.size(), 2U);
  ASSERT_EQ(moved_.size(), 1U);
  EXPECT_FALSE(moved_[0].now.doubt);
}

TEST_F(VerdictDoubtTest, IsThereWhileTheVerdictHangsOnOneLocation) {
  watch(1, "abc");
  for (const char agent : {'a', 'b', 'c'}) say(agent, "u");
  EXPECT_FALSE(doubt());
  say('b', "d");
  EXPECT_EQ(doubt(), kAnyTime);
  say('c', "d");
  EXPECT_EQ(verdicts(), "d");
  EXPECT_EQ(doubt(), kAnyTime) << "two of three";
  say('a', "d");
  EXPECT_FALSE(doubt());
}

TEST_F(VerdictDoubtTest, IsNotTheOwnAgentsWhereThatDoesNotCount) {
  watch(1, "abc");
  for (const char agent : {'b', 'c'}) say(agent, "u");
  say('a', "u", true);
  believe(Verdict::up, now + 2s);
  EXPECT_FALSE(doubt()) << "it is blind";
  say('a', "u");
  EXPECT_EQ(doubt(), now + 2s);
  watch(1, "bc");
  EXPECT_FALSE(doubt()) << "nobody asks it";
}

TEST_F(VerdictDoubtTest, LastsAsLongAsAFlappingTargetIsHeldDown) {
  watch(1, "");
  for (const char* vote : {"u", "d", "u", "d"}) say('a', vote);
  believe(Verdict::down, {});
  EXPECT_FALSE(doubt());
  believe(Verdict::up, {});
  say('a', "u");
  EXPECT_EQ(verdicts(), "d") << "held";
  const Doubt held = doubt();
  EXPECT_EQ(held, now + kFirstHold);
  believe(Verdict::up, now + 2s);
  EXPECT_EQ(doubt(), held) << "not sooner, whatever is seen";
  pass(kFirstHold / 2);
  say('a', "u");
  EXPECT_EQ(doubt(), held);
  believe(Verdict::up, {});
  view.hear_own(
      {.agent = "a", .incarnation = "1", .sequence = ++sequence, .votes = {{list.digest, {Verdict::up}}}},
      now + 14s);
  note(table.look(view, now, wall));
  pass(kFirstHold / 2);
  EXPECT_EQ(verdicts(), "u");
  EXPECT_FALSE(doubt());
}

TEST_F(VerdictDoubtTest, EndsWithTheTimeForWhichALoneLocationIsNotBelieved) {
  watch(1, "ab");
  say('a', "u");
  say('b', "u");
  pass(20s);
  say('a', "u");
  EXPECT_FALSE(doubt()) << "it says the same";
  say('a', "d");
  EXPECT_EQ(doubt(), now + kAlone);
}

}  // namespace
}  // namespace holdfast::health
