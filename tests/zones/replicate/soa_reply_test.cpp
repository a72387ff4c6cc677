#include "zones/replicate/soa_reply.h"

#include <gtest/gtest.h>

#include "tests/zones/replicate/sent.h"

namespace holdfast::zones {
namespace {

using testing::kApex;
using testing::Sent;
using testing::soa;
using testing::wire;
using Kind = SoaReply::Kind;

SoaReply read(Sent sent) {
  if (sent.question == RrType::AXFR) sent.question = RrType::SOA;
  return read_soa_reply(wire(sent), 7, kApex);
}

TEST(SoaReply, SaysTheSerial) {
  const SoaReply reply = read({.records = soa(5)});
  EXPECT_EQ(reply.kind, Kind::serial) << reply.problem;
  EXPECT_EQ(reply.serial, Serial(5));
  EXPECT_EQ(reply.expire, std::nullopt);
}

// RFC 7314
TEST(SoaReply, SaysHowLongThePrimaryHasTheZone) {
  EXPECT_EQ(read({.records = soa(5),
                  .additional = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 8, 0, 9, 0, 4, 0, 0, 0, 77},
                  .additional_count = 1})
                .expire,
            std::chrono::seconds(77));
}

TEST(SoaReply, IsNoneToAnotherQuestion) {
  EXPECT_EQ(read({.records = soa(5), .id = 8}).kind, Kind::mismatch);
  EXPECT_EQ(read({.records = soa(5), .flags = 0x04}).kind, Kind::mismatch);
  EXPECT_EQ(read({.records = soa(5), .flags = 0xa4}).kind, Kind::mismatch);
  EXPECT_EQ(read({.records = soa(5), .question = RrType::IXFR}).kind, Kind::mismatch);
  EXPECT_EQ(read({.records = soa(5), .question = RrType::A}).kind, Kind::mismatch);
  EXPECT_EQ(read_soa_reply({}, 7, kApex).kind, Kind::mismatch);
}

TEST(SoaReply, CanBeTruncated) { EXPECT_EQ(read({.flags = 0x86}).kind, Kind::truncated); }

TEST(SoaReply, CanBeARefusal) {
  EXPECT_EQ(read({.records = soa(5), .rcode = 5}).problem, "says REFUSED");
  EXPECT_EQ(read({.question = RrType::A, .rcode = 1}).problem, "says FORMERR");
  EXPECT_TRUE(read({.rcode = 1}).no_edns_may_help);
  EXPECT_FALSE(read({.rcode = 5}).no_edns_may_help);
  EXPECT_EQ(read({.additional = {0, 0, 41, 4, 208, 1, 0, 0, 0, 0, 0}, .additional_count = 1}).problem,
            "says BADVERS");
}

TEST(SoaReply, NeedsAnAuthoritativeSoaOfTheZone) {
  EXPECT_EQ(read({.records = soa(5), .flags = 0x80}).problem, "is not authoritative for example.");
  EXPECT_EQ(read({}).problem, "has no SOA of example.");
  EXPECT_EQ(read({.records = "sub SOA a b 1 2 3 4 5"}).problem, "has no SOA of example.");
  EXPECT_EQ(read({.records = "@ NS ns"}).problem, "has no SOA of example.");
  EXPECT_EQ(read({.records = soa(5), .rr_class = RrClass::CH}).problem, "has no SOA of example.");
  EXPECT_EQ(read({.records = soa(5), .additional = {1}}).problem,
            "sends a SOA in a message that goes on behind its last record");
}

}  // namespace
}  // namespace holdfast::zones
