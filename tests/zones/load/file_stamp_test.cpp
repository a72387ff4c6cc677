#include "zones/load/file_stamp.h"

#include <gtest/gtest.h>

namespace holdfast::zones {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

const system_clock::time_point kNow{seconds(1'000'000)};

struct stat file() {
  struct stat status {};
  status.st_dev = 1;
  status.st_ino = 2;
  status.st_size = 3;
  status.st_mtim = {1000, 500};
  status.st_ctim = {2000, 600};
  return status;
}

TEST(FileStamp, IsTheSameForTheSameFile) {
  EXPECT_EQ(stamp_of(file(), kNow), stamp_of(file(), kNow + seconds(5)));
  EXPECT_NE(stamp_of(file(), kNow), kNoStamp);
}

TEST(FileStamp, ChangesWithEachPartOfAFile) {
  void (*const changes[])(struct stat&) = {
      [](struct stat& s) { ++s.st_dev; },          [](struct stat& s) { ++s.st_ino; },
      [](struct stat& s) { ++s.st_size; },         [](struct stat& s) { ++s.st_mtim.tv_sec; },
      [](struct stat& s) { ++s.st_mtim.tv_nsec; }, [](struct stat& s) { ++s.st_ctim.tv_sec; },
      [](struct stat& s) { ++s.st_ctim.tv_nsec; }};
  for (const auto change : changes) {
    struct stat changed = file();
    change(changed);
    EXPECT_NE(stamp_of(changed, kNow), stamp_of(file(), kNow)) << "change " << &change - changes;
  }
}

TEST(FileStamp, IsNoneShortlyAfterAChange) {
  struct stat status = file();
  status.st_ctim = {999'999, 0};
  EXPECT_EQ(stamp_of(status, kNow), kNoStamp) << "of a file system that has no more than seconds";
  status.st_ctim = {999'998, 0};
  EXPECT_NE(stamp_of(status, kNow), kNoStamp);
  status.st_ctim = {999'999, 990'000'000};
  EXPECT_EQ(stamp_of(status, kNow), kNoStamp) << "within a tick";
  status.st_ctim = {999'999, 980'000'000};
  EXPECT_NE(stamp_of(status, kNow), kNoStamp);
  status.st_mtim = {2'000'000, 0};
  EXPECT_EQ(stamp_of(status, kNow), kNoStamp) << "a time that is still to come tells nothing";
}

TEST(FileStamp, OfSeveralFilesIsNoneWhenOneHasNone) {
  EXPECT_NE(combine(3, 5), combine(5, 3));
  EXPECT_EQ(combine(kNoStamp, 5), kNoStamp);
  EXPECT_EQ(combine(3, kNoStamp), kNoStamp);
}

TEST(FileStamp, IsNoneWithoutAFile) {
  FileStamps stamps;
  const std::string nowhere = "/there/is/no/such/directory", root = "/";
  EXPECT_EQ(stamps.of(nowhere, "a", kNow), kNoStamp);
  EXPECT_EQ(stamps.of(root, "no such file", kNow), kNoStamp);
  EXPECT_EQ(stamp_of("/no such file", kNow), kNoStamp);
}

}  // namespace
}  // namespace holdfast::zones
