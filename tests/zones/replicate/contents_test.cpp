#include "zones/replicate/contents.h"

#include <gtest/gtest.h>

#include "tests/zones/replicate/versions.h"

namespace holdfast::zones {
namespace {

using namespace testing;
using Lines = std::vector<std::string>;

TEST(Contents, HasTheRecordsOfTheZoneWithItsOwnSerial) {
  EXPECT_EQ(lines(Contents(Serial(7), zone("www A 192.0.2.1\nb.empty TXT x"), nullptr)),
            (Lines{"example.com. 60 IN SOA ns1.example.com. admin.example.com. 7 2 3 4 5",
                   "example.com. 60 IN NS ns1.example.com.", "b.empty.example.com. 60 IN TXT \"x\"",
                   "www.example.com. 60 IN A 192.0.2.1"}));
}

TEST(Contents, HasTheFlatViewWhereThatCoversTheType) {
  const auto of = [](const Lines& view) {
    return inner(Contents(Serial(7), zone("www A 192.0.2.1\nwww TXT x\nz A 192.0.2.3"), flat(view)));
  };
  const std::string rest = "z.example.com. 60 IN A 192.0.2.3";
  const std::string text = "www.example.com. 60 IN TXT \"x\"";
  EXPECT_EQ(of({"www A 192.0.2.9"}), (Lines{"www.example.com. 30 IN A 192.0.2.9", text, rest}));
  EXPECT_EQ(of({"www AAAA 2001:db8::1"}), (Lines{"www.example.com. 60 IN A 192.0.2.1", text,
                                                 "www.example.com. 30 IN AAAA 2001:db8::1", rest}));
  EXPECT_EQ(of({"www A"}), (Lines{text, rest}));
  EXPECT_EQ(of({"z A"}), (Lines{"www.example.com. 60 IN A 192.0.2.1", text}));
}

TEST(Contents, LeavesAddressesOutBesideAFlatCname) {
  EXPECT_EQ(inner(Contents(Serial(7), zone("www A 192.0.2.1\nwww AAAA ::1"), flat({"www CNAME a.b."}))),
            (Lines{"www.example.com. 30 IN CNAME a.b."}));
  EXPECT_EQ(inner(Contents(Serial(7), zone("www A 192.0.2.1"), flat({"www CNAME"}))),
            (Lines{"www.example.com. 60 IN A 192.0.2.1"}));
}

TEST(Contents, HasNamesThatOnlyTheFlatViewHas) {
  const auto before = zone("m A 192.0.2.1");
  for (const std::string owner : {"a", "z", "a.m", "m.m"}) {
    const Contents contents(Serial(7), before, flat({owner + " A 192.0.2.9"}));
    const Lines found = inner(contents);
    EXPECT_EQ(found.size(), 2U);
    EXPECT_EQ(std::count(found.begin(), found.end(), owner + ".example.com. 30 IN A 192.0.2.9"), 1) << owner;
    RecordRun run = records(contents);
    EXPECT_TRUE(std::is_sorted(++run.begin(), run.end())) << owner;
  }
}

TEST(Contents, SeesEmptyNonTerminalsThatAreLive) {
  const auto live = zone("a.www TXT x", {{name("www.example.com"), 0}});
  EXPECT_EQ(inner(Contents(Serial(7), live, flat({"www A 192.0.2.9"}))),
            (Lines{"www.example.com. 30 IN A 192.0.2.9", "a.www.example.com. 60 IN TXT \"x\""}));
}

TEST(Contents, KeepsWhatItIsMadeOfWhileACursorGoesThroughIt) {
  Contents::Cursor at = [] {
    return Contents::Cursor(Contents(Serial(7), zone("www A 192.0.2.1"), nullptr));
  }();
  at.next();
  EXPECT_EQ(at.owner().text(), "www.example.com.");
  at.next();
  EXPECT_FALSE(at);
}

TEST(Contents, ComesInCanonicalOrder) {
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    RecordRun run = records(Contents(Serial(1), zone(random_zone(random)), random_flat(random)));
    ASSERT_TRUE(std::is_sorted(++run.begin(), run.end()));
  }
}

}  // namespace
}  // namespace holdfast::zones
