#include "zones/block.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

#include "zones/pages.h"

using namespace holdfast::zones;

namespace {

void fill(Block& block, std::size_t size) {
  for (std::size_t i = 0; i < size; i += 97) block.data()[i] = static_cast<std::uint8_t>(i % 251);
}

bool is_filled(const Block& block, std::size_t size) {
  for (std::size_t i = 0; i < size; i += 97) {
    if (block.data()[i] != static_cast<std::uint8_t>(i % 251)) return false;
  }
  return true;
}

TEST(Block, KeepsWhatIsUsedWhenItGrowsAndShrinks) {
  constexpr std::size_t kSizes[] = {1, 300, 4096, 5000, kOwnPages - 1, kOwnPages, 3 * kOwnPages + 5};
  for (const std::size_t from : kSizes) {
    for (const std::size_t to : kSizes) {
      Block block(from);
      const std::size_t used = std::min(from, to);
      fill(block, used);
      if (to > from) {
        block.grow(to, used);
      } else {
        block.shrink(to);
      }
      EXPECT_EQ(block.size(), to);
      EXPECT_TRUE(is_filled(block, used)) << from << " to " << to;
    }
  }
}

TEST(Block, CanBecomeEmpty) {
  Block block(2 * kOwnPages);
  block.shrink(0);
  EXPECT_EQ(block.size(), 0U);
}

/// Mappings that any of these octets lie in.
int mappings_of(const Block& block) {
  const auto begin = reinterpret_cast<std::uintptr_t>(block.data());
  int count = 0;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t from = 0, to = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx", &from, &to) == 2 && from < begin + block.size() && to > begin)
      ++count;
  }
  return count;
}

TEST(Block, StaysOneMappingHoweverOftenItGrows) {
  Block block(kOwnPages);
  for (std::size_t size = kOwnPages; size < 40 * kOwnPages;) {
    fill(block, size);
    block.grow(2 * size + 4097, size);
    EXPECT_TRUE(is_filled(block, size));
    size = 2 * size + 4097;
    EXPECT_EQ(mappings_of(block), 1) << size;
  }
}

}  // namespace
