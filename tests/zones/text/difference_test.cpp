#include "zones/text/difference.h"

#include <gtest/gtest.h>

#include "tests/zones/load/loading.h"
#include "zones/text/zone_file.h"

namespace holdfast::zones {
namespace {

Contents version(unsigned serial, const std::string& records, const std::string& ttl = "300") {
  auto loaded = testing::load("example.", "$TTL 300\n@ " + ttl + " SOA ns host " + std::to_string(serial) +
                                              " 7200 3600 1209600 60\n@ NS ns\nns A 192.0.2.53\n" + records);
  return {Serial(serial), std::move(loaded.zone), nullptr};
}

std::vector<std::string> rows(const Contents& before, const Contents& after, bool ignores_serial) {
  const Difference difference(before, after, ignores_serial);
  std::vector<std::string> rows;
  for (const auto& [is_added, record] : difference.rows())
    rows.push_back((is_added ? "+ " : "- ") + record_text(record));
  EXPECT_EQ(difference.is_equal(), rows.empty());
  return rows;
}

const char kOldSoa[] = "- example. 300 IN SOA ns.example. host.example. 1 7200 3600 1209600 60";
const char kNewSoa[] = "+ example. 300 IN SOA ns.example. host.example. 2 7200 3600 1209600 60";

TEST(Difference, IsNoneOfTheSame) {
  EXPECT_TRUE(rows(version(1, "www A 192.0.2.1\n"), version(1, "www A 192.0.2.1\n"), false).empty());
}

TEST(Difference, IsInCanonicalOrderWithTheSoasLast) {
  const Contents before = version(1, "b A 192.0.2.1\na A 192.0.2.1\na A 192.0.2.2\nz TXT old\n");
  const Contents after =
      version(2, "b A 192.0.2.1\na A 192.0.2.2\na A 192.0.2.3\na TXT new\nc A 192.0.2.4\n");
  const std::vector<std::string> expected{"- a.example. 300 IN A 192.0.2.1",
                                          "+ a.example. 300 IN A 192.0.2.3",
                                          "+ a.example. 300 IN TXT \"new\"",
                                          "+ c.example. 300 IN A 192.0.2.4",
                                          "- z.example. 300 IN TXT \"old\"",
                                          kOldSoa,
                                          kNewSoa};
  EXPECT_EQ(rows(before, after, false), expected);
  EXPECT_EQ(rows(before, after, true), std::vector(expected.begin(), expected.end() - 2));
}

TEST(Difference, OfTheSerialAloneIsOneUnlessItIsIgnored) {
  const Contents before = version(1, ""), after = version(2, "");
  EXPECT_EQ(rows(before, after, false), (std::vector<std::string>{kOldSoa, kNewSoa}));
  EXPECT_TRUE(rows(before, after, true).empty());
}

TEST(Difference, OfTheRestOfASoaIsNeverIgnored) {
  EXPECT_EQ(rows(version(1, ""), version(2, "", "60"), true).size(), 2U);
}

TEST(Difference, OfATtlIsThatOfAllRecords) {
  EXPECT_EQ(rows(version(1, "a A 192.0.2.1\na A 192.0.2.2\n"),
                 version(1, "a 60 A 192.0.2.1\na 60 A 192.0.2.2\n"), false),
            (std::vector<std::string>{"- a.example. 300 IN A 192.0.2.1", "- a.example. 300 IN A 192.0.2.2",
                                      "+ a.example. 60 IN A 192.0.2.1", "+ a.example. 60 IN A 192.0.2.2"}));
}

}  // namespace
}  // namespace holdfast::zones
