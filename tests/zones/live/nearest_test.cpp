#include <gtest/gtest.h>

#include <set>

#include "zones/live/selection.h"

using namespace holdfast::zones;

namespace {

/// The world: europe with cork and paris in it, asia with tokyo; clients by networks, 10.1.0.0/16 in cork and so on.
std::shared_ptr<const Geography> world() {
  const auto network = [](const char* text) { return std::vector{Prefix::parse(text).prefix.value()}; };
  std::vector<Region> regions;
  regions.push_back({.name = "europe", .networks = network("10.9.0.0/16")});
  regions.push_back({.name = "cork",
                     .parent = 0,
                     .networks = network("10.1.0.0/16"),
                     .coordinates = Coordinates{51.9, -8.5}});
  regions.push_back({.name = "paris",
                     .parent = 0,
                     .networks = network("10.2.0.0/16"),
                     .coordinates = Coordinates{48.9, 2.4}});
  regions.push_back({.name = "asia"});
  regions.push_back({.name = "tokyo",
                     .parent = 3,
                     .networks = network("10.3.0.0/16"),
                     .coordinates = Coordinates{35.7, 139.7}});
  auto places = std::make_shared<const Places>(compile(regions, nullptr));
  return std::make_shared<const Geography>(std::move(regions), std::move(places));
}

/// Members as "LAST_OCTET@LOCATION".
Pool pool_of(std::initializer_list<const char*> texts, std::uint16_t limit = 0) {
  std::vector<MemberSettings> members;
  for (const std::string text : texts) {
    const auto at = text.find('@');
    members.push_back({.address = boost::asio::ip::make_address("192.0.2." + text.substr(0, at)),
                       .location = at == std::string::npos ? "" : text.substr(at + 1)});
  }
  return {PoolRules{.policy = Policy::nearest, .limit = limit}, members};
}

struct Got {
  std::set<int> members{};  // last octets
  int scope = 0;
};

/// What a client at 10.NETWORK.0.1 gets while the members that are named are down.
Got got(const Pool& pool, std::uint8_t network, const std::set<int>& down = {}, std::uint64_t random = 0) {
  static const auto geography = world();
  std::vector<MemberState> states;
  for (const MemberSettings& member : pool.members)
    states.push_back(down.count(member.address.to_v4().to_bytes()[3]) != 0 ? MemberState::down
                                                                           : MemberState::up);
  const Selection selection = select(pool, states, Family::v4);
  const std::uint8_t address[] = {10, network, 0, 1};
  Choice::Drawn drawn;
  const Choice chosen = choice(pool, selection, *geography);
  const Choice::Picked picked =
      chosen.pick({.address = address, .random = random, .places = geography->places().get()}, drawn);
  Got got{.scope = picked.scope};
  for (std::size_t i = 0; i < picked.count; ++i) {
    const std::size_t candidate = picked.is_drawn ? drawn[i] : (picked.first + i) % chosen.candidates();
    got.members.insert(pool.members[selection.members[candidate]].address.to_v4().to_bytes()[3]);
  }
  return got;
}

using Set = std::set<int>;

TEST(SelectNearest, GivesTheMembersOfTheClientsPlace) {
  const Pool pool = pool_of({"1@cork", "2@paris", "3@tokyo", "4@cork"});
  EXPECT_EQ(got(pool, 1).members, (Set{1, 4}));
  EXPECT_EQ(got(pool, 2).members, Set{2});
  EXPECT_EQ(got(pool, 3).members, Set{3});
  EXPECT_EQ(got(pool, 1).scope, 16);
}

TEST(SelectNearest, FallsOutwardWhenAPlaceIsDown) {
  const Pool pool = pool_of({"1@cork", "2@paris", "3@tokyo"});
  EXPECT_EQ(got(pool, 1, {1}).members, Set{2}) << "of europe";
  EXPECT_EQ(got(pool, 1, {1, 2}).members, Set{3});
  EXPECT_EQ(got(pool, 3, {3}).members, Set{2}) << "paris is nearer to tokyo than cork";
  EXPECT_EQ(got(pool, 1, {1, 2, 3}).members, Set{1}) << "all are down: the nearest of all";
}

TEST(SelectNearest, GoesByWhatPlacesAreInBeforeKilometres) {
  EXPECT_EQ(got(pool_of({"1@paris", "2@asia"}), 3).members, Set{2});
  EXPECT_EQ(got(pool_of({"1@europe", "2@tokyo"}), 1).members, Set{1});
  EXPECT_EQ(got(pool_of({"1@cork", "2@paris"}), 9).members.size(), 2U)
      << "both are in europe, which is nowhere more exactly";
}

TEST(SelectNearest, GivesAnyToWhoIsNowhere) {
  const Pool pool = pool_of({"1@cork", "2@paris", "3@tokyo"});
  EXPECT_EQ(got(pool, 77).members, (Set{1, 2, 3}));
}

TEST(SelectNearest, TakesAMemberWithoutALocationForTheFarthest) {
  const Pool pool = pool_of({"1", "2@tokyo"});
  EXPECT_EQ(got(pool, 1).members, Set{2});
  EXPECT_EQ(got(pool, 1, {2}).members, Set{1});
  EXPECT_EQ(got(pool_of({"1", "2@nowhere-that-is-known"}), 1).members, (Set{1, 2}));
  EXPECT_EQ(got(pool_of({"1", "2"}), 1).scope, 0) << "where it is makes no difference";
}

TEST(SelectNearest, GivesNoMoreThanTheLimitInTurns) {
  const Pool pool = pool_of({"1@cork", "2@cork", "3@cork", "4@paris"}, 2);
  std::set<Set> came;
  for (std::uint64_t i = 0; i < 100; ++i) came.insert(got(pool, 1, {}, i).members);
  EXPECT_EQ(came, (std::set<Set>{{1, 2}, {2, 3}, {3, 1}}));
  EXPECT_EQ(got(pool, 2).members, Set{4});
}

}  // namespace
