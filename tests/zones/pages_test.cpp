#include "zones/pages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

using namespace holdfast::zones;

namespace {

TEST(Pages, BeginAtAHugePageAndAreZero) {
  for (const std::size_t size : {kHugePage, 3 * kHugePage}) {
    std::uint8_t* const pages = map_pages(size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages) % kHugePage, 0U);
    EXPECT_TRUE(std::all_of(pages, pages + size, [](std::uint8_t octet) { return octet == 0; }));
    pages[size - 1] = 1;
    unmap_pages(pages, size);
  }
}

TEST(Pages, WholeOnesAreRoundedUp) {
  EXPECT_EQ(whole_pages(0), 0U);
  EXPECT_EQ(whole_pages(1), kHugePage);
  EXPECT_EQ(whole_pages(kPage, kPage), kPage);
  EXPECT_EQ(whole_pages(kPage + 1, kPage), 2 * kPage);
}

TEST(PageAllocator, VectorsGrowFromTheHeapIntoPages) {
  struct alignas(64) Line {
    std::uint32_t number;
  };
  std::vector<Line, PageAllocator<Line>> lines;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    lines.push_back({i});
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(lines.data()) % 64, 0U);
  }
  for (std::uint32_t i = 0; i < 100'000; ++i) ASSERT_EQ(lines[i].number, i);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(lines.data()) % kHugePage, 0U);
  lines.resize(3);
  lines.shrink_to_fit();
  EXPECT_EQ(lines.size(), 3U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(lines.data()) % 64, 0U);
  EXPECT_EQ(lines[2].number, 2U);
}

TEST(PageAllocator, MoreThanThereIsThrows) {
  PageAllocator<std::uint64_t> allocator;
  EXPECT_THROW((void)allocator.allocate(SIZE_MAX / 4), std::bad_alloc);
}

}  // namespace
