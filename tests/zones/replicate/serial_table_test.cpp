#include "zones/replicate/serial_table.h"

#include <gtest/gtest.h>

namespace holdfast::zones {
namespace {

TEST(SerialTable, KnowsOnlyWhatItWasTold) {
  const SerialTable empty;
  EXPECT_EQ(empty.find(0), std::nullopt);
  EXPECT_EQ(empty.find(kNoZone), std::nullopt);
  const SerialTable::Change changes[] = {{3, Serial(7)}, {100'000, Serial(0)}, {3, Serial(8)}};
  const auto table = empty.with(changes);
  EXPECT_EQ(table->find(3), Serial(8));
  EXPECT_EQ(table->find(100'000), Serial(0));
  EXPECT_EQ(table->find(4), std::nullopt);
  EXPECT_EQ(table->find(99'000), std::nullopt);
}

TEST(SerialTable, LeavesTheOneBeforeAsItWas) {
  const SerialTable::Change first{3, Serial(7)}, second{4, Serial(9)}, gone{3, std::nullopt};
  const auto before = SerialTable().with({&first, 1});
  const auto after = before->with({&second, 1})->with({&gone, 1});
  EXPECT_EQ(before->find(3), Serial(7));
  EXPECT_EQ(before->find(4), std::nullopt);
  EXPECT_EQ(after->find(3), std::nullopt);
  EXPECT_EQ(after->find(4), Serial(9));
}

}  // namespace
}  // namespace holdfast::zones
