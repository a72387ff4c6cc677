#include "zones/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace holdfast::zones {
namespace {

TEST(InParallel, DoesEachOnce) {
  for (const unsigned threads : {1U, 2U, 5U}) {
    std::vector<std::atomic<int>> done(1000);
    in_parallel(threads, done.size(), [&](std::size_t i) { ++done[i]; });
    for (const auto& times : done) ASSERT_EQ(times, 1);
  }
  in_parallel(3, 0, [](std::size_t) { FAIL(); });
}

TEST(InParallel, ThrowsInTheCallerWhatAThreadThrew) {
  for (const unsigned threads : {1U, 2U, 5U}) {
    EXPECT_THROW(in_parallel(threads, 100,
                             [](std::size_t i) {
                               if (i == 50) throw std::bad_alloc();
                             }),
                 std::bad_alloc);
  }
}

TEST(InParallel, PartsCoverEverything) {
  for (const std::size_t size : {0U, 1U, 7U, 100U}) {
    EXPECT_EQ(part_begin(size, 3, 0), 0U);
    EXPECT_EQ(part_begin(size, 3, 3), size);
    EXPECT_LE(part_begin(size, 3, 1), part_begin(size, 3, 2));
  }
  EXPECT_EQ(threads_for(100, 1000), 1U);
  EXPECT_LE(threads_for(std::size_t{1} << 40, 1), 8U);
}

}  // namespace
}  // namespace holdfast::zones
