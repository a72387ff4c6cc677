#include "zones/load/svc_params.h"

#include <gtest/gtest.h>

namespace holdfast::zones {
namespace {

/// The wire form in hex of SvcParams, or "!" and what is wrong.
std::string encode(std::string_view text) {
  LineReader reader(text);
  Line line;
  reader.next(line);
  std::vector<std::uint8_t> wire;
  if (std::string wrong = encode_svc_params(line.tokens, wire); !wrong.empty()) return "!" + wrong;
  std::string hex;
  for (const std::uint8_t octet : wire) {
    hex += "0123456789abcdef"[octet >> 4];
    hex += "0123456789abcdef"[octet & 15];
  }
  return hex;
}

struct Case {
  const char* name;
  std::string text;
  std::string wire;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.text; }

class SvcParams : public ::testing::TestWithParam<Case> {};
TEST_P(SvcParams, BecomeWire) { EXPECT_EQ(encode(GetParam().text), GetParam().wire); }

const Case kAppendixD[] = {
    // RFC 9460 D.2 and D.3, in their order
    {"Port", "port=53", "000300020035"},
    {"GenericKey", "key667=hello", "029b000568656c6c6f"},
    {"GenericKeyEscaped", R"(key667="hello\210qoo")", "029b000968656c6c6fd2716f6f"},
    {"TwoIpv6Hints", R"(ipv6hint="2001:db8::1,2001:db8::53:1")",
     "0006002020010db800000000000000000000000120010db8000000000000000000530001"},
    {"Ipv6HintWithIpv4", R"(ipv6hint="2001:db8:122:344::192.0.2.33")",
     "0006001020010db8012203440000"
     "0000c0000221"},
    {"SortedWithMandatory", "alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1",
     "0000000400010004"
     "000100090268320568332d3139"
     "00040004c0000201"},
    {"AlpnEscapedComma", R"(alpn="f\\\\oo\\,bar,h2")", "0001000c08665c6f6f2c626172026832"},
    {"AlpnEscapedCommaDecimal", R"(alpn=f\\\092oo\092,bar,h2)", "0001000c08665c6f6f2c626172026832"},
    {"KeyTwice", "key123=abc key123=def", "!key123 is given twice (RFC 9460 2.1)"},
    {"MandatoryNoValue", "mandatory", "!mandatory needs a list of keys (RFC 9460 8)"},
    {"AlpnNoValue", "alpn", "!alpn needs a value (RFC 9460 7.1.1)"},
    {"PortNoValue", "port", "!port needs a number (RFC 9460 7.2)"},
    {"Ipv4HintNoValue", "ipv4hint", "!ipv4hint needs addresses (RFC 9460 7.3)"},
    {"Ipv6HintNoValue", "ipv6hint", "!ipv6hint needs addresses (RFC 9460 7.3)"},
    {"NoDefaultAlpnValue", "no-default-alpn=abc",
     "!no-default-alpn takes no value (RFC 9460 7.1.1, RFC 9540 4)"},
    {"MandatoryAbsent", "mandatory=key123", "!key123 is mandatory, but absent (RFC 9460 8)"},
    {"MandatoryItself", "mandatory=mandatory", "!mandatory lists itself (RFC 9460 8)"},
    {"MandatoryTwice", "mandatory=key123,key123 key123=abc",
     "!mandatory lists a key twice, or out of order (RFC 9460 8)"},
};
INSTANTIATE_TEST_SUITE_P(AppendixD, SvcParams, ::testing::ValuesIn(kAppendixD),
                         [](const auto& i) { return i.param.name; });

const Case kMore[] = {
    {"None", "", ""},
    {"QuotedList", R"(alpn="h2,h3" port=443)",
     "00010006026832026833000300"
     "0201bb"},
    {"EmptyValueOfAGenericKey", "key667", "029b0000"},
    {"NoDefaultAlpn", "no-default-alpn alpn=h2",
     "000100030268320002"
     "0000"},
    {"NoDefaultAlpnAlone", "no-default-alpn", "!no-default-alpn needs alpn beside it (RFC 9460 7.1.1)"},
    {"Ech", "ech=AEj+DQ==",
     "0005000400"
     "48fe0d"},
    {"EchBad", "ech=AEj", "!ech: \"AEj\" is not base64"},
    {"DohPath", "dohpath=/dns-query{?dns}", "000700102f646e732d71756572797b3f646e737d"},
    {"HighestKey", "key65534=x", "fffe000178"},
    {"ReservedKey", "key65535=x",
     "!\"key65535\" is not a SvcParamKey: take a registered name, or key0 to key65534 (RFC 9460 14.3.2)"},
    {"LeadingZero", "key0123=x",
     "!\"key0123\" is not a SvcParamKey: take a registered name, or key0 to key65534 (RFC 9460 14.3.2)"},
    {"UnknownKey", "nosuch=x",
     "!\"nosuch\" is not a SvcParamKey: take a registered name, or key0 to key65534 (RFC 9460 14.3.2)"},
    {"KnownKeyByNumber", R"(key1="\002h2")", "00010003026832"},
    {"KnownKeyByNumberBroken", R"(key1="\003h2")", "!alpn holds a protocol that is empty or cut off"},
    {"SameKeyByNameAndNumber", R"(port=1 key3="\000\002")", "!port is given twice (RFC 9460 2.1)"},
    {"PortTooLarge", "port=65536", "!port: \"65536\" is not a number of 0 to 65535"},
    {"PortWithRest", "port=53x", "!port: \"53x\" is not a number of 0 to 65535"},
    {"HintOfTheOtherFamily", "ipv4hint=2001:db8::1",
     "!ipv4hint: \"2001:db8::1\" is not an IPv4 address, like 192.0.2.1"},
    {"HintOf46Characters", "ipv6hint=" + std::string(46, '1'),
     "!ipv6hint: \"" + std::string(46, '1') + "\" is not an IPv6 address, like 2001:db8::1"},
    {"AlpnEmptyItem", "alpn=h2,,h3", "!alpn: an empty protocol in alpn (RFC 9460 7.1.1)"},
    {"AlpnTooLong", "alpn=" + std::string(256, 'x'),
     "!alpn: a string of 256 octets: split it into strings of at most 255 (RFC 1035 3.3)"},
    {"BrokenEscape", R"(key667=a\25)",
     R"(!"a\25" has a broken escape: write \X, or \DDD up to \255 (RFC 1035 5.1))"},
    {"Nothing", R"("")",
     "!\"\" is not a SvcParamKey: take a registered name, or key0 to key65534 (RFC 9460 14.3.2)"},
};
INSTANTIATE_TEST_SUITE_P(More, SvcParams, ::testing::ValuesIn(kMore),
                         [](const auto& i) { return i.param.name; });

TEST(SvcParamsOnTheWire, AreChecked) {
  const auto check = [](std::vector<std::uint8_t> wire) { return check_svc_params(wire); };
  EXPECT_EQ(check({0, 3, 0, 2, 0, 53}), "");
  EXPECT_EQ(check({0, 3, 0, 2, 0}), "SvcParams are cut off (RFC 9460 2.2)");
  EXPECT_EQ(check({0, 3, 0}), "SvcParams are cut off (RFC 9460 2.2)");
  EXPECT_EQ(check({0, 9, 0, 0, 0, 8, 0, 0}), "SvcParams are not in the order of their keys (RFC 9460 2.2)");
  EXPECT_EQ(check({0, 4, 0, 3, 1, 2, 3}), "ipv4hint needs addresses (RFC 9460 7.3)");
}

}  // namespace
}  // namespace holdfast::zones
