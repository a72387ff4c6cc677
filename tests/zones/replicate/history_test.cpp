#include "zones/replicate/history.h"

#include <gtest/gtest.h>

#include "tests/zones/replicate/versions.h"
#include "zones/replicate/diff.h"

namespace holdfast::zones {
namespace {

using namespace testing;

std::shared_ptr<const Delta> step(std::uint32_t from, std::uint32_t to) {
  const auto below = zone("");
  return std::make_shared<const Delta>(*difference(Contents(Serial(from), below, flat({"a A 192.0.2.1"})),
                                                   Contents(Serial(to), below, flat({"a A 192.0.2.2"}))));
}

std::string serials(const std::optional<History::Deltas>& deltas) {
  if (!deltas) return "not known";
  std::string text;
  for (const auto& delta : *deltas)
    text += std::to_string(delta->from().value()) + "-" + std::to_string(delta->to().value()) + " ";
  return text;
}

TEST(History, KnowsTheWayFromEachVersion) {
  History history;
  for (const auto& [from, to] : {std::pair(0xfffffffeU, 0xffffffffU), {0xffffffffU, 1U}, {1U, 7U}})
    history.add(step(from, to), {});
  EXPECT_EQ(serials(history.since(Serial(0xfffffffe))), "4294967294-4294967295 4294967295-1 1-7 ");
  EXPECT_EQ(serials(history.since(Serial(1))), "1-7 ");
  EXPECT_EQ(serials(history.since(Serial(7))), "");
  EXPECT_EQ(serials(history.since(Serial(2))), "not known");
  EXPECT_EQ(serials(History().since(Serial(1))), "not known");
}

TEST(History, ForgetsTheOldestBeyondItsLimits) {
  History by_number, by_size, of_nothing;
  const std::size_t size = step(1, 2)->octets();
  for (std::uint32_t i = 1; i < 10; ++i) {
    by_number.add(step(i, i + 1), {.versions = 3});
    by_size.add(step(i, i + 1), {.octets = 2 * size + 1});
    of_nothing.add(step(i, i + 1), {.octets = size - 1});
  }
  EXPECT_EQ(serials(by_number.since(Serial(7))), "7-8 8-9 9-10 ");
  EXPECT_EQ(serials(by_number.since(Serial(6))), "not known");
  EXPECT_EQ(serials(by_size.since(Serial(8))), "8-9 9-10 ");
  EXPECT_EQ(serials(by_size.since(Serial(7))), "not known");
  EXPECT_EQ(by_size.octets(), 2 * size);
  EXPECT_EQ(serials(of_nothing.since(Serial(9))), "not known");
}

TEST(History, ForgetsWhatDoesNotLeadToTheNext) {
  History history;
  history.add(step(1, 2), {});
  history.add(step(3, 4), {});
  EXPECT_EQ(serials(history.since(Serial(1))), "not known");
  EXPECT_EQ(serials(history.since(Serial(3))), "3-4 ");
  EXPECT_EQ(history.octets(), step(3, 4)->octets());
}

TEST(History, CondensedDoesWhatAllDidInTurn) {
  std::mt19937 random(2);
  for (int i = 0; i < 100; ++i) {
    const Contents first(Serial(1), zone(random_zone(random)), random_flat(random));
    Contents last = first;
    History history;
    for (std::uint32_t serial = 2; serial < 7; ++serial) {
      const Contents next(Serial(serial), random() % 2 == 0 ? last.zone() : zone(random_zone(random)),
                          random_flat(random));
      auto delta = difference(last, next);
      if (!delta) continue;
      history.add(std::make_shared<const Delta>(std::move(*delta)), {});
      last = next;
    }
    if (history.deltas().empty()) continue;
    const Delta all = condense(*history.since(first.serial()));
    ASSERT_EQ(all.from(), first.serial());
    ASSERT_EQ(all.to(), last.serial());
    ASSERT_EQ(apply(set(first), all), set(last));
    const auto direct = difference(first, last);
    ASSERT_EQ(all.removed.size() + all.added.size(),
              direct ? direct->removed.size() + direct->added.size() : 2);
    if (direct) {
      ASSERT_EQ(all.removed, direct->removed);
      ASSERT_EQ(all.added, direct->added);
    }
  }
}

}  // namespace
}  // namespace holdfast::zones
