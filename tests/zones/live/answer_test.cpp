#include "zones/live/answer.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

#include "tests/zones/live/answers.h"

using namespace holdfast::zones;

namespace {

using Octets = std::vector<std::uint8_t>;

/// What one client gets, each record's data as text.
std::vector<std::string> given_of(const LiveAnswer& answer, RrType type, std::uint64_t random) {
  std::array<std::uint8_t, kPickedRoom> room;
  Client client;
  client.random = random;
  RRset rrset;
  answer.give(type, client, room, rrset);
  std::vector<std::string> given;
  for (const Rdata data : rrset) {
    std::string text;
    for (const std::uint8_t octet : data) text += (text.empty() ? "" : ".") + std::to_string(octet);
    given.push_back(text);
  }
  return given;
}

LiveRecords of(Choice choice, std::vector<LiveRecords> inside) {
  LiveRecords records;
  records.choice = std::move(choice);
  records.inside = std::move(inside);
  records.ttl = 30;
  return records;
}

TEST(LiveAnswer, CoversAddressesUnlessItHasOnlyOthers) {
  const LiveAnswer plain(all_of({"10.0.0.1"}), all_of({}));
  EXPECT_TRUE(plain.covers(RrType::A));
  EXPECT_TRUE(plain.covers(RrType::AAAA)) << "also when there are none";
  EXPECT_FALSE(plain.covers(RrType::MX));
  EXPECT_FALSE(plain.is_alias());
  LiveRecords mx;
  mx.data = {{0, 10, 1, 'a', 0}, {0, 20, 0}};
  mx.choice = Choice::all(2);
  const LiveAnswer mail({{RrType::MX, mx}});
  EXPECT_FALSE(mail.covers(RrType::A));
  EXPECT_TRUE(mail.covers(RrType::MX));
  EXPECT_EQ(given_of(mail, RrType::MX, 0), (std::vector<std::string>{"0.10.1.97.0", "0.20.0"}));
  EXPECT_EQ(mail.for_everybody(RrType::MX).count, 2) << "ready, and of whatever length each";
}

TEST(LiveAnswer, GivesOneOfRecordsOfDifferentLength) {
  LiveRecords cname;
  cname.data = {{1, 'a', 0}, {3, 'a', 'b', 'c', 0}, {0}};
  cname.choice = Choice::rotated(3, 1);
  const LiveAnswer alias({{RrType::CNAME, cname}});
  EXPECT_TRUE(alias.is_alias());
  std::set<std::string> seen;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto given = given_of(alias, RrType::CNAME, mixed(i));
    ASSERT_EQ(given.size(), 1U);
    seen.insert(given.front());
  }
  EXPECT_EQ(seen, (std::set<std::string>{"1.97.0", "3.97.98.99.0", "0"}));
}

TEST(LiveAnswer, DrawsInsideOfWhatWasDrawn) {
  LiveRecords eu = all_of({"10.0.0.1", "10.0.0.2"});
  eu.choice = Choice::weighted({1, 3}, 1);
  const LiveAnswer answer(of(Choice::weighted({1, 1}, 1), {eu, all_of({"10.0.1.1", "10.0.1.2"})}),
                          all_of({}));
  constexpr int kDraws = 40'000;
  std::map<std::vector<std::string>, int> came;
  for (std::uint64_t i = 0; i < kDraws; ++i) ++came[given_of(answer, RrType::A, i * 0xd1342543de82ef95ULL)];
  ASSERT_EQ(came.size(), 3U);
  double square = 0;
  const std::pair<std::vector<std::string>, double> kExpected[] = {{{"10.0.0.1"}, kDraws / 8.0},
                                                                   {{"10.0.0.2"}, kDraws * 3 / 8.0},
                                                                   {{"10.0.1.1", "10.0.1.2"}, kDraws / 2.0}};
  for (const auto& [given, expected] : kExpected)
    square += (came[given] - expected) * (came[given] - expected) / expected;
  EXPECT_LT(square, 13.82) << "p = 0.001 with 2 degrees";
}

TEST(LiveAnswer, GivesSomeOfManyInside) {
  std::vector<std::string> many;
  for (int i = 1; i <= 10; ++i) many.push_back("10.0.0." + std::to_string(i));
  LiveRecords one = all_of(many);
  one.choice = Choice::rotated(10, 9);
  for (std::string& address : many) address.replace(0, 6, "10.1.1");
  LiveRecords other = all_of(many);
  other.choice = one.choice;
  const LiveAnswer answer(of(Choice::all(2), {one, other}), all_of({}));
  EXPECT_EQ(given_of(answer, RrType::A, 1).size(), kMaxPicked);
  RRset rrset;
  answer.give(RrType::A, {}, {}, rrset);
  EXPECT_TRUE(rrset.empty()) << "without room";
}

TEST(LiveAnswer, GivesEachOfTooManyItsTurn) {
  std::vector<LiveRecords> inside;
  for (int i = 1; i <= 20; ++i) {
    inside.push_back(all_of({"10.0." + std::to_string(i) + ".1", "10.0." + std::to_string(i) + ".2"}));
    inside.back().choice = Choice::rotated(2, 1);
  }
  const LiveAnswer answer(of(Choice::all(20), inside), all_of({}));
  std::set<std::string> seen;
  for (std::uint64_t i = 0; i < 200; ++i) {
    for (const std::string& one : given_of(answer, RrType::A, i * 0xd1342543de82ef95ULL)) seen.insert(one);
  }
  EXPECT_EQ(seen.size(), 40U);
}

TEST(LiveAnswer, GivesNoRecordTwice) {
  LiveRecords turns = all_of({"10.0.0.1", "10.0.0.2"});
  turns.choice = Choice::rotated(2, 1);
  const LiveAnswer answer(of(Choice::all(2), {all_of({"10.0.0.1", "10.0.0.2"}), turns}), all_of({}));
  EXPECT_EQ(given_of(answer, RrType::A, 1).size(), 2U) << "RFC 2181 5";
}

TEST(LiveAnswer, DependsOnTheClientAsWhatIsInsideDoes) {
  LiveRecords hashed = all_of({"10.0.0.1", "10.0.0.2"});
  hashed.choice = Choice::hashed({1, 2}, 1);
  const LiveAnswer answer(of(Choice::all(2), {hashed, all_of({"10.0.1.1"})}), all_of({}));
  std::array<std::uint8_t, kPickedRoom> room;
  const std::array<std::uint8_t, 4> address{10, 1, 2, 3};
  Client client;
  client.address = address;
  RRset rrset;
  EXPECT_EQ(answer.give(RrType::A, client, room, rrset).scope, kNetworkV4);
  EXPECT_EQ(rrset.count, 2);
}

}  // namespace
