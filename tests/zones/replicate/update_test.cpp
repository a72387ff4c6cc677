#include "zones/replicate/update.h"

#include <gtest/gtest.h>

#include "tests/zones/replicate/updates.h"
#include "zones/load/check.h"
#include "zones/replicate/apply.h"
#include "zones/replicate/diff.h"

namespace holdfast::zones {
namespace {

using namespace testing;
using Lines = std::vector<std::string>;

const std::string kZone =
    "@ MX 10 mail\n"
    "@ NS ns2\n"
    "www A 192.0.2.1\n"
    "www A 192.0.2.2\n"
    "www TXT \"x\"\n"
    "alias CNAME www\n"
    "old DNAME new.example.\n"
    "deep.er A 192.0.2.3\n"
    "* A 192.0.2.9\n";

Update read(const std::vector<std::uint8_t>& message) {
  const auto update = read_update(message);
  EXPECT_TRUE(std::holds_alternative<Update>(update));
  return std::holds_alternative<Update>(update) ? std::get<Update>(update) : Update{};
}

/// "OK", or why it is no update.
std::string readable(const std::vector<std::uint8_t>& message) {
  const auto update = read_update(message);
  return std::holds_alternative<Rcode>(update) ? text(std::get<Rcode>(update)) : "OK";
}

std::string required(const Rows& prerequisites) {
  return text(check_prerequisites(read(message_of({.prerequisites = prerequisites})), *zone(kZone)));
}

/// What changes: "- RECORD", then "+ RECORD", without the SOA unless the update has one; or why nothing does.
Lines done(const Rows& rows, const std::string& of = kZone, Serial serial = Serial(1)) {
  const auto before = zone(of);
  const Update update = read(message_of({.rows = rows}));
  const auto result = apply_update(update, *before, serial);
  if (std::holds_alternative<Rcode>(result)) return {text(std::get<Rcode>(result))};
  const Updated& updated = std::get<Updated>(result);
  Lines changes;
  for (const std::string& one : lines(updated.removed)) changes.push_back("- " + one);
  for (const std::string& one : lines(updated.added)) changes.push_back("+ " + one);
  if (updated.soa) {
    const UpdateRow& soa = *updated.soa;
    changes.push_back("+ " + presentation(soa.owner, soa.type, soa.ttl, soa.data));
  }
  EXPECT_EQ(updated.empty(), changes.empty());

  // As a step from one version to the next it fits the zone.
  const auto delta = delta_of(updated, *before, Serial(9));
  EXPECT_EQ(delta->from(), Serial(before->serial()));
  EXPECT_EQ(delta->to(), Serial(9));
  Applied applied = apply_deltas(*before, std::span(&delta, 1));
  EXPECT_EQ(applied.problem, "");
  EXPECT_EQ(applied.records.entries().size(),
            before->records() + updated.added.size() - updated.removed.size());
  return changes;
}

// ---- the message (RFC 2136 2, 3.1)

TEST(UpdateMessage, IsReadInItsSections) {
  const Update update =
      read(message_of({.prerequisites = {"yxdomain www", "yxrrset www A 192.0.2.1"},
                       .rows = {"add new 300 MX 10 Mail", "delete www A 192.0.2.1", "delete alias"}}));
  EXPECT_EQ(update.zone.text(), "example.com.");
  ASSERT_EQ(update.prerequisites.size(), 2U);
  EXPECT_EQ(update.prerequisites[0].owner.text(), "www.example.com.");
  EXPECT_EQ(update.prerequisites[0].type, RrType::ANY);
  EXPECT_EQ(update.prerequisites[0].rr_class, RrClass::ANY);
  EXPECT_EQ(update.prerequisites[1].rr_class, RrClass::IN);
  EXPECT_EQ(update.prerequisites[1].data, (std::vector<std::uint8_t>{192, 0, 2, 1}));
  ASSERT_EQ(update.rows.size(), 3U);
  EXPECT_EQ(update.rows[0].ttl, 300U);
  EXPECT_EQ(presentation(update.rows[0].owner, update.rows[0].type, 300, update.rows[0].data),
            "new.example.com. 300 IN MX 10 mail.example.com.");
  EXPECT_EQ(update.rows[1].rr_class, RrClass::NONE);
  EXPECT_EQ(update.rows[2].type, RrType::ANY);
}

TEST(UpdateMessage, IsOfOneZoneOfTheInternet) {
  EXPECT_EQ(readable(message_of(SentUpdate{})), "OK");
  EXPECT_EQ(readable(message_of({.zone_type = RrType::A})), "FORMERR");
  EXPECT_EQ(readable(message_of({.zone_class = RrClass::CH})), "FORMERR");
  EXPECT_EQ(readable(message_of({.zone_class = RrClass::NONE})), "FORMERR");
  EXPECT_EQ(readable(message_of({.flags = 0x80 | 5 << 3})), "FORMERR");
  EXPECT_EQ(readable(message_of({.flags = 0})), "FORMERR");
  for (const int zones : {0, 2}) {
    auto message = message_of(SentUpdate{});
    message[5] = static_cast<std::uint8_t>(zones);
    EXPECT_EQ(readable(message), "FORMERR");
  }
}

TEST(UpdateMessage, IsWhole) {
  const auto message =
      message_of({.prerequisites = {"yxrrset www A 192.0.2.1"}, .rows = {"delete www MX 10 mail"}});
  for (std::size_t size = 0; size < message.size(); ++size)
    EXPECT_EQ(readable({message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size)}), "FORMERR")
        << size;
  auto longer = message;
  longer.push_back(0);
  EXPECT_EQ(readable(longer), "FORMERR");
}

TEST(UpdateMessage, HasDataThatIsOfItsType) {
  EXPECT_EQ(readable(message_of({.rows = {{"www", RrType::A, RrClass::IN, 60, {1, 2, 3}}}})), "FORMERR");
  EXPECT_EQ(readable(message_of({.rows = {{"www", RrType::A, RrClass::NONE, 0, {1, 2, 3}}}})), "FORMERR");
  EXPECT_EQ(readable(message_of({.rows = {{"www", RrType::NS, RrClass::NONE, 0, {1, 'a'}}}})), "FORMERR");
  EXPECT_EQ(readable(message_of({.prerequisites = {{"www", RrType::A, RrClass::IN, 0, {1, 2, 3}}}})),
            "FORMERR");
  EXPECT_EQ(readable(message_of({.rows = {{"www", RrType{65280}, RrClass::IN, 60, {1, 2, 3}}}})), "OK");
}

TEST(UpdateMessage, MayHaveCompressedNames) {
  auto message =
      message_of({.rows = {{"www", RrType::MX, RrClass::NONE, 0, {0, 10, 4, 'M', 'a', 'i', 'l', 0xc0, 12}}}});
  EXPECT_EQ(read(message).rows[0].data, read(message_of({.rows = {"delete www MX 10 mail"}})).rows[0].data);
}

TEST(UpdateMessage, HasARoomForSoManyRows) {
  const Row row{"www", RrType::A, RrClass::ANY};
  EXPECT_EQ(readable(message_of({.prerequisites = Rows(96, row), .rows = Rows(kMaxUpdateRows - 96, row)})),
            "OK");
  EXPECT_EQ(readable(message_of({.prerequisites = Rows(97, row), .rows = Rows(kMaxUpdateRows - 96, row)})),
            "REFUSED");
}

// ---- prerequisites (RFC 2136 3.2)

TEST(Prerequisite, NoneHolds) { EXPECT_EQ(required({}), "NOERROR"); }

TEST(Prerequisite, NameIsInUse) {
  EXPECT_EQ(required({"yxdomain www"}), "NOERROR");
  EXPECT_EQ(required({"yxdomain WWW"}), "NOERROR");
  EXPECT_EQ(required({"yxdomain @"}), "NOERROR");
  EXPECT_EQ(required({"yxdomain none"}), "NXDOMAIN");
  EXPECT_EQ(required({"yxdomain er"}), "NXDOMAIN");  // an empty non-terminal
  EXPECT_EQ(required({"yxdomain a.www"}), "NXDOMAIN");
  EXPECT_EQ(required({"yxdomain x.example.com."}), "NXDOMAIN");  // a wildcard is only itself
  EXPECT_EQ(required({"yxdomain *"}), "NOERROR");
}

TEST(Prerequisite, NameIsNotInUse) {
  EXPECT_EQ(required({"nxdomain none"}), "NOERROR");
  EXPECT_EQ(required({"nxdomain er"}), "NOERROR");
  EXPECT_EQ(required({"nxdomain www"}), "YXDOMAIN");
}

TEST(Prerequisite, RrsetExists) {
  EXPECT_EQ(required({"yxrrset www A"}), "NOERROR");
  EXPECT_EQ(required({"yxrrset www MX"}), "NXRRSET");
  EXPECT_EQ(required({"yxrrset none A"}), "NXRRSET");
  EXPECT_EQ(required({"yxrrset alias A"}), "NXRRSET");  // no CNAME is followed
}

TEST(Prerequisite, RrsetDoesNotExist) {
  EXPECT_EQ(required({"nxrrset www MX"}), "NOERROR");
  EXPECT_EQ(required({"nxrrset none A"}), "NOERROR");
  EXPECT_EQ(required({"nxrrset www A"}), "YXRRSET");
}

TEST(Prerequisite, RrsetIsExactlyThat) {
  EXPECT_EQ(required({"yxrrset www A 192.0.2.1", "yxrrset www A 192.0.2.2"}), "NOERROR");
  EXPECT_EQ(required({"yxrrset www A 192.0.2.2", "yxrrset @ MX 10 MAIL", "yxrrset www A 192.0.2.1"}),
            "NOERROR");
  EXPECT_EQ(required({"yxrrset www A 192.0.2.1", "yxrrset www A 192.0.2.2", "yxrrset www A 192.0.2.1"}),
            "NOERROR");
  EXPECT_EQ(required({"yxrrset www A 192.0.2.1"}), "NXRRSET");
  EXPECT_EQ(required({"yxrrset www A 192.0.2.1", "yxrrset www A 192.0.2.3"}), "NXRRSET");
  EXPECT_EQ(required({"yxrrset www A 192.0.2.1", "yxrrset www A 192.0.2.2", "yxrrset www A 192.0.2.3"}),
            "NXRRSET");
  EXPECT_EQ(required({"yxrrset none A 192.0.2.1"}), "NXRRSET");
}

TEST(Prerequisite, AllOfThemHold) {
  EXPECT_EQ(required({"yxdomain www", "nxdomain none", "yxrrset www A", "nxrrset www MX"}), "NOERROR");
  EXPECT_EQ(required({"yxdomain www", "nxdomain www", "yxrrset www MX"}),
            "YXDOMAIN");  // the first that does not
}

TEST(Prerequisite, IsInTheZone) {
  EXPECT_EQ(required({"yxdomain www.example.net."}), "NOTZONE");
  EXPECT_EQ(required({"nxrrset com. A"}), "NOTZONE");
  EXPECT_EQ(required({{"www.example.net.", RrType::A, RrClass::IN, 0, {1, 2, 3, 4}}}), "NOTZONE");
}

TEST(Prerequisite, IsWellMade) {
  for (const RrClass rr_class : {RrClass::ANY, RrClass::NONE}) {
    EXPECT_EQ(required({{"www", RrType::A, rr_class, 1}}), "FORMERR");
    EXPECT_EQ(required({{"www", RrType::A, rr_class, 0, {1, 2, 3, 4}}}), "FORMERR");
  }
  EXPECT_EQ(required({{"www", RrType::A, RrClass::IN, 1, {192, 0, 2, 1}}}), "FORMERR");
  EXPECT_EQ(required({{"www", RrType::ANY, RrClass::IN}}), "FORMERR");
  EXPECT_EQ(required({{"www", RrType::A, RrClass::CH, 0, {192, 0, 2, 1}}}), "FORMERR");
}

// ---- what may be asked for at all (RFC 2136 3.4.1)

TEST(UpdatePrescan, StaysInTheZone) {
  EXPECT_EQ(done({"add new 60 A 192.0.2.1", {"www.example.net.", RrType::A, RrClass::IN, 60, {1, 2, 3, 4}}}),
            Lines{"NOTZONE"});
  EXPECT_EQ(done({"delete www.example.net."}), Lines{"NOTZONE"});
  EXPECT_EQ(done({"delete com. A"}), Lines{"NOTZONE"});
}

TEST(UpdatePrescan, RefusesClassesAndTypesThatAreNoData) {
  for (const unsigned type :
       {0U, 41U, 249U, 250U, 251U, 252U, 253U, 254U}) {  // OPT, TKEY, TSIG, IXFR, AXFR, ...
    for (const RrClass rr_class : {RrClass::IN, RrClass::ANY, RrClass::NONE})
      EXPECT_EQ(done({{"www", static_cast<RrType>(type), rr_class}}), Lines{"FORMERR"}) << type;
  }
  EXPECT_EQ(done({{"www", RrType::ANY, RrClass::IN}}), Lines{"FORMERR"});
  EXPECT_EQ(done({{"www", RrType::ANY, RrClass::NONE}}), Lines{"FORMERR"});
  EXPECT_EQ(done({{"www", RrType::A, RrClass::CH, 0, {1, 2, 3, 4}}}), Lines{"FORMERR"});
}

TEST(UpdatePrescan, RefusesTtlAndDataOfWhatIsDeleted) {
  EXPECT_EQ(done({{"www", RrType::A, RrClass::ANY, 1}}), Lines{"FORMERR"});
  EXPECT_EQ(done({{"www", RrType::A, RrClass::ANY, 0, {1, 2, 3, 4}}}), Lines{"FORMERR"});
  EXPECT_EQ(done({{"www", RrType::A, RrClass::NONE, 1, {192, 0, 2, 1}}}), Lines{"FORMERR"});
}

TEST(UpdatePrescan, RefusesAllForOne) {
  EXPECT_EQ(done({"delete www", "add new 60 A 192.0.2.1", {"www", RrType::A, RrClass::ANY, 1}}),
            Lines{"FORMERR"});
}

// ---- adding (RFC 2136 3.4.2.2)

TEST(UpdateAdds, ToAnRrset) {
  EXPECT_EQ(done({"add www 60 A 192.0.2.3"}), Lines{"+ www.example.com. 60 IN A 192.0.2.3"});
}

TEST(UpdateAdds, ANewNameAndType) {
  EXPECT_EQ(
      done({"add a.new 300 TXT \"x\"", "add www 300 MX 5 mail"}),
      (Lines{"+ a.new.example.com. 300 IN TXT \"x\"", "+ www.example.com. 300 IN MX 5 mail.example.com."}));
}

TEST(UpdateAdds, NothingThatIsThere) {
  EXPECT_EQ(done({"add www 60 A 192.0.2.1"}), Lines{});
  EXPECT_EQ(done({"add @ 60 MX 10 MAIL"}), Lines{});
}

TEST(UpdateAdds, WithTheTtlOfAll) {
  EXPECT_EQ(done({"add www 300 A 192.0.2.1"}),
            (Lines{"- www.example.com. 60 IN A 192.0.2.1", "- www.example.com. 60 IN A 192.0.2.2",
                   "+ www.example.com. 300 IN A 192.0.2.1", "+ www.example.com. 300 IN A 192.0.2.2"}));
}

TEST(UpdateAdds, NoCnameBesideOthers) {
  EXPECT_EQ(done({"add www 60 CNAME other"}), Lines{});
  EXPECT_EQ(done({"add @ 60 CNAME other"}), Lines{});
  EXPECT_EQ(done({"add new 60 A 192.0.2.1", "add new 60 CNAME other"}),
            Lines{"+ new.example.com. 60 IN A 192.0.2.1"});
}

TEST(UpdateAdds, NothingBesideACname) {
  EXPECT_EQ(done({"add alias 60 A 192.0.2.1"}), Lines{});
  EXPECT_EQ(done({"add new 60 CNAME other", "add new 60 A 192.0.2.1"}),
            Lines{"+ new.example.com. 60 IN CNAME other.example.com."});
}

TEST(UpdateAdds, InPlaceOfACname) {
  EXPECT_EQ(done({"add alias 60 CNAME other"}),
            (Lines{"- alias.example.com. 60 IN CNAME www.example.com.",
                   "+ alias.example.com. 60 IN CNAME other.example.com."}));
  EXPECT_EQ(
      done({"delete alias CNAME", "add alias 60 A 192.0.2.1"}),
      (Lines{"- alias.example.com. 60 IN CNAME www.example.com.", "+ alias.example.com. 60 IN A 192.0.2.1"}));
  EXPECT_EQ(
      done({"delete www", "add www 60 CNAME other"}),
      (Lines{"- www.example.com. 60 IN A 192.0.2.1", "- www.example.com. 60 IN A 192.0.2.2",
             "- www.example.com. 60 IN TXT \"x\"", "+ www.example.com. 60 IN CNAME other.example.com."}));
}

TEST(UpdateAdds, InPlaceOfADname) {
  EXPECT_EQ(done({"add old 60 DNAME newer.example."}),
            (Lines{"- old.example.com. 60 IN DNAME new.example.",
                   "+ old.example.com. 60 IN DNAME newer.example."}));
}

TEST(UpdateAdds, WksInPlaceOfOneForTheSameProtocol) {
  const std::string with_wks = kZone + "wks WKS 192.0.2.1 6 25\n";
  EXPECT_EQ(done({"add wks 60 WKS 192.0.2.1 6 80"}, with_wks).size(), 2U);
  EXPECT_EQ(done({"add wks 60 WKS 192.0.2.1 17 80"}, with_wks).size(), 1U);
  EXPECT_EQ(done({"add wks 60 WKS 192.0.2.2 6 80"}, with_wks).size(), 1U);
}

TEST(UpdateAdds, ASoaThatIsLater) {
  EXPECT_EQ(done({"add @ 300 SOA ns2 admin 2 7 7 7 7"}),
            Lines{"+ example.com. 300 IN SOA ns2.example.com. admin.example.com. 2 7 7 7 7"});
  EXPECT_EQ(done({"add @ 300 SOA ns2 admin 1 7 7 7 7"}), Lines{});
  EXPECT_EQ(done({"add @ 300 SOA ns2 admin 0 7 7 7 7"}), Lines{});
  EXPECT_EQ(done({"add @ 300 SOA ns2 admin 4000000000 7 7 7 7"}), Lines{});           // behind, on the circle
  EXPECT_EQ(done({"add @ 300 SOA ns2 admin 5 7 7 7 7"}, kZone, Serial(5)), Lines{});  // that is served
  EXPECT_EQ(done({"add www 300 SOA ns2 admin 2 7 7 7 7"}), Lines{});
  EXPECT_EQ(done({"add @ 60 SOA ns1 admin 3 7 7 7 7", "add @ 60 SOA ns2 admin 2 7 7 7 7",
                  "add @ 60 SOA ns3 admin 4 7 7 7 7"}),
            Lines{"+ example.com. 60 IN SOA ns3.example.com. admin.example.com. 4 7 7 7 7"});
}

// ---- deleting an RRset, or all of a name (RFC 2136 3.4.2.3)

TEST(UpdateDeletes, AnRrset) {
  EXPECT_EQ(done({"delete www A"}),
            (Lines{"- www.example.com. 60 IN A 192.0.2.1", "- www.example.com. 60 IN A 192.0.2.2"}));
  EXPECT_EQ(done({"delete www MX"}), Lines{});
  EXPECT_EQ(done({"delete none A"}), Lines{});
}

TEST(UpdateDeletes, AllOfAName) {
  EXPECT_EQ(done({"delete www"}),
            (Lines{"- www.example.com. 60 IN A 192.0.2.1", "- www.example.com. 60 IN A 192.0.2.2",
                   "- www.example.com. 60 IN TXT \"x\""}));
  EXPECT_EQ(done({"delete er"}), Lines{});
}

TEST(UpdateDeletes, NeitherSoaNorNsOfTheApex) {
  EXPECT_EQ(done({"delete @"}), Lines{"- example.com. 60 IN MX 10 mail.example.com."});
  EXPECT_EQ(done({"delete @ SOA"}), Lines{});
  EXPECT_EQ(done({"delete @ NS"}), Lines{});
  EXPECT_EQ(done({"delete sub NS"}, kZone + "sub NS ns.example.\n"),
            Lines{"- sub.example.com. 60 IN NS ns.example."});
}

// ---- deleting a record (RFC 2136 3.4.2.4)

TEST(UpdateDeletes, ARecord) {
  EXPECT_EQ(done({"delete www A 192.0.2.1"}), Lines{"- www.example.com. 60 IN A 192.0.2.1"});
  EXPECT_EQ(done({"delete @ MX 10 MAIL"}), Lines{"- example.com. 60 IN MX 10 mail.example.com."});
  EXPECT_EQ(done({"delete www A 192.0.2.3"}), Lines{});
  EXPECT_EQ(done({"delete none A 192.0.2.3"}), Lines{});
}

TEST(UpdateDeletes, NotTheSoa) { EXPECT_EQ(done({"delete @ SOA ns1 admin 1 2 3 4 5"}), Lines{}); }

TEST(UpdateDeletes, NotTheLastNsOfTheApex) {
  EXPECT_EQ(done({"delete @ NS ns1"}), Lines{"- example.com. 60 IN NS ns1.example.com."});
  EXPECT_EQ(done({"delete @ NS ns1", "delete @ NS ns2"}), Lines{"- example.com. 60 IN NS ns1.example.com."});
  EXPECT_EQ(done({"delete @ NS ns1", "add @ 60 NS ns3", "delete @ NS ns2"}).size(), 3U);
  EXPECT_EQ(done({"delete sub NS ns.example."}, kZone + "sub NS ns.example.\n"),
            Lines{"- sub.example.com. 60 IN NS ns.example."});
}

// ---- one after the other

TEST(Update, IsDoneInItsOrder) {
  EXPECT_EQ(done({"add new 60 A 192.0.2.1", "delete new"}), Lines{});
  EXPECT_EQ(done({"delete www A", "add www 60 A 192.0.2.2", "add www 60 A 192.0.2.7"}),
            (Lines{"- www.example.com. 60 IN A 192.0.2.1", "+ www.example.com. 60 IN A 192.0.2.7"}));
  EXPECT_EQ(done({"delete www A", "add www 60 A 192.0.2.2", "add www 60 A 192.0.2.1"}), Lines{});
}

TEST(Update, GivesItsChangesInCanonicalOrder) {
  EXPECT_EQ(
      done({"add z 60 A 192.0.2.1", "add a.z 60 A 192.0.2.1", "add b 60 TXT \"2\"", "add b 60 TXT \"1\"",
            "add b 60 A 192.0.2.1", "add @ 60 A 192.0.2.1", "delete www TXT", "delete alias"}),
      (Lines{"- alias.example.com. 60 IN CNAME www.example.com.", "- www.example.com. 60 IN TXT \"x\"",
             "+ example.com. 60 IN A 192.0.2.1", "+ b.example.com. 60 IN A 192.0.2.1",
             "+ b.example.com. 60 IN TXT \"1\"", "+ b.example.com. 60 IN TXT \"2\"",
             "+ z.example.com. 60 IN A 192.0.2.1", "+ a.z.example.com. 60 IN A 192.0.2.1"}));
}

/// What a zone of plain records would become by an update, worked out as the RFC has it: record by record.
std::set<std::string> expected(std::set<std::string> records,
                               const std::vector<std::array<std::string, 3>>& rows) {
  const auto begins = [](const std::string& record, const std::string& with) {
    return record.starts_with(with);
  };
  for (const auto& [verb, owner, data] : rows) {
    const std::string start = owner + ".example.com. 60 IN ";
    if (verb == "add") {
      records.insert(start + data);
    } else if (verb == "delete") {
      const std::string gone = start + data + (data.empty() ? "" : " ");
      std::erase_if(records, [&](const std::string& record) { return begins(record, gone); });
    } else {
      records.erase(start + data);
    }
  }
  return records;
}

TEST(Update, OfAnyRowsBecomesWhatTheRfcSays) {
  std::mt19937 random(20261129);
  const std::string owners[] = {"a", "b", "c.b", "www"};
  const std::string data[] = {"A 192.0.2.1", "A 192.0.2.2", "A 192.0.2.3",
                              "TXT \"x\"",   "TXT \"y\"",   "MX 10 m.example."};
  const std::string types[] = {"", "A", "TXT", "MX"};
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (const std::string& owner : owners) {
      for (const std::string& one : data) {
        if (random() % 3 == 0) text += owner + " " + one + "\n";
      }
    }
    std::vector<std::array<std::string, 3>> rows;
    Rows sent;
    std::vector<std::string> words;
    for (int i = 0; i < 12; ++i) {
      const std::string verb = std::array{"add", "delete", "delete one"}[random() % 3];
      const std::string owner = owners[random() % std::size(owners)];
      const std::string what =
          verb == "delete" ? types[random() % std::size(types)] : data[random() % std::size(data)];
      rows.push_back({verb, owner, what});
      words.push_back((verb == "add" ? "add " : "delete ") + owner + (verb == "add" ? " 60 " : " ") + what);
      sent.emplace_back(words.back());
    }
    const auto before = zone(text);
    const auto result = apply_update(read(message_of({.rows = sent})), *before, Serial(1));
    ASSERT_TRUE(std::holds_alternative<Updated>(result));
    const auto delta = delta_of(std::get<Updated>(result), *before, Serial(1));
    const auto all = [](const Contents& contents) {
      const auto inside = inner(contents);
      return std::set<std::string>(inside.begin(), inside.end());
    };
    const auto start = all(Contents(Serial(1), before, nullptr));
    std::set<std::string> became = start;
    for (const std::string& one : lines(delta->removed)) {
      if (one.find("SOA") == one.npos) {
        EXPECT_EQ(became.erase(one), 1U) << one;
      }
    }
    for (const std::string& one : lines(delta->added)) {
      if (one.find("SOA") == one.npos) {
        EXPECT_TRUE(became.insert(one).second) << one;
      }
    }
    EXPECT_EQ(became, expected(start, rows)) << ::testing::PrintToString(words) << text;
  }
}

}  // namespace
}  // namespace holdfast::zones
