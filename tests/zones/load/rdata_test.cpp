#include "zones/load/rdata.h"

#include <gtest/gtest.h>

#include "tests/zones/load/loading.h"
#include "zones/load/rdata_writer.h"

namespace holdfast::zones {
namespace {

std::string hex(std::span<const std::uint8_t> octets) {
  std::string text;
  for (const std::uint8_t octet : octets) {
    text += "0123456789abcdef"[octet >> 4];
    text += "0123456789abcdef"[octet & 15];
  }
  return text;
}

/// The wire form in hex of a type and its text, relative to example.com; or "!" and what is wrong.
std::string encode(std::string_view text) {
  LineReader reader(text);
  Line line;
  reader.next(line);
  const RrType type = parse_type(line.tokens.at(0).text).value();
  std::vector<std::uint8_t> wire;
  const std::string wrong =
      encode_rdata(type, std::span(line.tokens).subspan(1), testing::name("example.com"), wire);
  return wrong.empty() ? hex(wire) : "!" + wrong;
}

struct Case {
  const char* name;
  std::string text;
  std::string wire;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.text; }

class RdataText : public ::testing::TestWithParam<Case> {};
TEST_P(RdataText, BecomesWire) { EXPECT_EQ(encode(GetParam().text), GetParam().wire); }

const std::string kExample = "076578616d706c6503636f6d00";  // example.com.

const Case kGood[] = {
    {"A", "A 192.0.2.1", "c0000201"},
    {"Aaaa", "AAAA 2001:DB8::1", "20010db8000000000000000000000001"},
    {"AaaaMapped", "AAAA ::ffff:192.0.2.1", "00000000000000000000ffffc0000201"},
    {"NsRelative", "NS ns1", "036e7331" + kExample},
    {"NsOrigin", "NS @", kExample},
    {"NsRoot", "NS .", "00"},
    {"NsLowerCase", "NS NS1.Example.COM.", "036e7331" + kExample},
    {"NsEscapes", R"(NS a\.b\032\@.x.)", "05612e622040017800"},
    {"Mx", "MX 10 mail", "000a046d61696c" + kExample},
    {"Soa", "SOA . . 1 2h 1m 1w 4294967295", "00000000000100001c200000003c00093a80ffffffff"},
    {"Txt", R"(TXT one "two three" "" "a\"b\\c\255")", "036f6e650974776f207468726565000661226 25c63ff"},
    {"TxtSemicolon", R"(TXT "v=DMARC1; p=none")", "10763d444d415243313b20703d6e6f6e65"},
    {"TxtEquals", R"(TXT v="a b")", "02763d03612062"},
    {"Hinfo", "HINFO DEC-2060 TOPS20", "084445432d3230363006544f50533230"},
    {"Srv", "SRV 0 5 5060 sip", "0000000513c403736970" + kExample},
    {"Naptr", R"(NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:i@x.org!" .)",
     "0064000a017507453255 2b73697012215e2e2a24217369703a6940782e6f726721 00"},
    {"Caa", R"(CAA 128 issue "ca.example.net")", "8005697373756563612e6578616d706c652e6e6574"},
    {"CaaUnquoted", "CAA 0 issue ;", "!this type has at least 3 fields, here are 2"},
    {"CaaEmpty", R"(CAA 0 issue "")", "00056973737565"},
    {"Uri", R"(URI 10 1 "ftp://x/")", "000a00016674703a2f2f782f"},
    {"Sshfp", "SSHFP 4 2 AB cd", "0402abcd"},
    {"Tlsa", "TLSA 3 1 1 abcd", "030101abcd"},
    {"TlsaMnemonics", "TLSA DANE-EE SPKI SHA2-256 abcd", "030101abcd"},
    {"DsMnemonic", "DS 1 RSASHA256 9 00", "0001080900"},
    {"CdsDelete", "CDS 0 0 0 00", "0000000000"},
    {"Dnskey", "DNSKEY 257 3 13 AQ ID BA==", "0101030d01020304"},
    {"CertMnemonic", "CERT PKIX 1 5 AQID", "000100010501 0203"},
    {"NsecKeepsCase", "NSEC Host A MX RRSIG NSEC TYPE1234",
     "04486f7374" + kExample + "000640010000000304 1b" + std::string(52, '0') + "20"},
    {"Nsec3", "NSEC3 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG",
     "0101000c04aabbccdd14174eb2409fe28bcb4887a1836f957f0a8425e27b000640000000 0002"},
    {"Nsec3paramNoSalt", "NSEC3PARAM 1 0 0 -", "0100000000"},
    {"Rrsig", "RRSIG A 13 2 60 20300101000000 1800000000 7 EXAMPLE.com. AQID",
     "00010d020000003c70dbd8806b49d2000007" + kExample + "010203"},
    {"Loc", "LOC 42 21 54 N 71 06 18 W -24m 30m", "00331613 8917 2dd0 70be15f0 00988d20"},
    {"LocShort", "LOC 52 22 n 4 E 0m", "001216138b3c964080dbba0000989680"},
    {"Apl", "APL 1:192.0.2.0/24 !2:2001:db8::/32", "00011803c0000200022084 20010db8"},
    {"AplNone", "APL", ""},
    {"Hip", "HIP 2 2001 AQID rvs", "02020003 2001 010203 03727673" + kExample},
    {"Ipseckey", "IPSECKEY 10 1 2 192.0.2.38 AQID", "0a0102c0000226010203"},
    {"IpseckeyName", "IPSECKEY 10 3 2 Gw AQID", "0a0302024777" + kExample + "010203"},
    {"IpseckeyNoKey", "IPSECKEY 10 0 0 .", "0a0000"},
    {"Wks", "WKS 192.0.2.1 6 25 80", "c0000201060000004000000000000080"},
    {"Nsap", "NSAP 0x47.0005.80", "4700 0580"},
    {"NsapPtr", "NSAP-PTR foo", "03666f6f" + kExample},
    {"Eui48", "EUI48 00-00-5e-00-53-2a", "00005e00532a"},
    {"L64", "L64 10 2001:0DB8:1140:1000", "000a20010db811401000"},
    {"GenericUnknown", R"(TYPE65280 \# 4 01 0203 04)", "01020304"},
    {"GenericEmpty", R"(TYPE65280 \# 0)", ""},
    {"GenericKnown", R"(A \# 4 C0000201)", "c0000201"},
    {"GenericLowersNames", R"(NS \# 5 0341424300)", "0361626300"},
    {"GenericKeepsNames", R"(NSEC \# 5 0341424300)", "0341424300"},
    {"NumberOfAKnownType", "TYPE1 192.0.2.1", "c0000201"},
};

const Case kBad[] = {
    {"A", "A 192.0.2", "!\"192.0.2\" is not an IPv4 address, like 192.0.2.1"},
    {"AEmpty", R"(A "")", "!\"\" is not an IPv4 address, like 192.0.2.1"},
    {"AMissing", "A", "!this type has at least 1 fields, here are 0"},
    {"ATwo", "A 192.0.2.1 192.0.2.2", "!\"192.0.2.2\" is more than this type has"},
    {"Aaaa", "AAAA 2001::db8::1", "!\"2001::db8::1\" is not an IPv6 address, like 2001:db8::1"},
    {"Name", "NS a..b", "!\"a..b\" is not a domain name (RFC 1035 2.3.4, 5.1)"},
    {"NumberTooLarge", "MX 65536 a", "!\"65536\" is not a number of 0 to 65535"},
    {"NumberNegative", "MX -1 a", "!\"-1\" is not a number of 0 to 65535"},
    {"NumberWithRest", "MX 1x a", "!\"1x\" is not a number of 0 to 65535"},
    {"Serial", "SOA . . 4294967296 1 1 1 1", "!\"4294967296\" is not a number of 0 to 4294967295"},
    {"Period", "SOA . . 1 1 1 1 1y", "!\"1y\" is not a time of 0 to 4294967295 seconds, like 3600 or 1h30m"},
    {"String256", "TXT " + std::string(256, 'x'),
     "!a string of 256 octets: split it into strings of at most 255 (RFC 1035 3.3)"},
    {"Escape", R"(TXT a\256)",
     R"(!"a\256" has a broken escape: write \X, or \DDD up to \255 (RFC 1035 5.1))"},
    {"EscapeShort", R"(TXT a\25)",
     R"(!"a\25" has a broken escape: write \X, or \DDD up to \255 (RFC 1035 5.1))"},
    {"Hex", "SSHFP 1 1 0g", "!\"0g\" is not hexadecimal"},
    {"HexOdd", "SSHFP 1 1 ab c", "!an odd number of hexadecimal digits"},
    {"Base64", "DNSKEY 256 3 8 A*==", "!\"A*==\" is not base64"},
    {"Base64Length", "DNSKEY 256 3 8 AwE", "!\"AwE\" is not base64"},
    {"Algorithm", "DNSKEY 256 3 NOSUCH AQID", "!\"NOSUCH\" cannot be read"},
    {"AlgorithmTooLarge", "DNSKEY 256 3 256 AQID", "!\"256\" is not a number of 0 to 255"},
    {"Type", "RRSIG NOSUCH 13 2 60 1 2 7 . AQID", "!\"NOSUCH\" is not a record type"},
    {"Types", "NSEC a A NOSUCH", "!\"NOSUCH\" is not a record type"},
    {"Tag", "CAA 0 is-sue x", "!\"is-sue\" cannot be read"},
    {"TagEmpty", R"(CAA 0 "" x)", "!an empty field"},
    {"Digest", "DS 1 8 2 abcd", "!a digest of type 2 has 32 octets, here are 2"},
    {"DigestGeneric", R"(DS \# 6 00010802abcd)", "!a digest of type 2 has 32 octets, here are 2"},
    {"LocRange", "LOC 91 N 4 E 0m", "!\"91\" is not part of a coordinate, like 52 22 23.5 N (RFC 1876 3)"},
    {"LocHalf", "LOC 52 N", "!a coordinate is missing (RFC 1876 3)"},
    {"LocAltitude", "LOC 52 N 4 E",
     "!after the coordinates come an altitude and up to three lengths (RFC 1876 3)"},
    {"LocRubbish", "LOC 52 N 4 E 0m hello", "!\"hello\" is not a length in metres, like 24.5m (RFC 1876 3)"},
    {"Apl", "APL 3:x/1", "!\"3:x/1\" is not an address prefix, like 1:192.0.2.0/24 (RFC 3123 5)"},
    {"AplPrefix", "APL 1:192.0.2.0/33", "!\"1:192.0.2.0/33\" has no prefix length of 0 to 32"},
    {"WksName", "WKS 192.0.2.1 tcp smtp",
     "!\"tcp\" is not a number of 0 to 255 (write protocols as numbers)"},
    {"IpseckeyGateway", "IPSECKEY 10 0 0 gw",
     "!without a gateway (type 0) the gateway field is \".\" (RFC 4025 3)"},
    {"UnknownText", "TYPE65280 hello", R"(!this type is read only in the form \# LENGTH HEX (RFC 3597 5))"},
    {"UnknownNothing", "TYPE65280", R"(!this type is read only in the form \# LENGTH HEX (RFC 3597 5))"},
    {"GenericAlone", R"(TYPE65280 \#)", R"(!\# needs a length and that many octets in hex (RFC 3597 5))"},
    {"GenericLength", R"(TYPE65280 \# 5 01)", R"(!\# announces 5 octets, but 1 follow)"},
    {"GenericHuge", R"(TYPE65280 \# 65536 01)", "!\"65536\" is not a length of 0 to 65535 octets"},
    {"GenericA", R"(A \# 3 C00002)", "!these octets are not the data of this type"},
    {"GenericEmptyA", R"(A \# 0)", "!these octets are not the data of this type"},
    {"GenericNameCut", R"(NS \# 3 056162)", "!these octets are not the data of this type"},
    {"GenericRest", R"(NS \# 4 016100ff)", "!these octets are not the data of this type"},
    {"GenericMore", R"(A \# 5 C000020100)", "!these octets are not the data of this type"},
    {"GenericCompressed", R"(MX \# 6 000a0161c002)", "!a compressed name (RFC 3597 4)"},
    {"GenericSvcb", R"(HTTPS \# 9 0001000003000150)", R"(!\# announces 9 octets, but 8 follow)"},
    {"GenericSvcbPort", R"(HTTPS \# 8 0001000003000150)", "!port needs a number (RFC 9460 7.2)"},
};

/// Wire forms may be written with spaces above.
std::vector<Case> without_spaces(std::span<const Case> cases) {
  std::vector<Case> result(cases.begin(), cases.end());
  for (Case& c : result) {
    if (!c.wire.starts_with('!')) std::erase(c.wire, ' ');
  }
  return result;
}

INSTANTIATE_TEST_SUITE_P(Good, RdataText, ::testing::ValuesIn(without_spaces(kGood)),
                         [](const auto& i) { return i.param.name; });
INSTANTIATE_TEST_SUITE_P(Bad, RdataText, ::testing::ValuesIn(without_spaces(kBad)),
                         [](const auto& i) { return i.param.name; });

TEST(Rdata, HoldsAtMost65535Octets) {
  std::string text = "TXT";
  for (int i = 0; i < 255; ++i) text += " " + std::string(255, 'x');
  EXPECT_EQ(encode(text + " " + std::string(254, 'x')).size(), 2 * kMaxRdata);
  EXPECT_EQ(encode(text + " " + std::string(255, 'x')),
            "!data of 65536 octets; a record holds at most 65535");
}

}  // namespace
}  // namespace holdfast::zones
