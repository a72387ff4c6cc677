#include "zones/live/selection.h"

#include <gtest/gtest.h>

using namespace holdfast::zones;

namespace {

/// Members as "ADDRESS" or "ADDRESS@TIER"; their states as a timeline's letters: U up, D down, X drained, ? unknown.
std::string select(std::initializer_list<const char*> members, std::string_view states, Policy policy,
                   Family family = Family::v4) {
  std::vector<MemberSettings> settings;
  for (std::string member : members) {
    const auto at = member.find('@');
    const auto tier = at == std::string::npos ? 1 : std::stoi(member.substr(at + 1));
    settings.push_back({.address = boost::asio::ip::make_address(member.substr(0, at)),
                        .tier = static_cast<std::uint16_t>(tier)});
  }
  const Pool pool(PoolRules{.policy = policy}, settings);
  std::vector<MemberState> known;
  for (const char c : states) {
    known.push_back(c == 'U'   ? MemberState::up
                    : c == 'D' ? MemberState::down
                    : c == 'X' ? MemberState::drained
                               : MemberState::unknown);
  }
  const Selection selection = select(pool, known, family);
  std::string text;
  for (const std::size_t i : selection.members) text += pool.members[i].address.to_string() + " ";
  return text + "/ " + std::to_string(selection.ttl) + " / " +
         holdfast::zones::text(selection);
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

}  // namespace
