#include "server/answer/encode.h"

#include <gtest/gtest.h>

#include "tests/server/answer/example.h"
#include "tests/server/answer/well_formed.h"

using namespace holdfast;
using namespace holdfast::server;

namespace {

TEST(DecodedReply, CopiesIdQuestionAndRdAndKeepsTheCaseOfTheName) {
  auto query = Zones::query("wWw.ExAmPlE.tEsT. A");
  query[2] = 1;  // RD
  const DecodedReply reply = example().send(query);
  EXPECT_TRUE(std::equal(query.begin(), query.begin() + 2, reply.octets.begin()));
  EXPECT_TRUE(std::equal(query.begin() + 12, query.end(), reply.octets.begin() + 12));
  EXPECT_EQ(reply.octets[2] & 1, 1);
  EXPECT_EQ(reply.octets[3] & 0x80, 0) << "RA";
  EXPECT_EQ(reply.answer[0], "wWw.ExAmPlE.tEsT. 300 A 192.0.2.1") << "the owner points into the question";
}

TEST(DecodedReply, IsCompressed) {
  EXPECT_EQ(example().ask("www.example.test. A").octets.size(), 12U + 22 + 2 * (2 + 10 + 4));
  EXPECT_EQ(example().ask("alias.example.test. AAAA").octets.size(), 12U + 24 + (2 + 10 + 6) + (2 + 10 + 16));
}

TEST(DecodedReply, HasOptOnlyWhereTheQueryHadIt) {
  EXPECT_EQ(example().ask("www.example.test. A").octets[11], 0);
  const auto octets = example().ask("www.example.test. A", 4096).octets;
  EXPECT_EQ(octets[11], 1);
  EXPECT_EQ((std::vector<std::uint8_t>(octets.end() - 11, octets.end())),
            (std::vector<std::uint8_t>{0, 0, 41, 1232 >> 8, 1232 & 255, 0, 0, 0, 0, 0, 0}));
}

TEST(Edns, AnswersAnotherVersionWithBadvers) {
  const DecodedReply reply =
      example().send(with_opt(Zones::query("www.example.test. A"), {0, 0, 41, 4, 208, 0, 1, 0, 0, 0, 0}));
  EXPECT_EQ(reply.status, "BADVERS");
  EXPECT_EQ(reply.octets[3] & 0xf, 0);
  EXPECT_EQ(reply.octets[reply.octets.size() - 6], 1) << "the upper bits of the rcode";
  EXPECT_EQ(reply.octets[reply.octets.size() - 5], 0) << "our version";
}

TEST(Edns, CopiesDoAndTellsNsidWhenAsked) {
  const DecodedReply reply = example().send(
      with_opt(Zones::query("www.example.test. A"), {0, 0, 41, 4, 208, 0, 0, 0x80, 0, 0, 4, 0, 3, 0, 0}));
  const std::vector<std::uint8_t> tail(reply.octets.end() - 18, reply.octets.end());
  const std::vector<std::uint8_t> expected{0, 0,   0x80, 0,   0,   12,  0,   3,   0,
                                           8, 'n', 's',  '1', '.', 't', 'e', 's', 't'};
  EXPECT_EQ(tail, expected);
}

// ---- truncation ----

Zones big_zone() {
  std::string text = kSoa;
  for (int i = 0; i < 60; ++i) text += "big 60 A 10.0.0." + std::to_string(i) + "\n";
  text += "list 60 CNAME big\n";
  for (int i = 0; i < 10; ++i) {
    text += "mx 60 MX " + std::to_string(i) + " m" + std::to_string(i) + "\n";
    for (int k = 0; k < 9; ++k) {
      text += "m" + std::to_string(i) + " 60 A 10.1." + std::to_string(i) + "." + std::to_string(k) + "\n";
    }
  }
  text += "del 60 NS ns.del\n";
  for (int i = 0; i < 40; ++i) text += "ns.del 60 A 10.2.0." + std::to_string(i) + "\n";
  return Zones({{"example.test", text}});
}

TEST(Truncation, LeavesOutWholeRRsetsAndSaysSo) {
  const Zones zones = big_zone();
  EXPECT_EQ(zones.ask("big.example.test. A").status, "NOERROR aa tc");
  EXPECT_TRUE(zones.ask("big.example.test. A").answer.empty());
  EXPECT_EQ(zones.ask("list.example.test. A").status, "NOERROR aa tc");
  EXPECT_EQ(zones.ask("list.example.test. A").answer,
            Records{"list.example.test. 60 CNAME big.example.test."});
}

TEST(Truncation, FollowsTheClientsSizeUpToOurs) {
  const Zones zones = big_zone();
  EXPECT_EQ(zones.ask("big.example.test. A", 1000).status, "NOERROR aa tc");
  EXPECT_EQ(zones.ask("big.example.test. A", 1232).answer.size(), 60U);
  Zones small = big_zone();
  small.identity.edns_size = 800;
  EXPECT_EQ(small.ask("big.example.test. A", 1232).status, "NOERROR aa tc");
  EXPECT_LE(small.ask("mx.example.test. MX", 65535).octets.size(), 800U);
}

TEST(Truncation, TakesSizesBelow512For512) {
  const Zones zones = big_zone();
  EXPECT_EQ(zones.ask("mx.example.test. MX", 1).octets.size(),
            zones.ask("mx.example.test. MX", 512).octets.size());
  EXPECT_GT(zones.ask("mx.example.test. MX", 1).octets.size(), 300U);
}

TEST(Truncation, DoesNotHappenOverTcp) {
  const DecodedReply reply = big_zone().ask("big.example.test. A", 0, Transport::tcp);
  EXPECT_EQ(reply.status, "NOERROR aa");
  EXPECT_EQ(reply.answer.size(), 60U);
}

TEST(Truncation, LeavesAdditionalAddressesOutWithoutTc) {
  const DecodedReply reply = big_zone().ask("mx.example.test. MX");
  EXPECT_EQ(reply.status, "NOERROR aa");
  EXPECT_EQ(reply.answer.size(), 10U);
  EXPECT_EQ(reply.additional.size() % 9, 0U) << "whole RRsets";
  EXPECT_GT(reply.additional.size(), 0U);
  EXPECT_LT(reply.additional.size(), 90U);
}

TEST(Truncation, OfRequiredGlueSetsTc) {  // RFC 9471 3
  EXPECT_EQ(big_zone().ask("x.del.example.test. A").status, "NOERROR tc");
  EXPECT_EQ(big_zone().ask("x.del.example.test. A", 1232).additional.size(), 40U);
}

TEST(Truncation, LeavesOtherServersOutBeforeGlue) {
  std::string text = kSoa + "del 60 NS a\ndel 60 NS ns.del\nns.del 60 A 10.2.0.1\n";
  for (int i = 0; i < 27; ++i) text += "a 60 A 10.0.0." + std::to_string(i) + "\n";
  const DecodedReply reply = Zones({{"example.test", text}}).ask("x.del.example.test. A");
  EXPECT_EQ(reply.status, "NOERROR");
  EXPECT_EQ(reply.additional, Records{"ns.del.example.test. 60 A 10.2.0.1"});
}

// ---- compression ----

/// The most pointers that a name in the message takes to read.
int longest_pointer_chain(const std::vector<std::uint8_t>& octets) {
  int longest = 0;
  for (std::size_t from = 12; from + 1 < octets.size(); ++from) {
    int hops = 0;
    for (std::size_t at = from; at + 1 < octets.size() && (octets[at] & 0xc0) == 0xc0; ++hops) {
      at = (octets[at] & 0x3fU) << 8 | octets[at + 1];
      while (at < octets.size() && octets[at] != 0 && octets[at] < 64) at += octets[at] + 1U;
    }
    longest = std::max(longest, hops);
  }
  return longest;
}

TEST(Compression, MakesNoLongChainsOfPointers) {  // Go's resolver gives up after 10
  std::string text = kSoa, name = "n0";
  for (int i = 1; i < 20; ++i) {
    const std::string next = "n" + std::to_string(i) + "." + name;
    text += name + " 60 CNAME " + next + "\n";
    name = next;
  }
  const DecodedReply reply = Zones({{"example.test", text}}).ask("n0.example.test. A", 0, Transport::tcp);
  EXPECT_EQ(reply.answer.size(), kMaxChain + 1);
  const int longest = longest_pointer_chain(reply.octets);
  EXPECT_GT(longest, 5) << "they are short, or not looked at";
  EXPECT_LE(longest, 9);
}

}  // namespace
