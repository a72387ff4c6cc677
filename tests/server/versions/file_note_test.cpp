#include "server/versions/file_note.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/health/log/scratch.h"

namespace holdfast::server {
namespace {

using zones::Problem;

FileNote example() {
  return {
      5,
      {"a.zone", "b.zone"},
      {{"a.zone", 7, Problem::Severity::warning, "TTL is odd"}, {"b", 0, Problem::Severity::warning, ""}}};
}

TEST(FileNote, IsReadAsItWasWritten) {
  const FileNote written = example();
  const auto read = FileNote::read(written.octets());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->stamp, written.stamp);
  EXPECT_EQ(read->includes, written.includes);
  ASSERT_EQ(read->warnings.size(), 2U);
  EXPECT_EQ(read->warnings[0].text(), written.warnings[0].text());
  EXPECT_EQ(read->warnings[1].text(), written.warnings[1].text());
}

TEST(FileNote, IsNoneWhereOctetsAreMissingOrTooMany) {
  auto octets = example().octets();
  for (std::size_t size = 0; size < octets.size(); ++size)
    EXPECT_FALSE(FileNote::read(std::span(octets).first(size))) << size;
  octets.push_back(0);
  EXPECT_FALSE(FileNote::read(octets));
}

TEST(FileNote, SeesWhicheverFileChanged) {
  const health::Scratch scratch;
  const std::string one = scratch.path() / "one", two = scratch.path() / "two";
  std::ofstream(one) << "1";
  std::ofstream(two) << "2";
  const auto now = std::chrono::system_clock::now() + std::chrono::hours(1);
  const FileNote note{.includes = {two}};
  const auto before = note.stamp_now(one, now);
  EXPECT_NE(before, zones::kNoStamp);
  EXPECT_EQ(note.stamp_now(one, now), before);
  EXPECT_NE(FileNote().stamp_now(one, now), before);
  std::ofstream(two) << "22";
  EXPECT_NE(note.stamp_now(one, now), before);
  std::filesystem::remove(two);
  EXPECT_EQ(note.stamp_now(one, now), zones::kNoStamp);
}

}  // namespace
}  // namespace holdfast::server
