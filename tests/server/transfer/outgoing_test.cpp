#include "server/transfer/outgoing.h"

#include <gtest/gtest.h>
#include <ldns/ldns.h>

#include "tests/server/answer/ask.h"
#include "tests/zones/replicate/versions.h"
#include "zones/replicate/diff.h"

namespace holdfast::server {
namespace {

using zones::Contents;
using zones::Serial;
using zones::testing::flat;
using zones::testing::line;
using zones::testing::lines;
using zones::testing::zone;

std::vector<std::string> drain(RecordStream stream) {
  std::vector<std::string> all;
  for (; stream; stream.next()) all.push_back(line(stream.record()));
  return all;
}

std::string soa(unsigned serial) {
  return "example.com. 60 IN SOA ns1.example.com. admin.example.com. " + std::to_string(serial) + " 2 3 4 5";
}

TEST(RecordStream, OfAWholeZoneBeginsAndEndsWithItsSoa) {
  const Contents now(Serial(7), zone("www A 192.0.2.1\nwww A 192.0.2.2\n"), nullptr);
  const std::vector<std::string> expected = {soa(7), "example.com. 60 IN NS ns1.example.com.",
                                             "www.example.com. 60 IN A 192.0.2.1",
                                             "www.example.com. 60 IN A 192.0.2.2", soa(7)};
  EXPECT_EQ(drain(RecordStream::whole(now)), expected);
}

TEST(RecordStream, OfChangesHasEachStepBetweenSoas) {
  const auto first = zone("www A 192.0.2.1\n"), second = zone("www A 192.0.2.2\n"),
             third = zone("mail A 192.0.2.2\n");
  const Contents a(Serial(1), first, nullptr), b(Serial(2), second, nullptr), c(Serial(3), third, nullptr);
  zones::History::Deltas deltas = {std::make_shared<const zones::Delta>(*zones::difference(a, b)),
                                   std::make_shared<const zones::Delta>(*zones::difference(b, c))};
  const std::vector<std::string> expected = {soa(3),
                                             soa(1),
                                             "www.example.com. 60 IN A 192.0.2.1",
                                             soa(2),
                                             "www.example.com. 60 IN A 192.0.2.2",
                                             soa(2),
                                             "www.example.com. 60 IN A 192.0.2.2",
                                             soa(3),
                                             "mail.example.com. 60 IN A 192.0.2.2",
                                             soa(3)};
  EXPECT_EQ(drain(RecordStream::changes(c, deltas)), expected);
}

TEST(RecordStream, OfNothingNewIsTheSoa) {
  const Contents now(Serial(7), zone(""), nullptr);
  EXPECT_EQ(drain(RecordStream::only_soa(now)), std::vector<std::string>{soa(7)});
}

/// All records of all messages, as somebody else reads them.
std::vector<std::string> sent(Outgoing& outgoing, std::size_t& messages) {
  std::vector<std::string> all;
  std::vector<std::uint8_t> room(65535);
  for (messages = 0; !outgoing.is_done(); ++messages) {
    const std::size_t size = outgoing.next(room);
    if (size == 0) return {"it did not fit"};
    ldns_pkt* packet = nullptr;
    if (ldns_wire2pkt(&packet, room.data(), size) != LDNS_STATUS_OK) return {"not a message"};
    EXPECT_TRUE(ldns_pkt_aa(packet) && ldns_pkt_qr(packet) && ldns_pkt_id(packet) == 0x1234);
    EXPECT_EQ(ldns_pkt_edns(packet), messages == 0);
    const ldns_rr_list* answer = ldns_pkt_answer(packet);
    for (std::size_t i = 0; i < ldns_rr_list_rr_count(answer); ++i) {
      char* printed = ldns_rr2str(ldns_rr_list_rr(answer, i));
      std::string one(printed);
      std::free(printed);
      std::replace(one.begin(), one.end(), '\t', ' ');
      one.erase(one.find_last_not_of("\n ") + 1);
      all.push_back(one);
    }
    ldns_pkt_free(packet);
  }
  return all;
}

Outgoing axfr(const Contents& now) {
  const std::vector<std::uint8_t> octets = Zones::query("example.com. AXFR", 1232);
  Query query;
  EXPECT_TRUE(parse(octets, query));
  return Outgoing(octets, query, RecordStream::whole(now));
}

TEST(Outgoing, SplitsAZoneIntoMessagesThatTogetherAreIt) {
  std::string text;
  for (int i = 0; i < 5000; ++i) {
    const std::string n = std::to_string(i);
    text += "host" + n + " A 192.0.2." + std::to_string(i % 256) + "\nhost" + n + " MX 10 mail" + n +
            ".sub.example.net.\n";
  }
  const Contents now(Serial(7), zone(text), flat({"host3 A 192.0.2.99"}));
  Outgoing outgoing = axfr(now);
  std::size_t messages = 0;
  const std::vector<std::string> all = sent(outgoing, messages);
  EXPECT_EQ(all, drain(RecordStream::whole(now)));
  EXPECT_EQ(outgoing.records_sent(), all.size());
  EXPECT_GT(messages, 5U);
}

TEST(Outgoing, GivesARecordThatIsLargerThanAMessageOneOfItsOwn) {
  std::string text = "a A 192.0.2.1\nlong TXT";
  for (int i = 0; i < 200; ++i) text += " \"" + std::string(255, 'x') + "\"";
  const Contents now(Serial(7), zone(text + "\nz A 192.0.2.1\n"), nullptr);
  Outgoing outgoing = axfr(now);
  std::size_t messages = 0;
  EXPECT_EQ(sent(outgoing, messages), drain(RecordStream::whole(now)));
  EXPECT_EQ(messages, 2U);
}

}  // namespace
}  // namespace holdfast::server
