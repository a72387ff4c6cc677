#include "zones/load/soa_owner.h"

#include <gtest/gtest.h>

namespace holdfast::zones {
namespace {

struct Case {
  const char* text;
  const char* owner;  // null: the text does not say
};

const Case kCases[] = {
    {"example.com. SOA a b 1 2 3 4 5\n", "example.com."},
    {"; a comment\n$TTL 1h\nExample.com. 3600 IN SOA ( a b\n 1 2 3 4 5 )\n", "example.com."},
    {"$ORIGIN example.com.\n@ IN 60 SOA a b 1 2 3 4 5\n", "example.com."},
    {"$origin com.\n$ORIGIN example\n@ SOA a b 1 2 3 4 5\n", "example.com."},
    {"$ORIGIN com.\nexample TXT before\n SOA a b 1 2 3 4 5\n", "example.com."},
    {"soa. CNAME soa.\nexample. SOA a b 1 2 3 4 5\n", "example."},
    {". SOA a b 1 2 3 4 5\n", "."},
    {"@ SOA a b 1 2 3 4 5\n", nullptr},
    {"$ORIGIN example\n@ SOA a b 1 2 3 4 5\n", nullptr},
    {"example.com SOA a b 1 2 3 4 5\n", nullptr},
    {"www.example.com. A 192.0.2.1\n", nullptr},
    {"\"broken\n", nullptr},
    {"", nullptr},
};

TEST(SoaOwner, IsWhatTheTextSays) {
  for (const Case& one : kCases) {
    const auto owner = soa_owner(one.text);
    EXPECT_EQ(owner ? owner->text() : "?", one.owner != nullptr ? one.owner : "?") << one.text;
  }
}

}  // namespace
}  // namespace holdfast::zones
