#include "zones/replicate/message.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/zones/load/loading.h"
#include "tests/zones/replicate/sent.h"

namespace holdfast::zones {
namespace {

using testing::Sent;
using testing::wire;
using Octets = std::vector<std::uint8_t>;

/// Its records, one a line, and at the end what is wrong with it.
std::string read(std::span<const std::uint8_t> message) {
  MessageReader reader;
  std::string text;
  if (reader.open(message)) {
    while (const MessageRecord* const record = reader.next()) {
      const auto& [owner, type, ttl, data] = record->record;
      text += testing::presentation(owner, type, ttl, data) + "\n";
    }
  }
  return text + reader.problem();
}

TEST(MessageReader, ReadsHeaderAndQuestion) {
  MessageReader reader;
  ASSERT_TRUE(reader.open(wire({.question = RrType::IXFR, .id = 0x1234, .flags = 0xa6, .rcode = 5})));
  EXPECT_EQ(reader.header().id, 0x1234);
  EXPECT_TRUE(reader.header().is_response);
  EXPECT_TRUE(reader.header().is_authoritative);
  EXPECT_TRUE(reader.header().is_truncated);
  EXPECT_EQ(reader.header().opcode, 4);
  EXPECT_EQ(reader.header().rcode, 5);
  EXPECT_EQ(reader.question()->name.text(), "example.");
  EXPECT_EQ(reader.question()->type, RrType::IXFR);
  EXPECT_EQ(reader.question()->rr_class, RrClass::IN);
  EXPECT_EQ(reader.next(), nullptr);
  EXPECT_EQ(reader.problem(), "");
}

TEST(MessageReader, ReadsRecords) {
  EXPECT_EQ(read(wire({.records = "@ SOA ns host 1 2 3 4 5\nwww 30 A 192.0.2.1\n@ MX 1 mail"})),
            "example. 60 IN SOA ns.example. host.example. 1 2 3 4 5\n"
            "www.example. 30 IN A 192.0.2.1\n"
            "example. 60 IN MX 1 mail.example.\n");
}

TEST(MessageReader, NeedsNoQuestion) {
  EXPECT_EQ(read(wire({.records = "a A 192.0.2.1", .question = RrType::A})),
            "a.example. 60 IN A 192.0.2.1\n");
}

TEST(MessageReader, SaysOfWhichSectionARecordIs) {
  Octets message = wire({.records = "a A 192.0.2.1\nb A 192.0.2.1\nc A 192.0.2.1"});
  message[7] = 1, message[11] = 2;
  MessageReader reader;
  reader.open(message);
  EXPECT_EQ(reader.next()->section, Section::answer);
  EXPECT_EQ(reader.next()->section, Section::additional);
  EXPECT_EQ(reader.next()->section, Section::additional);
  EXPECT_EQ(reader.next(), nullptr);
  EXPECT_EQ(reader.next(), nullptr);
}

TEST(MessageReader, IsCutOffAnywhere) {
  const Octets whole = wire({.records = "@ SOA ns host 1 2 3 4 5\nwww TXT a\n@ MX 1 mail"});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Octets cut(whole.begin(),
                     whole.begin() + static_cast<long>(size));  // on its own, so that ASan sees the end
    MessageReader reader;
    if (reader.open(cut)) {
      while (reader.next() != nullptr) {
      }
    }
    EXPECT_NE(reader.problem(), "") << size;
  }
}

TEST(MessageReader, SaysWhatIsWrong) {
  EXPECT_EQ(read(Octets(11, 0)), "is shorter than a header");
  Octets message = wire({});
  message[5] = 2;
  EXPECT_EQ(read(message), "has 2 questions");
  message = wire({});
  message[12] = 0xc0;
  EXPECT_EQ(read(message), "has a broken question");
  message = wire({});
  message.push_back(0);
  EXPECT_EQ(read(message), "goes on behind its last record");
  message = wire({});
  message[7] = 1;
  EXPECT_EQ(read(message), "is cut off");
  message.push_back(0x80);
  EXPECT_EQ(read(message), "has a broken owner name");
  EXPECT_EQ(read(wire({.records = "a TXT abc", .type = RrType::AAAA})),
            "has a record a.example. AAAA with data that is none of this type");
}

TEST(MessageReader, LeavesOtherClassesAndMetaTypesAsTheyAre) {
  Octets message = wire({.records = "a TXT abc", .rr_class = RrClass::CH, .type = RrType::A});
  MessageReader reader;
  reader.open(message);
  ASSERT_NE(reader.next(), nullptr);
  message = wire({.records = "a TXT abc", .type = RrType::TSIG});
  reader.open(message);
  ASSERT_NE(reader.next(), nullptr);
}

// RFC 2181 8
TEST(MessageReader, TakesATtlWithItsHighestBitForZero) {
  Octets message = wire({.records = "a 2147483647 A 192.0.2.1"});
  EXPECT_EQ(read(message), "a.example. 2147483647 IN A 192.0.2.1\n");
  message[message.size() - 10] = 0x80;
  EXPECT_EQ(read(message), "a.example. 0 IN A 192.0.2.1\n");
}

TEST(MessageReader, CanBeUsedAgain) {
  MessageReader reader;
  EXPECT_FALSE(reader.open({}));
  EXPECT_TRUE(reader.open(wire({})));
  EXPECT_EQ(reader.problem(), "");
}

}  // namespace
}  // namespace holdfast::zones
