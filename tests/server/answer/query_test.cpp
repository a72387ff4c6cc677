#include "server/answer/query.h"

#include <gtest/gtest.h>

#include "tests/server/answer/example.h"

using namespace holdfast;
using namespace holdfast::server;

namespace {

TEST(Edns, RefusesTwoOptsOneElsewhereAndBrokenOptions) {
  const std::vector<std::uint8_t> opt{0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(example().send(with_opt(with_opt(Zones::query("www.example.test. A"), opt), opt)).status,
            "FORMERR");
  auto named = opt;
  named.insert(named.begin(), {1, 'a'});
  EXPECT_EQ(example().send(with_opt(Zones::query("www.example.test. A"), named)).status, "FORMERR");
  auto as_answer = with_opt(Zones::query("www.example.test. A"), opt);
  std::swap(as_answer[7], as_answer[11]);
  EXPECT_EQ(example().send(as_answer).status, "FORMERR");
  EXPECT_EQ(example()
                .send(with_opt(Zones::query("www.example.test. A"),
                               {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 4, 0, 3, 0, 9}))
                .status,
            "FORMERR");
}

TEST(DecodedReply, IsSilenceToResponsesAndStumps) {
  auto response = Zones::query("www.example.test. A");
  response[2] = 0x80;
  EXPECT_TRUE(example().send(response).octets.empty());
  auto stump = Zones::query("www.example.test. A");
  stump.resize(11);
  EXPECT_TRUE(example().send(stump).octets.empty());
  EXPECT_TRUE(example().send({}).octets.empty());
}

TEST(DecodedReply, IsFormerrWithoutExactlyOneWholeQuestion) {
  auto none = Zones::query("www.example.test. A");
  none[5] = 0;
  EXPECT_EQ(example().send(none).status, "FORMERR");
  auto two = Zones::query("www.example.test. A");
  two[5] = 2;
  EXPECT_EQ(example().send(two).status, "FORMERR");
  auto cut = Zones::query("www.example.test. A");
  cut.pop_back();
  EXPECT_EQ(example().send(cut).status, "FORMERR");
  auto pointer = Zones::query("www.example.test. A");
  pointer[12] = 0xc0;
  EXPECT_EQ(example().send(pointer).status, "FORMERR");
}

TEST(DecodedReply, IsNotimpToOtherOpcodes) {
  for (const int opcode : {1, 2, 3, 4, 5, 6, 15}) {
    auto query = Zones::query("www.example.test. A");
    query[2] = static_cast<std::uint8_t>(opcode << 3);
    const DecodedReply reply = example().send(query);
    EXPECT_EQ(reply.status, "NOTIMP") << opcode;
    EXPECT_EQ(reply.octets[2] >> 3 & 0xf, opcode);
  }
}

}  // namespace
