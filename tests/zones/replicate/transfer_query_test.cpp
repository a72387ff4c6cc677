#include "zones/replicate/transfer_query.h"

#include <gtest/gtest.h>
#include <ldns/ldns.h>

#include "tests/zones/replicate/sent.h"

namespace holdfast::zones {
namespace {

using testing::kApex;

/// As ldns prints it, without its comments.
std::string printed(const std::vector<std::uint8_t>& message) {
  ldns_pkt* packet = nullptr;
  if (ldns_wire2pkt(&packet, message.data(), message.size()) != LDNS_STATUS_OK) return "?";
  std::string text = "id " + std::to_string(ldns_pkt_id(packet));
  for (ldns_rr_list* const list : {ldns_pkt_question(packet), ldns_pkt_authority(packet)}) {
    char* const lines = ldns_rr_list2str(list);
    text += std::string("\n") + lines;
    std::free(lines);
  }
  if (ldns_pkt_edns(packet)) text += "EDNS " + std::to_string(ldns_pkt_edns_udp_size(packet));
  ldns_pkt_free(packet);
  for (char& c : text) c = c == '\t' ? ' ' : c;
  return text;
}

TEST(TransferQuery, AsksForTheSoa) {
  EXPECT_EQ(printed(soa_query(4711, kApex, false)), "id 4711\nexample. IN SOA\n\n");
  EXPECT_EQ(printed(soa_query(4711, kApex, true)), "id 4711\nexample. IN SOA\n\nEDNS 1232");
}

TEST(TransferQuery, AsksForTheZone) {
  EXPECT_EQ(printed(transfer_query({.id = 7, .apex = kApex}, true)), "id 7\nexample. IN AXFR\n\nEDNS 1232");
  EXPECT_EQ(printed(transfer_query({.id = 7, .apex = kApex, .have = Serial(5)}, false)),
            "id 7\nexample. IN AXFR\n\n");
}

// RFC 1995 3
TEST(TransferQuery, AsksForWhatChangedSinceOurVersion) {
  EXPECT_EQ(printed(transfer_query(
                {.id = 7, .apex = kApex, .have = Serial(4000000000), .is_incremental = true}, true)),
            "id 7\nexample. IN IXFR\n\nexample. 0 IN SOA . . 4000000000 0 0 0 0\nEDNS 1232");
}

}  // namespace
}  // namespace holdfast::zones
