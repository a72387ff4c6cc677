#include "zones/replicate/overlay.h"

#include <gtest/gtest.h>

#include "tests/zones/replicate/updates.h"
#include "zones/replicate/accept.h"

namespace holdfast::zones {
namespace {

using namespace testing;
using Lines = std::vector<std::string>;

Updated updated(const Rows& rows, const Zone& zone) {
  const auto update = read_update(message_of({.rows = rows}));
  const auto result = apply_update(std::get<Update>(update), zone, Serial(zone.serial()));
  return std::get<Updated>(result);
}

std::shared_ptr<const Zone> made(std::shared_ptr<const Delta> delta, const Zone& before) {
  const Accepted accepted =
      accept(Changes{{std::move(delta)}},
             {.apex = before.apex(), .before = &before, .live = {}, .may_shrink = true});
  EXPECT_EQ(accepted.problem, "");
  return accepted.zone;
}

std::shared_ptr<const Zone> file(const std::string& text, const std::string& soa = "1 2 3 4 5") {
  return load("example.com", "$TTL 60\n@ SOA ns1 admin " + soa + "\n@ NS ns1\n" + text).zone;
}

/// Everything of a zone but its NS, the SOA with its numbers.
Lines all(const Zone& zone) {
  Lines all =
      lines(Contents(Serial(zone.serial()), std::shared_ptr<const Zone>(&zone, [](const Zone*) {}), nullptr));
  std::erase(all, "example.com. 60 IN NS ns1.example.com.");
  return all;
}

/// A zone with a file, and what updates make of it.
struct Site {
  explicit Site(std::shared_ptr<const Zone> of_file) : zone(std::move(of_file)) {}

  void update(const Rows& rows) {
    const Updated change = updated(rows, *zone);
    const Serial serial = change.soa ? serial_of(change.soa->data) : Serial(zone->serial());
    overlay = compose(overlay, change, *zone);
    zone = made(delta_of(change, *zone, serial), *zone);
  }
  void read(const std::shared_ptr<const Zone>& of_file) {
    overlay = fit(overlay, *of_file);
    zone = made(delta_of(overlay, *of_file), *of_file);
  }
  /// "- RECORD", then "+ RECORD"
  Lines changes() const {
    Lines changes;
    for (const std::string& one : lines(overlay.removed)) changes.push_back("- " + one);
    for (const std::string& one : lines(overlay.added)) changes.push_back("+ " + one);
    return changes;
  }
  Lines records() const {
    Lines left = all(*zone);
    std::erase_if(left, [](const std::string& one) { return one.find(" SOA ") != one.npos; });
    return left;
  }

  std::shared_ptr<const Zone> zone;
  Overlay overlay{};
};

const std::string kFile = "www A 192.0.2.1\nwww A 192.0.2.2\n";

TEST(Overlay, IsWhatUpdatesChangedTogether) {
  Site site(file(kFile));
  site.update({"add new 60 A 192.0.2.9", "delete www A 192.0.2.1"});
  site.update({"add new 60 TXT \"x\"", "delete new A"});
  EXPECT_EQ(site.changes(),
            (Lines{"- www.example.com. 60 IN A 192.0.2.1", "+ new.example.com. 60 IN TXT \"x\""}));
}

TEST(Overlay, IsEmptyWhereAllIsAsInTheFileAgain) {
  Site site(file(kFile));
  site.update({"delete www", "add new 60 A 192.0.2.9"});
  site.update({"delete new", "add www 60 A 192.0.2.2", "add www 60 A 192.0.2.1"});
  EXPECT_EQ(site.changes(), Lines{});
}

TEST(Overlay, HasAnotherTtlAsAnotherRecord) {
  Site site(file("www A 192.0.2.1\n"));
  site.update({"add www 120 A 192.0.2.1"});
  EXPECT_EQ(site.changes(),
            (Lines{"- www.example.com. 60 IN A 192.0.2.1", "+ www.example.com. 120 IN A 192.0.2.1"}));
  site.update({"add www 60 A 192.0.2.1"});
  EXPECT_EQ(site.changes(), Lines{});
}

TEST(Overlay, MakesTheSameOfTheSameFile) {
  Site site(file(kFile));
  site.update({"add new 60 A 192.0.2.9", "delete www A 192.0.2.1", "add www 120 A 192.0.2.2"});
  const Lines before = all(*site.zone);
  const Overlay overlay = site.overlay;
  site.read(file(kFile));
  EXPECT_EQ(all(*site.zone), before);
  EXPECT_EQ(site.overlay, overlay);
}

TEST(Overlay, StaysUponAFileThatWasEdited) {
  Site site(file(kFile));
  site.update({"add new 60 A 192.0.2.9", "delete www A 192.0.2.1"});
  site.read(file(kFile + "mail A 192.0.2.7\n"));
  EXPECT_EQ(site.records(),
            (Lines{"mail.example.com. 60 IN A 192.0.2.7", "new.example.com. 60 IN A 192.0.2.9",
                   "www.example.com. 60 IN A 192.0.2.2"}));
}

TEST(Overlay, IsEmptyUponAFileThatHasItAll) {
  Site site(file(kFile));
  site.update({"add new 60 A 192.0.2.9", "delete www A 192.0.2.1", "add www 120 A 192.0.2.2",
               "add @ 60 SOA ns1 admin 9 9 9 9 9"});
  EXPECT_NE(site.changes(), Lines{});
  const Lines before = all(*site.zone);
  site.read(file("new A 192.0.2.9\nwww 120 A 192.0.2.2\n", "9 9 9 9 9"));
  EXPECT_EQ(site.changes(), Lines{});
  EXPECT_EQ(all(*site.zone), before);
}

TEST(Overlay, ForgetsWhatIsGoneFromTheFile) {
  Site site(file(kFile));
  site.update({"delete www A 192.0.2.1"});
  site.read(file("www A 192.0.2.2\n"));
  EXPECT_EQ(site.changes(), Lines{});
  site.read(file(kFile));  // who puts it back wants it
  EXPECT_EQ(site.records().size(), 2U);
}

TEST(Overlay, FindsTheRecordAlsoWithAnotherTtl) {
  Site site(file("www A 192.0.2.1\nwww A 192.0.2.2\n"));
  site.update({"delete www A 192.0.2.1"});
  site.read(file("www 300 A 192.0.2.1\nwww 300 A 192.0.2.2\n"));
  EXPECT_EQ(site.changes(), Lines{"- www.example.com. 300 IN A 192.0.2.1"});
}

TEST(Overlay, ItsTtlGoesBeforeThatOfTheFile) {
  Site site(file(""));
  site.update({"add new 60 A 192.0.2.9"});
  site.read(file("new 300 A 192.0.2.9\n"));
  EXPECT_EQ(site.changes(),
            (Lines{"- new.example.com. 300 IN A 192.0.2.9", "+ new.example.com. 60 IN A 192.0.2.9"}));
}

TEST(Overlay, KeepsTheSoa) {
  Site site(file(""));
  site.update({"add @ 60 SOA ns1 admin 7 20 30 40 50"});
  site.update({"add www 60 A 192.0.2.1"});
  site.update({"add @ 60 SOA ns1 admin 8 20 30 40 50"});
  EXPECT_EQ(all(*site.zone).front(),
            "example.com. 60 IN SOA ns1.example.com. admin.example.com. 8 20 30 40 50");
  site.read(file(""));
  EXPECT_EQ(all(*site.zone).front(),
            "example.com. 60 IN SOA ns1.example.com. admin.example.com. 8 20 30 40 50");
  site.read(file("", "5 2 3 4 5"));  // only the serial was raised
  EXPECT_EQ(all(*site.zone).front(),
            "example.com. 60 IN SOA ns1.example.com. admin.example.com. 8 20 30 40 50");
  site.read(file("", "9 2 3 4 5"));
  EXPECT_EQ(all(*site.zone).front(),
            "example.com. 60 IN SOA ns1.example.com. admin.example.com. 9 20 30 40 50");
}

TEST(Overlay, KeepsASerialThatAnUpdateRaised) {
  Site site(file(""));
  site.update({"add @ 60 SOA ns1 admin 7 2 3 4 5"});
  site.read(file(""));
  EXPECT_EQ(site.zone->serial(), 7U);
  site.read(file("", "8 2 3 4 5"));
  EXPECT_EQ(site.zone->serial(), 8U);
  EXPECT_EQ(site.changes(), Lines{});
}

TEST(Overlay, AnotherSoaInTheFileGoesBeforeIt) {
  Site site(file(""));
  site.update({"add @ 60 SOA ns1 admin 7 20 30 40 50", "add www 60 A 192.0.2.1"});
  site.read(file("", "2 3 4 5 6"));
  EXPECT_EQ(all(*site.zone).front(), "example.com. 60 IN SOA ns1.example.com. admin.example.com. 2 3 4 5 6");
  EXPECT_EQ(site.changes(), Lines{"+ www.example.com. 60 IN A 192.0.2.1"});
}

/// What `rows` of nsupdate make of a random zone again and again: the same by the overlay upon its file.
TEST(Overlay, MakesOfTheFileWhatAllUpdatesMadeOfIt) {
  std::mt19937 random(1);
  const Lines owners = {"@", "www", "a.www", "mail", "new", "*.wild"};
  const Lines data = {"A 192.0.2.1", "A 192.0.2.2", "TXT \"one\"", "MX 10 mail", "AAAA 2001:db8::1"};
  for (int round = 0; round < 200; ++round) {
    const std::string text = random_zone(random);
    Site site(file(text));
    for (int step = 0; step < 6; ++step) {
      Rows rows;
      for (int i = 0; i < 4; ++i) {
        const std::string& owner = owners[random() % owners.size()];
        const std::string& one = data[random() % data.size()];
        const std::string type = one.substr(0, one.find(' '));
        const Lines choices = {"add " + owner + (random() % 3 == 0 ? " 120 " : " 60 ") + one,
                               "delete " + owner + " " + one, "delete " + owner + " " + type,
                               "delete " + owner};
        rows.emplace_back(choices[random() % (choices.size() + 2) % choices.size()]);
      }
      site.update(rows);
    }
    const Lines before = all(*site.zone);
    const Overlay overlay = site.overlay;
    site.read(file(text));
    ASSERT_EQ(all(*site.zone), before) << text;
    EXPECT_EQ(site.overlay, overlay) << text;
    site.read(site.zone);  // a file that has it all
    EXPECT_TRUE(site.overlay.empty()) << text;
    EXPECT_EQ(all(*site.zone), before);
  }
}

}  // namespace
}  // namespace holdfast::zones
