#include "zones/name_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace holdfast::zones {
namespace {

TEST(NameIndex, FollowsWhatChanges) {
  std::mt19937 random(7);
  constexpr std::size_t kBegin = 500;
  std::map<std::uint32_t, NameHash> wanted;  // by number
  std::uint32_t next = 0;
  NameIndex index(kBegin);
  // Few different hashes: buckets overflow, and tags are the same.
  const auto draw = [&] { return NameHash{random() % 97} << 57 | random() % 3; };
  const auto add = [&] {
    const NameHash hash = draw();
    index.add(hash, next);
    wanted.emplace(next++, hash);
  };
  for (std::size_t i = 0; i < kBegin; ++i) add();
  for (int round = 0; round < 200; ++round) {
    const NameIndex before = index.copy();
    const auto before_wanted = wanted;
    for (int i = 0; i < 20; ++i) {
      auto some = wanted.lower_bound(static_cast<std::uint32_t>(random() % next));
      if (some == wanted.end()) some = wanted.begin();
      const auto [number, hash] = *some;
      if (random() % 2 == 0) {
        wanted.erase(some);
        if (random() % 2 == 0) {
          index.replace(hash, number, next);
          wanted.emplace(next++, hash);
        } else {
          index.remove(hash, number);
        }
      } else if (wanted.size() < index.most()) {
        add();
      }
    }
    const auto expect = [](const NameIndex& tested, const std::map<std::uint32_t, NameHash>& numbers,
                           std::uint32_t end) {
      for (std::uint32_t number = 0; number < end; ++number) {
        const auto found = numbers.find(number);
        const NameHash hash = found != numbers.end() ? found->second : NameHash{number % 97} << 57;
        ASSERT_EQ(tested.find(hash, [&](std::uint32_t one) { return one == number; }),
                  found != numbers.end() ? number : NameIndex::kNone);
      }
    };
    expect(index, wanted, next);
    expect(before, before_wanted, next);
  }
}

}  // namespace
}  // namespace holdfast::zones
