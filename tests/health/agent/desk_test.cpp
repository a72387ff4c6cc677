#include "health/agent/desk.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

constexpr View::Time kNow{1h};

TargetId id(const char* address, const char* monitor = "web") {
  return {monitor, boost::asio::ip::make_address(address)};
}

Watchlist list(std::initializer_list<const char*> addresses, std::initializer_list<const char*> agents,
               std::uint16_t port = 80) {
  Watchlist list;
  for (const char* address : addresses) {
    MonitorSettings monitor;
    monitor.name = "web";
    monitor.type = Protocol::tcp;
    monitor.port = port;
    list.targets.push_back({id(address), monitor, {}});
    list.digest += address;
  }
  for (const char* agent : agents) list.agents.push_back({agent, std::string("at-") + agent, {}});
  list.digest += std::to_string(port);
  return list;
}

std::string addresses(const Desk& desk) {
  std::string text;
  for (const Target& target : desk.duties())
    text += target.id.monitor + ' ' + target.id.address.to_string() + ' ';
  return text;
}

TargetStatus status(const TargetId& target, Verdict verdict, View::Time doubted = {}) {
  TargetStatus now;
  now.target.id = target;
  now.verdict = verdict;
  now.doubted = doubted;
  now.last.emplace();
  now.last->ended = kNow;
  return now;
}

Observation reference_seen(Outcome outcome, View::Time ended) {
  Observation seen;
  seen.target = {std::string(kReference) + " 53", boost::asio::ip::make_address("192.0.2.9")};
  seen.outcome = outcome;
  seen.ended = ended;
  return seen;
}

const std::vector<boost::asio::ip::tcp::endpoint> kReferences{
    {boost::asio::ip::make_address("192.0.2.9"), 53}};

TEST(Desk, ProbesWhatItsOwnServerWantsWhenItIsAlone) {
  Desk desk("a", "1");
  const Watchlist own = list({"192.0.2.1", "192.0.2.2"}, {});
  EXPECT_TRUE(desk.look({}, &own, kNow));
  EXPECT_EQ(addresses(desk), "web 192.0.2.1 web 192.0.2.2 ");
  EXPECT_FALSE(desk.look({}, &own, kNow)) << "nothing is new";
}

TEST(Desk, ProbesWhatServersWantOfIt) {
  Desk desk("a", "1");
  View view;
  view.set_list("ns1", list({"192.0.2.1"}, {"a", "b"}));
  view.set_list("ns2", list({"192.0.2.1", "192.0.2.2"}, {"a"}));
  view.set_list("ns3", list({"192.0.2.3"}, {"b"}));
  view.set_list("ns4", list({"192.0.2.4"}, {}));
  desk.look(view, nullptr, kNow);
  EXPECT_EQ(addresses(desk), "web 192.0.2.1 web 192.0.2.2 ") << "each once, and none of others' agents";
}

TEST(Desk, TellsTwoMonitorsOfOneNameApart) {
  Desk desk("a", "1");
  View view;
  view.set_list("ns1", list({"192.0.2.1"}, {"a"}, 80));
  view.set_list("ns2", list({"192.0.2.1"}, {"a"}, 443));
  desk.look(view, nullptr, kNow);
  EXPECT_EQ(addresses(desk), "web 192.0.2.1 web' 192.0.2.1 ");
}

TEST(Desk, SaysNothingOfACheckByWhatAnotherOfThatNameFound) {
  Desk desk("a", "1");
  View view;
  const Watchlist http = list({"192.0.2.1"}, {"a"}, 80), https = list({"192.0.2.1"}, {"a"}, 443);
  view.set_list("ns1", http);
  view.set_list("ns2", https);
  desk.look(view, nullptr, kNow);
  desk.vote(status(id("192.0.2.1"), Verdict::down));  // 443 has the plain name, for its list comes first
  ASSERT_EQ(desk.ballot(kNow).votes.at(https.digest)[0], Verdict::down);
  view.drop_list("ns2");
  desk.look(view, nullptr, kNow);
  ASSERT_EQ(addresses(desk), "web 192.0.2.1 ");
  EXPECT_EQ(desk.ballot(kNow).votes.at(http.digest)[0], Verdict::unknown);
}

TEST(Desk, KeepsWhatItThinksOfATargetThatIsCheckedMoreOften) {
  Desk desk("a", "1");
  Watchlist own = list({"192.0.2.1"}, {"a"});
  desk.look({}, &own, kNow);
  desk.vote(status(id("192.0.2.1"), Verdict::down));
  own.targets[0].monitor.interval = 2s;
  own.digest = "more often";
  EXPECT_TRUE(desk.look({}, &own, kNow));
  EXPECT_EQ(desk.ballot(kNow).votes.at(own.digest)[0], Verdict::down);
}

TEST(Desk, TakesNobodyElsesTargetForAReferenceOfItsOwn) {
  Desk desk("a", "1", kReferences);
  Watchlist other = list({"192.0.2.1", "192.0.2.9"}, {"a"});
  other.targets[1].id.monitor = std::string(kReference) + " 53";
  View view;
  view.set_list("ns1", other);
  desk.look(view, nullptr, kNow);
  EXPECT_EQ(addresses(desk), "(reference) 53 192.0.2.9 web 192.0.2.1 ");
  desk.observed(reference_seen(Outcome::passed, kNow));
  desk.vote(status(other.targets[1].id, Verdict::down));
  EXPECT_EQ(desk.ballot(kNow).votes.at(other.digest)[1], Verdict::unknown);
}

TEST(Desk, KeepsThePlacesOfTargetsThatItCannotProbe) {
  Desk desk("a", "1");
  Watchlist own = list({"192.0.2.2", "192.0.2.4"}, {"a"});
  own.left_out = {id("192.0.2.1"), id("192.0.2.3"), id("192.0.2.5"), id("192.0.2.6")};
  desk.look({}, &own, kNow);
  desk.vote(status(id("192.0.2.2"), Verdict::up));
  desk.vote(status(id("192.0.2.4"), Verdict::down));
  constexpr auto kNone = Verdict::unknown;
  EXPECT_EQ(desk.ballot(kNow).votes.at(own.digest),
            (std::vector{kNone, Verdict::up, kNone, Verdict::down, kNone, kNone}));
}

TEST(Desk, SaysWhatItThinksOfEachTargetOfEachList) {
  Desk desk("a", "1");
  const Watchlist own = list({"192.0.2.1", "192.0.2.2", "192.0.2.3"}, {});
  desk.look({}, &own, kNow);
  EXPECT_TRUE(desk.vote(status(id("192.0.2.1"), Verdict::up)));
  EXPECT_TRUE(desk.vote(status(id("192.0.2.3"), Verdict::down)));
  EXPECT_FALSE(desk.vote(status(id("192.0.2.3"), Verdict::down)));
  const Ballot first = desk.ballot(kNow);
  EXPECT_EQ(first.votes.at(own.digest), (std::vector{Verdict::up, Verdict::unknown, Verdict::down}));
  ASSERT_EQ(first.evidence.size(), 1U);
  EXPECT_EQ(first.evidence[0].target, 2U);
  EXPECT_GT(desk.ballot(kNow).sequence, first.sequence);
}

TEST(Desk, SaysNothingOfWhatItHasNotSeenForThreeIntervals) {
  Desk desk("a", "1");
  const Watchlist own = list({"192.0.2.1"}, {});
  desk.look({}, &own, kNow);
  desk.vote(status(id("192.0.2.1"), Verdict::down));
  EXPECT_EQ(desk.said(id("192.0.2.1"), kNow + 18s), Verdict::down);
  EXPECT_EQ(desk.said(id("192.0.2.1"), kNow + 19s), Verdict::unknown) << "it was stopped, perhaps";
  Observation seen;
  seen.target = id("192.0.2.1");
  seen.outcome = Outcome::refused;
  seen.ended = kNow + 60s;
  desk.observed(seen);
  EXPECT_EQ(desk.said(id("192.0.2.1"), kNow + 60s), Verdict::down);
}

TEST(Desk, IsBlindUntilAReferenceIsReachedAndWhenNoneIsAnyMore) {
  Desk desk("a", "1", kReferences);
  const Watchlist own = list({"192.0.2.1"}, {});
  desk.look({}, &own, kNow);
  EXPECT_EQ(desk.duties().size(), 2U);
  EXPECT_TRUE(desk.is_blind());
  EXPECT_TRUE(desk.observed(reference_seen(Outcome::passed, kNow)));
  EXPECT_FALSE(desk.is_blind());
  desk.vote(status(id("192.0.2.1"), Verdict::up));
  EXPECT_TRUE(desk.observed(reference_seen(Outcome::unreachable, kNow + 1s)));
  EXPECT_TRUE(desk.ballot(kNow).blind);
  EXPECT_EQ(desk.ballot(kNow).votes.at(own.digest)[0], Verdict::unknown);
}

TEST(Desk, SaysDownOnlyAfterItReachedAReferenceSinceTheFirstFailure) {
  Desk desk("a", "1", kReferences);
  const Watchlist own = list({"192.0.2.1"}, {});
  desk.look({}, &own, kNow);
  desk.observed(reference_seen(Outcome::passed, kNow));
  EXPECT_FALSE(desk.vote(status(id("192.0.2.1"), Verdict::down, kNow + 1s)));
  EXPECT_EQ(desk.said(id("192.0.2.1"), kNow), Verdict::unknown);
  EXPECT_TRUE(desk.observed(reference_seen(Outcome::passed, kNow + 2s)));
  EXPECT_EQ(desk.said(id("192.0.2.1"), kNow), Verdict::down);
}

}  // namespace
}  // namespace holdfast::health
