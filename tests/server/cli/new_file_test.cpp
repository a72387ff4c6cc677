#include "server/cli/new_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

namespace holdfast::server {
namespace {

namespace fs = std::filesystem;

class NewFileTest : public testing::Test {
 protected:
  NewFileTest() { fs::create_directories(directory_); }
  ~NewFileTest() override { fs::remove_all(directory_); }

  static std::string read(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }

  const fs::path directory_ = fs::path(testing::TempDir()) / ("new_file_test." + std::to_string(::getpid()));
  const fs::path zone_ = directory_ / "zone";
};

TEST_F(NewFileTest, ReplacesOnlyAtTheEnd) {
  std::ofstream(zone_) << "old";
  NewFile file(zone_);
  file.write("new");
  EXPECT_EQ(read(zone_), "old");
  file.replace();
  EXPECT_EQ(read(zone_), "new");
  EXPECT_EQ(files(), 1U);
}

TEST_F(NewFileTest, LeavesTheOldOneWhereItIsNotComplete) {
  std::ofstream(zone_) << "old";
  { NewFile(zone_).write("half"); }
  EXPECT_EQ(read(zone_), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(NewFileTest, HasTheModeOfTheOldOne) {
  std::ofstream(zone_) << "old";
  fs::permissions(zone_, fs::perms(0640));
  NewFile file(zone_);
  file.replace();
  EXPECT_EQ(fs::status(zone_).permissions(), fs::perms(0640));
}

TEST_F(NewFileTest, IsMadeWhereThereIsNone) {
  const mode_t before = ::umask(022);
  NewFile file(zone_);
  file.replace();
  ::umask(before);
  EXPECT_EQ(fs::status(zone_).permissions(), fs::perms(0644));
}

TEST_F(NewFileTest, GoesThroughALink) {
  std::ofstream(zone_) << "old";
  fs::create_symlink(zone_, directory_ / "link");
  NewFile file(directory_ / "link");
  file.write("new");
  file.replace();
  EXPECT_EQ(read(zone_), "new");
  EXPECT_TRUE(fs::is_symlink(directory_ / "link"));
}

TEST_F(NewFileTest, RefusesWhatIsNoFile) {
  EXPECT_THROW(NewFile{directory_}, fs::filesystem_error);
  EXPECT_THROW(NewFile{directory_ / "none" / "zone"}, fs::filesystem_error);
  EXPECT_THROW(NewFile{"/dev/null"}, fs::filesystem_error);
}

}  // namespace
}  // namespace holdfast::server
