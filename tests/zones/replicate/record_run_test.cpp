#include "zones/replicate/record_run.h"

#include <gtest/gtest.h>

#include "tests/zones/replicate/versions.h"

namespace holdfast::zones {
namespace {

using namespace testing;
using Octets = std::vector<std::uint8_t>;

RecordRun run_of(const std::string& text) { return records(Contents(Serial(1), zone(text), nullptr)); }

RecordRun one(const char* owner, RrType type, const Octets& data) {
  RecordRun run;
  run.add({name(owner), type, 60, data});
  return run;
}

TEST(RecordRun, IsReadBackAsItWasWritten) {
  const RecordRun run = run_of(
      "a A 192.0.2.1\na AAAA ::1\nb MX 1 a\nc SRV 1 2 3 a\nd HTTPS 1 . alpn=h2\ne CNAME a\nf TYPE65280 \\# "
      "0\n"
      "g TXT \"\" \"x\"\nh MINFO a b\ni.i.i PTR a");
  const auto read = RecordRun::read(run.octets());
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, run);
  EXPECT_EQ(read->size(), 12U);
  EXPECT_EQ(lines(*read), lines(run));
  EXPECT_TRUE(RecordRun::read({})->empty());
}

TEST(RecordRun, IsNotReadWhereItIsCutOff) {
  const RecordRun run = run_of("a A 192.0.2.1\nb MX 1 a");
  std::set<std::size_t> ends{0};
  for (const RecordView record : run) {
    ends.insert(static_cast<std::size_t>(record.data.data() + record.data.size() - run.octets().data()));
  }
  for (std::size_t size = 0; size <= run.octets().size(); ++size) {
    EXPECT_EQ(RecordRun::read(run.octets().first(size)).has_value(), ends.contains(size)) << size;
  }
}

TEST(RecordRun, IsNotReadWithAnythingOddInIt) {
  const auto reads = [](const RecordRun& run, std::size_t at, std::uint8_t octet) {
    Octets octets(run.octets().begin(), run.octets().end());
    octets[at] = octet;
    return RecordRun::read(octets).has_value();
  };
  const RecordRun a = one("ab", RrType::A, {192, 0, 2, 1});  // 2 a b 0 | 0 1 | 0 1 | TTL | 0 4 | ...
  EXPECT_TRUE(reads(a, 1, 'c'));
  EXPECT_FALSE(reads(a, 1, 'A'));
  EXPECT_FALSE(reads(a, 0, 0xc0));
  EXPECT_FALSE(reads(a, 7, 3));
}

TEST(RecordRun, IsNotReadWhereTheDataDoesNotFitItsType) {
  const auto reads = [](RrType type, const Octets& data) {
    return RecordRun::read(one("a", type, data).octets()).has_value();
  };
  const Octets numbers(20, 1);
  Octets soa{1, 'a', 0, 0};
  EXPECT_FALSE(reads(RrType::SOA, soa));
  soa.insert(soa.end(), numbers.begin(), numbers.end());
  EXPECT_TRUE(reads(RrType::SOA, soa));
  soa.push_back(0);
  EXPECT_FALSE(reads(RrType::SOA, soa));

  EXPECT_FALSE(reads(RrType::A, {192, 0, 2}));
  EXPECT_FALSE(reads(RrType::AAAA, {192, 0, 2, 1}));
  EXPECT_TRUE(reads(RrType::DNAME, {1, 'a', 0}));
  EXPECT_FALSE(reads(RrType::DNAME, {1, 'a'}));
  EXPECT_FALSE(reads(RrType::DNAME, {}));
  EXPECT_TRUE(reads(RrType::NS, {1, 'a', 0}));
  EXPECT_FALSE(reads(RrType::NS, {}));
  EXPECT_FALSE(reads(RrType::NS, {1, 'a'}));
  EXPECT_FALSE(reads(RrType::NS, {1, 'a', 0, 0}));
  EXPECT_FALSE(reads(RrType::NS, {0xc0, 12}));
  EXPECT_TRUE(reads(RrType::MX, {0, 1, 0}));
  EXPECT_FALSE(reads(RrType::MX, {0}));
  EXPECT_FALSE(reads(RrType::MINFO, {0}));
  EXPECT_TRUE(reads(RrType::SRV, {0, 1, 0, 1, 0, 1, 0}));
  EXPECT_FALSE(reads(RrType::SRV, {0, 1, 0, 1, 0, 1}));
  EXPECT_TRUE(reads(RrType::HTTPS, {0, 1, 0, 0, 3}));
  EXPECT_FALSE(reads(RrType::HTTPS, {0, 1, 5}));
}

}  // namespace
}  // namespace holdfast::zones
