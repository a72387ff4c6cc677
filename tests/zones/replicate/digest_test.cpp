#include "zones/replicate/digest.h"

#include <gtest/gtest.h>

#include "tests/zones/replicate/versions.h"

namespace holdfast::zones {
namespace {

using namespace testing;

Digest of(const std::string& soa, const std::string& text = "", const std::vector<LiveName>& live = {}) {
  const LoadedZone loaded = load("example.com", "$TTL 60\n@ " + soa + "\n@ NS ns1\n" + text, {}, live);
  EXPECT_TRUE(loaded.zone);
  return digest(*loaded.zone);
}

const std::string kSoa = "SOA ns1 admin 1 2 3 4 5";

TEST(Digest, SeesAllButTheSerial) {
  const Digest one = of(kSoa, "a A 192.0.2.1\na A 192.0.2.2");
  EXPECT_EQ(one, of("SOA ns1 admin 7 2 3 4 5", "a A 192.0.2.2\na A 192.0.2.1"));
  EXPECT_NE(one, of("SOA ns1 admin 1 2 3 4 6", "a A 192.0.2.1\na A 192.0.2.2"));
  EXPECT_NE(one, of("9 SOA ns1 admin 1 2 3 4 5", "a A 192.0.2.1\na A 192.0.2.2"));
  EXPECT_NE(one, of(kSoa, "a A 192.0.2.1\na A 192.0.2.3"));
  EXPECT_NE(one, of(kSoa, "a A 192.0.2.1"));
  EXPECT_NE(one, of(kSoa, "b A 192.0.2.1\nb A 192.0.2.2"));
  EXPECT_NE(one, of(kSoa, "a 9 A 192.0.2.1\na 9 A 192.0.2.2"));
}

TEST(Digest, DoesNotSeeWhatIsLive) {
  EXPECT_EQ(of(kSoa, "a A 192.0.2.1"),
            of(kSoa, "a A 192.0.2.1", {{name("a.example.com"), 0}, {name("b.example.com"), 1}}));
}

TEST(Digest, IsWhatItWasWhenItWasKept) {  // or no zone would be known again after an upgrade
  const Digest kept = of(kSoa, "www A 192.0.2.1");
  std::string hex;
  for (const std::uint8_t octet : kept) {
    hex += "0123456789abcdef"[octet >> 4];
    hex += "0123456789abcdef"[octet & 15];
  }
  EXPECT_EQ(hex, "0f140b74c7a5681d0286ffda0be9ae0328461ba9204adde7439ec05a9657e694");
}

}  // namespace
}  // namespace holdfast::zones
