// A zone of 100,000 records and 30 types, made from a seed: each record has to arrive as ldns reads its line.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/zones/load/loading.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kRecords = 100'000;

/// Lines of a zone file, names absolute, one record each, no two alike.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string line(std::size_t i) {
    const std::string owner =
        "h" + std::to_string(i) + (below(4) == 0 ? ".deep" : "") + ".example.com. 300 IN ";
    switch (i % 30) {
      case 0: return owner + "A " + address4();
      case 1: return owner + "AAAA " + address6();
      case 2: return owner + "NS " + host();
      case 3: return owner + "CNAME " + host();
      case 4: return owner + "MX " + number(65536) + " " + host();
      case 5: return owner + "TXT " + string() + " " + string();
      case 6:
        return owner + "SRV " + number(65536) + " " + number(65536) + " " + number(65536) + " " + host();
      case 7: return owner + "PTR " + host();
      case 8: return owner + "NAPTR " + number(65536) + " 1 \"u\" \"E2U+sip\" " + string() + " .";
      case 9: return owner + "CAA 0 issue " + string();
      case 10: return owner + "SSHFP 4 2 " + hex(32);
      case 11: return owner + "TLSA 3 1 1 " + hex(32);
      case 12: return owner + "DNAME " + host();
      case 13: return owner + "DNSKEY 256 3 13 " + base64(16);
      case 14: return owner + "HINFO " + string() + " " + string();
      case 15: return owner + "RP " + host() + " .";
      case 16: return owner + "AFSDB 1 " + host();
      case 17: return owner + "LOC 52 22 23.000 N 4 " + number(60) + " 32.000 E -2.00m 1m 10000m 10m";
      case 18: return owner + "URI " + number(65536) + " 1 " + string();
      case 19: return owner + "CERT 1 " + number(65536) + " 8 " + base64(20);
      case 20: return owner + "SMIMEA 3 0 0 " + hex(40);
      case 21: return owner + "OPENPGPKEY " + base64(24);
      case 22: return owner + "EUI48 00-00-5e-00-53-" + hex(1);
      case 23: return owner + "EUI64 00-00-5e-ef-10-00-00-" + hex(1);
      case 24: return owner + "L32 " + number(65536) + " " + address4();
      case 25: return owner + "NID " + number(65536) + " 0014:4fff:ff20:ee64";
      case 26:
        return owner + "HTTPS 1 " + host() + " alpn=h2,h3 port=" + number(65536) + " ipv4hint=" + address4();
      case 27: return owner + "SVCB " + number(65535) + " " + host() + " key65333=x" + number(1000);
      case 28: return owner + "KX " + number(65536) + " " + host();
      default: return owner + "TYPE65280 \\# 6 " + hex(6);
    }
  }

 private:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }
  std::string number(std::size_t limit) { return std::to_string(below(limit)); }
  std::string host() { return "t" + number(100'000) + ".example.net."; }
  std::string address4() { return "10." + number(256) + "." + number(256) + "." + number(256); }
  std::string address6() { return "2001:db8::" + hex(2) + ":" + hex(2); }
  std::string hex(std::size_t octets) {
    std::string text;
    for (std::size_t i = 0; i < 2 * octets; ++i) text += "0123456789abcdef"[below(16)];
    return text;
  }
  std::string base64(std::size_t groups) {
    std::string text;
    for (std::size_t i = 0; i < 4 * groups; ++i)
      text += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[below(64)];
    return text;
  }
  std::string string() {
    static constexpr const char* kParts[] = {"a",    "Z",    "0",     " ",     ";", "(", ")",
                                             "\\\"", "\\\\", "\\000", "\\255", "@", "."};
    std::string text = "\"x";
    for (std::size_t i = below(20); i-- > 0;) text += kParts[below(std::size(kParts))];
    return text + "\"";
  }

  std::mt19937 random_;
};

std::string hex(std::span<const std::uint8_t> octets) {
  std::string text;
  for (const std::uint8_t octet : octets) {
    text += "0123456789abcdef"[octet >> 4];
    text += "0123456789abcdef"[octet & 15];
  }
  return text;
}

/// One line in wire form, as ldns reads it.
std::string by_ldns(const std::string& line) {
  ldns_rr* rr = nullptr;
  if (ldns_rr_new_frm_str(&rr, line.c_str(), 0, nullptr, nullptr) != LDNS_STATUS_OK)
    return "ldns refuses " + line;
  std::uint8_t* wire = nullptr;
  std::size_t size = 0;
  ldns_rr2wire(&wire, rr, LDNS_SECTION_ANSWER, &size);
  std::string result = hex({wire, size});
  std::free(wire);
  ldns_rr_free(rr);
  return result;
}

TEST(LargeZone, ArrivesAsLdnsReadsIt) {
  Generator generator(20260101);
  std::string text = "$TTL 300\n@ SOA ns.example.net. h.example.net. 1 2 3 4 5\n@ NS ns.example.net.\n";
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < kRecords - 2; ++i) {
    const std::string line = generator.line(i);
    text += line + "\n";
    expected.push_back(by_ldns(line));
  }
  const LoadedZone loaded = testing::load("example.com", text);
  EXPECT_EQ(testing::lines(loaded.problems), std::vector<std::string>{});
  ASSERT_NE(loaded.zone, nullptr);
  EXPECT_EQ(loaded.zone->records(), kRecords);

  std::vector<std::string> found;
  std::set<RrType> types;
  const Zone& zone = *loaded.zone;
  for (const Node node : zone.nodes()) {
    for (std::size_t i = 0; i < node.rrset_count(); ++i) {
      const RRset rrset = zone.rrset_at(node, i);
      types.insert(rrset.type);
      if (node.name() == zone.apex()) continue;
      for (const Rdata data : rrset) {
        const std::string printed = testing::presentation(node.name(), rrset.type, rrset.ttl, data);
        const std::string wire = hex(testing::record_wire(node.name(), rrset.type, rrset.ttl, data));
        ASSERT_EQ(by_ldns(printed), wire) << printed;
        found.push_back(wire);
      }
    }
  }
  EXPECT_EQ(types.size(), 31U);
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  EXPECT_TRUE(found == expected);
}

}  // namespace
}  // namespace holdfast::zones
