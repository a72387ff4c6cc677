#include "health/notify/signature.h"

#include <gtest/gtest.h>

#include "tests/health/notify/happenings.h"

namespace holdfast::health {
namespace {

// printf '1772323200.what do ya want for nothing?' | openssl dgst -sha256 -hmac Jefe
TEST(Signature, IsWhatOpensslSays) {
  EXPECT_EQ(signature("Jefe", at(0.9).wall, "what do ya want for nothing?"),
            "t=1772323200,v1=3698de6467668188957281eb8edad03ccf43249b759da6f2c9ed7e9f87038ca2");
}

TEST(Signature, DependsOnEverything) {
  const std::string one = signature("secret", at(0.0).wall, "body");
  EXPECT_EQ(one, signature("secret", at(0.0).wall, "body"));
  EXPECT_NE(one.substr(13), signature("secret", at(1.0).wall, "body").substr(13));
  EXPECT_NE(one, signature("secreu", at(0.0).wall, "body"));
  EXPECT_NE(one, signature("secret", at(0.0).wall, "bodz"));
}

}  // namespace
}  // namespace holdfast::health
