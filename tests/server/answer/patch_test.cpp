// A zone that was patched again and again answers as one that was built anew, whatever changed.

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "tests/server/answer/ask.h"
#include "zones/replicate/accept.h"
#include "zones/replicate/diff.h"
#include "zones/replicate/digest.h"

using namespace holdfast;
using namespace holdfast::server;

namespace {

using zones::Contents;
using zones::Serial;
using zones::Zone;
using Lines = std::set<std::string>;
using LiveNames = std::vector<zones::LiveName>;

const zones::Name kApex = zones::Name::parse("example.com").value();
constexpr std::size_t kRoom = 200'000;  // octets for later versions

const LiveNames kLive{{zones::Name::parse("www.example.com").value(), 0},
                      {zones::Name::parse("new.live.example.com").value(), 1}};

const std::vector<std::string> kOwners{
    "@",        "www",      "a.www",  "b.a.www",       "mail",    "*.wild",      "wild",
    "x.wild",   "y.x.wild", "sub",    "ns1.sub",       "ns2.sub", "deep.in.sub", "cut.sub",
    "sub2",     "ns1.sub2", "*.sub2", "deep.er.empty", "to-www",  "to-to-www",   "to-wild",
    "to-sub",   "to-apex",  "*",      "*.to",          "d",       "x.d",         "live",
    "new.live", "z",        "host1",  "a.host2",       "_s._tcp", "host29",      "out"};
const std::vector<std::string> kData{"A 192.0.2.1",
                                     "A 192.0.2.2",
                                     "AAAA 2001:db8::1",
                                     "TXT one",
                                     "TXT two",
                                     "MX 10 mail",
                                     "MX 20 x.wild",
                                     "MX 5 ns1.sub",
                                     "NS ns1.sub",
                                     "NS ns2.sub",
                                     "NS ns1.sub2",
                                     "NS www",
                                     "CNAME www",
                                     "CNAME to-www",
                                     "CNAME x.wild",
                                     "CNAME to-to-www",
                                     "CNAME @",
                                     "CNAME sub",
                                     "CNAME elsewhere.test.",
                                     "SRV 1 2 3 mail",
                                     "HTTPS 1 www alpn=h2",
                                     "SVCB 1 . port=1",
                                     "SVCB 2 MAIL",
                                     "PTR www",
                                     "DNAME www",
                                     "MX 7 a.host2",
                                     "MX 8 new.live",
                                     "NS host1"};

const std::vector<std::string> kNearOwners{"sub", "sub",    "sub", "ns1.sub", "deep.in.sub",
                                           "www", "to-www", "z",   "*.wild"};
const std::vector<std::string> kNearData{"NS ns1.sub",   "NS www",    "A 192.0.2.1", "A 192.0.2.2",
                                         "MX 5 ns1.sub", "CNAME www", "TXT one",     "MX 1 www"};

std::shared_ptr<Zone> built(const Lines& lines, std::uint32_t serial, const LiveNames& live) {
  std::string text = "$TTL 60\n@ SOA ns1 admin " + std::to_string(serial) + " 2 3 4 5\n@ NS host3\n";
  for (int i = 0; i < 30; ++i) text += "host" + std::to_string(i) + " A 192.0.2." + std::to_string(i) + "\n";
  for (const std::string& line : lines) text += line + "\n";
  const zones::LoadedZone loaded = zones::load_zone_text(kApex, text, "zone", {}, live);
  if (loaded.zone != nullptr) prebuild(*loaded.zone);
  return loaded.zone;
}

zones::Snapshot alone(std::shared_ptr<const Zone> zone) {
  return zones::Snapshot({{.zone = std::move(zone), .number = 0}}, kLive.size());
}

std::vector<Octets> questions() {
  std::vector<std::string> names{"example.com", "no.example.com", "host3.example.com"};
  for (const std::string& owner : kOwners) {
    const std::string name = owner == "@" ? "example.com" : owner + ".example.com";
    for (const std::string below : {"", "no.", "\\000.", "x.y."}) names.push_back(below + name);
  }
  std::vector<Octets> queries;
  for (const std::string& name : names) {
    for (const std::string type :
         {"A", "AAAA", "NS", "MX", "CNAME", "SOA", "TXT", "ANY", "DS", "SVCB", "HTTPS", "SRV"})
      queries.push_back(Zones::query(name + ". " + type, 1232));
  }
  return queries;
}

/// All answers, one behind the other.
Octets answers(const std::shared_ptr<const Zone>& zone, const std::vector<Octets>& queries) {
  static const zones::LiveTable nothing_live;
  static const Identity identity;
  const zones::Snapshot snapshot = alone(zone);
  Octets all, room(1232);
  for (const Octets& query : queries) {
    const Answered answered = answer(query, room, {snapshot, nothing_live, identity}, Transport::udp);
    all.insert(all.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(answered.size));
  }
  return all;
}

/// What is transferred, with the SOA in front.
zones::RecordRun records(const std::shared_ptr<const Zone>& zone) {
  const Contents contents(Serial(zone->serial()), zone, nullptr);
  zones::RecordRun run;
  run.add({contents.apex(), zones::RrType::SOA, contents.soa_ttl(), contents.soa()});
  for (Contents::Cursor at(contents); at; at.next()) run.add(at.owner(), at.rrset());
  return run;
}

class Patched : public ::testing::TestWithParam<int> {};

TEST_P(Patched, AnswersLikeOneBuiltAnew) {
  static const std::vector<Octets> queries = questions();
  std::mt19937 random(static_cast<unsigned>(GetParam()));
  const LiveNames live = GetParam() % 2 == 0 ? LiveNames() : kLive;
  Lines lines;
  std::uint32_t serial = 1;
  std::shared_ptr<Zone> now = built(lines, serial, live);
  now->leave_room(kRoom);
  std::shared_ptr<const Zone> anew = now;
  int patched = 0, tried = 0;
  for (int round = 0; round < 60; ++round) {
    Lines next = lines;
    for (std::size_t changes = random() % 6; changes-- > 0;) {
      if (!next.empty() && random() % 2 == 0) {
        next.erase(std::next(next.begin(), static_cast<std::ptrdiff_t>(random() % next.size())));
        continue;
      }
      // Mostly a few that hang together, in a world of others.
      const bool is_near = random() % 3 != 0;
      const std::string& owner =
          is_near ? kNearOwners[random() % kNearOwners.size()] : kOwners[random() % kOwners.size()];
      const std::string& data =
          is_near ? kNearData[random() % kNearData.size()] : kData[random() % kData.size()];
      if (data[0] == 'D' && random() % 8 != 0) continue;  // they make it be built anew
      next.insert(owner + (random() % 5 == 0 ? " 120 " : " ") + data);
    }
    const auto wanted = built(next, serial + 1, live);
    if (wanted == nullptr) continue;  // not a zone
    const Contents before(Serial(serial), anew, nullptr), after(Serial(serial + 1), wanted, nullptr);
    const auto delta = zones::difference(before, after);
    zones::Changes changes;
    changes.deltas.push_back(delta ? std::make_shared<const zones::Delta>(*delta) : nullptr);
    if (!delta) continue;
    zones::Accepted accepted = zones::accept(changes, {.apex = kApex, .before = now.get(), .live = live});
    ASSERT_TRUE(accepted.zone) << accepted.problem;
    ++tried;
    patched += accepted.zone->is_patched() ? 1 : 0;
    prebuild(*accepted.zone);
    if (!accepted.zone->is_patched()) accepted.zone->leave_room(kRoom);

    const std::string where = "round " + std::to_string(round) + " " + ::testing::PrintToString(next);
    ASSERT_EQ(records(accepted.zone), records(wanted)) << where;
    ASSERT_EQ(accepted.zone->records(), wanted->records()) << where;
    ASSERT_EQ(answers(accepted.zone, queries), answers(wanted, queries)) << where;
    auto node = accepted.zone->nodes().begin();
    for (const zones::Node one : wanted->nodes()) {
      ASSERT_EQ((*node).name(), one.name()) << where;
      ASSERT_EQ(accepted.zone->find(one.name()), *node) << where;
      ASSERT_EQ((*node).has_wildcard(), one.has_wildcard()) << one.name().text() << where;
      ASSERT_EQ((*node).live(), one.live()) << one.name().text() << where;
      ++node;
    }
    ASSERT_EQ(node, accepted.zone->nodes().end()) << where;
    ASSERT_EQ(zones::digest(*accepted.zone, *now, zones::digest(*now)), zones::digest(*wanted)) << where;
    const auto found = zones::difference(Contents(Serial(serial), now, nullptr),
                                         Contents(Serial(serial + 1), accepted.zone, nullptr));
    ASSERT_EQ(found, delta) << where;
    lines = std::move(next);
    now = accepted.zone;
    anew = wanted;
    ++serial;
  }
  EXPECT_GT(tried, 20);
  EXPECT_GT(patched, tried / 2);
}

TEST(PatchedOnce, ChangesAllThatLeadsThere) {
  const Lines lead{"to-www CNAME www", "to-to-www CNAME to-www", "*.to CNAME to-to-www", "mail MX 1 www",
                   "sub NS www",       "deep.in.sub A 192.0.2.9"};
  Lines before = lead, after = lead;
  before.insert("www A 192.0.2.1");
  after.insert("www A 192.0.2.2");
  const auto first = built(before, 1, {}), anew = built(after, 2, {});
  first->leave_room(kRoom);
  zones::Changes changes;
  changes.deltas.push_back(std::make_shared<const zones::Delta>(
      *zones::difference(Contents(Serial(1), first, nullptr), Contents(Serial(2), anew, nullptr))));
  const zones::Accepted accepted = zones::accept(changes, {.apex = kApex, .before = first.get()});
  ASSERT_TRUE(accepted.zone && accepted.zone->is_patched());
  prebuild(*accepted.zone);
  std::vector<Octets> queries;
  for (const char* const name :
       {"to-www", "to-to-www", "x.to", "mail", "sub", "in.sub", "deep.in.sub", "x.sub"}) {
    for (const char* const type : {"A", "MX"})
      queries.push_back(Zones::query(name + std::string(".example.com. ") + type));
  }
  EXPECT_NE(answers(first, queries), answers(anew, queries));
  for (const Octets& query : queries) EXPECT_EQ(answers(accepted.zone, {query}), answers(anew, {query}));
}

/// Whatever room there is: answers that are prebuilt may fill it up to its last octets.
TEST(PatchedOnce, WritesNothingBehindTheRoom) {
  Lines before, after;
  for (int i = 0; i < 20; ++i) {
    before.insert("many A 192.0.2." + std::to_string(i));
    after.insert("many A 192.0.2." + std::to_string(100 + i));
  }
  for (int i = 0; i < 60; ++i) {
    const std::string alias = "alias" + std::to_string(i) + " CNAME many";
    before.insert(alias);
    after.insert(alias);
  }
  Lines last = after;
  last.insert("z TXT one");
  const std::vector<Octets> queries{Zones::query("alias7.example.com. A"),
                                    Zones::query("many.example.com. A"), Zones::query("z.example.com. TXT"),
                                    Zones::query("alias59.example.com. A")};
  int filled = 0;
  for (std::size_t room = 16'000; room < 32'000; room += 250) {
    std::shared_ptr<Zone> now = built(before, 1, {});
    now->leave_room(room);
    std::uint32_t serial = 1;
    bool was_patched = false;
    for (const Lines& next : {after, last}) {
      const auto anew = built(next, serial + 1, {});
      zones::Changes changes;
      changes.deltas.push_back(std::make_shared<const zones::Delta>(*zones::difference(
          Contents(Serial(serial), now, nullptr), Contents(Serial(serial + 1), anew, nullptr))));
      const zones::Accepted accepted = zones::accept(changes, {.apex = kApex, .before = now.get()});
      ASSERT_TRUE(accepted.zone);
      prebuild(*accepted.zone);
      ASSERT_EQ(answers(accepted.zone, queries), answers(anew, queries)) << room;
      filled += was_patched && !accepted.zone->is_patched() ? 1 : 0;
      was_patched = accepted.zone->is_patched();
      now = accepted.zone;
      ++serial;
    }
  }
  EXPECT_GT(filled, 0);
}

INSTANTIATE_TEST_SUITE_P(Random, Patched, ::testing::Range(0, 30));

}  // namespace
