#include "zones/record_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/zones/dns/random_name.h"

namespace holdfast::zones {
namespace {

using Row = std::vector<std::vector<std::uint8_t>>;

/// What an entry holds, so that lists can be compared that keep their octets in different places.
std::vector<Row> rows(const RecordList& records) {
  std::vector<Row> rows;
  for (const RecordList::Entry& e : records.entries()) {
    const NameView owner = records.owner(e);
    const auto data = records.data(e);
    rows.push_back({{owner.data(), owner.data() + owner.size()},
                    {data.begin(), data.end()},
                    {static_cast<std::uint8_t>(e.type)},
                    {static_cast<std::uint8_t>(e.line), static_cast<std::uint8_t>(e.line >> 8),
                     static_cast<std::uint8_t>(e.line >> 16)}});
  }
  return rows;
}

void add_some(RecordList& records, std::mt19937& random, NameView apex, std::size_t count) {
  Name owner(apex);
  for (std::uint32_t line = 1; line <= count; ++line) {
    if (random() % 3 != 0) owner = random_name(random, apex);
    std::vector<std::uint8_t> data(random() % 4);
    for (std::uint8_t& octet : data) octet = static_cast<std::uint8_t>(random() % 2 * 255);
    records.add(owner, static_cast<RrType>(1 + random() % 3), 60, data, 0, line);
  }
}

void expect_sorted_like_stable_sort(RecordList& records, NameView apex) {
  RecordList expected;
  RecordList::Entries entries = records.entries();
  std::stable_sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
    if (const auto order = records.owner(a) <=> records.owner(b); order != 0) return order < 0;
    if (a.type != b.type) return a.type < b.type;
    const auto x = records.data(a);
    const auto y = records.data(b);
    return std::lexicographical_compare(x.begin(), x.end(), y.begin(), y.end());
  });
  for (const auto& e : entries) {
    expected.add(records.owner(e), e.type, e.ttl, records.data(e), e.file, e.line);
  }
  records.sort(apex);
  ASSERT_TRUE(rows(records) == rows(expected));
  for (std::size_t i = 1; i < records.entries().size(); ++i) {
    const auto& a = records.entries()[i - 1];
    const auto& b = records.entries()[i];
    ASSERT_EQ(a.owner == b.owner, records.owner(a) == records.owner(b));
  }
}

TEST(RecordList, SortsLikeStableSort) {
  const Name apex = *Name::parse("example.com");
  std::mt19937 random(1);
  for (const std::size_t count : {0U, 1U, 2U, 50U, 1000U, 100'000U}) {  // the last with several threads
    RecordList records;
    add_some(records, random, apex, count);
    expect_sorted_like_stable_sort(records, apex);
    expect_sorted_like_stable_sort(records, apex);  // what is sorted stays so
  }
}

TEST(RecordList, SortsRecordsOutsideTheZone) {
  std::mt19937 random(2);
  RecordList records;
  add_some(records, random, *Name::parse("example.com"), 500);
  add_some(records, random, *Name::parse("ample.com"), 500);
  add_some(records, random, *Name::parse("com"), 500);
  expect_sorted_like_stable_sort(records, *Name::parse("example.com"));
}

TEST(RecordList, SortsOwnersThatStandInReverseOrder) {
  RecordList records;
  for (std::uint32_t i = 100'000; i > 0; --i) {
    const std::string digits = std::to_string(i);
    records.add(*Name::parse(std::string(6 - digits.size(), '0') + digits), RrType::A, 60, {}, 0, i);
  }
  records.sort({});
  for (std::uint32_t i = 0; i < 100'000; ++i) ASSERT_EQ(records.entries()[i].line, i + 1);
}

TEST(RecordList, AppendsAsIfAddedHere) {
  std::mt19937 random(3);
  const Name apex = *Name::parse("example.com");
  const Name www = *Name::parse("www.example.com");
  RecordList all;
  RecordList first;
  RecordList second;
  const std::uint8_t data[] = {1, 2, 3, 4};
  for (std::uint32_t line = 1; line <= 20; ++line) {
    all.add(line < 15 ? www : apex, RrType::A, 60, data, 0, line);
    if (line <= 10) {
      first.add(www, RrType::A, 60, data, 0, line);
    } else {
      second.add(line < 15 ? www : apex, RrType::A, 60, data, 0, line - 10);
    }
  }
  first.append(std::move(second), 10);
  first.append(RecordList(), 20);
  EXPECT_TRUE(rows(first) == rows(all));
  EXPECT_EQ(first.octets(), all.octets());
  EXPECT_EQ(first.entries()[0].owner, first.entries()[13].owner);
}

}  // namespace
}  // namespace holdfast::zones
