#include "zones/load/load.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/zones/load/loading.h"

namespace holdfast::zones {
namespace {

class LoadZone : public ::testing::Test {
 protected:
  LoadZone()
      : directory_(std::filesystem::path(::testing::TempDir()) /
                   ("load_zone_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(directory_ / "parts");
  }
  ~LoadZone() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path write(const std::string& file, const std::string& text) {
    std::ofstream(directory_ / file, std::ios::binary) << text;
    return directory_ / file;
  }
  std::vector<std::string> problems(const std::filesystem::path& file) {
    std::vector<std::string> lines = testing::lines(load_zone(testing::name("example.com"), file).problems);
    for (std::string& line : lines)
      line = line.substr(line.find(directory_.string()) + directory_.string().size() + 1);
    return lines;
  }

  std::filesystem::path directory_;
};

using Lines = std::vector<std::string>;

TEST_F(LoadZone, ReadsFilesAndWhatTheyInclude) {
  write("parts/hosts", "www A 192.0.2.2\r\n");
  const auto file = write(
      "zone", "$TTL 60\r\n@ SOA ns1 h 7 2 3 4 5\r\n@ NS ns1\r\nns1 A 192.0.2.1\r\n$INCLUDE parts/hosts");
  const LoadedZone loaded = load_zone(testing::name("example.com"), file);
  ASSERT_NE(loaded.zone, nullptr);
  EXPECT_EQ(loaded.problems.size(), 0U);
  EXPECT_EQ(loaded.zone->records(), 4U);
  EXPECT_EQ(loaded.zone->serial(), 7U);
}

TEST_F(LoadZone, GivesTheStampOfAllFilesThatItRead) {
  const auto part = write("parts/hosts", "www A 192.0.2.2\n");
  const auto file =
      write("zone", "$TTL 60\n@ SOA ns1 h 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n$INCLUDE parts/hosts\n");
  const auto later = std::chrono::system_clock::now() + kCoarsest + std::chrono::seconds(1);
  const auto stamp = [&] { return load_zone(testing::name("example.com"), file, {}, later).stamp; };
  const FileStamp before = stamp();
  EXPECT_NE(before, kNoStamp);
  EXPECT_EQ(before, combine(stamp_of(file.string(), later), stamp_of(part.string(), later)));
  write("parts/hosts", "www A 192.0.2.33\n");
  EXPECT_NE(stamp(), before);
  EXPECT_EQ(load_zone(testing::name("example.com"), file).stamp, kNoStamp);
  write("parts/hosts", "www A\n");
  EXPECT_EQ(stamp(), kNoStamp);
}

TEST_F(LoadZone, SaysWhichFileCannotBeRead) {
  EXPECT_EQ(problems(directory_ / "none"),
            (Lines{"none: cannot read the zone file: No such file or directory"}));
  EXPECT_EQ(problems(directory_ / "parts"), (Lines{"parts: cannot read the zone file: not a regular file"}));
}

TEST_F(LoadZone, GivesThePlaceInTheIncludedFile) {
  write("parts/hosts", "\nwww A 192.0.2\n");
  const auto file = write("zone", "$TTL 60\n$INCLUDE parts/hosts\n$INCLUDE parts\nwww A\n");
  EXPECT_EQ(problems(file).at(1), "zone:4: www.example.com. A: this type has at least 1 fields, here are 0");
  EXPECT_EQ(problems(file).at(2),
            "parts/hosts:2: www.example.com. A: \"192.0.2\" is not an IPv4 address, like 192.0.2.1");
}

}  // namespace
}  // namespace holdfast::zones
