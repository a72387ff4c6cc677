#include <gtest/gtest.h>

#include <set>

#include "tests/server/answer/example.h"
#include "tests/zones/live/answers.h"
#include "zones/live/choice.h"

using namespace holdfast;
using namespace holdfast::server;
using zones::all_of;
using zones::Choice;

namespace {

/// What a query says of its client: the data of an EDNS option (RFC 7871 6).
using Octets = std::vector<std::uint8_t>;
const Octets kSubnet{0, 1, 24, 0, 10, 1, 2};

Octets query_with_option(const std::string& question, std::uint8_t code, const Octets& data) {
  const auto size = static_cast<std::uint8_t>(data.size());
  Octets opt{0, 0, 41, 4, 208, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(size + 4), 0, code, 0, size};
  opt.insert(opt.end(), data.begin(), data.end());
  return with_opt(Zones::query(question), opt);
}

class LiveName : public testing::Test {
 protected:
  Zones zones{
      {{"example.test",
        kSoa + "www 3600 A 192.0.2.1\nwww 3600 TXT \"still here\"\nto 60 CNAME www\nmx 60 MX 1 pool\n"}},
      {{zones::Name::parse("www.example.test").value(), 0},
       {zones::Name::parse("pool.example.test").value(), 1}}};

  void set(zones::LiveIndex index, const zones::LiveRecords& a, const zones::LiveRecords& aaaa = {}) {
    zones.live = zones.live->with(index, std::make_shared<zones::LiveAnswer>(a, aaaa));
  }

  static zones::LiveRecords drawn(Choice choice) {
    std::vector<std::string> addresses;
    for (std::size_t i = 0; i < choice.candidates(); ++i)
      addresses.push_back("10.0.0." + std::to_string(i + 1));
    zones::LiveRecords records = all_of(addresses);
    records.choice = std::move(choice);
    return records;
  }

  /// The last octets of the addresses of so many queries in a row, without EDNS, as one batch: "1 2", "2 3", ...
  std::vector<std::string> batch(std::size_t count, const Octets& query, std::uint64_t random = 1) {
    std::vector<Exchange> exchanges(count);
    const std::uint8_t sender[] = {192, 0, 2, 7};
    for (Exchange& exchange : exchanges) {
      exchange.query = query;
      exchange.sender = {sender, false};
    }
    Octets room(count * 1232);
    Serving serving = zones.serving();
    serving.random = random;
    answer(exchanges, room, serving, Transport::udp);
    std::vector<std::string> all;
    for (const Exchange& exchange : exchanges) {
      std::string text;
      const std::size_t records = exchange.reply[7];
      for (std::size_t i = 0; i < records; ++i) {
        const std::size_t last = query.size() + 16 * (i + 1) - 1;
        text += (i == 0 ? "" : " ") + std::to_string(exchange.reply[last]);
      }
      all.push_back(text);
    }
    return all;
  }
};

TEST_F(LiveName, ServesTheZonesRecordsWhileNothingIsKnown) {
  EXPECT_EQ(zones.ask("www.example.test. A").answer, Records{"www.example.test. 3600 A 192.0.2.1"});
  EXPECT_EQ(zones.ask("pool.example.test. A").status, "NOERROR aa");
}

TEST_F(LiveName, AnswersWithWhatHealthDecided) {
  set(0, all_of({"10.0.0.1", "10.0.0.2"}), all_of({"fd00::9"}, 20));
  const DecodedReply reply = zones.ask("www.example.test. A");
  EXPECT_EQ(reply.answer, (Records{"www.example.test. 30 A 10.0.0.1", "www.example.test. 30 A 10.0.0.2"}));
  EXPECT_EQ(reply.answered.live, 0U);
  EXPECT_EQ(zones.ask("www.example.test. AAAA").answer, Records{"www.example.test. 20 AAAA fd00::9"});
  EXPECT_EQ(zones.ask("www.example.test. TXT").answer.size(), 1U) << "other types are the zone's";
}

/// The data of a record that leads to a name.
std::vector<std::uint8_t> leading_to(const char* name, std::vector<std::uint8_t> before = {}) {
  const auto whole = zones::Name::parse(name).value();
  const zones::NameView view = whole;
  before.insert(before.end(), view.data(), view.data() + view.size());
  return before;
}

TEST_F(LiveName, ThatIsGivenACnameLeadsToIt) {
  zones::LiveRecords cname;
  cname.data = {leading_to("www.example.test")};
  cname.choice = Choice::all(1);
  cname.ttl = 30;
  zones.live = zones.live->with(
      1, std::make_shared<zones::LiveAnswer>(zones::LiveAnswer::Others{{zones::RrType::CNAME, cname}}));
  const Records kCname{"pool.example.test. 30 CNAME www.example.test."};
  const Records kBoth{kCname[0], "www.example.test. 3600 A 192.0.2.1"};
  EXPECT_EQ(zones.ask("pool.example.test. A").answer, kBoth);
  EXPECT_EQ(zones.ask("pool.example.test. CNAME").answer, kCname);
  EXPECT_EQ(zones.ask("pool.example.test. ANY").answer, kCname);
  const DecodedReply none = zones.ask("pool.example.test. AAAA");
  EXPECT_EQ(none.answer, kCname);
  EXPECT_EQ(none.authority.size(), 1U) << "of the name that it leads to";
  EXPECT_EQ(zones.ask("mx.example.test. MX").additional, Records{})
      << "a host may be no alias (RFC 2181 10.3)";
  set(0, all_of({"10.0.0.1"}));
  EXPECT_EQ(zones.ask("pool.example.test. A").answer,
            (Records{kCname[0], "www.example.test. 30 A 10.0.0.1"}));
  cname.data.clear();
  cname.choice = Choice::all(0);
  cname.negative_ttl = 10;
  zones.live = zones.live->with(
      1, std::make_shared<zones::LiveAnswer>(zones::LiveAnswer::Others{{zones::RrType::CNAME, cname}}));
  EXPECT_EQ(zones.ask("pool.example.test. A").status, "NOERROR aa");
  cname.is_failed = true;
  zones.live = zones.live->with(
      1, std::make_shared<zones::LiveAnswer>(zones::LiveAnswer::Others{{zones::RrType::CNAME, cname}}));
  EXPECT_EQ(zones.ask("pool.example.test. A").status, "SERVFAIL");
}

TEST_F(LiveName, MayBeLiveByOtherTypesThanAddresses) {
  zones::LiveRecords mx;
  mx.data = {leading_to("mx1.example.net", {0, 10}), leading_to("www.example.test", {0, 20})};
  mx.choice = Choice::all(2);
  mx.ttl = 30;
  zones.live = zones.live->with(
      0, std::make_shared<zones::LiveAnswer>(zones::LiveAnswer::Others{{zones::RrType::MX, mx}}));
  const DecodedReply reply = zones.ask("www.example.test. MX");
  EXPECT_EQ(reply.answer, (Records{"www.example.test. 30 MX 10 mx1.example.net.",
                                   "www.example.test. 30 MX 20 www.example.test."}));
  EXPECT_EQ(reply.additional, Records{"www.example.test. 3600 A 192.0.2.1"})
      << "the zone's own, which are not live";
  EXPECT_EQ(zones.ask("www.example.test. A").answer, Records{"www.example.test. 3600 A 192.0.2.1"});
  EXPECT_EQ(zones.ask("www.example.test. AAAA").status, "NOERROR aa");
  EXPECT_EQ(zones.ask("www.example.test. TXT").answer.size(), 1U);
}

TEST_F(LiveName, WithoutMembersOfAFamilyIsNoData) {
  set(0, all_of({"10.0.0.1"}));
  const DecodedReply reply = zones.ask("www.example.test. AAAA");
  EXPECT_EQ(reply.status, "NOERROR aa");
  EXPECT_EQ(
      reply.authority,
      Records{"example.test. 300 SOA ns1.example.test. hostmaster.example.test. 1 7200 900 1209600 300"});
}

TEST_F(LiveName, IsLiveAlsoBehindACnameAndInTheAdditionalSection) {
  set(0, all_of({"10.0.0.1"}));
  set(1, all_of({"10.0.0.2"}));
  EXPECT_EQ(zones.ask("to.example.test. A").answer,
            (Records{"to.example.test. 60 CNAME www.example.test.", "www.example.test. 30 A 10.0.0.1"}));
  EXPECT_EQ(zones.ask("to.example.test. A").answered.live, 0U);
  EXPECT_EQ(zones.ask("mx.example.test. MX").additional, Records{"pool.example.test. 30 A 10.0.0.2"});
}

TEST_F(LiveName, ThatHasNothingToSayForAWhileIsNoDataForNoLonger) {
  zones::LiveRecords none;
  none.negative_ttl = 10;
  set(0, none, all_of({"fd00::9"}));
  const DecodedReply reply = zones.ask("www.example.test. A");
  EXPECT_EQ(reply.status, "NOERROR aa");
  EXPECT_EQ(reply.answer.size(), 0U);
  EXPECT_EQ(
      reply.authority,
      Records{"example.test. 10 SOA ns1.example.test. hostmaster.example.test. 1 7200 900 1209600 300"});
}

TEST_F(LiveName, ThatFailsIsServfailForItsTypeAndWhatLeadsThere) {
  zones::LiveRecords failed;
  failed.is_failed = true;
  set(0, failed, all_of({"fd00::9"}));
  EXPECT_EQ(zones.ask("www.example.test. A").status, "SERVFAIL");
  EXPECT_EQ(zones.ask("www.example.test. A", 1232).status, "SERVFAIL");
  EXPECT_EQ(zones.ask("www.example.test. A").answered.live, 0U);
  EXPECT_EQ(zones.ask("to.example.test. A").status, "SERVFAIL");
  EXPECT_EQ(zones.ask("www.example.test. AAAA").answer, Records{"www.example.test. 30 AAAA fd00::9"});
  EXPECT_EQ(zones.ask("www.example.test. TXT").status, "NOERROR aa");
}

// ---- what is chosen for each client

TEST_F(LiveName, DrawsAnewForEachQueryOfABatch) {
  set(0, drawn(Choice::weighted({1, 1, 1, 1}, 1)));
  const auto query = Zones::query("www.example.test. A");
  const auto came = batch(64, query);
  EXPECT_EQ((std::set<std::string>(came.begin(), came.end())), (std::set<std::string>{"1", "2", "3", "4"}));
  EXPECT_EQ(batch(64, query), came) << "the same numbers draw the same";
  EXPECT_NE(batch(64, query, 2), came);
}

TEST_F(LiveName, PutsSeveralDrawnTogether) {
  set(0, drawn(Choice::weighted({1, 1, 1, 1}, 2)), drawn(Choice::rotated(3, 2)));
  for (const std::string& text : batch(64, Zones::query("www.example.test. A"))) {
    EXPECT_EQ(text.size(), 3U) << text;
    EXPECT_NE(text[0], text[2]) << text;
  }
}

TEST_F(LiveName, GivesNeighboursInTurnsBehindTheLastTheFirst) {
  set(0, drawn(Choice::rotated(4, 2)));
  const auto came = batch(64, Zones::query("www.example.test. A"));
  EXPECT_EQ((std::set<std::string>(came.begin(), came.end())),
            (std::set<std::string>{"1 2", "2 3", "3 4", "4 1"}));
}

TEST_F(LiveName, DrawsInTheAdditionalSectionToo) {
  set(1, drawn(Choice::weighted({1, 1, 1, 1}, 3)));
  EXPECT_EQ(zones.ask("mx.example.test. MX").additional.size(), 3U);
}

TEST_F(LiveName, GoesByTheNetworkOfTheSenderOrOfWhomTheQueryTells) {
  set(0, drawn(Choice::hashed({1, 2, 3, 4, 5, 6, 7, 8}, 1)));
  const auto octets_for = [&](Octets address, const Octets& query) {
    Octets room(1232);
    room.resize(answer(query, room, zones.serving(), Transport::udp, {address, false}).size);
    return room;
  };
  const auto plain = Zones::query("www.example.test. A");
  const auto told = query_with_option("www.example.test. A", 8, kSubnet);
  const auto a_of = [&](const Octets& reply) { return reply[plain.size() + 15]; };
  const int by_sender = a_of(octets_for({10, 1, 2, 99}, plain));
  EXPECT_EQ(a_of(octets_for({10, 1, 2, 1}, plain)), by_sender);
  EXPECT_EQ(a_of(octets_for({192, 0, 2, 1}, told)), by_sender) << "10.1.2.0/24 is whom it asks for";
  std::set<int> came;
  for (std::uint8_t i = 0; i < 100; ++i) came.insert(a_of(octets_for({10, 1, i, 1}, plain)));
  EXPECT_EQ(came.size(), 8U);
}

TEST_F(LiveName, TellsHowMuchOfTheSubnetCounted) {
  set(0, drawn(Choice::hashed({1, 2, 3}, 1)), all_of({"fd00::9"}));
  const auto tail_of = [&](const std::string& question, const Octets& data) {
    const DecodedReply reply = zones.send(query_with_option(question, 8, data));
    return Octets(reply.octets.end() - static_cast<std::ptrdiff_t>(data.size()), reply.octets.end());
  };
  EXPECT_EQ(tail_of("www.example.test. A", kSubnet), (Octets{0, 1, 24, 24, 10, 1, 2}));
  EXPECT_EQ(tail_of("www.example.test. A", {0, 1, 32, 0, 10, 1, 2, 3}), (Octets{0, 1, 32, 24, 10, 1, 2, 3}));
  EXPECT_EQ(tail_of("www.example.test. A", {0, 1, 16, 0, 10, 1}), (Octets{0, 1, 16, 24, 10, 1}));
  EXPECT_EQ(tail_of("www.example.test. A", {0, 2, 0, 0}), (Octets{0, 2, 0, 0})) << "who wants nothing told";
  EXPECT_EQ(tail_of("to.example.test. A", kSubnet), (Octets{0, 1, 24, 24, 10, 1, 2}));
}

TEST_F(LiveName, TellsThatASubnetDidNotCount) {
  set(0, drawn(Choice::weighted({1, 2, 3}, 1)), all_of({"fd00::9"}));
  set(1, drawn(Choice::hashed({1, 2, 3}, 1)));
  for (const char* question : {"www.example.test. A", "www.example.test. AAAA", "www.example.test. TXT",
                               "none.example.test. A", "mx.example.test. MX", "elsewhere. A"}) {
    const Octets reply = zones.send(query_with_option(question, 8, kSubnet)).octets;
    EXPECT_EQ(Octets(reply.end() - 11, reply.end()), (Octets{0, 8, 0, 7, 0, 1, 24, 0, 10, 1, 2})) << question;
  }
}

TEST_F(LiveName, TiesNoAdditionalRecordsToANetwork) {
  set(1, drawn(Choice::hashed({1, 2, 3, 4, 5, 6, 7, 8}, 1)));
  std::set<Records> came;
  for (std::uint8_t i = 0; i < 50; ++i)
    came.insert(zones.send(query_with_option("mx.example.test. MX", 8, {0, 1, 24, 0, 10, 1, i})).additional);
  EXPECT_EQ(came.size(), 1U);
}

TEST_F(LiveName, RefusesASubnetThatIsNotAsItShouldBe) {
  for (const Octets& wrong : std::vector<Octets>{{},
                                                 {0, 1, 24},
                                                 {0, 1, 24, 0, 10, 1},           // too few octets
                                                 {0, 1, 24, 0, 10, 1, 2, 3},     // too many
                                                 {0, 1, 20, 0, 10, 1, 1},        // bits behind the prefix
                                                 {0, 1, 24, 24, 10, 1, 2},       // a scope, in a query
                                                 {0, 1, 40, 0, 10, 1, 2, 3, 4},  // longer than an address
                                                 {0, 3, 8, 0, 10}}) {            // of what family?
    EXPECT_EQ(zones.send(query_with_option("www.example.test. A", 8, wrong)).status, "FORMERR");
  }
  EXPECT_EQ(zones.send(query_with_option("www.example.test. A", 8, {0, 0, 0, 0})).status, "NOERROR aa");
}

TEST_F(LiveName, TtlsCountDownToTheMomentThatTheyEnd) {
  zones::LiveRecords records = all_of({"10.0.0.1"}, 60);
  records.until = zones::LiveTime(std::chrono::seconds(1000));
  set(0, records);
  const auto ttl_at = [&](int second) {
    zones.now = zones::LiveTime(std::chrono::seconds(second));
    return zones.ask("www.example.test. A").answer;
  };
  EXPECT_EQ(ttl_at(900), Records{"www.example.test. 60 A 10.0.0.1"});
  EXPECT_EQ(ttl_at(990), Records{"www.example.test. 10 A 10.0.0.1"});
  EXPECT_EQ(ttl_at(1001), Records{"www.example.test. 1 A 10.0.0.1"});
}

TEST_F(LiveName, ANegativeTtlCountsDownToo) {
  zones::LiveRecords none;
  none.negative_ttl = 60;
  none.until = zones::LiveTime(std::chrono::seconds(1000));
  set(0, none, none);
  zones.now = zones::LiveTime(std::chrono::seconds(980));
  const auto reply = zones.ask("www.example.test. A");
  EXPECT_EQ(reply.status, "NOERROR aa");
  ASSERT_EQ(reply.authority.size(), 1U);
  EXPECT_EQ(reply.authority.at(0).find("example.test. 20 SOA"), 0U) << reply.authority.at(0);
}

TEST_F(LiveName, TellsAStaleAnswerToThoseWhoHaveEdns) {
  zones::LiveRecords records = all_of({"10.0.0.1"});
  records.error = zones::ExtendedError::stale_answer;
  set(0, records);
  const Octets stale{0, 15, 0, 2, 0, 3};
  for (const char* question : {"www.example.test. A", "to.example.test. A"}) {
    const Octets reply = zones.ask(question, 1232).octets;
    EXPECT_EQ(Octets(reply.end() - 6, reply.end()), stale) << question;
    EXPECT_EQ(zones.ask(question).answer.back(), "www.example.test. 30 A 10.0.0.1");
  }
  const Octets other = zones.ask("www.example.test. TXT", 1232).octets;
  EXPECT_NE(Octets(other.end() - 6, other.end()), stale) << "what the zone itself has is not stale";
}

TEST_F(LiveName, TellsWhyThereIsNoAnswer) {
  zones::LiveRecords records;
  records.is_failed = true;
  records.error = zones::ExtendedError::no_reachable_authority;
  set(0, records, records);
  const auto reply = zones.ask("www.example.test. A", 1232);
  EXPECT_EQ(reply.status, "SERVFAIL");
  EXPECT_EQ(Octets(reply.octets.end() - 6, reply.octets.end()), (Octets{0, 15, 0, 2, 0, 22}));
  EXPECT_EQ(zones.ask("www.example.test. TXT", 1232).status, "NOERROR aa");
}

/// A name whose target has something else for clients in 10.1.0.0/16.
class Networked : public LiveName {
 protected:
  void SetUp() override {
    records = all_of({"192.0.2.1", "192.0.2.2"}, 60);
    records.dependence = zones::Dependence::yes;
    records.networks = std::make_shared<const zones::ClientNetworks>(
        std::vector{zones::NetworkRecords{.network = zones::Prefix::parse("10.1.0.0/16").prefix.value(),
                                          .addresses = {boost::asio::ip::make_address("192.0.2.9")},
                                          .until = at(1040),
                                          .again = at(1030)}});
    zones.now = at(1000);
    zones.wishes = &wishes;
    set(0, records);
  }
  static zones::LiveTime at(int second) { return zones::LiveTime(std::chrono::seconds(second)); }

  /// "192.0.2.9 TTL 40 scope 16 asked" for a client in that network.
  std::string ask(const Octets& subnet) {
    const auto reply = zones.send(query_with_option("www.example.test. A", 8, subnet));
    const bool is_stale =
        reply.octets.at(reply.octets.size() - 16) == 15;  // an error stands before the network
    std::string text = is_stale ? "stale " : "";
    for (const std::string& record : reply.answer) text += record.substr(record.rfind(' ') + 1) + ' ';
    text += "TTL " + reply.answer.at(0).substr(18, reply.answer.at(0).find(" ", 18) - 18);
    text += " scope " + std::to_string(reply.octets.at(reply.octets.size() - 4));
    std::vector<zones::Wish> taken;
    wishes.take(taken);
    return taken.empty() ? text : text + " wished";
  }

  zones::LiveRecords records;
  zones::Wishes wishes;
};

TEST_F(Networked, GivesClientsOfANetworkWhatIsForThem) {
  EXPECT_EQ(ask({0, 1, 24, 0, 10, 1, 2}), "192.0.2.9 TTL 40 scope 16");
}

TEST_F(Networked, GivesOthersTheGeneralAnswerForAMomentAndFindsOutWhatIsForThem) {
  EXPECT_EQ(ask({0, 1, 24, 0, 10, 2, 2}), "192.0.2.1 192.0.2.2 TTL 5 scope 24 wished");
}

TEST_F(Networked, FindsOutAnewBeforeWhatIsKnownEnds) {
  zones.now = at(1035);
  EXPECT_EQ(ask({0, 1, 24, 0, 10, 1, 2}), "192.0.2.9 TTL 5 scope 16 wished");
  zones.now = at(1069);
  EXPECT_EQ(ask({0, 1, 24, 0, 10, 1, 2}), "stale 192.0.2.9 TTL 1 scope 16 wished");
  zones.now = at(1071);
  EXPECT_EQ(ask({0, 1, 24, 0, 10, 1, 2}), "192.0.2.1 192.0.2.2 TTL 5 scope 24 wished") << "too old";
}

TEST_F(Networked, WhereItIsNotKnownWhetherItDependsOnAnybodyThatIsFoundOut) {
  records.dependence = zones::Dependence::unknown;
  records.networks.reset();
  set(0, records);
  EXPECT_EQ(ask({0, 1, 24, 0, 10, 1, 2}), "192.0.2.1 192.0.2.2 TTL 60 scope 0 wished");
}

TEST_F(Networked, TheSameForAllIsFoundOutForNobody) {
  records.dependence = zones::Dependence::no;
  records.networks.reset();
  set(0, records);
  EXPECT_EQ(ask({0, 1, 24, 0, 10, 1, 2}), "192.0.2.1 192.0.2.2 TTL 60 scope 0");
}

TEST_F(Networked, AClientWhoWantsNothingToBeToldHasNoWishes) {
  zones.send(query_with_option("www.example.test. A", 8, {0, 1, 0, 0}));
  std::vector<zones::Wish> taken;
  wishes.take(taken);
  EXPECT_TRUE(taken.empty());
}

TEST_F(Networked, AClientThatTellsNothingOfItselfGetsTheGeneralAnswer) {
  EXPECT_EQ(zones.ask("www.example.test. A").answer.size(), 2U);
  std::vector<zones::Wish> taken;
  wishes.take(taken);
  EXPECT_TRUE(taken.empty());
}

}  // namespace
