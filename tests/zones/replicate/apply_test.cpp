#include "zones/replicate/apply.h"

#include <gtest/gtest.h>

#include "tests/zones/replicate/versions.h"
#include "zones/load/check.h"
#include "zones/replicate/diff.h"

namespace holdfast::zones {
namespace {

using namespace testing;
using Lines = std::vector<std::string>;
using Deltas = std::vector<std::shared_ptr<const Delta>>;

std::shared_ptr<const Zone> with_serial(std::uint32_t serial, const std::string& text) {
  const LoadedZone loaded = load(
      "example.com", "$TTL 60\n@ SOA ns1 admin " + std::to_string(serial) + " 2 3 4 5\n@ NS ns1\n" + text);
  EXPECT_TRUE(loaded.zone) << ::testing::PrintToString(lines(loaded.problems));
  return loaded.zone;
}

std::shared_ptr<const Delta> between(const std::shared_ptr<const Zone>& before,
                                     const std::shared_ptr<const Zone>& after) {
  const auto delta = difference(Contents(Serial(before->serial()), before, nullptr),
                                Contents(Serial(after->serial()), after, nullptr));
  return delta ? std::make_shared<const Delta>(*delta) : nullptr;
}

/// A delta of lines of text, as it could come from anywhere.
std::shared_ptr<const Delta> delta(std::uint32_t from, std::uint32_t to, const Lines& removed,
                                   const Lines& added) {
  const auto made = [](std::uint32_t serial, const Lines& records) {
    RecordRun run;
    const Contents soa(Serial(serial), with_serial(1, ""), nullptr);
    run.add({soa.apex(), RrType::SOA, soa.soa_ttl(), soa.soa()});
    for (const std::string& text : records) {
      const auto apex = text.find("example.org") == text.npos ? "example.com" : "example.org";
      const LoadedZone one = load(apex, "$TTL 60\n@ SOA ns1 admin 1 2 3 4 5\n@ NS ns1\n" + text);
      for (const Node node : one.zone->nodes()) {
        for (std::size_t i = 0; i < node.rrset_count(); ++i) {
          const RRset rrset = one.zone->rrset_at(node, i);
          if (rrset.type != RrType::SOA && rrset.type != RrType::NS) run.add(node.name(), rrset);
        }
      }
    }
    return run;
  };
  return std::make_shared<const Delta>(Delta{made(from, removed), made(to, added)});
}

std::string problem(const Zone& zone, const Deltas& deltas) { return apply_deltas(zone, deltas).problem; }

/// The zone that comes of it.
std::shared_ptr<const Zone> applied(const Zone& zone, const Deltas& deltas) {
  Applied result = apply_deltas(zone, deltas);
  EXPECT_EQ(result.problem, "");
  Findings findings;
  check_zone({zone.apex()}, result.records, findings);
  EXPECT_FALSE(findings.any_error());
  return std::make_shared<const Zone>(zone.apex(), result.records, std::span<const LiveName>());
}

TEST(Apply, MakesTheNewVersion) {
  const auto before = with_serial(1, "a A 192.0.2.1\na TXT x\nb MX 1 a\nd TXT z");
  const auto after = with_serial(2, "a A 192.0.2.2\na TXT x\nb AAAA ::1\nb MX 1 a\nc.c TXT y");
  EXPECT_EQ(testing::records(*applied(*before, {between(before, after)})), testing::records(*after));
}

TEST(Apply, TakesRecordsInAnyOrder) {
  const auto before = with_serial(1, "a A 192.0.2.1\nb TXT x");
  EXPECT_EQ(testing::records(*applied(*before, {delta(1, 2, {"b TXT x", "a A 192.0.2.1"},
                                                      {"z TXT z", "a A 192.0.2.3", "a A 192.0.2.2"})})),
            testing::records(*with_serial(2, "a A 192.0.2.2\na A 192.0.2.3\nz TXT z")));
}

TEST(Apply, SeesARecordComeAndGoAgain) {
  const auto before = with_serial(1, "a A 192.0.2.1");
  EXPECT_EQ(testing::records(*applied(*before, {delta(1, 2, {"a A 192.0.2.1"}, {"b TXT b"}),
                                                delta(2, 3, {"b TXT b"}, {"a A 192.0.2.1"}),
                                                delta(3, 4, {"a A 192.0.2.1"}, {"a 9 A 192.0.2.1"})})),
            testing::records(*with_serial(4, "a 9 A 192.0.2.1")));
}

TEST(Apply, RemovesWhateverTheTtl) {
  const auto before = with_serial(1, "a 7 A 192.0.2.1");
  EXPECT_EQ(testing::records(*applied(*before, {delta(1, 2, {"a A 192.0.2.1"}, {})})),
            testing::records(*with_serial(2, "")));
}

TEST(Apply, LeavesOutWhatIsOutsideTheZone) {
  const auto before = with_serial(1, "a A 192.0.2.1");
  EXPECT_EQ(testing::records(*applied(
                *before, {delta(1, 2, {"x.example.org. A 192.0.2.1"}, {"y.example.org. A 192.0.2.1"})})),
            testing::records(*with_serial(2, "a A 192.0.2.1")));
}

TEST(Apply, RefusesWhatDoesNotFit) {
  const auto before = with_serial(1, "a A 192.0.2.1\na TXT x");
  EXPECT_EQ(problem(*before, {delta(2, 3, {}, {})}), "it goes from serial 2 to 3, and not on from serial 1");
  EXPECT_EQ(problem(*before, {delta(1, 2, {}, {}), delta(3, 4, {}, {})}),
            "it goes from serial 3 to 4, and not on from serial 2");
  EXPECT_EQ(problem(*before, {delta(1, 2, {"a A 192.0.2.2"}, {})}),
            "it removes a record of a.example.com. A that is not there, from serial 1 to 2");
  EXPECT_EQ(problem(*before, {delta(1, 2, {"a MX 1 a"}, {})}),
            "it removes a record of a.example.com. MX that is not there, from serial 1 to 2");
  EXPECT_EQ(problem(*before, {delta(1, 2, {"b.a A 192.0.2.2"}, {})}),
            "it removes a record of b.a.example.com. A that is not there, from serial 1 to 2");
  EXPECT_EQ(problem(*before, {delta(1, 2, {}, {"a 7 TXT x"})}),
            "it adds a record of a.example.com. TXT that is there already, from serial 1 to 2");
  EXPECT_EQ(problem(*before, {delta(1, 2, {"a TXT x", "a TXT x"}, {})}),
            "it removes a record of a.example.com. TXT that is not there, from serial 1 to 2");
  EXPECT_EQ(problem(*before, {delta(1, 2, {}, {"b TXT x"}), delta(2, 3, {}, {"b TXT x"})}),
            "it adds a record of b.example.com. TXT that is there already, from serial 2 to 3");
  const auto other = load("example.org", "$TTL 60\n@ SOA ns1 admin 1 2 3 4 5\n@ NS ns1\n").zone;
  EXPECT_EQ(problem(*other, {delta(1, 2, {}, {})}), "it is of example.com., not of this zone");
}

TEST(Apply, OfDifferencesGivesTheZoneThatTheyLeadTo) {
  std::mt19937 random(4);
  for (int i = 0; i < 200; ++i) {
    const auto first = with_serial(1, random_zone(random));
    Deltas deltas;
    auto last = first;
    for (std::uint32_t serial = 2; serial < 5; ++serial) {
      const auto next = with_serial(serial, random_zone(random));
      deltas.push_back(between(last, next));
      last = next;
    }
    const auto found = applied(*first, deltas);
    ASSERT_EQ(testing::records(*found), testing::records(*last));
    ASSERT_EQ(*found, *last);
  }
}

}  // namespace
}  // namespace holdfast::zones
