#include "zones/live/choice.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

using namespace holdfast::zones;

namespace {

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ULL;  // as a batch has them, one query after another

using Members = std::set<std::size_t>;

Members members_of(const Choice& choice, const Client& client) {
  Choice::Drawn drawn;
  const Choice::Picked picked = choice.pick(client, drawn);
  Members members;
  for (std::size_t i = 0; i < picked.count; ++i) {
    members.insert(picked.is_drawn ? drawn[i] : (picked.first + i) % choice.candidates());
  }
  EXPECT_EQ(members.size(), picked.count) << "somebody stands twice in an answer";
  return members;
}

/// Of so many queries, in how many each candidate is.
std::vector<std::size_t> shares(const Choice& choice, std::size_t queries) {
  std::vector<std::size_t> counts(choice.candidates());
  for (std::size_t i = 0; i < queries; ++i) {
    for (const std::size_t member : members_of(choice, {.random = i * kStep})) ++counts[member];
  }
  return counts;
}

/// Pearson's statistic of what came against what was to come.
double chi_square(const std::vector<std::size_t>& came, const std::vector<double>& expected) {
  double sum = 0;
  for (std::size_t i = 0; i < came.size(); ++i) {
    const double difference = static_cast<double>(came[i]) - expected[i];
    if (expected[i] != 0) sum += difference * difference / expected[i];
  }
  return sum;
}

/// One of the networks 10.x.y.0/24.
std::array<std::uint8_t, 4> network(std::size_t i) {
  return {10, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i), 0};
}

TEST(Choice, OfAllIsAllForEverybody) {
  EXPECT_EQ(members_of(Choice::all(3), {.random = 7}), (Members{0, 1, 2}));
  EXPECT_EQ(members_of(Choice(), {}), Members{});
  EXPECT_EQ(Choice::rotated(3, 3), Choice::all(3));
  EXPECT_EQ(Choice::weighted({1, 2, 3}, 3), Choice::all(3));
  EXPECT_EQ(Choice::hashed({1, 2, 3}, 5), Choice::all(3));
}

TEST(Choice, RotatedGivesEachMemberItsTurn) {
  constexpr std::size_t kQueries = 100'000;
  const auto counts = shares(Choice::rotated(5, 2), kQueries);
  EXPECT_LT(chi_square(counts, std::vector<double>(5, kQueries * 2.0 / 5)), 18.47) << "p = 0.001, 4 degrees";
}

TEST(Choice, WeightedGivesHonestShares) {
  constexpr std::size_t kQueries = 100'000;
  const std::vector<std::uint32_t> weights{1, 10, 100, 0, 50, 65535, 1000};
  std::vector<double> expected;
  double sum = 0;
  for (const std::uint32_t weight : weights) sum += weight;
  for (const std::uint32_t weight : weights) expected.push_back(kQueries * weight / sum);
  const auto counts = shares(Choice::weighted(weights, 1), kQueries);
  EXPECT_EQ(counts[3], 0U) << "of weight 0";
  EXPECT_LT(chi_square(counts, expected), 20.52) << "p = 0.001, 5 degrees";
}

TEST(Choice, WeightedOfManyFindsEach) {
  constexpr std::size_t kQueries = 100'000;
  const auto counts = shares(Choice::weighted(std::vector<std::uint32_t>(500, 3), 1), kQueries);
  EXPECT_LT(chi_square(counts, std::vector<double>(500, kQueries / 500.0)), 602) << "p = 0.001, 499 degrees";
}

TEST(Choice, WeightedDrawsSeveralWithoutPuttingAnyBack) {
  // Of 1, 2 and 3 the pair without the first comes with 2/6 * 3/4 + 3/6 * 2/3, and so on.
  constexpr std::size_t kQueries = 60'000;
  std::map<Members, std::size_t> came;
  const Choice choice = Choice::weighted({1, 2, 3}, 2);
  for (std::size_t i = 0; i < kQueries; ++i) ++came[members_of(choice, {.random = i * kStep})];
  const double with_1_2 = 1 / 6. * 2 / 5 + 2 / 6. * 1 / 4, with_1_3 = 1 / 6. * 3 / 5 + 3 / 6. * 1 / 3;
  EXPECT_LT(chi_square({came[{0, 1}], came[{0, 2}], came[{1, 2}]},
                       {kQueries * with_1_2, kQueries * with_1_3, kQueries * (1 - with_1_2 - with_1_3)}),
            13.82)
      << "p = 0.001, 2 degrees";
  EXPECT_EQ(came.size(), 3U);
}

TEST(Choice, WeightedGivesNobodyOfWeightZeroWhileOthersHaveSome) {
  EXPECT_EQ(members_of(Choice::weighted({0, 5, 0}, 2), {}), Members{1});
  const auto counts = shares(Choice::weighted({0, 0}, 1), 1000);
  EXPECT_GT(counts[0], 400U);
  EXPECT_GT(counts[1], 400U);
}

TEST(Choice, HashedIsTheSameForAllClientsOfANetwork) {
  const Choice choice = Choice::hashed({11, 22, 33, 44}, 1);
  std::set<Members> came;
  for (std::size_t i = 0; i < 200; ++i) {
    auto address = network(i);
    const Members first = members_of(choice, {.address = address, .random = 1});
    address[3] = 77;
    EXPECT_EQ(members_of(choice, {.address = address, .random = 2}), first);
    EXPECT_EQ(members_of(choice, {.address = {address.data(), 3}}), first) << "as client subnet tells it";
    came.insert(first);
  }
  EXPECT_EQ(came.size(), 4U) << "somebody has no clients";
}

TEST(Choice, HashedSharesTheNetworksOut) {
  constexpr std::size_t kNetworks = 40'000;
  const Choice choice = Choice::hashed({11, 22, 33, 44}, 1);
  std::vector<std::size_t> counts(4);
  for (std::size_t i = 0; i < kNetworks; ++i) {
    const auto address = network(i);
    ++counts[*members_of(choice, {.address = address}).begin()];
  }
  EXPECT_LT(chi_square(counts, std::vector<double>(4, kNetworks / 4.)), 16.27) << "p = 0.001, 3 degrees";
}

TEST(Choice, WhoLeavesHashedMovesOnlyItsOwnClients) {
  const std::vector<std::uint64_t> all{11, 22, 33, 44, 55};
  for (const std::size_t each : {1U, 2U}) {
    const Choice before = Choice::hashed(all, each);
    for (std::size_t gone = 0; gone < all.size(); ++gone) {
      std::vector<std::uint64_t> rest = all;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(gone));
      const Choice after = Choice::hashed(rest, each);
      for (std::size_t i = 0; i < 2000; ++i) {
        const auto address = network(i);
        const Members had = members_of(before, {.address = address});
        Members has;
        for (const std::size_t member : members_of(after, {.address = address}))
          has.insert(member < gone ? member : member + 1);
        if (had.count(gone) == 0) {
          EXPECT_EQ(has, had);
        } else {
          for (const std::size_t kept : had) EXPECT_TRUE(kept == gone || has.count(kept) != 0);
        }
      }
    }
  }
}

TEST(Choice, HashedOfNobodyAndOfTheZeroNetworkIsDrawnByHashToo) {
  std::set<Members> nobodys, zeros;
  const std::array<std::uint8_t, 4> zero{};
  for (std::uint64_t i = 1; i < 100; ++i) {
    const Choice choice = Choice::hashed({i, i + 1000, i + 2000, i + 3000}, 1);
    nobodys.insert(members_of(choice, {}));
    zeros.insert(members_of(choice, {.address = zero}));
  }
  EXPECT_EQ(nobodys.size(), 4U);
  EXPECT_EQ(zeros.size(), 4U);
}

TEST(Choice, HashedOfIPv6GoesByTheFirst56Bits) {
  const Choice choice = Choice::hashed({11, 22, 33, 44}, 1);
  std::array<std::uint8_t, 16> address{0x20, 1, 0xd, 0xb8, 1, 2, 3};
  const Members first = members_of(choice, {.address = address, .is_v6 = true});
  address[7] = 9;
  EXPECT_EQ(members_of(choice, {.address = address, .is_v6 = true}), first);
  std::set<Members> came;
  for (int i = 0; i < 64; ++i) {
    address[6] = static_cast<std::uint8_t>(i);
    came.insert(members_of(choice, {.address = address, .is_v6 = true}));
  }
  EXPECT_EQ(came.size(), 4U);
  Choice::Drawn drawn;
  EXPECT_EQ(choice.pick({.address = address, .is_v6 = true}, drawn).scope, 56);
  EXPECT_EQ(choice.pick({.address = network(1)}, drawn).scope, 24);
}

}  // namespace
