#include "zones/replicate/received_data.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/zones/load/loading.h"
#include "zones/load/lines.h"
#include "zones/load/rdata.h"
#include "zones/load/rdata_writer.h"

namespace holdfast::zones {
namespace {

using Octets = std::vector<std::uint8_t>;

/// The question's name of a message: what a pointer to octet 12 leads to.
const Octets kFront = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 'E', 'x', 'a', 'm', 'p', 'l', 'e', 0};

Octets encode(std::string_view text, RrType& type) {
  LineReader reader(text);
  Line line;
  reader.next(line);
  type = parse_type(line.tokens.at(0).text).value();
  Octets octets;
  EXPECT_EQ(encode_rdata(type, std::span(line.tokens).subspan(1), testing::name("example."), octets), "")
      << text;
  return octets;
}

/// As what that data is kept; nothing where it is refused.
std::optional<Octets> received(RrType type, const Octets& data) {
  Octets message = kFront;
  message.insert(message.end(), data.begin(), data.end());
  Octets room(kMaxRdata);
  const auto kept = received_data(type, message, kFront.size(), room);
  if (!kept) return std::nullopt;
  return Octets(kept->begin(), kept->end());
}

const char* const kTypes[] = {
    "A 192.0.2.1",
    "AAAA 2001:db8::1",
    "NS ns1",
    "CNAME .",
    "PTR a.b.c.",
    "MX 10 mail",
    "SOA ns host 1 2 3 4 5",
    R"(TXT one "two three" "")",
    "SRV 0 5 5060 sip",
    "HINFO a b",
    R"(NAPTR 100 10 "u" "E2U+sip" "!x!y!" .)",
    R"(CAA 128 issue "ca.example.net")",
    R"(CAA 0 issue "")",
    R"(URI 10 1 "ftp://x/")",
    "SSHFP 4 2 AB cd",
    "TLSA 3 1 1 abcd",
    "SMIMEA 3 1 1 abcd",
    "DS 1 8 9 00",
    "CDS 0 0 0 00",
    "DNSKEY 257 3 13 AQIDBA==",
    "CDNSKEY 257 3 13 AQIDBA==",
    "CERT PKIX 1 5 AQID",
    "NSEC Host A MX RRSIG NSEC TYPE1234",
    "NSEC3 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG",
    "NSEC3 1 1 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr",
    "NSEC3PARAM 1 0 0 -",
    "RRSIG A 13 2 60 20300101000000 1800000000 7 EXAMPLE.com. AQID",
    "LOC 42 21 54 N 71 06 18 W -24m 30m",
    "RP a b",
    "AFSDB 1 a",
    "RT 1 a",
    "KX 1 a",
    "PX 1 a b",
    "X25 1234",
    "ISDN 1234 5",
    "ISDN 1234",
    "DNAME a.B.c.",
    "MINFO a b",
    "MB a",
    "MG a",
    "MR a",
    "NSAP 0x47.0005.80",
    "NSAP-PTR Foo",
    "GPOS 1 2 3",
    "APL 1:192.0.2.0/24 !2:2001:db8::/32",
    "APL",
    "IPSECKEY 10 1 2 192.0.2.38 AQID",
    "IPSECKEY 10 3 2 Gw AQID",
    "IPSECKEY 10 0 2 . AQID",
    "HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAQ== Rvs.example.",
    "WKS 192.0.2.1 6 25 80",
    "SVCB 0 Foo",
    "HTTPS 1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1",
    "OPENPGPKEY AQID",
    "CSYNC 66 3 A NS AAAA",
    ("ZONEMD 1 1 1 "
     "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
    "EUI48 00-00-5e-00-53-2a",
    "EUI64 00-00-5e-ef-10-00-00-2a",
    "L32 10 10.1.2.0",
    "L64 10 2001:db8:1140:1000",
    "NID 10 0014:4fff:ff20:ee64",
    "LP 10 Foo",
    "DHCID AQID",
    "SPF x",
    "TALINK a b",
    "KEY 256 3 8 AQID",
    R"(TYPE65280 \# 3 010203)",
    R"(TYPE65280 \# 0)",
    R"(NULL \# 1 00)"};

TEST(ReceivedData, IsThatOfTheFileForEveryType) {
  for (const char* const text : kTypes) {
    RrType type{};
    const Octets data = encode(text, type);
    EXPECT_EQ(received(type, data), data) << text;
  }
}

TEST(ReceivedData, EndsWithItsLastField) {
  for (const char* const text :
       {"A 192.0.2.1", "AAAA 2001:db8::1", "NS ns1", "MX 10 mail", "SOA ns host 1 2 3 4 5",
        "SRV 0 5 5060 sip", "RP a b", "NSEC3PARAM 1 0 0 -", "EUI48 00-00-5e-00-53-2a",
        "LOC 42 21 54 N 71 06 18 W -24m 30m", "DNAME a", "NSAP-PTR Foo", "LP 10 Foo"}) {
    RrType type{};
    Octets data = encode(text, type);
    data.push_back(0);
    EXPECT_EQ(received(type, data), std::nullopt) << text;
    for (data.pop_back(); !data.empty();) {
      data.pop_back();
      EXPECT_EQ(received(type, data), std::nullopt) << text << ", cut to " << data.size();
    }
  }
}

struct Odd {
  const char* name;
  const char* type;
  Octets data;
};

TEST(ReceivedData, RefusesWhatIsNoDataOfItsType) {
  const Odd rows[] = {
      {"no string", "TXT", {}},
      {"string that is cut off", "TXT", {3, 'a', 'b'}},
      {"bitmap of no octets", "NSEC", {0, 0, 0}},
      {"bitmap of 33 octets", "NSEC", Octets(36, 33)},
      {"window twice", "NSEC", {0, 0, 1, 0x40, 0, 1, 0x40}},
      {"bitmap cut off", "NSEC3", {1, 0, 0, 0, 0, 1, 7, 0, 6, 0x40}},
      {"salt cut off", "NSEC3PARAM", {1, 0, 0, 0, 4, 1, 2}},
      {"location of another size", "LOC", Octets(15, 0)},
      {"prefix cut off", "APL", {0, 1, 24, 4, 192, 0, 2}},
      {"gateway of type 4", "IPSECKEY", {10, 4, 2, 1, 2, 3, 4}},
      {"gateway cut off", "IPSECKEY", {10, 1, 2, 192, 0, 2}},
      {"compressed gateway", "IPSECKEY", {10, 3, 2, 0xc0, 12, 1, 2, 3}},
      {"parameters out of order", "HTTPS", {0, 1, 0, 0, 3, 0, 2, 1, 0, 0, 1, 0, 3, 2, 'h', '2'}},
      {"key longer than the data", "HIP", {1, 2, 0, 9, 0xaa, 1}},
      {"services cut off", "WKS", {192, 0, 2, 1}},
      {"tag cut off", "CAA", {0, 9, 'i'}},
  };
  for (const Odd& row : rows) EXPECT_EQ(received(*parse_type(row.type), row.data), std::nullopt) << row.name;
}

TEST(ReceivedData, HasItsNamesUncompressedAndInLowerCase) {
  const Octets example = {7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0};
  const auto with = [&](Octets front, Octets back = {}) {
    front.insert(front.end(), example.begin(), example.end());
    front.insert(front.end(), back.begin(), back.end());
    return front;
  };
  EXPECT_EQ(received(RrType::NS, {1, 'N', 0xc0, 12}), with({1, 'n'}));
  EXPECT_EQ(received(RrType::MX, {0, 1, 0xc0, 12}), with({0, 1}));
  EXPECT_EQ(received(RrType::SRV, {0, 1, 0, 2, 0, 3, 0xc0, 12}), with({0, 1, 0, 2, 0, 3}));
  EXPECT_EQ(received(RrType::MINFO, {0, 0xc0, 12}), with({0}));
  EXPECT_EQ(received(RrType::DNAME, {1, 'D', 0}), (Octets{1, 'd', 0}));
  Octets numbers(20, 7);
  Octets soa = {0, 0xc0, 12};
  soa.insert(soa.end(), numbers.begin(), numbers.end());
  EXPECT_EQ(received(RrType::SOA, soa), with({0}, numbers));
}

// RFC 3597 4, RFC 6840 5.1
TEST(ReceivedData, KeepsNamesOfOtherTypesOctetForOctet) {
  EXPECT_EQ(received(RrType::SVCB, {0, 0, 1, 'S', 0}), (Octets{0, 0, 1, 'S', 0}));
  EXPECT_EQ(received(RrType::SVCB, {0, 0, 0xc0, 12}), std::nullopt);
  EXPECT_EQ(received(RrType::NSEC, {0xc0, 12, 0, 1, 0x40}), std::nullopt);
}

TEST(ReceivedData, HoldsAtMost65535OctetsWhenItsNamesAreExpanded) {
  Octets sig(18, 0);
  sig.insert(sig.end(), {0xc0, 12});
  sig.resize(65535, 1);
  EXPECT_EQ(received(RrType::RRSIG, sig), std::nullopt);
  sig.resize(65535 - 7);
  EXPECT_EQ(received(RrType::RRSIG, sig)->size(), 65535U);
}

TEST(ReceivedData, OfAnyTypeAndOctetsIsSafeToRead) {
  std::uint32_t random = 1;
  for (unsigned type = 0; type < 66000; type += type < 300 ? 1 : 997) {
    for (unsigned i = 0; i < 60; ++i) {
      Octets data(random >> 16 & 63);
      for (std::uint8_t& octet : data) {
        random = random * 1664525 + 1013904223;
        octet = static_cast<std::uint8_t>(random >> 24 & (i % 2 ? 0xff : 7));
      }
      random = random * 1664525 + 1013904223;
      const auto kept = received(static_cast<RrType>(type), data);
      EXPECT_TRUE(!kept || kept->size() >= data.size());
    }
  }
}

}  // namespace
}  // namespace holdfast::zones
