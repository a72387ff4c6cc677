#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "config/config.h"

namespace holdfast::config {
namespace {

namespace fs = std::filesystem;

/// A folder that ends with the test.
class Load : public testing::Test {
 protected:
  Load() { fs::create_directories(folder_); }
  ~Load() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }
  static std::string first_problem(const fs::path& file) {
    const Loaded loaded = load(file);
    return loaded.config || loaded.problems.empty() ? "" : loaded.problems[0].text();
  }

  const fs::path folder_ =
      fs::path(testing::TempDir()) /
      ("holdfast_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
       std::to_string(getpid()));
};

TEST_F(Load, TakesPathsFromTheFilesFolder) {
  const Loaded loaded =
      load(write("site.toml", "[[zone]]\nname = \"example.com\"\nfile = \"z/../example.zone\"\n"));
  ASSERT_TRUE(loaded.config);
  EXPECT_TRUE(loaded.problems.empty());
  EXPECT_EQ(loaded.config->zones.at(0).file, folder_ / "example.zone");
}

TEST_F(Load, SaysWhichFileAndWhy) {
  const fs::path missing = folder_ / "missing.toml";
  EXPECT_EQ(first_problem(missing), missing.string() + ": cannot be opened: No such file or directory");
  EXPECT_EQ(first_problem(folder_), folder_.string() + ": cannot be read: is it a file?");
}

TEST_F(Load, BoundsTheFile) {
  const std::string comment(kMaxFile - 4, '#');
  EXPECT_EQ(first_problem(write("large.toml", comment + "\n###")), "");
  const fs::path larger = write("larger.toml", comment + "\n####");
  EXPECT_EQ(first_problem(larger), larger.string() + ": longer than 16777216 octets, the most that is read");
}

}  // namespace
}  // namespace holdfast::config
