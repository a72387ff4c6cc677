#include "zones/text/data_text.h"

#include <gtest/gtest.h>

#include "tests/zones/load/loading.h"
#include "zones/load/rdata.h"

namespace holdfast::zones {
namespace {

std::string text_of(RrType type, const std::vector<std::uint8_t>& data) {
  std::string text;
  append_data(text, type, data);
  return text;
}

std::vector<std::uint8_t> encoded(RrType type, std::string_view text) {
  LineReader lines(text);
  Line line;
  std::vector<std::uint8_t> data;
  EXPECT_TRUE(lines.next(line)) << text;
  EXPECT_EQ(encode_rdata(type, line.tokens, NameView(), data), "") << text;
  return data;
}

struct Case {
  const char* type;
  const char* written;
  const char* printed;  // null: as it was written
};

const Case kCases[] = {
    {"A", "192.0.2.1", nullptr},
    {"AAAA", "2001:db8:0:0::1", "2001:db8::1"},
    {"NS", "a\\.b.example.", nullptr},
    {"NSAP-PTR", "www.example.", nullptr},
    {"PTR", "sp\\ ace.at\\@.example.", "sp\\032ace.at\\@.example."},
    {"MX", "10 quo\\\"te.example.", nullptr},
    {"SRV", "0 1 443 semi\\;colon.example.", nullptr},
    {"SOA", "ns.example. a\\.b.example. 1 2h 3600 1209600 300",
     "ns.example. a\\.b.example. 1 7200 3600 1209600 300"},
    {"TXT", "unquoted \"\" \"a \\\" and a \\\\ and \\000\\255;(\"",
     "\"unquoted\" \"\" \"a \\\" and a \\\\ and \\000\\255;(\""},
    {"CAA", "0 issue \"ca.example; policy=\\\"ev\\\"\"", nullptr},
    {"URI", "10 1 \"https://www.example/\"", nullptr},
    {"NAPTR", "100 51 \"u\" \"E2U+sip\" \"!^.*$!sip:info@example!\" .", nullptr},
    {"HTTPS", "1 . alpn=h2,h3 port=8443", nullptr},
    {"SVCB", "2 UPPER.example. port=53", nullptr},  // the case of these names counts (RFC 9460 2.2)
    {"DS", "12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", nullptr},
    {"NSEC", "b.example. A TXT RRSIG NSEC TYPE65280", nullptr},
    {"LOC", "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
     "52 22 23.000 N 04 53 32.000 E -2m 0.00m 10000m 10m"},
    {"APL", "1:192.168.32.0/21 !1:192.168.38.0/28", nullptr},
    {"TYPE65280", "\\# 4 0A000001", "\\# 4 0a000001"},
    {"TYPE65281", "\\# 0", nullptr},
};

TEST(DataText, IsWhatPeopleWrite) {
  for (const Case& one : kCases) {
    const RrType type = parse_type(one.type).value();
    EXPECT_EQ(text_of(type, encoded(type, one.written)), one.printed != nullptr ? one.printed : one.written)
        << one.type;
  }
}

// ldns has these otherwise than we read them, so they are written as what they are for everybody.
TEST(DataText, IsGenericWhereTheTypeHasNoTextThatReadsBack) {
  for (const auto& [type, written] : {std::pair("WKS", "192.0.2.1 6 25 80"), {"APL", "\\# 0"}}) {
    const RrType number = parse_type(type).value();
    const auto data = encoded(number, written);
    const std::string text = text_of(number, data);
    EXPECT_TRUE(text.starts_with("\\# ")) << text;
    EXPECT_EQ(encoded(number, text), data) << text;
  }
}

TEST(DataText, TakesAnyOctets) {
  const std::vector<std::uint8_t> odd{0xc0, 0x0c, 0xff, 0, 3, 'a'};
  for (unsigned type = 1; type < 300; ++type) {
    for (std::size_t size = 0; size <= odd.size(); ++size) {
      const std::string text =
          text_of(static_cast<RrType>(type), {odd.begin(), odd.begin() + static_cast<long>(size)});
      EXPECT_FALSE(text.empty()) << type;
      EXPECT_EQ(text.find('\n'), text.npos) << type;
    }
  }
}

}  // namespace
}  // namespace holdfast::zones
