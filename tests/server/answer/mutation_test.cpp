#include <gtest/gtest.h>

#include "tests/server/answer/all_kinds.h"
#include "tests/server/answer/mutate.h"
#include "tests/server/answer/well_formed.h"

using namespace holdfast;
using namespace holdfast::server;

namespace {

constexpr std::uint64_t kSeed = 20260101;
constexpr int kPackets = 1'000'000;

/// Sends packets to answer(), in room of exactly the size that a transport promises, and looks at what comes back.
class Target {
 public:
  const char* send(std::span<const std::uint8_t> packet, Transport transport) {
    std::vector<std::uint8_t>& room = transport == Transport::udp ? udp_ : tcp_;
    answered = answer(packet, room, zones_.serving(), transport);
    return what_is_wrong(packet, std::span(room).first(answered.size), transport);
  }
  bool still_answers() const {
    const std::vector<std::string> expected{"mail.all.test. 60 A 192.0.2.25"};
    return zones_.ask("mail.all.test. A").answer == expected;
  }

  Answered answered;

 private:
  Zones zones_ = zones_of_all_kinds();
  std::vector<std::uint8_t> udp_ = std::vector<std::uint8_t>(1232), tcp_ = std::vector<std::uint8_t>(65535);
};

std::string hex(std::span<const std::uint8_t> octets) {
  std::string text;
  for (const std::uint8_t octet : octets)
    text += "0123456789abcdef"[octet >> 4], text += "0123456789abcdef"[octet & 15];
  return text;
}

TEST(Mutation, NeverMakesABadReply) {
  Target target;
  Mutator mutator(queries_of_all_kinds(), kSeed);
  std::set<zones::Rcode> seen;
  int answered = 0;
  for (int i = 0; i < kPackets; ++i) {
    const std::vector<std::uint8_t> packet = mutator.next();
    const char* wrong = target.send(packet, i % 4 == 0 ? Transport::tcp : Transport::udp);
    ASSERT_EQ(wrong, nullptr) << "packet " << i << ": " << hex(packet);
    if (target.answered.size != 0) {
      seen.insert(target.answered.rcode);
      ++answered;
    }
    if (i % 1000 == 0) {
      ASSERT_TRUE(target.still_answers()) << i;
    }
  }
  EXPECT_GE(seen.size(), 7U) << "the mutations are too tame, or too wild";
  EXPECT_GT(answered, kPackets / 2);
  EXPECT_LT(answered, kPackets);
}

TEST(Grid, OfAllTypesIsAnswered) {
  Target target;
  auto query = Zones::query("www.all.test. A", 1232);
  const std::size_t type_at = 12 + 14;
  for (unsigned type = 0; type < 0x10000; ++type) {
    query[type_at] = static_cast<std::uint8_t>(type >> 8);
    query[type_at + 1] = static_cast<std::uint8_t>(type);
    for (const unsigned rr_class : {1U, 3U, 4U, 254U, 255U, type}) {
      query[type_at + 2] = static_cast<std::uint8_t>(rr_class >> 8);
      query[type_at + 3] = static_cast<std::uint8_t>(rr_class);
      ASSERT_EQ(target.send(query, type % 2 == 0 ? Transport::udp : Transport::tcp), nullptr)
          << type << ' ' << rr_class;
      ASSERT_NE(target.answered.size, 0U);
    }
  }
}

TEST(Grid, OfAllFlagsOpcodesAndRcodesIsAnsweredUnlessItIsAResponse) {
  Target target;
  for (const char* question :
       {"www.all.test. A", "x.del.all.test. A", "x.old.all.test. ANY", "version.bind. CH TXT"}) {
    auto query = Zones::query(question, 1232);
    for (unsigned flags = 0; flags < 0x10000; ++flags) {
      query[2] = static_cast<std::uint8_t>(flags >> 8);
      query[3] = static_cast<std::uint8_t>(flags);
      ASSERT_EQ(target.send(query, Transport::udp), nullptr) << flags;
      ASSERT_EQ(target.answered.size == 0, (flags & 0x8000) != 0);
    }
  }
}

}  // namespace
