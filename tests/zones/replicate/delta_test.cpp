#include "zones/replicate/delta.h"

#include <gtest/gtest.h>

#include "tests/zones/replicate/versions.h"
#include "zones/replicate/diff.h"

namespace holdfast::zones {
namespace {

using namespace testing;

TEST(Delta, IsMadeOfWhatWasReadBack) {
  const auto delta = difference(Contents(Serial(5), zone("a A 192.0.2.1"), nullptr),
                                Contents(Serial(6), zone("a A 192.0.2.2"), nullptr));
  EXPECT_EQ(Delta::of(delta->removed, delta->added, false), delta);
}

TEST(Delta, IsNotMadeWithoutASoaInFront) {
  const Contents contents(Serial(5), zone(""), nullptr);
  RecordRun soa, other, twice, of_other;
  soa.add({contents.apex(), RrType::SOA, 60, contents.soa()});
  other.add({contents.apex(), RrType::NS, 60, std::vector<std::uint8_t>{0}});
  other.add(soa.front());
  twice = soa;
  twice.add(soa.front());
  of_other.add({name("example.org"), RrType::SOA, 60, contents.soa()});
  EXPECT_TRUE(Delta::of(soa, soa, true));
  for (const RecordRun& run : {RecordRun(), other, twice, of_other}) {
    EXPECT_FALSE(Delta::of(soa, run, true));
    EXPECT_FALSE(Delta::of(run, soa, true));
  }
}

}  // namespace
}  // namespace holdfast::zones
