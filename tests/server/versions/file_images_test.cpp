#include "server/versions/file_images.h"

#include <gtest/gtest.h>

#include <fstream>

#include "server/versions/file_or_image.h"
#include "server/versions/zone_image.h"
#include "tests/health/log/scratch.h"

namespace holdfast::server {
namespace {

using namespace std::chrono_literals;
using zones::LoadedZone;
using zones::Name;
namespace fs = std::filesystem;

TEST(FileOrImage, TheImageCountsForTheVeryFileThatItWasMadeOf) {
  EXPECT_EQ(choose(false, 5, 5), Reading::image);
  EXPECT_EQ(choose(false, 5, 7), Reading::file_or_image);
  EXPECT_EQ(choose(false, 5, zones::kNoStamp), Reading::file_or_image);
  EXPECT_EQ(choose(false, zones::kNoStamp, zones::kNoStamp), Reading::file_or_image);
}

TEST(FileOrImage, NoImageTakesThePlaceOfWhatIsServed) {
  EXPECT_EQ(choose(true, 5, 5), Reading::file);
  EXPECT_EQ(choose(true, 5, 7), Reading::file);
}

class FileImagesTest : public testing::Test {
 protected:
  void put(const std::string& records, const std::string& includes = "") {
    std::ofstream(file) << "$TTL 60\n@ SOA ns1 admin 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\n"
                        << records << '\n'
                        << includes;
  }
  LoadedZone load(bool is_served = false, const std::vector<zones::LiveName>& live = {}) {
    return images->load(apex, file, live, is_served, now);
  }
  /// A program that ended, and began again.
  void restart() { images.emplace(scratch.path()); }
  /// Until what is there is written: what is written afterwards comes after it.
  void settle() {
    const fs::path last = scratch.path() / "cache" / "zones" / "zz.example.zone";
    fs::remove(last);
    std::ofstream(scratch.path() / "zz")
        << "@ 60 SOA ns admin " << ++serial << " 2 3 4 5\n@ 60 NS ns\nns 60 A 192.0.2.1\n";
    images->load(*Name::parse("zz.example"), scratch.path() / "zz", {}, true, now);
    while (!fs::exists(last)) std::this_thread::yield();
  }
  std::uint64_t inode() const {
    struct stat found {};
    return ::stat(image.c_str(), &found) == 0 ? found.st_ino : 0;
  }
  static std::size_t errors(const LoadedZone& loaded) {
    return static_cast<std::size_t>(std::count_if(
        loaded.problems.begin(), loaded.problems.end(),
        [](const auto& problem) { return problem.severity == zones::Problem::Severity::error; }));
  }

  const health::Scratch scratch;
  const Name apex = *Name::parse("example.com");
  const std::string file = scratch.path() / "example.com.zone";
  const fs::path image = scratch.path() / "cache" / "zones" / "example.com.zone";
  const FileImages::Time now = std::chrono::system_clock::now() + 1h;
  int serial = 0;
  std::optional<FileImages> images{std::in_place, scratch.path()};
};

TEST_F(FileImagesTest, AreReadInThePlaceOfFilesThatAreWhatTheyWere) {
  std::ofstream(scratch.path() / "more") << "more A 192.0.2.2\n";
  put("www 1 A 192.0.2.1\nwww 2 A 192.0.2.2", "$INCLUDE " + (scratch.path() / "more").string());
  const LoadedZone first = load();
  EXPECT_EQ(images->used(), 0U);
  settle();
  restart();
  const LoadedZone second = load();
  EXPECT_EQ(images->used(), 1U);
  EXPECT_EQ(*second.zone, *first.zone);
  EXPECT_EQ(second.stamp, first.stamp);
  EXPECT_EQ(second.includes, first.includes);
  ASSERT_EQ(second.problems.size(), 1U) << "of TTLs that differ";
  EXPECT_EQ(second.problems[0].text(), first.problems[0].text());
}

TEST_F(FileImagesTest, GiveWayToFilesThatAreOthers) {
  std::ofstream(scratch.path() / "more") << "more A 192.0.2.2\n";
  const std::string include = "$INCLUDE " + (scratch.path() / "more").string();
  put("", include);
  load();
  settle();
  restart();
  std::ofstream(scratch.path() / "more") << "more A 192.0.2.2\nless A 192.0.2.3\n";
  EXPECT_EQ(load().zone->records(), 5U);
  settle();
  restart();
  put("www A 192.0.2.1", include);
  EXPECT_EQ(load().zone->records(), 6U);
  EXPECT_EQ(images->used(), 0U);
}

TEST_F(FileImagesTest, AreServedWhereFilesCannotBeUsed) {
  put("www A 192.0.2.1");
  load();
  settle();
  restart();
  put("www A 192.0.2");
  LoadedZone loaded = load();
  ASSERT_TRUE(loaded.zone);
  EXPECT_EQ(loaded.zone->records(), 4U);
  EXPECT_EQ(loaded.stamp, zones::kNoStamp) << "it is looked at again";
  EXPECT_EQ(errors(loaded), 1U);
  EXPECT_NE(loaded.problems[0].text().find("mend the file"), std::string::npos) << loaded.problems[0].text();
  settle();

  restart();
  fs::remove(file);
  loaded = load();
  ASSERT_TRUE(loaded.zone) << "nor did the broken file take its place";
  EXPECT_EQ(errors(loaded), 1U);
  EXPECT_EQ(load(true).zone, nullptr) << "what is served stays";
}

TEST_F(FileImagesTest, ThatAreDamagedAreNotUsed) {
  put("www A 192.0.2.1");
  load();
  settle();
  restart();
  fs::resize_file(image, fs::file_size(image) - 1);
  EXPECT_TRUE(load().zone);
  EXPECT_EQ(images->used(), 0U);
  settle();
  restart();
  EXPECT_TRUE(load().zone);
  EXPECT_EQ(images->used(), 1U) << "it is written again";

  std::ofstream(image) << "nothing of the kind";
  fs::remove(file);
  restart();
  const LoadedZone loaded = load();
  EXPECT_FALSE(loaded.zone);
  EXPECT_NE(loaded.problems[0].text().find("it is no image of a zone"), std::string::npos);
}

TEST_F(FileImagesTest, AreWrittenOnceForTheSameContents) {
  put("www A 192.0.2.1");
  const LoadedZone first = load();
  settle();
  const std::uint64_t before = inode();
  load(true);
  settle();
  EXPECT_EQ(inode(), before);
  fs::last_write_time(file, fs::last_write_time(file) - 1h);
  load(true);
  settle();
  EXPECT_EQ(inode(), before);
  restart();
  const LoadedZone again = load();
  EXPECT_EQ(images->used(), 1U) << "it is known to be of the file as it is now";
  put("www A 192.0.2.2");
  load(true);
  settle();
  EXPECT_NE(inode(), before);
}

TEST_F(FileImagesTest, AreMadeAnewForOtherLiveNames) {
  put("www A 192.0.2.1");
  load();
  settle();
  const std::vector<zones::LiveName> live{{*Name::parse("www.example.com"), 3}};
  restart();
  const LoadedZone loaded = load(false, live);
  EXPECT_EQ(images->used(), 1U);
  EXPECT_EQ(loaded.zone->find(live[0].name).live(), 3U);
  settle();
  EXPECT_TRUE(read_image(scratch.path() / "cache", apex, live).was_laid_out);
}

TEST_F(FileImagesTest, OfZonesThatAreNoMoreGo) {
  put("www A 192.0.2.1");
  load();
  settle();
  zones::ZoneSettings other;
  other.name = *Name::parse("example.org");
  other.file = file;
  images->keep_only({&other, 1});
  while (fs::exists(image)) std::this_thread::yield();
  put("www A 192.0.2");
  EXPECT_FALSE(load().zone);
}

}  // namespace
}  // namespace holdfast::server
