#include "server/transfer/request.h"

#include <gtest/gtest.h>

#include "server/transfer/announcement.h"
#include "tests/server/answer/ask.h"
#include "tests/zones/replicate/versions.h"
#include "zones/replicate/transfer_query.h"

namespace holdfast::server {
namespace {

/// An IXFR request as it is on the wire, with a SOA whose names are compressed.
std::vector<std::uint8_t> ixfr(std::uint32_t serial) {
  std::vector<std::uint8_t> octets = Zones::query("example.com. IXFR");
  octets[9] = 1;
  const std::uint8_t soa[] = {0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 24, 0xc0, 12, 0xc0, 12};
  octets.insert(octets.end(), std::begin(soa), std::end(soa));
  for (int shift = 24; shift >= 0; shift -= 8) octets.push_back(static_cast<std::uint8_t>(serial >> shift));
  octets.insert(octets.end(), 16, 0);
  return octets;
}

std::optional<zones::Serial> held(const std::vector<std::uint8_t>& octets) {
  Query query;
  return parse(octets, query) ? serial_held(octets, query) : std::nullopt;
}

TEST(IxfrRequest, TellsTheSerialHeld) { EXPECT_EQ(held(ixfr(0xfedcba98)), zones::Serial(0xfedcba98)); }

TEST(IxfrRequest, WithoutOneTellsNothing) {
  EXPECT_EQ(held(Zones::query("example.com. IXFR")), std::nullopt);
  const std::vector<std::uint8_t> whole = ixfr(7);
  for (std::size_t size = kHeader; size < whole.size(); ++size)
    EXPECT_EQ(held({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}), std::nullopt) << size;
}

TEST(Notify, TellsTheSerialOfItsVersion) {
  const zones::Contents version(zones::Serial(42), zones::testing::zone(""), nullptr);
  const std::vector<std::uint8_t> message = notify_message(0x1234, version);
  Query query;
  ASSERT_TRUE(parse_any(message, query));
  EXPECT_EQ(query.opcode, zones::Opcode::notify);
  EXPECT_EQ(query.rcode, zones::Rcode::noerror);
  EXPECT_EQ(query.name.name().text(), "example.com.");
  EXPECT_EQ(serial_told(message, query), zones::Serial(42));
}

TEST(SecondaryReply, IsReadFromWhatWeOurselvesWouldSay) {
  const Zones zones("example.com", "@ 60 SOA ns1 admin 9 2 3 4 5\n@ 60 NS ns1\n");
  const zones::Name apex = *zones::Name::parse("example.com.");
  const auto reply =
      read_reply(server::reply(zones, zones::soa_query(0x1234, apex, false), Transport::udp), apex);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->id, 0x1234);
  EXPECT_TRUE(reply->is_authoritative);
  EXPECT_EQ(reply->serial, zones::Serial(9));
  EXPECT_FALSE(read_reply(zones::soa_query(0x1234, apex, false), apex));
  EXPECT_FALSE(read_reply(server::reply(zones, zones::soa_query(1, apex, false), Transport::udp),
                          *zones::Name::parse("other.")));
}

}  // namespace
}  // namespace holdfast::server
