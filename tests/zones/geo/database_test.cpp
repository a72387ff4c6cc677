#include "zones/geo/database.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "tests/zones/geo/database_writer.h"

namespace holdfast::zones {
namespace {

using namespace testing;
using Lines = std::vector<std::string>;

std::string flat(const std::string& country) { return map_value({{"country_code", text_value(country)}}); }

/// "192.0.2.0/24 DE EU 52.5 13.4": every entry of a database; or what is wrong with it.
Lines lines(const ReadDatabase& read) {
  if (!read.database) return {read.error};
  Lines lines;
  for (const Database::Entry& entry : read.database->entries) {
    const PlaceRecord& record = read.database->records.at(entry.record);
    std::string line = entry.prefix.text();
    if (record.country) line += " " + record.country->text();
    if (record.continent) line += " " + std::string(text(*record.continent));
    if (record.coordinates)
      line += " " + std::to_string(record.coordinates->latitude) + " " +
              std::to_string(record.coordinates->longitude);
    lines.push_back(line);
  }
  return lines;
}

Lines lines(const DatabaseWriter& writer) { return lines(read_database(writer.octets(), "geo.mmdb")); }

DatabaseWriter small(unsigned record_size = 24) {
  DatabaseWriter writer(6, record_size);
  writer.insert("192.0.2.0/24", flat("DE"));
  writer.insert("198.51.100.0/25", flat("FR"));
  writer.insert("2001:db8::/32", flat("DE"));
  writer.insert("2001:db9:8000::/33", flat("JP"));
  return writer;
}

TEST(ReadDatabase, HasEveryPrefixAndEachRecordOnce) {
  for (const unsigned record_size : {24U, 28U, 32U}) {
    const ReadDatabase read = read_database(small(record_size).octets(), "geo.mmdb");
    EXPECT_EQ(lines(read),
              (Lines{"192.0.2.0/24 DE", "198.51.100.0/25 FR", "2001:db8::/32 DE", "2001:db9:8000::/33 JP"}));
    ASSERT_TRUE(read.database);
    EXPECT_EQ(read.database->records.size(), 3U);
    EXPECT_EQ(read.database->type, "test");
    EXPECT_EQ(read.database->built.time_since_epoch(), std::chrono::seconds(1'700'000'000));
  }
}

TEST(ReadDatabase, KnowsTheLayoutOfMaxMind) {
  const auto names = std::pair("names", map_value({{"en", text_value("Germany")}}));
  DatabaseWriter writer;
  writer.insert("192.0.2.0/24", map_value({{"continent", map_value({{"code", text_value("EU")}, names})},
                                           {"country", map_value({names, {"iso_code", text_value("DE")}})},
                                           {"location", map_value({{"accuracy_radius", number_value(10)},
                                                                   {"latitude", double_value(52.5)},
                                                                   {"longitude", double_value(-13.25)}})}}));
  writer.insert("198.51.100.0/24", map_value({{"continent", map_value({{"code", text_value("NA")}})},
                                              {"location", map_value({{"latitude", double_value(1)}})}}));
  writer.insert("203.0.113.0/24",
                map_value({{"country", text_value("DE")}, {"country_code", number_value(7)}}));
  EXPECT_EQ(lines(writer),
            (Lines{"192.0.2.0/24 DE EU 52.500000 -13.250000", "198.51.100.0/24 NA", "203.0.113.0/24"}));
}

TEST(ReadDatabase, OfIpv4Alone) {
  DatabaseWriter writer(4);
  writer.insert("192.0.2.0/24", flat("DE"));
  writer.insert("255.255.255.255/32", flat("FR"));
  EXPECT_EQ(lines(writer), (Lines{"192.0.2.0/24 DE", "255.255.255.255/32 FR"}));
}

TEST(ReadDatabase, WhatLeadsToIpv4IsLeftOut) {
  DatabaseWriter writer = small();
  writer.alias("::ffff:0:0/96");
  writer.alias("2002::/16");
  writer.alias("2001::/32");
  EXPECT_EQ(lines(writer), lines(small()));
}

TEST(ReadDatabase, WhatIsSaidOfMappedAddressesIsNotOfIpv4) {
  DatabaseWriter writer = small();
  writer.mapped = true;
  writer.insert("203.0.113.0/24", flat("JP"));
  EXPECT_EQ(lines(writer), lines(small()));
}

TEST(ReadDatabase, OneRecordForAllOfIpv4) {
  DatabaseWriter writer;
  writer.insert("::/64", flat("DE"));
  writer.insert("2001:db8::/32", flat("FR"));
  EXPECT_EQ(lines(writer), (Lines{"0.0.0.0/0 DE", "::/64 DE", "2001:db8::/32 FR"}));
}

TEST(ReadDatabase, SaysWhatIsWrong) {
  const auto error = [](const std::string& what) {
    return Lines{"geo.mmdb: not a sound database in MaxMind's format: " + what + "; fetch it again"};
  };
  EXPECT_EQ(lines(read_database("", "geo.mmdb")), error("it has no metadata"));
  EXPECT_EQ(lines(read_database("<html>404 Not Found</html>", "geo.mmdb")), error("it has no metadata"));
  EXPECT_EQ(lines(DatabaseWriter()), error("it has no prefix"));

  DatabaseWriter off_earth;
  off_earth.insert(
      "192.0.2.0/24",
      map_value({{"location", map_value({{"latitude", double_value(91)}, {"longitude", double_value(0)}})}}));
  EXPECT_EQ(lines(off_earth),
            error("the record at octet 0 of the data has coordinates outside of -90 .. 90 and -180 .. 180"));
}

TEST(ReadDatabase, TheTreeEnds) {
  const auto read = [](const DatabaseWriter& writer) { return lines(writer).front(); };
  DatabaseWriter cyclic;
  cyclic.insert("8000::/100", flat("DE"));
  cyclic.lead("8000::1000:0/100", 99);  // the node it is in
  EXPECT_NE(read(cyclic).find("node 99 of the search tree: it is deeper than an address has bits"),
            std::string::npos)
      << read(cyclic);
  DatabaseWriter doubling;  // 2^40 ways through 41 nodes
  doubling.insert("8000::/42", flat("DE"));
  for (unsigned i = 1; i < 41; ++i)
    doubling.lead(Prefix::of_bits(AddressBits{1} << 127 | AddressBits{1} << (127 - i), i + 1).text(), i + 1);
  EXPECT_NE(read(doubling).find("the search tree leads to itself"), std::string::npos) << read(doubling);
  DatabaseWriter outside;
  outside.insert("4000::/2", flat("DE"));
  outside.lead("8000::/1", 1'000'000);
  EXPECT_NE(read(outside).find("node 0 of the search tree: it leads out of the file"), std::string::npos)
      << read(outside);
}

TEST(ReadDatabase, HostileValuesAreRefused) {
  DatabaseWriter deep;
  std::string value;
  for (int i = 0; i < 100'000; ++i) value += control(11, 1);  // an array with an array with ...
  value += text_value("x");
  deep.insert("192.0.2.0/24", map_value({{"a", value}, {"country_code", text_value("DE")}}));
  EXPECT_EQ(
      lines(deep),
      Lines{"geo.mmdb: not a sound database in MaxMind's format: the record at octet 0 of the data is not a "
            "whole value, or has more than 4096 parts or 32 levels; fetch it again"});
  DatabaseWriter metadata = small();
  metadata.metadata_more = {{"description", value.substr(value.size() - 20'000)}};
  EXPECT_EQ(lines(metadata),
            Lines{"geo.mmdb: not a sound database in MaxMind's format: its metadata are no whole value; "
                  "fetch it again"});
}

TEST(ReadDatabase, PointersOfMetadataAreFollowed) {
  DatabaseWriter to_a_key = small();
  to_a_key.metadata_more = {{"database_type", pointer_value(1)}};
  const ReadDatabase read = read_database(to_a_key.octets(), "geo.mmdb");
  ASSERT_TRUE(read.database) << read.error;
  EXPECT_EQ(read.database->type, "binary_format_major_version");
  DatabaseWriter to_all = small();
  to_all.metadata_more = {{"description", array_value({pointer_value(0), pointer_value(0)})}};
  EXPECT_NE(lines(to_all).front().find("its metadata are no whole value"), std::string::npos);
}

TEST(ReadDatabase, OtherKindsOfFilesAreRefused) {
  DatabaseWriter version = small();
  version.metadata_more = {{"ip_version", number_value(5, 5)}};
  EXPECT_NE(lines(version).front().find("fetch it again"), std::string::npos);
  DatabaseWriter nodes = small();
  nodes.metadata_more = {{"node_count", number_value(0xffffffff)}};
  EXPECT_NE(lines(nodes).front().find("fetch it again"), std::string::npos);
  DatabaseWriter built = small();
  built.metadata_more = {{"build_epoch", number_value(0xffffffffffffffff, 9)}};
  EXPECT_EQ(lines(built), lines(small()));
}

/// Whatever is cut off or turned over, there is a database or a reason.
TEST(ReadDatabase, DamageIsAnErrorOrAnotherDatabase) {
  const std::string whole = small().octets();
  const auto is_database = [](const std::string& octets) {
    const ReadDatabase read = read_database(octets, "geo.mmdb");
    EXPECT_EQ(read.database.has_value(), read.error.empty());
    if (!read.database) return false;
    for (const Database::Entry& entry : read.database->entries)
      EXPECT_LT(entry.record, read.database->records.size());
    return true;
  };
  EXPECT_TRUE(is_database(whole));
  for (std::size_t size = 0; size < whole.size(); size += 64)
    EXPECT_FALSE(is_database(whole.substr(0, size))) << size;
  for (std::size_t begin = 64; begin < whole.size(); begin += 64) is_database(whole.substr(begin));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      is_database(damaged);
    }
  }
}

TEST(ReadDatabase, OfFiles) {
  const std::string path = ::testing::TempDir() + "geo-" + std::to_string(::getpid()) + ".mmdb";
  std::ofstream(path, std::ios::binary) << small().octets();
  EXPECT_EQ(lines(read_database(path)), lines(small()));
  EXPECT_EQ(::truncate(path.c_str(), 100), 0);
  EXPECT_EQ(lines(read_database(path)),
            Lines{path + ": not a sound database in MaxMind's format: it has no metadata; fetch it again"});
  EXPECT_EQ(::truncate(path.c_str(), kMaxDatabaseSize + 1), 0);  // a hole, which takes no room
  EXPECT_EQ(lines(read_database(path)), Lines{path + ": larger than 1073741824 octets"});
  ::unlink(path.c_str());
  EXPECT_EQ(lines(read_database(path)), Lines{path + ": cannot read it: No such file or directory"});
  EXPECT_EQ(lines(read_database("/dev/null")), Lines{"/dev/null: not a regular file"});
}

}  // namespace
}  // namespace holdfast::zones
