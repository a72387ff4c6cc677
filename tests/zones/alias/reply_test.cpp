#include "zones/alias/reply.h"

#include <gtest/gtest.h>

#include "tests/zones/alias/message.h"

namespace holdfast::zones {
namespace {

const Cookie kCookie{{1, 2, 3, 4, 5, 6, 7, 8}, {}};

Query query(RrType type = RrType::A) {
  return write_query({*Name::parse("www.example."), type}, kCookie, {0x1234, 0x5555555555555555});
}

Reply judged(const Answer& answer, bool allow_private = false, RrType type = RrType::A) {
  const Query asked = query(type);
  return judge(reply_to(asked.message, answer), asked, allow_private);
}

std::string list(const Reply& reply) {
  std::string all;
  for (const auto& address : reply.addresses) all += (all.empty() ? "" : " ") + address.to_string();
  return all;
}

TEST(AliasReply, GivesSortedAddressesAndTheLeastTtl) {
  const Reply reply = judged({{"www.example. 60 A 198.51.100.2", "www.example. 50 A 198.51.100.1"}});
  EXPECT_EQ(reply.kind, ReplyKind::addresses);
  EXPECT_EQ(list(reply), "198.51.100.1 198.51.100.2");
  EXPECT_EQ(reply.ttl, 50u);
}

TEST(AliasReply, FollowsTheChainInAnyOrderAndCase) {
  const Reply reply = judged({{"b.example. 9 A 198.51.100.1", "a.EXAMPLE. 30 CNAME b.example.",
                               "WWW.example. 20 CNAME A.example."}});
  EXPECT_EQ(list(reply), "198.51.100.1");
  EXPECT_EQ(reply.ttl, 9u);
}

TEST(AliasReply, TakesTheTtlOfTheChain) {
  EXPECT_EQ(judged({{"www.example. 7 CNAME b.example.", "b.example. 99 A 198.51.100.1"}}).ttl, 7u);
}

TEST(AliasReply, LooksAtNothingOutsideOfTheChain) {
  const Reply reply = judged({{"other.example. 60 A 198.51.100.9", "www.example. 60 AAAA 2001:db8::1"},
                              {"www.example. 60 A 198.51.100.8"},
                              {"www.example. 60 A 198.51.100.7"}});
  EXPECT_EQ(reply.kind, ReplyKind::nodata);
  EXPECT_EQ(list(reply), "");
}

TEST(AliasReply, FailsOnAChainThatLoops) {
  const Reply reply = judged({{"www.example. 60 CNAME a.example.", "a.example. 60 CNAME www.example."}});
  EXPECT_EQ(reply.kind, ReplyKind::failed);
  EXPECT_EQ(reply.problem, "a chain of more than 8 CNAMEs");
}

Answer chain(std::size_t length) {
  Answer answer;
  std::string from = "www.example.";
  for (std::size_t i = 0; i < length; ++i) {
    const std::string to = "n" + std::to_string(i) + ".example.";
    answer.answer.push_back(from + " 60 CNAME " + to);
    from = to;
  }
  answer.answer.push_back(from + " 60 A 198.51.100.1");
  return answer;
}

TEST(AliasReply, FollowsEightSteps) { EXPECT_EQ(list(judged(chain(kMaxChain))), "198.51.100.1"); }
TEST(AliasReply, DoesNotFollowNine) { EXPECT_EQ(judged(chain(kMaxChain + 1)).kind, ReplyKind::failed); }

TEST(AliasReply, TakesAtMost64Addresses) {
  Answer answer;
  for (int i = 0; i < 70; ++i) answer.answer.push_back("www.example. 60 A 198.51.100." + std::to_string(i));
  const Reply reply = judged(answer);
  EXPECT_EQ(reply.addresses.size(), kMaxAddresses);
  EXPECT_NE(reply.problem, "");
}

TEST(AliasReply, ReadsNegativeAnswers) {
  const std::string soa = "example. 100 SOA ns. host. 1 2 3 4 40";
  EXPECT_EQ(judged({{}, {soa}}).kind, ReplyKind::nodata);
  EXPECT_EQ(judged({{}, {soa}}).ttl, 40u);
  EXPECT_EQ(judged({{}, {soa}, {}, 3}).kind, ReplyKind::nxdomain);
  EXPECT_EQ(judged({{}, {"other. 100 SOA ns. host. 1 2 3 4 40"}}).ttl, 0u);
}

TEST(AliasReply, SaysTheRcode) {
  EXPECT_EQ(judged({{}, {}, {}, 2}).problem, "SERVFAIL");
  EXPECT_EQ(judged({{}, {}, {}, 5}).problem, "REFUSED");
}

TEST(AliasReply, SeesTruncation) { EXPECT_EQ(judged({{}, {}, {}, 0, true}).kind, ReplyKind::truncated); }

TEST(AliasReply, RefusesPrivateAddressesUnlessAllowed) {
  for (const char* address : {"10.0.0.1", "127.0.0.1", "192.168.1.1", "172.31.0.1", "100.64.0.1"}) {
    const Answer answer{{std::string("www.example. 60 A ") + address}};
    EXPECT_EQ(judged(answer).kind, ReplyKind::failed) << address;
    EXPECT_EQ(judged(answer).problem, std::string("refused: ") + address + ", a private address");
    EXPECT_EQ(list(judged(answer, true)), address);
  }
  for (const char* address : {"::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1"}) {
    const Answer answer{{std::string("www.example. 60 AAAA ") + address}};
    EXPECT_EQ(judged(answer, false, RrType::AAAA).kind, ReplyKind::failed) << address;
    EXPECT_EQ(judged(answer, true, RrType::AAAA).kind, ReplyKind::addresses) << address;
  }
}

TEST(AliasReply, NeverTakesWhatNobodyCanReach) {
  for (const char* address : {"0.0.0.0", "169.254.1.1", "224.0.0.1", "255.255.255.255"}) {
    EXPECT_EQ(judged({{std::string("www.example. 60 A ") + address}}, true).kind, ReplyKind::failed)
        << address;
  }
  for (const char* address : {"::", "fe80::1", "ff02::1"}) {
    EXPECT_EQ(judged({{std::string("www.example. 60 AAAA ") + address}}, true, RrType::AAAA).kind,
              ReplyKind::failed)
        << address;
  }
}

TEST(AliasReply, LeavesOutOnlyThePrivateOnes) {
  EXPECT_EQ(list(judged({{"www.example. 60 A 10.0.0.1", "www.example. 60 A 198.51.100.1"}})), "198.51.100.1");
}

TEST(AliasReply, MatchesOnlyTheQueryOctetForOctet) {
  const Query asked = query();
  const auto good = reply_to(asked.message, {{"www.example. 60 A 198.51.100.1"}});
  ASSERT_EQ(judge(good, asked, false).kind, ReplyKind::addresses);
  // id, QR and opcode, QDCOUNT, every octet of name, type and class
  std::vector<std::size_t> places = {0, 1, 4, 5};
  for (std::size_t i = 0; i < asked.asked.size(); ++i) places.push_back(12 + i);
  for (const std::size_t place : places) {
    auto other = good;
    other[place] ^= 0x20;
    EXPECT_EQ(judge(other, asked, false).kind, ReplyKind::mismatch) << place;
  }
  auto question = good;
  question[2] &= 0x7f;
  EXPECT_EQ(judge(question, asked, false).kind, ReplyKind::mismatch);
}

TEST(AliasReply, WantsOurCookieWhereThereIsOne) {
  Answer answer{{"www.example. 60 A 198.51.100.1"}};
  answer.cookie = {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18};
  EXPECT_EQ(judged(answer).server_cookie, std::vector<std::uint8_t>({11, 12, 13, 14, 15, 16, 17, 18}));
  answer.cookie[0] = 9;
  EXPECT_EQ(judged(answer).kind, ReplyKind::mismatch);
}

TEST(AliasReply, SeesBadCookie) {
  Answer answer;
  answer.rcode = 23;
  answer.cookie = {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18};
  EXPECT_EQ(judged(answer).kind, ReplyKind::bad_cookie);
}

TEST(AliasReply, DoesNotMindSignatures) {
  const Query asked = query();
  auto message = reply_to(asked.message, {{"www.example. 60 A 198.51.100.1"}});
  // Three TSIG (RFC 8945 4.2), of which no reply has more than one: ldns 1.8 never frees the others.
  const std::vector<std::uint8_t> tsig = {0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 17, 0, 0, 0,
                                          0, 0, 0,   0, 0,   0, 0, 0, 0, 0, 0,  0, 0, 0};
  for (int i = 0; i < 3; ++i) message.insert(message.end(), tsig.begin(), tsig.end());
  message[11] = 3;
  EXPECT_EQ(list(judge(message, asked, false)), "198.51.100.1");
}

TEST(AliasReply, SaysWhatIsWrongWithTheMessage) {
  const Query asked = query();
  const auto good = reply_to(asked.message, {{"www.example. 60 A 198.51.100.1"}});
  EXPECT_EQ(judge({good.data(), good.size() - 1}, asked, false).problem, "a reply that is cut off");
  auto more = good;
  more.push_back(0);
  EXPECT_EQ(judge(more, asked, false).problem, "a reply that goes on behind its last record");
}

TEST(AliasReply, SurvivesEveryPrefix) {
  const Query asked = query();
  const auto good = reply_to(asked.message, {{"www.example. 60 A 198.51.100.1"}});
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_NE(judge({good.data(), size}, asked, false).kind, ReplyKind::addresses) << size;
  }
}

TEST(AliasQuestion, MixesCaseAndCarriesTheSubnet) {
  EXPECT_EQ(query().asked[1], 'w');
  EXPECT_NE(query().asked, write_query({*Name::parse("www.example.")}, kCookie, {0x1234, 0}).asked);
  const Question question{*Name::parse("."), RrType::A,
                          ClientSubnet{boost::asio::ip::make_address("192.0.2.255"), 25}};
  const auto message = write_query(question, kCookie, {}).message;
  const std::vector<std::uint8_t> wanted = {0, 8, 0, 8, 0, 1, 25, 0, 192, 0, 2, 128};
  EXPECT_TRUE(std::equal(wanted.rbegin(), wanted.rend(), message.rbegin()));
}

}  // namespace
}  // namespace holdfast::zones
