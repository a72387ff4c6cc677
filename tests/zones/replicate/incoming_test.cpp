#include "zones/replicate/incoming.h"

#include <gtest/gtest.h>

#include "tests/zones/load/loading.h"
#include "tests/zones/replicate/sent.h"
#include "zones/replicate/soa.h"

namespace holdfast::zones {
namespace {

using testing::kApex;
using testing::Sent;
using testing::soa;
using testing::wire;
using Octets = std::vector<std::uint8_t>;
using Kind = Incoming::Step::Kind;

const TransferQuestion kAxfr{.id = 7, .apex = kApex};
const TransferQuestion kNewer{.id = 7, .apex = kApex, .have = Serial(5)};
const TransferQuestion kIxfr{.id = 7, .apex = kApex, .have = Serial(5), .is_incremental = true};

std::string text(const RecordView& record, std::string_view sign) {
  std::string data = testing::presentation(record.owner, record.type, record.ttl, record.data);
  if (record.type == RrType::SOA) data = "SOA " + std::to_string(serial_of(record.data).value());
  return std::string(sign) + data + "\n";
}

std::string text(Received received) {
  if (std::holds_alternative<UpToDate>(received)) return "up to date\n";
  std::string lines;
  if (auto* const zone = std::get_if<WholeZone>(&received)) {
    for (const RecordList::Entry& e : zone->records.entries()) {
      lines += text({zone->records.owner(e), e.type, e.ttl, zone->records.data(e)}, "");
    }
    return lines;
  }
  const Changes& changes = std::get<Changes>(received);
  for (const auto& delta : changes.deltas) {
    for (const RecordView record : delta->removed) lines += text(record, "- ");
    for (const RecordView record : delta->added) lines += text(record, "+ ");
  }
  return lines;
}

/// What comes out of a transfer of these messages.
std::string transfer(const TransferQuestion& question, const std::vector<Octets>& messages,
                     TransferLimits limits = {}) {
  Incoming incoming(question, limits);
  std::size_t taken = 0;
  for (const Octets& message : messages) {
    ++taken;
    const Incoming::Step step = incoming.take(message);
    if (step.kind == Kind::failed) return step.problem + (step.axfr_may_help ? "; AXFR may help" : "");
    if (step.kind == Kind::done) {
      return (taken < messages.size() ? "early: " : "") + text(incoming.release());
    }
  }
  return "more";
}

std::string transfer(const TransferQuestion& question, std::initializer_list<Sent> messages,
                     TransferLimits limits = {}) {
  std::vector<Octets> octets;
  for (Sent message : messages) {
    if (message.question == RrType::AXFR) message.question = question.type();
    octets.push_back(wire(message));
  }
  return transfer(question, octets, limits);
}

const std::string kNs = "@ NS ns\n";
const std::string kZone = "SOA 9\nexample. 60 IN NS ns.example.\n";

TEST(Axfr, IsAZoneBetweenTwoSoas) {
  EXPECT_EQ(transfer(kAxfr, {{.records = soa(9) + kNs + "ns A 192.0.2.1\n" + soa(9)}}),
            kZone + "ns.example. 60 IN A 192.0.2.1\n");
}

TEST(Axfr, ComesInManyMessages) {
  EXPECT_EQ(transfer(kAxfr, {{.records = soa(9)}, {.records = kNs}, {.records = soa(9)}}), kZone);
}

// RFC 5936 2.2.1
TEST(Axfr, NeedsTheQuestionOnlyInItsFirstMessage) {
  EXPECT_EQ(transfer(kAxfr, {{.records = soa(9) + kNs}, {.records = soa(9), .question = RrType::A}}), kZone);
  EXPECT_EQ(transfer(kAxfr, {{.records = soa(9) + kNs, .question = RrType::A}}), "message 1 has no question");
}

TEST(Axfr, IsNotAtItsEndBeforeTheSecondSoa) {
  EXPECT_EQ(transfer(kAxfr, {{.records = soa(9) + kNs}}), "more");
  EXPECT_EQ(transfer(kAxfr, {{.records = soa(9) + kNs}, {.records = "a A 192.0.2.1"}}), "more");
}

TEST(Axfr, BringsGlueBelowACut) {
  EXPECT_EQ(transfer(kAxfr, {{.records = soa(9) + kNs + "sub NS a.sub\na.sub A 192.0.2.1\n" + soa(9)}}),
            kZone + "sub.example. 60 IN NS a.sub.example.\na.sub.example. 60 IN A 192.0.2.1\n");
}

TEST(Axfr, IsNotTakenWhenWeHaveThatVersion) {
  EXPECT_EQ(transfer(kNewer, {{.records = soa(5) + kNs + soa(5)}}), "up to date\n");
  EXPECT_EQ(transfer(kNewer, {{.records = soa(4) + kNs + soa(4)}}),
            "message 1 offers serial 4, which is not after ours, 5");
  EXPECT_EQ(transfer(kNewer, {{.records = soa(0x80000005U) + kNs + soa(0x80000005U)}}),
            "message 1 offers serial 2147483653, which is not after ours, 5");
  EXPECT_EQ(
      transfer({.id = 7, .apex = kApex, .have = Serial(0xffffffffU)}, {{.records = soa(9) + kNs + soa(9)}}),
      kZone);
}

struct Row {
  const char* name;
  std::vector<Sent> messages;
  std::string expected;
};

TEST(Axfr, RefusesWhatIsNoTransferOfTheZone) {
  const std::string good = soa(9) + kNs;
  const Row rows[] = {
      {"a question", {{.records = good + soa(9), .flags = 0x04}}, "message 1 is a question"},
      {"an opcode", {{.records = good + soa(9), .flags = 0xa4}}, "message 1 has opcode 4"},
      {"an id",
       {{.records = good}, {.records = soa(9), .id = 8}},
       "message 2 has another id than the question"},
      {"TC", {{.records = good + soa(9), .flags = 0x86}}, "message 1 is truncated"},
      {"a question for something else",
       {{.records = good + soa(9), .question = RrType::IXFR}},
       "message 1 is the answer to another question"},
      {"RCODE", {{.rcode = 5}}, "message 1 says REFUSED"},
      {"RCODE without a question", {{.question = RrType::A, .rcode = 1}}, "message 1 says FORMERR"},
      {"RCODE in the midst", {{.records = good}, {.records = soa(9), .rcode = 2}}, "message 2 says SERVFAIL"},
      {"nothing", {{}}, "message 1 has no records"},
      {"nothing more", {{.records = good}, {}}, "message 2 has no records"},
      {"a class",
       {{.records = good + soa(9), .rr_class = RrClass::CH}},
       "message 1 has example. SOA of another class than IN"},
      {"no SOA first", {{.records = kNs + good}}, "message 1 begins with example. NS, and not with a SOA"},
      {"the SOA of another zone",
       {{.records = "other. SOA a b 1 2 3 4 5\n"}},
       "message 1 has a SOA at other., which is not the apex"},
      {"the SOA of a child",
       {{.records = good + "sub SOA a b 1 2 3 4 5\n" + soa(9)}},
       "message 1 has a SOA at sub.example., which is not the apex"},
      {"a newer SOA in the midst",
       {{.records = good + soa(10)}},
       "message 1 has a SOA with serial 10 in a zone that began with 9"},
      {"another SOA at the end",
       {{.records = good + soa(9, "1 2 3 4")}},
       "message 1 ends with another SOA than it began with"},
      {"more behind the end",
       {{.records = good + soa(9) + "a A 192.0.2.1"}},
       "message 1 goes on with a.example. A behind the end"},
      {"a third SOA",
       {{.records = good + soa(9) + soa(9)}},
       "message 1 goes on with example. SOA behind the end"},
      {"a name out of the zone",
       {{.records = good + "www.other. A 192.0.2.1\n" + soa(9)}},
       "message 1 has www.other. A, which is not in the zone"},
      {"a name above the zone",
       {{.records = good + ". NS a.\n" + soa(9)}},
       "message 1 has . NS, which is not in the zone"},
      {"a name that only ends alike",
       {{.records = good + "myexample. A 192.0.2.1\n" + soa(9)}},
       "message 1 has myexample. A, which is not in the zone"},
      {"meta types",
       {{.records = good}, {.records = "a TXT x", .type = RrType::TSIG}},
       "message 2 has a.example. TSIG, which is no type of zone data"},
      {"OPT as an answer",
       {{.records = good}, {.records = ". TXT x", .type = RrType::OPT}},
       "message 2 has an OPT record that may not be there"},
      {"a type of questions",
       {{.records = good},
        {.records = "a TXT x", .type = static_cast<RrType>(65535)},
        {.records = "a TXT x", .question = RrType::A, .type = RrType::ANY}},
       "message 3 has a.example. ANY, which is no type of zone data"},
      {"broken data",
       {{.records = good}, {.records = "a TXT x", .type = RrType::A}},
       "message 2 has a record a.example. A with data that is none of this type"},
  };
  for (const Row& row : rows) {
    std::vector<Octets> octets;
    for (const Sent& message : row.messages) octets.push_back(wire(message));
    EXPECT_EQ(transfer(kAxfr, octets), row.expected) << row.name;
  }
}

TEST(Axfr, RefusesAMessageThatIsCutOff) {
  const Octets whole = wire({.records = soa(9) + kNs + soa(9)});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string outcome =
        transfer(kAxfr, std::vector<Octets>{{whole.begin(), whole.begin() + static_cast<long>(size)}});
    EXPECT_TRUE(outcome.starts_with("message 1 ")) << outcome;
  }
}

TEST(Axfr, HasLimits) {
  std::string records = soa(9) + kNs;
  for (int i = 0; i < 100; ++i) records += "a" + std::to_string(i) + " A 192.0.2.1\n";
  const std::initializer_list<Sent> messages = {{.records = records}, {.records = soa(9)}};
  EXPECT_TRUE(transfer(kAxfr, messages, {.records = 103}).starts_with("SOA 9"));
  EXPECT_EQ(transfer(kAxfr, messages, {.records = 102}), "message 2 makes it more than 102 records");
  EXPECT_EQ(transfer(kAxfr, messages, {.octets = 2000}), "message 1 makes it more than 2000 octets");
}

// A name of few octets in a message can have 255 of them.
TEST(Axfr, CountsWhatIsKeptAndNotOnlyWhatWasSent) {
  Octets message = wire({.records = soa(9)});
  Octets record;
  for (int i = 0; i < 3; ++i) {
    record.push_back(60);
    record.insert(record.end(), 60, 'a');
  }
  record.insert(record.end(), {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1});
  const std::size_t at = message.size();
  testing::put(message, record);
  std::uint8_t count = 2;
  for (std::uint8_t i = 0; i < 40; ++i, ++count) {
    message.insert(message.end(),
                   {1, static_cast<std::uint8_t>('a' + i % 2), static_cast<std::uint8_t>(0xc0 | at >> 8),
                    static_cast<std::uint8_t>(at), 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, i});
  }
  message[7] = count;
  EXPECT_EQ(transfer(kAxfr, std::vector<Octets>{message}), "more");
  EXPECT_EQ(transfer(kAxfr, std::vector<Octets>{message}, {.octets = 4000}),
            "message 1 makes it more than 4000 octets of records");
}

const std::string kChanges = soa(9) + soa(5) + "old A 192.0.2.1\n" + soa(7) + "new A 192.0.2.7\n" + soa(7) +
                             "new A 192.0.2.7\n" + soa(9) + "b A 192.0.2.9\na A 192.0.2.9\n" + soa(9);
const std::string kDeltas =
    "- SOA 5\n- old.example. 60 IN A 192.0.2.1\n+ SOA 7\n+ new.example. 60 IN A 192.0.2.7\n"
    "- SOA 7\n- new.example. 60 IN A 192.0.2.7\n+ SOA 9\n+ a.example. 60 IN A 192.0.2.9\n+ b.example. 60 IN "
    "A 192.0.2.9\n";

TEST(Ixfr, IsAListOfChanges) { EXPECT_EQ(transfer(kIxfr, {{.records = kChanges}}), kDeltas); }

TEST(Ixfr, CanBeCutIntoMessagesAnywhere) {
  std::vector<Octets> messages;
  const RecordList records = testing::records_of(kChanges);
  for (const RecordList::Entry& entry : records.entries()) {
    Octets message = wire({.question = RrType::IXFR});
    RecordList one;
    one.add(records.owner(entry), entry.type, entry.ttl, records.data(entry));
    testing::put(message, testing::wire_of(one));
    message[7] = 1;
    messages.push_back(message);
  }
  EXPECT_EQ(transfer(kIxfr, messages), kDeltas);
  messages.pop_back();
  EXPECT_EQ(transfer(kIxfr, messages), "more");  // PowerDNS once took this for the end (CVE-2022-27227)
}

TEST(Ixfr, CanHaveHalvesWithoutRecords) {
  EXPECT_EQ(transfer(kIxfr, {{.records = soa(9) + soa(5) + soa(9) + soa(9)}}), "- SOA 5\n+ SOA 9\n");
}

TEST(Ixfr, OfOneSoaSaysThatNothingChanged) {
  EXPECT_EQ(transfer(kIxfr, {{.records = soa(5)}}), "up to date\n");
  EXPECT_EQ(transfer(kIxfr, {{.records = soa(9)}}), "more");
}

// RFC 1995 4
TEST(Ixfr, CanBeAnsweredWithTheWholeZone) {
  EXPECT_EQ(transfer(kIxfr, {{.records = soa(9) + kNs + soa(9)}}), kZone);
  EXPECT_EQ(transfer(kIxfr, {{.records = soa(9)}, {.records = kNs + soa(9)}}), kZone);
  EXPECT_EQ(transfer(kIxfr, {{.records = soa(9) + soa(9)}}), "SOA 9\n");
}

TEST(Ixfr, RefusesWhatDoesNotLeadFromOursToTheirs) {
  const struct {
    const char* name;
    std::string records;
    std::string expected;
  } rows[] = {
      {"another beginning", soa(9) + soa(6) + soa(9) + soa(9),
       "message 1 goes on from serial 6, and not from 5; AXFR may help"},
      {"a gap", soa(9) + soa(5) + soa(6) + soa(7) + soa(9) + soa(9),
       "message 1 goes on from serial 7, and not from 6; AXFR may help"},
      {"back", soa(9) + soa(5) + soa(4), "message 1 goes back from serial 5 to 4; AXFR may help"},
      {"nowhere", soa(9) + soa(5) + soa(5), "message 1 goes back from serial 5 to 5; AXFR may help"},
      {"too far", soa(9) + soa(5) + soa(10),
       "message 1 goes on to serial 10, behind its last one, 9; AXFR may help"},
      {"an end too early", soa(9) + soa(5) + soa(7) + soa(9),
       "message 1 goes on from serial 9, and not from 7; AXFR may help"},
      {"another SOA", soa(9) + soa(5) + soa(9, "1 2 3 4"),
       "message 1 ends with another SOA than it began with; AXFR may help"},
      {"another SOA at the end", soa(9) + soa(5) + soa(9) + soa(9, "1 2 3 4"),
       "message 1 ends with another SOA than it began with; AXFR may help"},
      {"more behind the end", soa(9) + soa(5) + soa(9) + soa(9) + kNs,
       "message 1 goes on with example. NS behind the end; AXFR may help"},
      {"twice removed", soa(9) + soa(5) + "a A 192.0.2.1\na A 192.0.2.1\n" + soa(9),
       "message 1 has a.example. A twice in one change; AXFR may help"},
      {"twice added", soa(9) + soa(5) + soa(9) + "a A 192.0.2.1\nb A 192.0.2.1\na 7 A 192.0.2.1\n" + soa(9),
       "message 1 has a.example. A twice in one change; AXFR may help"},
      {"out of the zone", soa(9) + soa(5) + soa(9) + "www.other. A 192.0.2.1\n" + soa(9),
       "message 1 has www.other. A, which is not in the zone; AXFR may help"},
      {"behind ours", soa(4) + soa(5) + soa(4), "message 1 offers serial 4, which is not after ours, 5"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(transfer(kIxfr, {{.records = row.records}}), row.expected) << row.name;
  }
}

TEST(Ixfr, MayBeBetterAskedForAsAxfr) {
  const auto refused = [](std::uint8_t rcode) { return transfer(kIxfr, {{.rcode = rcode}}); };
  EXPECT_EQ(refused(1), "message 1 says FORMERR; AXFR may help");
  EXPECT_EQ(refused(2), "message 1 says SERVFAIL; AXFR may help");
  EXPECT_EQ(refused(4), "message 1 says NOTIMP; AXFR may help");
  EXPECT_EQ(refused(5), "message 1 says REFUSED; AXFR may help");
  EXPECT_EQ(refused(9), "message 1 says NOTAUTH");
  EXPECT_EQ(transfer(kIxfr, {{.records = kChanges}}, {.records = 5}),
            "message 1 makes it more than 5 records");
}

/// An OPT record with that upper part of the RCODE and these options.
Octets opt(std::uint8_t rcode_high, const Octets& options) {
  Octets octets = {0, 0, 41, 4, 208, rcode_high, 0, 0, 0, 0, static_cast<std::uint8_t>(options.size())};
  testing::put(octets, options);
  return octets;
}

Incoming::Step step_with(const Octets& additional, std::uint8_t count,
                         std::optional<std::chrono::seconds>& expire, std::uint8_t rcode = 0) {
  Incoming incoming(kAxfr);
  const auto step = incoming.take(wire({.records = soa(9) + kNs + soa(9),
                                        .rcode = rcode,
                                        .additional = additional,
                                        .additional_count = count}));
  expire = incoming.expire();
  return step;
}

// RFC 7314
TEST(Incoming, ReadsHowLongThePrimaryHasTheZone) {
  std::optional<std::chrono::seconds> expire;
  EXPECT_EQ(step_with(opt(0, {0, 9, 0, 4, 0, 1, 0x51, 0x80}), 1, expire).kind, Kind::done);
  EXPECT_EQ(expire, std::chrono::hours(24));
  EXPECT_EQ(step_with(opt(0, {0, 3, 0, 1, 'x', 0, 9, 0, 4, 0xff, 0xff, 0xff, 0xff}), 1, expire).kind,
            Kind::done);
  EXPECT_EQ(expire, std::chrono::seconds(0xffffffff));
  EXPECT_EQ(step_with(opt(0, {0, 9, 0, 0}), 1, expire).kind, Kind::done);
  EXPECT_EQ(expire, std::nullopt);
  EXPECT_EQ(step_with({}, 0, expire).kind, Kind::done);
  EXPECT_EQ(expire, std::nullopt);
}

TEST(Incoming, RefusesABrokenOptRecord) {
  std::optional<std::chrono::seconds> expire;
  EXPECT_EQ(step_with(opt(0, {0, 9, 0, 4, 0}), 1, expire).problem,
            "message 1 has an OPT record that may not be there");
  Octets two = opt(0, {});
  testing::put(two, opt(0, {}));
  EXPECT_EQ(step_with(two, 2, expire).problem, "message 1 has an OPT record that may not be there");
}

TEST(Incoming, KnowsTheCodesOfEdns) {
  std::optional<std::chrono::seconds> expire;
  EXPECT_EQ(step_with(opt(1, {}), 1, expire).problem, "message 1 says BADVERS");
  EXPECT_EQ(step_with(opt(1, {}), 1, expire, 1).problem, "message 1 says RCODE17");
}

// RFC 6891 7
TEST(Incoming, SaysWhenEdnsMayBeWhatIsDisliked) {
  const auto may_help = [](std::uint8_t rcode) {
    return Incoming(kAxfr).take(wire({.rcode = rcode})).no_edns_may_help;
  };
  EXPECT_TRUE(may_help(1));
  EXPECT_TRUE(may_help(4));
  EXPECT_FALSE(may_help(5));
}

TEST(Incoming, CountsWhatItTook) {
  Incoming incoming(kIxfr);
  EXPECT_EQ(incoming.serial(), std::nullopt);
  const Octets message = wire({.records = kChanges, .question = RrType::IXFR});
  incoming.take(message);
  EXPECT_EQ(incoming.serial(), Serial(9));
  EXPECT_EQ(incoming.messages(), 1U);
  EXPECT_EQ(incoming.octets(), message.size());
  EXPECT_EQ(incoming.records(), 11U);
}

}  // namespace
}  // namespace holdfast::zones
