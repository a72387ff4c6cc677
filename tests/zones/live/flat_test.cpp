#include "zones/live/flat.h"

#include <gtest/gtest.h>

#include "tests/zones/replicate/versions.h"

namespace holdfast::zones {
namespace {

using boost::asio::ip::make_address;
using enum MemberState;
using Records = std::vector<std::string>;

Pool pool(PoolRules rules, const std::vector<std::string>& addresses) {
  std::vector<MemberSettings> members;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    members.push_back({.address = make_address(addresses[i]), .tier = static_cast<std::uint16_t>(i + 1)});
  }
  return {rules, std::move(members)};
}

Records flat(const Pool& of, const MemberStates& states, Family family, RrType type) {
  const FlatRRset rrset =
      flat_rrset(testing::name("www.example."), type, of, states, select(of, states, family));
  Records records;
  for (const Rdata data : rrset.rrset())
    records.push_back(testing::presentation(rrset.owner, type, rrset.ttl, data));
  EXPECT_EQ(records.size(), rrset.count);
  return records;
}

TEST(FlatRRset, HasWhoIsAliveInTheOrderOfRecords) {
  const Pool of = pool({.ttl = 45}, {"192.0.2.3", "192.0.2.1", "192.0.2.2", "2001:db8::1"});
  EXPECT_EQ(flat(of, {up, up, down, up}, Family::v4, RrType::A),
            (Records{"www.example. 45 IN A 192.0.2.1", "www.example. 45 IN A 192.0.2.3"}));
  EXPECT_EQ(flat(of, {up, up, down, up}, Family::v6, RrType::AAAA),
            Records{"www.example. 45 IN AAAA 2001:db8::1"});
}

TEST(FlatRRset, HasTheTierThatAnswers) {
  const Pool of = pool({.policy = Policy::failover}, {"192.0.2.1", "192.0.2.2"});
  EXPECT_EQ(flat(of, {up, up}, Family::v4, RrType::A), Records{"www.example. 30 IN A 192.0.2.1"});
  EXPECT_EQ(flat(of, {down, up}, Family::v4, RrType::A), Records{"www.example. 30 IN A 192.0.2.2"});
}

TEST(FlatRRset, HasAllOfThoseThatAreDrawnForClients) {
  const Pool of = pool({.policy = Policy::weighted}, {"192.0.2.1", "192.0.2.2"});
  EXPECT_EQ(flat(of, {up, up}, Family::v4, RrType::A).size(), 2U);
}

TEST(FlatRRset, CanHaveTheFirstTierOfThoseWhoMayAnswer) {
  const Pool of =
      pool({.policy = Policy::nearest, .flat = Flat::failover}, {"192.0.2.1", "192.0.2.2", "2001:db8::1"});
  EXPECT_EQ(flat(of, {up, up, up}, Family::v4, RrType::A), Records{"www.example. 30 IN A 192.0.2.1"});
  EXPECT_EQ(flat(of, {down, up, up}, Family::v4, RrType::A), Records{"www.example. 30 IN A 192.0.2.2"});
  EXPECT_EQ(flat(of, {up, up, up}, Family::v6, RrType::AAAA), Records{"www.example. 30 IN AAAA 2001:db8::1"});
  EXPECT_EQ(flat(of, {down, down, up}, Family::v4, RrType::A).size(), 2U) << "a wrong guess beats no answer";
}

TEST(FlatRRset, CanHaveThoseOfTheLargestWeight) {
  Pool of =
      pool({.policy = Policy::weighted, .flat = Flat::weighted}, {"192.0.2.1", "192.0.2.2", "192.0.2.3"});
  of.members[0].weight = 1;
  EXPECT_EQ(flat(of, {up, up, up}, Family::v4, RrType::A),
            (Records{"www.example. 30 IN A 192.0.2.2", "www.example. 30 IN A 192.0.2.3"}));
  EXPECT_EQ(flat(of, {up, down, down}, Family::v4, RrType::A), Records{"www.example. 30 IN A 192.0.2.1"});
}

TEST(FlatRRset, LooksIntoPoolsByTheirOwnRules) {
  Pool of = pool({.flat = Flat::failover}, {});
  of.groups = {{.name = "near", .tier = 1, .part = 1}, {.name = "far", .tier = 2, .part = 2}};
  of.parts.front().groups = 2;
  const auto inside = [](const char* one, const char* two) {
    return std::vector<MemberSettings>{{.address = make_address(one), .weight = 9},
                                       {.address = make_address(two), .weight = 5}};
  };
  of.add_inside({.flat = Flat::weighted}, inside("192.0.2.1", "192.0.2.2"));
  of.add_inside({}, inside("192.0.2.3", "192.0.2.4"));
  EXPECT_EQ(flat(of, {up, up, up, up, unknown, unknown}, Family::v4, RrType::A),
            Records{"www.example. 30 IN A 192.0.2.1"});
  EXPECT_EQ(flat(of, {down, down, up, up, unknown, unknown}, Family::v4, RrType::A),
            (Records{"www.example. 30 IN A 192.0.2.3", "www.example. 30 IN A 192.0.2.4"}));
}

TEST(FlatRRset, GoesOnWithTheTtlOfThePoolWhileAllAreDown) {
  const Pool of = pool({.ttl = 300}, {"192.0.2.1"});
  EXPECT_EQ(flat(of, {down}, Family::v4, RrType::A), Records{"www.example. 300 IN A 192.0.2.1"});
}

TEST(FlatRRset, HasNothingWhereThatIsTheAnswer) {
  const Pool of = pool({.when_down = WhenDown::nodata}, {"192.0.2.1"});
  EXPECT_EQ(flat(of, {down}, Family::v4, RrType::A), Records());
}

TEST(FlatRRset, CannotFailSoItHasWhoIsNotDrained) {
  const Pool of = pool({.when_down = WhenDown::servfail}, {"192.0.2.1", "192.0.2.2"});
  EXPECT_EQ(flat(of, {down, drained}, Family::v4, RrType::A), Records{"www.example. 30 IN A 192.0.2.1"});
}

}  // namespace
}  // namespace holdfast::zones
