#include "server/subjects.h"

#include <gtest/gtest.h>

#include "tests/server/control/sample_state.h"

namespace holdfast::server {
namespace {

const health::Locations kPlaces({{"eu", "", {}, {}}, {"eu-cork", "eu", {}, {}}, {"us", "", {}, {}}});

/// A pool shop behind www.example.com., own records at ftp.example.com., the first of them in eu-cork, and an MX record.
std::vector<LiveNameStatus> names() {
  LiveNameStatus own = live_name();
  own.name = "ftp.example.com.";
  own.pool = "";
  own.members = {{.address = address("192.0.2.20"), .location = "eu-cork", .pool = "ftp.example.com."}};
  LiveNameStatus mail = live_name();
  mail.name = "example.com.";
  mail.pool = "";
  mail.type = zones::RrType::MX;
  mail.members = {
      {.name = "mx1.example.net.", .pool = "example.com."},
      {.address = address("192.0.2.30"), .of = "mx1.example.net.", .depth = 1, .pool = "example.com."}};
  return {live_name(), own, mail};
}

std::string found(std::string_view text) {
  const auto subject = find_subject(text, names(), kPlaces);
  if (const auto* error = std::get_if<std::string>(&subject)) return *error;
  return health::text(std::get<health::Subject>(subject));
}

TEST(FindSubject, FindsWhatThereIs) {
  EXPECT_EQ(found("192.0.2.10"), "192.0.2.10");
  EXPECT_EQ(found("2001:DB8::20"), "2001:db8::20");
  EXPECT_EQ(found("shop/192.0.2.10"), "shop/192.0.2.10");
  EXPECT_EQ(found("shop"), "pool:shop");
  EXPECT_EQ(found("pool:shop"), "pool:shop");
  EXPECT_EQ(found("ftp.example.com"), "pool:ftp.example.com.");
  EXPECT_EQ(found("ftp.example.com./192.0.2.20"), "ftp.example.com./192.0.2.20");
  EXPECT_EQ(found("ftp.example.com/192.0.2.20"), "ftp.example.com./192.0.2.20");
  EXPECT_EQ(found("location:eu-cork"), "location:eu-cork");
  EXPECT_EQ(found("location:eu"), "location:eu");
  EXPECT_EQ(found("example.com/mx1.example.net"), "member:example.com./mx1.example.net.");
  EXPECT_EQ(found("member:example.com./mx1.example.net."), "member:example.com./mx1.example.net.");
  EXPECT_EQ(found("example.com/192.0.2.30"), "example.com./192.0.2.30") << "an address of a name";
}

TEST(FindSubject, SaysWhatThereIsInstead) {
  EXPECT_EQ(found("shpo"),
            "there is no pool, and no live name of its own records, \"shpo\"; did you mean \"shop\"?");
  EXPECT_EQ(found("nothing-like-it"),
            "there is no pool, and no live name of its own records, \"nothing-like-it\"; there are: "
            "example.com., ftp.example.com., shop");
  EXPECT_EQ(found("192.0.2.11"), "192.0.2.11 is no member of any pool; did you mean \"192.0.2.10\"?");
  EXPECT_EQ(found("shop/192.0.2.20"), "192.0.2.20 is no member of shop; did you mean \"192.0.2.10\"?");
  EXPECT_EQ(found("location:eu-crok"), "there is no location \"eu-crok\"; did you mean \"eu-cork\"?");
  EXPECT_EQ(found("location:us"), "no member is in the location us");
}

TEST(FindSubject, LeadsFromANameToItsPool) {
  EXPECT_EQ(found("www.example.com"), "www.example.com. answers from the pool shop; say that: \"shop\"");
}

TEST(FindSubject, SaysWhatCanBeSaid) {
  EXPECT_EQ(found("").rfind("say who: an address", 0), 0U);
  EXPECT_EQ(found("a\x1b[2J").rfind("say who: an address", 0), 0U);
}

}  // namespace
}  // namespace holdfast::server
