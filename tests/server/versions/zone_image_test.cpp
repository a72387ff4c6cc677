#include "server/versions/zone_image.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <random>
#include <set>

#include "server/answer/prebuild.h"
#include "server/versions/build_id.h"
#include "server/versions/checksum.h"
#include "server/versions/section.h"
#include "tests/health/log/scratch.h"
#include "tests/zones/replicate/versions.h"
#include "zones/replicate/digest.h"

namespace holdfast::server {
namespace {

using zones::Name;
namespace fs = std::filesystem;
namespace made = zones::testing;

Name name(const std::string& text) { return *Name::parse(text); }

std::shared_ptr<zones::Zone> not_prebuilt(const std::string& text = "",
                                          const std::vector<zones::LiveName>& live = {}) {
  return made::load("example.com", "$TTL 60\n@ SOA ns1 admin 1 2 3 4 5\n@ NS ns1\n" + text, {}, live).zone;
}

std::shared_ptr<zones::Zone> zone(const std::string& text = "",
                                  const std::vector<zones::LiveName>& live = {}) {
  const auto made = not_prebuilt(text, live);
  prebuild(*made);
  return made;
}

const char* const kAllSorts =
    "www A 192.0.2.1\nwww A 192.0.2.2\nwww AAAA ::1\na.b.c TXT \"x\" \"\"\n*.w MX 10 www\nsub NS "
    "ns.sub\nns.sub A 192.0.2.3\n"
    "d DNAME example.org.\ns SRV 1 2 3 www\nh HTTPS 1 . alpn=h2\nc CNAME WWW\n\\000\\.x TYPE65280 \\# 2 "
    "0102\nt TYPE65281 \\# 0";

class ZoneImageTest : public testing::Test {
 protected:
  ZoneImage read() { return read_image(scratch.path(), name("example.com")); }
  std::string octets() const {
    std::ifstream in(file, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  }
  void put(const std::string& octets) const {
    fs::remove(file);  // some file systems wait for the disk where one is written over
    std::ofstream(file, std::ios::binary) << octets;
  }
  /// A file of three sections, each with its checksum; all have one block.
  struct Sections {
    std::string header, records, layout;

    /// For nobody but another build.
    void forget_layout() { header.replace(kApexEnd + 8, 8, "elsewhere", 8); }

    std::string octets() const {
      std::string front = header;
      for (int i = 0; i < 8; ++i)
        front[kApexEnd + static_cast<std::size_t>(i)] =
            static_cast<char>((records.size() + 8) >> (56 - 8 * i));
      return sealed(front) + sealed(records) + sealed(layout);
    }

   private:
    static std::string sealed(const std::string& section) {
      std::string inner = number(sum_of(section));
      std::reverse(inner.begin(), inner.end());
      return section + number(sum_of(inner));
    }
    static std::uint64_t sum_of(const std::string& text) {
      return checksum({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }
    static std::string number(std::uint64_t sum) {
      std::string text;
      for (int bits = 56; bits >= 0; bits -= 8) text += static_cast<char>(sum >> bits);
      return text;
    }
  };
  static constexpr std::size_t kApexEnd = 24 + 1 + 13;

  Sections sections() const {
    const std::string all = octets();
    const auto number = [&](std::size_t at, std::size_t size) {
      std::size_t value = 0;
      for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<std::uint8_t>(all[at + i]);
      return value;
    };
    const std::size_t header = number(20, 4), records = number(kApexEnd, 8);
    Sections found{all.substr(0, header - 8), all.substr(header, records - 8), all.substr(header + records)};
    found.layout.resize(found.layout.size() - 8);
    EXPECT_EQ(found.octets(), all);
    return found;
  }
  std::string problem() {
    const ZoneImage image = read();
    EXPECT_FALSE(image.zone);
    const std::string start = "zone image " + file.string() + ": ";
    EXPECT_TRUE(image.problem.starts_with(start)) << image.problem;
    return image.problem.substr(std::min(start.size(), image.problem.size()));
  }

  const health::Scratch scratch;
  const fs::path file = scratch.path() / "zones" / "example.com.zone";
};

TEST_F(ZoneImageTest, IsReadBackAsItWasWritten) {
  const auto written = zone(kAllSorts);
  write_image(scratch.path(), *written);
  for (const bool is_laid_out : {true, false}) {
    const ZoneImage image = read();
    EXPECT_EQ(image.problem, "");
    ASSERT_TRUE(image.zone);
    EXPECT_EQ(image.was_laid_out, is_laid_out);
    EXPECT_EQ(made::records(*image.zone), made::records(*written));
    EXPECT_EQ(*image.zone, *written);
    Sections other = sections();
    other.forget_layout();
    put(other.octets());
  }
}

TEST_F(ZoneImageTest, OfManyRecordsIsReadBack) {
  std::string text;
  for (int i = 0; i < 60'000; ++i) {
    const std::string host = "host" + std::to_string(i);
    text += host + " TXT \"some text, " + std::to_string(i) + "\"\n" + host + " NS " + host + "\n";
  }
  const auto written = zone(text);
  write_image(scratch.path(), *written);
  const std::string whole = octets();
  EXPECT_GT(whole.size(), std::size_t{6} << 20);
  const ZoneImage image = read();
  ASSERT_TRUE(image.was_laid_out) << image.problem;
  EXPECT_EQ(*image.zone, *written);
  EXPECT_EQ(image.zone->find(name("host777.example.com")).name().text(), "host777.example.com.");
  EXPECT_FALSE(image.zone->find(name("host77777.example.com")));
  EXPECT_EQ(image.zone->memory(), written->memory());

  std::string damaged = whole;  // in the octets of the zone, then in its records as well
  damaged[whole.size() - 1000] ^= 1;
  put(damaged);
  EXPECT_FALSE(read().was_laid_out);
  EXPECT_EQ(*read().zone, *written);
  damaged[std::size_t{3} << 19] ^= 1;
  put(damaged);
  EXPECT_EQ(problem(), "it is damaged: its checksum is another");
}

TEST_F(ZoneImageTest, IsPrebuilt) {
  const auto written = zone(kAllSorts);
  for (const bool was_prebuilt : {true, false}) {
    write_image(scratch.path(), was_prebuilt ? *written : *not_prebuilt(kAllSorts));
    Sections other = sections();
    for (const bool is_laid_out : {true, false}) {
      const ZoneImage image = read();
      ASSERT_EQ(image.was_laid_out, is_laid_out);
      EXPECT_EQ(*image.zone, *written);
      EXPECT_EQ(image.zone->memory(), written->memory());
      const zones::RRset mx = image.zone->rrset(image.zone->find(name("*.w.example.com")), zones::RrType::MX);
      EXPECT_NE(zones::find_prebuilt(mx, zones::RrType::MX), nullptr);
      other.forget_layout();
      put(other.octets());
    }
  }
}

TEST_F(ZoneImageTest, TakesLiveNamesFromItsReader) {
  std::vector<zones::LiveName> live{{name("www.example.com"), 3}, {name("new.example.com"), 4}};
  const auto written = zone("www A 192.0.2.1", live);
  write_image(scratch.path(), *written, live);
  const auto indexes = [&](bool was_laid_out) {
    const ZoneImage image = read_image(scratch.path(), name("example.com"), live);
    EXPECT_TRUE(image.zone) << image.problem;
    EXPECT_EQ(image.was_laid_out, was_laid_out);
    std::vector<zones::LiveIndex> all;
    for (const auto& one : live) all.push_back(image.zone->find(one.name).live());
    return all;
  };
  EXPECT_EQ(indexes(true), (std::vector<zones::LiveIndex>{3, 4}));
  std::swap(live[0].index, live[1].index);  // they were numbered in another order
  EXPECT_EQ(indexes(true), (std::vector<zones::LiveIndex>{4, 3}));
  live[0].own_records = true;
  EXPECT_EQ(indexes(false), (std::vector<zones::LiveIndex>{4, 3}));
  live[0].own_records = false;
  live[1].name = name("other.example.com");
  EXPECT_EQ(indexes(false), (std::vector<zones::LiveIndex>{4, 3}));
  live.clear();
  indexes(false);
  EXPECT_EQ(*read().zone, *zone("www A 192.0.2.1"));
}

TEST_F(ZoneImageTest, GoesWithoutALiveNameThatDoesNotFit) {
  write_image(scratch.path(), *zone("www CNAME example.org."));
  const std::vector<zones::LiveName> live{{name("www.example.com"), 0}};
  const ZoneImage image = read_image(scratch.path(), name("example.com"), live);
  ASSERT_TRUE(image.zone);
  EXPECT_EQ(*image.zone, *zone("www CNAME example.org."));
  EXPECT_NE(image.problem.find(": live name www.example.com. has a CNAME"), std::string::npos)
      << image.problem;
}

TEST_F(ZoneImageTest, ThatIsNotThereIsNoProblem) {
  EXPECT_FALSE(read().zone);
  EXPECT_EQ(read().problem, "");
  remove_images(scratch.path(), std::array{name("example.com")});
  write_image(scratch.path(), *zone());
  remove_images(scratch.path(), std::array{name("example.com")});
  EXPECT_EQ(read().problem, "");
  EXPECT_FALSE(fs::exists(file));
}

TEST_F(ZoneImageTest, GoesWithThoseOfOthers) {
  write_image(scratch.path(), *zone());
  remove_images(scratch.path(), std::vector{name("none.example"), name("example.com"), name("z.example")});
  EXPECT_FALSE(fs::exists(file));
}

TEST_F(ZoneImageTest, IsForItsOwnerAlone) {
  write_image(scratch.path(), *zone());
  for (const fs::path& path : {file, file.parent_path()}) {
    struct stat found {};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0077, 0U);
  }
}

TEST_F(ZoneImageTest, FollowsNoLink) {
  write_image(scratch.path(), *zone());
  fs::rename(file, scratch.path() / "elsewhere");
  fs::create_symlink(scratch.path() / "elsewhere", file);
  EXPECT_EQ(problem(), "Too many levels of symbolic links");
  write_image(scratch.path(), *zone("www A 192.0.2.1"));  // takes the link's place
  EXPECT_TRUE(read().zone);
  EXPECT_FALSE(fs::is_symlink(file));
  fs::remove(file);
  fs::create_directory(file);
  EXPECT_EQ(problem(), "it is no image of a zone");
}

TEST_F(ZoneImageTest, StaysAsItWasWhereThereIsNoRoom) {
  const auto before = zone("www A 192.0.2.1");
  write_image(scratch.path(), *before);
  {
    const health::NoRoom no_room;
    try {
      write_image(scratch.path(), *zone("www A 192.0.2.2"));
      FAIL() << "it was written";
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find("example.com.zone: File too large"), std::string::npos)
          << error.what();
    }
  }
  EXPECT_EQ(*read().zone, *before);
  EXPECT_FALSE(fs::exists(file.string() + ".new"));
}

TEST_F(ZoneImageTest, WritesOverWhatAKilledOneLeft) {
  write_image(scratch.path(), *zone());
  std::ofstream(file.string() + ".new") << "half of it";
  EXPECT_TRUE(read().zone);
  write_image(scratch.path(), *zone("www A 192.0.2.1"));
  EXPECT_EQ(read().zone->records(), 3U);
}

TEST_F(ZoneImageTest, SaysWhatIsWrong) {
  write_image(scratch.path(), *zone(kAllSorts));
  const std::string whole = octets();
  put("");
  EXPECT_EQ(problem(), "it is no image of a zone");
  put(std::string(100, 'x'));
  EXPECT_EQ(problem(), "it is no image of a zone");
  std::string other = whole;
  other[19] = 2;
  put(other);
  EXPECT_EQ(problem(), "it has version 2 of the format, and 1 is known here");
  other = whole;
  other[kApexEnd] ^= 1;
  put(other);
  EXPECT_EQ(problem(), "it is damaged: its checksum is another");

  put(whole);
  Sections parts = sections();
  parts.forget_layout();
  parts.records[7] ^= 1;
  put(parts.octets());
  EXPECT_EQ(problem(), "it has 15 records, and says 14");

  put(whole);
  fs::rename(file, scratch.path() / "zones" / "example.org.zone");
  const ZoneImage of_other = read_image(scratch.path(), name("example.org"));
  EXPECT_NE(of_other.problem.find("it is of example.com."), std::string::npos) << of_other.problem;
}

TEST_F(ZoneImageTest, IsNotReadWhereItIsCutOff) {
  write_image(scratch.path(), *zone(kAllSorts));
  const std::string whole = octets();
  Sections parts = sections();
  const std::size_t used = whole.size() - parts.layout.size() - kChecksumSize;  // without what lay in memory
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put(whole.substr(0, size));
    if (size < used) {
      EXPECT_NE(problem(), "");
    } else {
      EXPECT_TRUE(read().zone);
    }
  }
  parts.forget_layout();
  const std::string records = parts.records;
  for (std::size_t size = 0; size < records.size(); ++size) {
    parts.records = records.substr(0, size);
    put(parts.octets());
    EXPECT_NE(problem(), "");
  }
}

TEST_F(ZoneImageTest, IsReadWhateverIsInIt) {
  write_image(scratch.path(), *zone(kAllSorts));
  Sections whole = sections();
  whole.forget_layout();
  std::mt19937 random(1);
  int read_back = 0;
  for (int i = 0; i < 5000; ++i) {
    Sections other = whole;
    for (auto n = 1 + random() % 4; n > 0; --n) {
      std::string& section = random() % 8 == 0 ? other.header : other.records;
      const std::size_t at =
          &section == &other.header ? 24 + random() % (section.size() - 24) : random() % section.size();
      switch (&section == &other.header ? 3 : random() % 4) {
        case 0: section.erase(at, 1 + random() % 3); break;
        case 1: section.insert(at, 1 + random() % 3, static_cast<char>(random())); break;
        default: section[at] = static_cast<char>(random());
      }
    }
    put(other.octets());
    if (const ZoneImage image = read(); image.zone) {
      ++read_back;
      EXPECT_EQ(image.problem, "");
      zones::digest(*image.zone);
    } else {
      EXPECT_NE(image.problem, "");
    }
  }
  EXPECT_GT(read_back, 20);
}

TEST_F(ZoneImageTest, SeesWhateverAccidentHappensToIt) {
  const auto written = zone(kAllSorts);
  write_image(scratch.path(), *written);
  const std::string whole = octets();
  std::mt19937 random(2);
  for (int i = 0; i < 2000; ++i) {
    std::string other = whole;
    other[random() % other.size()] ^= static_cast<char>(1 + random() % 255);
    put(other);
    if (const ZoneImage image = read(); image.zone) {
      EXPECT_EQ(*image.zone, *written);
    } else {
      EXPECT_NE(image.problem, "");
    }
  }
}

TEST_F(ZoneImageTest, KeepsANote) {
  const std::vector<std::uint8_t> first{1, 2, 3}, longer(300'000, 7);
  EXPECT_TRUE(read_note(scratch.path(), name("example.com")).empty()) << "there is none";
  write_image(scratch.path(), *zone(kAllSorts));
  EXPECT_TRUE(read_note(scratch.path(), name("example.com")).empty());
  write_image(scratch.path(), *zone(kAllSorts), {}, first);
  EXPECT_EQ(read_note(scratch.path(), name("example.com")), first);
  for (const auto& note : {longer, first}) {
    replace_note(scratch.path(), name("example.com"), note);
    EXPECT_EQ(read_note(scratch.path(), name("example.com")), note);
    EXPECT_TRUE(read().was_laid_out);
    EXPECT_EQ(*read().zone, *zone(kAllSorts));
  }
}

TEST_F(ZoneImageTest, HasNoNoteWhereThatIsDamaged) {
  write_image(scratch.path(), *zone(), {}, std::vector<std::uint8_t>{1, 2, 3});
  const std::string whole = octets();
  for (std::size_t i = 1; i <= 11; ++i) {
    std::string other = whole;
    other[whole.size() - i] ^= 1;
    put(other);
    EXPECT_TRUE(read_note(scratch.path(), name("example.com")).empty());
    put(whole.substr(0, whole.size() - i));
    EXPECT_TRUE(read_note(scratch.path(), name("example.com")).empty());
    EXPECT_TRUE(read().zone) << "the zone is what it was";
  }
}

TEST(BuildId, IsThatOfThisProgram) { EXPECT_GE(build_id().size(), 8U); }

TEST(ZoneImage, HasAPlaceOfItsOwnForEachName) {
  const auto leaf = [](const Name& apex) { return image_path("/s", apex).string(); };
  EXPECT_EQ(leaf(name("Example.com")), "/s/zones/example.com.zone");
  EXPECT_EQ(leaf(name("_a-1.example")), "/s/zones/_a-1.example.zone");
  EXPECT_EQ(leaf(name("2/1.a\\.b.\\000.\\037")), "/s/zones/2%2f1.a%2eb.%00.%25.zone");
  EXPECT_EQ(leaf(name(".")), "/s/zones/%.zone");

  std::set<std::string> leaves;
  const std::string label(60, '/');
  for (const std::string first : {"a", "b", "%"}) {
    const std::string found = leaf(name(first + "." + label + "." + label + "." + label + "." + label));
    EXPECT_LE(found.size(), sizeof "/s/zones/" + 240);
    leaves.insert(found);
    leaves.insert(leaf(name(label + "." + label + "." + label + "." + label + "." + first)));
  }
  EXPECT_EQ(leaves.size(), 6U);
}

TEST(Checksum, SeesEachBitAndTheSize) {
  std::vector<std::uint8_t> octets(100);
  std::set<std::uint64_t> sums;
  for (std::size_t size = 0; size <= octets.size(); ++size)
    sums.insert(checksum(std::span(octets).first(size)));
  for (std::size_t bit = 0; bit < 8 * octets.size(); ++bit) {
    octets[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    sums.insert(checksum(octets));
    octets[bit / 8] = 0;
  }
  EXPECT_EQ(sums.size(), 901U);
}

TEST(Checksum, IsWhatItWasWhenItWasKept) {
  const std::string text = "what is kept on a disk is read by later ones, too";
  EXPECT_EQ(checksum({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}),
            1132584892852426035U);
}

}  // namespace
}  // namespace holdfast::server
