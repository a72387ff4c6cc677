#include "server/versions/kept_zones.h"

#include <gtest/gtest.h>

#include <fstream>

#include "server/answer/prebuild.h"
#include "server/versions/zone_changes.h"
#include "server/versions/zone_image.h"
#include "tests/health/log/scratch.h"
#include "tests/zones/replicate/versions.h"
#include "zones/replicate/diff.h"
#include "zones/replicate/digest.h"

namespace holdfast::server {
namespace {

using zones::Contents;
using zones::Serial;
using zones::Zone;
namespace fs = std::filesystem;
namespace made = zones::testing;

const zones::Name kApex = made::name("example.com");
constexpr int kHosts = 30'000;  // of a zone that is worth patching

std::string text(std::uint32_t serial, const std::string& more) {
  std::string text = "$TTL 60\n@ SOA ns1 admin " + std::to_string(serial) + " 2 3 4 5\n@ NS ns1\n" + more;
  for (int i = 0; i < kHosts; ++i) text += "host" + std::to_string(i) + " A 192.0.2.1\n";
  return text;
}

zones::RecordList records(std::uint32_t serial, const std::string& more) {
  zones::Findings findings;
  return zones::read_zone_text(kApex, text(serial, more), "zone", {}, findings).records;
}

class KeptZonesTest : public testing::Test {
 protected:
  /// Version 1, transferred whole.
  std::shared_ptr<const Zone> begin(KeptZones& kept) {
    zones::Accepted accepted = kept.accept(zones::WholeZone{records(1, "")}, {.apex = kApex});
    EXPECT_TRUE(accepted.zone) << accepted.problem;
    return accepted.zone;
  }
  static zones::Changes changes(std::uint32_t from, const std::string& record) {
    zones::Delta delta;
    for (const auto& [run, serial] : {std::pair(&delta.removed, from), std::pair(&delta.added, from + 1)}) {
      const auto zone = made::load("example.com", "$TTL 60\n@ SOA ns1 admin " + std::to_string(serial) +
                                                      " 2 3 4 5\n@ NS ns1")
                            .zone;
      run->add(zone->apex(), zone->rrset(zone->apex_node(), zones::RrType::SOA));
    }
    zones::Findings findings;
    const zones::RecordList list =
        zones::read_zone_text(kApex, "$TTL 60\n" + record, "record", {}, findings).records;
    for (const auto& entry : list.entries())
      delta.added.add({list.owner(entry), entry.type, entry.ttl, list.data(entry)});
    return {{std::make_shared<const zones::Delta>(std::move(delta))}};
  }
  static std::shared_ptr<const Zone> change(KeptZones& kept, const std::shared_ptr<const Zone>& before,
                                            const std::string& record) {
    zones::Accepted accepted =
        kept.accept(changes(before->serial(), record), {.apex = kApex, .before = before.get()});
    EXPECT_TRUE(accepted.zone) << accepted.problem;
    return accepted.zone;
  }
  /// What the next program finds.
  zones::LoadedZone found() const { return KeptZones(scratch_.path()).read(kApex, {}); }
  void expect_found(const Zone& zone) const {
    const zones::LoadedZone loaded = found();
    ASSERT_TRUE(loaded.zone);
    EXPECT_EQ(loaded.zone->serial(), zone.serial());
    EXPECT_EQ(zones::digest(*loaded.zone), zones::digest(zone));
    EXPECT_EQ(made::lines(loaded.problems), std::vector<std::string>());
  }
  std::string octets() const {
    std::ifstream in(file_, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  }
  void put(const std::string& octets) const {
    std::ofstream(file_, std::ios::binary | std::ios::trunc) << octets;
  }

  const health::Scratch scratch_;
  const fs::path image_ = scratch_.path() / "zones" / "example.com.zone";
  const fs::path file_ = scratch_.path() / "zones" / "example.com.changes";
};

TEST_F(KeptZonesTest, WriteAFewChangesBesideTheImage) {
  KeptZones kept(scratch_.path());
  const auto first = begin(kept);
  const auto written = fs::last_write_time(image_);
  const auto second = change(kept, first, "new TXT x");
  const auto third = change(kept, second, "a.new MX 1 host1");
  EXPECT_TRUE(third->is_patched());
  EXPECT_EQ(fs::last_write_time(image_), written);
  expect_found(*third);
}

TEST_F(KeptZonesTest, GoOnAfterARestart) {
  std::shared_ptr<const Zone> last;
  {
    KeptZones kept(scratch_.path());
    change(kept, begin(kept), "new TXT x");
  }
  KeptZones kept(scratch_.path());
  const zones::LoadedZone loaded = kept.read(kApex, {});
  ASSERT_TRUE(loaded.zone);
  last = change(kept, loaded.zone, "newer TXT x");
  EXPECT_TRUE(last->is_patched());
  expect_found(*last);
}

TEST_F(KeptZonesTest, LeaveOutWhatWasBeingWritten) {
  KeptZones kept(scratch_.path());
  const auto first = begin(kept);
  const auto second = change(kept, first, "new TXT x");
  const std::string whole = octets();
  change(kept, second, "newer TXT x");
  const std::string more = octets();
  for (std::size_t size = whole.size(); size < more.size(); size += 7) {
    put(more.substr(0, size));
    const ZoneChanges left = read_changes(scratch_.path(), kApex);
    ASSERT_EQ(left.deltas.size(), 1U) << size;
    ASSERT_EQ(left.problem, "") << size;
  }
  // As after a loss of power, where the size was there before the octets.
  put(more.substr(0, more.size() - 4) + std::string(4, '\0'));
  expect_found(*second);
  KeptZones next(scratch_.path());
  const auto read = next.read(kApex, {}).zone;
  const auto third = change(next, read, "other TXT x");
  EXPECT_TRUE(third->is_patched());
  expect_found(*third);
}

TEST_F(KeptZonesTest, EndOtherZonesOnlyWithAVersionThatIsKept) {
  KeptZones kept(scratch_.path());
  const auto first = begin(kept);
  const zones::Name other = made::name("other.example");
  write_image(scratch_.path(), *made::load("other.example", "$TTL 60\n@ SOA a a 1 2 3 4 5\n@ NS a").zone);
  const auto has_other = [&] { return fs::exists(image_path(scratch_.path(), other)); };
  const auto accept = [&](KeptZones::Judgement judgement) {
    return kept.accept(changes(1, "new TXT x"), {.apex = kApex, .before = first.get()},
                       [&](const Zone&) { return judgement; });
  };
  EXPECT_EQ(accept({.problem = "it is no good", .ended = {other}}).problem, "it is no good");
  EXPECT_TRUE(has_other());
  const fs::path in_the_way = image_.string() + ".new";
  fs::create_directory(in_the_way);
  EXPECT_THROW(accept({.ended = {other}}), std::runtime_error);
  EXPECT_TRUE(has_other());
  expect_found(*first);
  fs::remove(in_the_way);
  const auto second = accept({.ended = {other}}).zone;
  EXPECT_FALSE(has_other());
  expect_found(*second);
}

TEST_F(KeptZonesTest, TellOfDamage) {
  KeptZones kept(scratch_.path());
  const auto first = begin(kept);
  change(kept, change(kept, first, "new TXT x"), "newer TXT x");
  std::string damaged = octets();
  damaged[60] = static_cast<char>(damaged[60] ^ 1);
  put(damaged);
  const zones::LoadedZone loaded = found();
  ASSERT_TRUE(loaded.zone);
  EXPECT_EQ(loaded.zone->serial(), 1U);
  EXPECT_EQ(made::lines(loaded.problems),
            (std::vector<std::string>{"zone example.com.: warning: changes of a zone " + file_.string() +
                                      ": damaged behind change 0: what came later is transferred again"}));
}

TEST_F(KeptZonesTest, TellOfDamageToAnyOctet) {
  KeptZones kept(scratch_.path());
  const auto first = begin(kept);
  const auto second = change(kept, first, "new TXT x");
  const std::string with_second = octets();
  change(kept, second, "newer TXT x");
  const std::string whole = octets();
  ASSERT_GT(whole.size(), with_second.size());
  constexpr std::size_t kFront = 33;  // of the file, before the first change
  for (std::size_t at = kFront; at < with_second.size(); ++at) {
    for (const char bit : {'\x01', '\x10'}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ bit);
      put(damaged);
      const ZoneChanges left = read_changes(scratch_.path(), kApex);
      ASSERT_TRUE(left.deltas.empty()) << at;
      ASSERT_NE(left.problem, "") << at;
    }
  }
}

TEST_F(KeptZonesTest, DoNotMixTheChangesOfOneImageWithAnother) {
  KeptZones kept(scratch_.path());
  change(kept, begin(kept), "new TXT x");
  const std::string changes = octets();
  const zones::Accepted other = kept.accept(zones::WholeZone{records(1, "other TXT x\n")}, {.apex = kApex});
  ASSERT_TRUE(other.zone) << other.problem;
  EXPECT_EQ(octets(), "");
  put(changes);  // as after kill -9 just before they went; they would fit
  expect_found(*other.zone);
  const auto next = change(kept, other.zone, "newer TXT x");
  EXPECT_TRUE(next->is_patched());
  expect_found(*next);
}

TEST_F(KeptZonesTest, WriteAnImageOfWhatIsNotOnTheDisk) {
  KeptZones kept(scratch_.path());
  begin(kept);
  const auto elsewhere = made::load("example.com", text(5, "other TXT x")).zone;
  prebuild(*elsewhere);
  const auto next = change(kept, elsewhere, "new TXT x");
  EXPECT_FALSE(next->is_patched());
  EXPECT_FALSE(fs::exists(file_));
  expect_found(*next);
}

TEST_F(KeptZonesTest, WriteAnImageInThePlaceOfManyChanges) {
  KeptZones kept(scratch_.path());
  begin(kept);
  std::string records;
  for (int i = 0; i < 70'000; ++i)
    records += "a" + std::to_string(i) + " TXT " + std::string(250, 'x') + "\n";
  EXPECT_FALSE(append_changes(scratch_.path(), kApex, changes(1, records).deltas));
  EXPECT_TRUE(read_changes(scratch_.path(), kApex).deltas.empty());
}

}  // namespace
}  // namespace holdfast::server
