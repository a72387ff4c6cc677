#include "server/state_directory.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace holdfast::server {
namespace {

namespace fs = std::filesystem;

class StateDirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string path = testing::TempDir() + "holdfast-XXXXXX";
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    parent = fs::canonical(path);
    state = parent / "state";
  }
  void TearDown() override { fs::remove_all(parent); }

  /// Why it is refused; empty: it is not.
  std::string refused() const {
    try {
      const StateDirectory made(state);
      return "";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  fs::path parent, state;
};

TEST_F(StateDirectoryTest, IsMadeForItsOwnerAlone) {
  const StateDirectory made(state);
  EXPECT_EQ(made.path(), state);
  struct stat status {};
  ASSERT_EQ(::stat(state.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(StateDirectoryTest, IsForOneAtATime) {
  {
    const StateDirectory first(state);
    EXPECT_NE(refused().find("another holdfast has it"), std::string::npos) << refused();
  }
  EXPECT_EQ(refused(), "");
}

TEST_F(StateDirectoryTest, IsFoundAgain) {
  { const StateDirectory first(state); }
  std::ofstream(state / "kept") << "x";
  EXPECT_EQ(refused(), "");
  EXPECT_TRUE(fs::exists(state / "kept"));
}

TEST_F(StateDirectoryTest, NeedsItsParent) {
  state = parent / "gone" / "state";
  EXPECT_NE(refused().find("install -d -m 700"), std::string::npos) << refused();
}

TEST_F(StateDirectoryTest, IsADirectoryOfItsOwn) {
  std::ofstream(parent / "file") << "x";
  state = parent / "file";
  EXPECT_NE(refused().find("it is no directory"), std::string::npos) << refused();
  fs::create_directory(parent / "elsewhere");
  fs::create_symlink(parent / "elsewhere", parent / "link");
  state = parent / "link";
  EXPECT_NE(refused().find("symbolic link"), std::string::npos) << refused();
}

TEST_F(StateDirectoryTest, IsNotForOthersToWrite) {
  fs::create_directory(state);
  for (const auto others : {fs::perms::group_write, fs::perms::others_write}) {
    fs::permissions(state, fs::perms::owner_all | others);
    EXPECT_NE(refused().find("chmod go-w"), std::string::npos) << refused();
  }
  fs::permissions(state, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec);
  EXPECT_EQ(refused(), "");
}

}  // namespace
}  // namespace holdfast::server
