#include "zones/geo/prefix.h"

#include <gtest/gtest.h>

namespace holdfast::zones {
namespace {

using boost::asio::ip::make_address;

/// What parse() makes of a text, or says of it.
std::string parsed(const std::string& text) {
  const Prefix::Parsed parsed = Prefix::parse(text);
  return parsed.prefix ? parsed.prefix->text() : parsed.error;
}

TEST(Prefix, IsReadAndWritten) {
  for (const char* text : {"0.0.0.0/0", "192.0.2.0/24", "192.0.2.1/32", "128.0.0.0/1", "::/0",
                           "2001:db8::/32", "2001:db8::1/128", "8000::/1"}) {
    EXPECT_EQ(parsed(text), text);
  }
}

TEST(Prefix, AnAddressStandsForItself) {
  EXPECT_EQ(parsed("192.0.2.1"), "192.0.2.1/32");
  EXPECT_EQ(parsed("2001:db8::1"), "2001:db8::1/128");
}

TEST(Prefix, MappedIsV4) {
  EXPECT_EQ(parsed("::ffff:192.0.2.0/120"), "192.0.2.0/24");
  EXPECT_EQ(parsed("::ffff:0:0/96"), "0.0.0.0/0");
  EXPECT_EQ(parsed("::fffe:0:0/95"), "::fffe:0:0/95");
}

TEST(Prefix, SaysWhatIsWrong) {
  EXPECT_EQ(parsed("192.0.2.1/24"),
            "\"192.0.2.1/24\" has bits behind its length; did you mean \"192.0.2.0/24\"?");
  EXPECT_EQ(parsed("2001:db8::1/32"),
            "\"2001:db8::1/32\" has bits behind its length; did you mean \"2001:db8::/32\"?");
  for (const char* text : {"192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/+1", "192.0.2.0/8x",
                           "192.0.2.0/99999999999"})
    EXPECT_EQ(parsed(text), "\"" + std::string(text) + "\" has a length that is not 0 to 32");
  EXPECT_EQ(parsed("::/129"), "\"::/129\" has a length that is not 0 to 128");
  for (const char* text : {"", "/", "/24", "192.0.2/24", "example.com", "fe80::1%1/128", "192.0.2.0 /24"})
    EXPECT_EQ(parsed(text),
              "\"" + std::string(text) + "\" is not an address prefix like 192.0.2.0/24 or 2001:db8::/32");
}

TEST(Prefix, ContainsWhatBeginsWithIt) {
  const Prefix v4 = *Prefix::parse("192.0.2.128/25").prefix;
  EXPECT_TRUE(v4.contains(make_address("192.0.2.128")));
  EXPECT_TRUE(v4.contains(make_address("192.0.2.255")));
  EXPECT_TRUE(v4.contains(make_address("::ffff:192.0.2.255")));
  EXPECT_FALSE(v4.contains(make_address("192.0.2.127")));
  EXPECT_FALSE(v4.contains(make_address("2001:db8::1")));
  const Prefix v6 = *Prefix::parse("2001:db8::/33").prefix;
  EXPECT_TRUE(v6.contains(make_address("2001:db8:7fff::1")));
  EXPECT_FALSE(v6.contains(make_address("2001:db8:8000::1")));
  EXPECT_FALSE(Prefix::parse("::/0").prefix->contains(make_address("192.0.2.1")));
}

TEST(Prefix, IsSortedByAddressTheWiderFirst) {
  EXPECT_LT(*Prefix::parse("10.0.0.0/8").prefix, *Prefix::parse("10.0.0.0/9").prefix);
  EXPECT_LT(*Prefix::parse("10.0.0.0/32").prefix, *Prefix::parse("11.0.0.0/8").prefix);
}

TEST(Prefix, MakeRefusesHostBitsAndLengths) {
  EXPECT_FALSE(Prefix::make(make_address("192.0.2.1"), 31));
  EXPECT_FALSE(Prefix::make(make_address("192.0.2.0"), 33));
  EXPECT_FALSE(Prefix::make(make_address("::"), 129));
  EXPECT_EQ(Prefix::make(make_address("192.0.2.0"), 31)->text(), "192.0.2.0/31");
}

}  // namespace
}  // namespace holdfast::zones
