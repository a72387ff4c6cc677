#include "health/probe/program.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/health/probe/nginx.h"

namespace holdfast::health {
namespace {

namespace fs = std::filesystem;

class Programs : public testing::Test {
 protected:
  Programs() { fs::create_directories(checks_); }

  const TemporaryDirectory directory_;
  const std::string parent_ = directory_ / "parent";
  const std::string checks_ = parent_ + "/checks";
};

TEST_F(Programs, AreTakenFromADirectoryThatIsOurs) {
  EXPECT_EQ(directory_fault(checks_), "");
  EXPECT_EQ(directory_fault("/usr/bin"), "");
  EXPECT_EQ(directory_fault(checks_ + "/none"), "No such file or directory");
  ::chmod(checks_.c_str(), 0777);
  EXPECT_EQ(directory_fault(checks_), "may be written to by others; chmod go-w");
}

TEST_F(Programs, AreNotTakenFromBelowADirectoryOfOthers) {
  ::chmod(parent_.c_str(), 0777);
  EXPECT_EQ(directory_fault(checks_), parent_ + " may be written to by others; chmod go-w");
  fs::create_symlink(checks_, directory_ / "link");
  EXPECT_EQ(directory_fault(directory_ / "link"), parent_ + " may be written to by others; chmod go-w");
  ::chmod(parent_.c_str(), 01777);  // as /tmp: others add, and move nothing of ours
  EXPECT_EQ(directory_fault(checks_), "");
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives a directory away";
  ASSERT_EQ(::chown(parent_.c_str(), 12345, 12345), 0);
  EXPECT_EQ(directory_fault(checks_), parent_ + " belongs to user 12345; give it to root");
}

TEST_F(Programs, AreNotTakenThroughALinkOfOthers) {
  ::chmod(parent_.c_str(), 0777);
  fs::create_symlink("/usr/bin", parent_ + "/link");
  EXPECT_EQ(directory_fault(parent_ + "/link"), parent_ + " may be written to by others; chmod go-w");
}

TEST_F(Programs, AreFilesThatMayBeRun) {
  const std::string program = directory_.write("check", "#!/bin/sh\n");
  EXPECT_EQ(program_fault(program), "Permission denied");
  ::chmod(program.c_str(), 0755);
  EXPECT_EQ(program_fault(program), "");
  ::chmod(program.c_str(), 0777);
  EXPECT_EQ(program_fault(program), "may be written to by others; chmod go-w");
  EXPECT_EQ(program_fault(parent_), "is no file");
}

}  // namespace
}  // namespace holdfast::health
