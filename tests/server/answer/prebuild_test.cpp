#include "server/answer/prebuild.h"

#include <gtest/gtest.h>

#include "tests/server/answer/all_kinds.h"
#include "tests/server/answer/mutate.h"

using namespace holdfast;
using namespace holdfast::server;

namespace {

constexpr std::uint64_t kSeed = 20261121;
constexpr int kPackets = 200'000;

/// All that a reply says, in lower case: a name that points to the question has its case.
std::string text(const DecodedReply& reply) {
  std::string text = reply.status;
  for (const auto* section : {&reply.answer, &reply.authority, &reply.additional}) {
    std::vector<std::string> lines = *section;
    for (std::string& line : lines) {
      for (char& c : line) c = static_cast<char>(zones::lower(static_cast<std::uint8_t>(c)));
    }
    std::sort(lines.begin(), lines.end());
    for (const std::string& line : lines) text += "\n" + line;
    text += "\n--";
  }
  return text;
}

TEST(Prebuild, SaysWhatIsWorkedOut) {
  const Zones prebuilt = zones_of_all_kinds(true);
  const Zones worked_out = zones_of_all_kinds(false);
  Mutator mutator(queries_of_all_kinds(), kSeed);
  std::vector<Octets> queries = queries_of_all_kinds();
  for (int i = 0; i < kPackets; ++i) queries.push_back(mutator.next());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const Transport transport = i % 4 == 0 ? Transport::tcp : Transport::udp;
    const Octets ready = reply(prebuilt, queries[i], transport);
    const Octets made = reply(worked_out, queries[i], transport);
    if (ready == made) continue;
    // Compressed otherwise: the name asked is one in the answer, or has more labels than Writer remembers.
    ASSERT_EQ(text(prebuilt.send(queries[i], transport)), text(worked_out.send(queries[i], transport))) << i;
  }
}

std::size_t prebuilt_answers(const Zones& zones) {
  std::size_t count = 0;
  for (const zones::ServedZone& served : zones.serving().zones.zones()) {
    for (const zones::Node node : served.zone->nodes()) {
      for (std::size_t i = 0; i < node.rrset_count(); ++i) {
        const auto* one = reinterpret_cast<const zones::Prebuilt*>(served.zone->rrset_at(node, i).prebuilt);
        for (; one != nullptr; one = one->next()) ++count;
      }
    }
  }
  return count;
}

TEST(Prebuild, IsDoneForWhatCannotChange) {
  EXPECT_GT(prebuilt_answers(zones_of_all_kinds(true)), 60U);
  EXPECT_EQ(prebuilt_answers(zones_of_all_kinds(false)), 0U);
}

TEST(Prebuild, LeavesOutWhereHealthDecides) {
  const std::string text =
      "@ 60 SOA ns1 h 1 1 1 1 1\n@ 60 NS ns1\nns1 60 A 192.0.2.53\nmx 60 MX 1 pool\nto 60 CNAME pool\n";
  Zones zones({{"a.test", text}}, {{zones::Name::parse("pool.a.test").value(), 0}});
  for (const std::string address : {"10.0.0.1", "10.0.0.2"}) {
    zones.live = zones.live->with(0, zones::live_answer({address}));
    const std::vector<std::string> expected{"pool.a.test. 30 A " + address};
    EXPECT_EQ(zones.ask("mx.a.test. MX").additional, expected);
    EXPECT_EQ(zones.ask("to.a.test. A").answer.at(0), expected[0]);
  }
}

TEST(Prebuild, DoesNotTakeTheNsOfAWildcardForACut) {
  const std::string text = "@ 60 SOA ns1 h 1 1 1 1 1\n@ 60 NS ns1\nns1 60 A 192.0.2.53\n*.w 60 NS ns1\n";
  for (const bool prebuilt : {true, false}) {
    const DecodedReply reply = Zones({{"a.test", text}}, {}, prebuilt).ask("x.w.a.test. NS");
    EXPECT_EQ(reply.status, "NOERROR aa");
    EXPECT_EQ(reply.answer, std::vector<std::string>{"x.w.a.test. 60 NS ns1.a.test."}) << "RFC 4592 4.2";
    const DecodedReply below = Zones({{"a.test", text}}, {}, prebuilt).ask("x.*.w.a.test. A");
    EXPECT_EQ(below.authority, std::vector<std::string>{"*.w.a.test. 60 NS ns1.a.test."});
  }
}

TEST(Prebuild, KeepsNamesInRecordsApartFromTheNameAsked) {
  const std::string text = "@ 60 SOA ns1 h 1 1 1 1 1\n@ 60 NS ns1\nns1 60 A 192.0.2.53\n* 60 MX 1 \\000\n";
  const std::vector<std::string> expected{"x.a.test. 60 MX 1 \\000.a.test."};
  EXPECT_EQ(Zones("a.test", text).ask("x.a.test. MX").answer, expected);
}

}  // namespace
