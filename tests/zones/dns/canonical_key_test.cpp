#include "zones/dns/canonical_key.h"

#include <gtest/gtest.h>

#include "tests/zones/dns/random_name.h"

namespace holdfast::zones {
namespace {

TEST(CanonicalKey, IsInTheOrderOfTheNames) {
  std::mt19937 random(4);
  const Name apex = *Name::parse("example.com");
  for (int i = 0; i < 100'000; ++i) {
    const Name a = random_name(random, apex);
    const Name b = random_name(random, apex);
    const auto order = canonical_key(a, apex.view().size()) <=> canonical_key(b, apex.view().size());
    ASSERT_TRUE(order == 0 || order == (a <=> b)) << a.text() << ' ' << b.text();
  }
}

}  // namespace
}  // namespace holdfast::zones
