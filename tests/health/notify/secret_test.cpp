#include "health/notify/secret.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/health/probe/nginx.h"

namespace holdfast::health {
namespace {

class Secret : public testing::Test {
 protected:
  std::string file(const std::string& text, mode_t mode = 0600) {
    const std::string path = directory_.write("secret", text);
    ::chmod(path.c_str(), mode);
    return path;
  }
  static std::string secret(const std::string& path) { return std::get<std::string>(read_secret(path)); }
  static std::string fault(const std::string& path) { return std::get<SecretFault>(read_secret(path)).what; }

  TemporaryDirectory directory_;
};

TEST_F(Secret, IsTheFirstLine) {
  EXPECT_EQ(secret(file("s3cret\n")), "s3cret");
  EXPECT_EQ(secret(file("s3cret")), "s3cret");
  EXPECT_EQ(secret(file("s3 cret \r\nmore\n", 0640)), "s3 cret ");
}

TEST_F(Secret, ThatOthersCouldReadOrChangeIsRefused) {
  for (const mode_t mode : {0644U, 0604U, 0602U, 0660U, 0650U, 0601U}) {
    const std::string what = fault(file("s3cret\n", mode));
    EXPECT_NE(what.find("chmod 0640"), what.npos) << std::oct << mode << ": " << what;
    EXPECT_EQ(what.find("s3cret"), what.npos) << "the secret itself is never told";
  }
}

TEST_F(Secret, WhatIsNoneSaysWhy) {
  EXPECT_NE(fault(directory_ / "none").find("cannot be opened: No such file"), std::string::npos);
  EXPECT_NE(fault(directory_ / "").find("is no file"), std::string::npos);
  EXPECT_NE(fault(file("\nsecret\n")).find("nothing in its first line"), std::string::npos);
  EXPECT_NE(fault(file(std::string(kMaxSecret + 1, 'x'))).find("more than 4096 octets"), std::string::npos);
  EXPECT_EQ(secret(file(std::string(kMaxSecret, 'x').append("\n"))).size(), kMaxSecret);
  EXPECT_NE(fault(file(std::string("a\0b", 3))).find("zero octet"), std::string::npos);
}

TEST_F(Secret, APipeDoesNotKeepUsWaiting) {
  const std::string path = directory_ / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_NE(fault(path).find("is no file"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::health
