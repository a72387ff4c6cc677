#include "health/probe/dns_message.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

const DnsQuestion kQuestion{"www.example.com.", "A"};

/// The reply that a server would make of the query: header flags, and an answer section.
std::vector<std::uint8_t> reply(std::uint8_t flags, std::uint8_t rcode, std::uint8_t answers = 0,
                                const std::vector<std::uint8_t>& records = {}) {
  auto message = write_query(kQuestion, 0x1234).value();
  message[2] = static_cast<std::uint8_t>(0x80 | flags);
  message[3] = rcode;
  message[7] = answers;
  message.insert(message.end(), records.begin(), records.end());
  return message;
}

// www.example.com. 300 A 192.0.2.1
const std::vector<std::uint8_t> kRecord{0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1};

TEST(DnsMessage, AsksWhatItIsTold) {
  const auto message = write_query(kQuestion, 0x1234).value();
  EXPECT_EQ(message, (std::vector<std::uint8_t>{0x12, 0x34, 1,   0,   0,   1,   0,   0,   0,   0,   0,
                                                0,    3,    'w', 'w', 'w', 7,   'e', 'x', 'a', 'm', 'p',
                                                'l',  'e',  3,   'c', 'o', 'm', 0,   0,   1,   0,   1}));
  EXPECT_TRUE(write_query({"example.com", "TYPE65"}, 1));
  EXPECT_TRUE(write_query({".", "NS"}, 1));
  EXPECT_FALSE(write_query({"a..b", "A"}, 1));
  EXPECT_FALSE(write_query({"example.com", "NONSENSE"}, 1));
}

TEST(DnsMessage, ReadsTheReply) {
  const auto read = read_dns_reply(reply(0, 0, 1, kRecord), kQuestion, 0x1234);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->rcode, 0U);
  EXPECT_FALSE(read->truncated);
  EXPECT_EQ(read->answers, std::vector<std::string>{"192.0.2.1"});
  EXPECT_TRUE(read_dns_reply(reply(2, 0), kQuestion, 0x1234)->truncated);
  EXPECT_EQ(read_dns_reply(reply(0, 3), kQuestion, 0x1234)->rcode, 3U);
}

TEST(DnsMessage, TheCaseOfTheQuestionMakesNoDifference) {
  auto message = reply(0, 0);
  message[13] = 'W';
  EXPECT_TRUE(read_dns_reply(message, kQuestion, 0x1234));
}

TEST(DnsMessage, AnythingElseIsNoReply) {
  EXPECT_FALSE(read_dns_reply(reply(0, 0), kQuestion, 0x1235));
  EXPECT_FALSE(read_dns_reply(reply(0, 0), {"www.example.com.", "AAAA"}, 0x1234));
  EXPECT_FALSE(read_dns_reply(reply(0, 0), {"other.example.com.", "A"}, 0x1234));
  EXPECT_FALSE(read_dns_reply(write_query(kQuestion, 0x1234).value(), kQuestion, 0x1234));
  auto message = reply(0, 0, 1, kRecord);
  const std::size_t question_end = message.size() - kRecord.size();
  for (std::size_t size = 0; size < question_end; ++size) {
    EXPECT_FALSE(read_dns_reply(std::span(message).first(size), kQuestion, 0x1234)) << size;
  }
  message[5] = 0;  // no question
  EXPECT_FALSE(read_dns_reply(message, kQuestion, 0x1234));
}

TEST(DnsMessage, ARefusalMayBeABareHeader) {
  auto message = reply(0, 5);
  message.resize(12);
  message[5] = 0;
  EXPECT_EQ(read_dns_reply(message, kQuestion, 0x1234)->rcode, 5U);
}

TEST(DnsMessage, OneThatBreaksOffIsBrokenButOneThatSaysSoIsTruncated) {
  const auto message = reply(0, 0, 1, kRecord), truncated = reply(2, 0, 1, kRecord);
  for (std::size_t size = message.size() - kRecord.size(); size < message.size(); ++size) {
    EXPECT_TRUE(read_dns_reply(std::span(message).first(size), kQuestion, 0x1234)->broken) << size;
    const auto cut = read_dns_reply(std::span(truncated).first(size), kQuestion, 0x1234);
    EXPECT_TRUE(cut->truncated && !cut->broken) << size;
  }
}

TEST(DnsMessage, WhatStandsBehindTheAnswersIsNotRead) {
  std::vector<std::uint8_t> records = kRecord;
  for (int i = 0; i < 100; ++i) {  // TSIG records: ldns would keep the last and lose the others
    records.insert(records.end(), {0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 1, 0});
  }
  auto message = reply(0, 0, 1, records);
  message[9] = 1;
  message[11] = 100;
  EXPECT_EQ(read_dns_reply(message, kQuestion, 0x1234)->answers, std::vector<std::string>{"192.0.2.1"});
}

TEST(DnsMessage, DataIsPrintedInOneWay) {
  EXPECT_EQ(printed_data({".", "MX"}, "10  mail.example.com"), "10 mail.example.com.");
  EXPECT_EQ(printed_data({".", "TXT"}, "hello"), "\"hello\"");
  EXPECT_EQ(printed_data({".", "AAAA"}, "2001:DB8:0::1"), "2001:db8::1");
  for (const auto* data : {"nonsense", "192.0.2.1\n", "", "192.0.2"})
    EXPECT_FALSE(printed_data({".", "A"}, data)) << data;
}

TEST(DnsMessage, RcodesHaveNamesOrNumbers) {
  EXPECT_EQ(rcode_text(0), "NOERROR");
  EXPECT_EQ(rcode_text(2), "SERVFAIL");
  EXPECT_EQ(rcode_text(10), "NOTZONE");
  EXPECT_EQ(rcode_text(15), "rcode 15");
}

}  // namespace
}  // namespace holdfast::health
