#include "server/last_good.h"

#include <gtest/gtest.h>

namespace holdfast::server {
namespace {

TEST(LastGood, IsReadAsItWasWrittenAmongOtherNotes) {
  const LastGood pools{"example. www.example. A", "shop", {"eu", "192.0.2.1"}};
  const LastGood names{"example. example. MX", "mail", {"mx1.example."}};
  EXPECT_EQ(read_last_good({note_of(pools), {"addresses a. A", "1 192.0.2.1"}, note_of(names)}),
            (std::vector{pools, names}));
}

TEST(LastGood, OfNobodyIsRead) {
  EXPECT_EQ(read_last_good({{"last-good x", "shop"}, {"last-good ", ""}}),
            (std::vector<LastGood>{{"x", "shop", {}}, {"", "", {}}}));
}

}  // namespace
}  // namespace holdfast::server
