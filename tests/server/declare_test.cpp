#include "server/declare.h"

#include <gtest/gtest.h>

#include "server/live_names.h"
#include "server/narrow_past.h"
#include "tests/zones/live/answers.h"
#include "tests/zones/load/loading.h"

/// What rows of `live` come to: members that are names or pools, and records of the zone's own that are watched.
namespace holdfast::server {
namespace {

using health::Verdict;
using zones::LiveSettings;
using zones::Name;
using zones::PoolMemberSettings;
using zones::PoolSettings;
using zones::RrType;

constexpr const char* kZone =
    "$TTL 300\n@ SOA ns1 host 1 3600 600 86400 60\n@ NS ns1\nns1 A 192.0.2.53\n"
    "@ MX 10 mx1\n@ MX 20 mx2.other.test.\nnone MX 0 .\n"
    "_sip SRV 0 5 7001 mx1\n_sip SRV 0 5 7002 mx1\nmx1 A 192.0.2.1\n";

Name name(const char* text) { return Name::parse(text).value(); }

class DeclareTest : public testing::Test {
 protected:
  DeclareTest() {
    monitors_.emplace_back().name = "web";
    monitors_.back().port = 25;
    pools_ = {pool("cdn", {{.name = name("a.cdn.test"), .tier = 1}, {.name = name("b.cdn.test"), .tier = 2}}),
              pool("eu", {address("10.0.0.1"), address("10.0.0.2")}), pool("us", {address("10.0.0.3")}),
              pool("world", {{.pool = "eu", .tier = 1}, {.pool = "us", .tier = 2}})};
    pools_.back().monitor.clear();
    zone_ = zones::testing::load("example.com", kZone).zone;
  }

  static PoolMemberSettings address(const char* text) {
    return {.address = boost::asio::ip::make_address(text)};
  }
  static PoolSettings pool(const char* name, std::vector<PoolMemberSettings> members) {
    PoolSettings pool;
    pool.name = name;
    pool.monitor = "web";
    pool.policy = zones::Policy::failover;
    pool.members = std::move(members);
    return pool;
  }
  LiveDeclaration declared(const LiveSettings& settings) {
    return declare(settings, *zone_, names_.index_of(zone_->apex(), settings.name), monitors_, pools_);
  }
  static LiveSettings of_pool(const char* owner, const char* pool) {
    return {.name = name(owner), .monitor = "", .pool = pool};
  }
  static LiveSettings own(const char* owner, RrType type) {
    return {.name = name(owner), .monitor = "web", .type = type, .pool = ""};
  }

  void observe(const char* address, Verdict verdict, const char* monitor = "web") {
    names_.changed({monitor, boost::asio::ip::make_address(address)}, verdict);
  }
  /// The A records of a name are these now; it has no AAAA.
  bool learn(const char* target, std::initializer_list<const char*> addresses) {
    zones::Served served{
        .addresses = {},
        .expires = zones::AliasClock::now() + std::chrono::seconds(60),
        .state = addresses.size() == 0 ? zones::AliasState::nodata : zones::AliasState::fresh};
    for (const char* address : addresses) served.addresses.push_back(boost::asio::ip::make_address(address));
    const bool is_probed = names_.learned(name(target), RrType::A, served);
    names_.learned(name(target), RrType::AAAA, {.state = zones::AliasState::nodata});
    return is_probed;
  }
  /// What explain() says answers, and why: "a.cdn.test. (tier 1)".
  std::string answers(const char* owner, RrType type) {
    const auto explained = names_.explain({.name = owner, .type = type});
    if (const auto* wrong = std::get_if<std::string>(&explained)) return *wrong;
    const Explanation& one = std::get<0>(explained).at(0);
    std::string text;
    for (const Explanation::Member& member : one.members) {
      if (!member.is_candidate) continue;
      text += (text.empty() ? "" : " ") + (member.name.empty() ? member.address.to_string() : member.name);
    }
    return text + " (" + zones::text(one.selection) + ")";
  }
  std::size_t given_count(const char* owner, RrType type) {
    const auto live = table_.get();
    const zones::LiveAnswer* answer = live->find(names_.index_of(zone_->apex(), name(owner)));
    return given(*answer, type).count;
  }

  std::vector<health::MonitorSettings> monitors_;
  std::vector<PoolSettings> pools_;
  std::shared_ptr<const zones::Zone> zone_;
  zones::Published<zones::LiveTable> table_{std::make_shared<zones::LiveTable>()};
  LiveNames names_{table_};
};

TEST_F(DeclareTest, FindsANameDownWhereNoneOfItsAddressesIsAlive) {
  names_.apply({declared(of_pool("www.example.com", "cdn"))});
  EXPECT_EQ(names_.aliases(), (std::vector{name("a.cdn.test"), name("b.cdn.test")}));
  EXPECT_EQ(answers("www.example.com", RrType::CNAME), "a.cdn.test. (tier 1)") << "nothing is known yet";
  EXPECT_TRUE(learn("a.cdn.test", {"10.0.1.1", "10.0.1.2"})) << "others are to be probed";
  learn("b.cdn.test", {"10.0.2.1"});
  EXPECT_EQ(names_.targets().size(), 3U);
  observe("10.0.1.1", Verdict::down);
  observe("10.0.2.1", Verdict::up);
  EXPECT_EQ(answers("www.example.com", RrType::CNAME), "a.cdn.test. (tier 1)");
  observe("10.0.1.2", Verdict::down);
  EXPECT_EQ(answers("www.example.com", RrType::CNAME), "b.cdn.test. (tier 2)");
  EXPECT_TRUE(learn("a.cdn.test", {"10.0.1.3"}));
  EXPECT_EQ(answers("www.example.com", RrType::CNAME), "a.cdn.test. (tier 1)")
      << "who is new counts as alive";
  learn("a.cdn.test", {});
  EXPECT_EQ(answers("www.example.com", RrType::CNAME), "b.cdn.test. (tier 2)") << "it is gone";
  EXPECT_EQ(names_.targets().size(), 1U);
}

TEST_F(DeclareTest, LooksUpNoNameThatNobodyChecks) {
  pools_.front().monitor.clear();
  names_.apply({declared(of_pool("www.example.com", "cdn"))});
  EXPECT_TRUE(names_.aliases().empty());
  EXPECT_EQ(answers("www.example.com", RrType::CNAME), "a.cdn.test. (tier 1)");
}

TEST_F(DeclareTest, AsksPoolsInAPool) {
  names_.apply({declared(of_pool("www.example.com", "world"))});
  for (const char* member : {"10.0.0.1", "10.0.0.2", "10.0.0.3"}) observe(member, Verdict::up);
  EXPECT_EQ(answers("www.example.com", RrType::A), "eu 10.0.0.1 10.0.0.2 (tier 1)");
  observe("10.0.0.1", Verdict::down);
  observe("10.0.0.2", Verdict::down);
  EXPECT_EQ(answers("www.example.com", RrType::A), "us 10.0.0.3 (tier 2)");
  observe("10.0.0.3", Verdict::down);
  EXPECT_EQ(answers("www.example.com", RrType::A),
            "eu 10.0.0.1 10.0.0.2 us 10.0.0.3 (all down: every member)");
  EXPECT_EQ(given_count("www.example.com", RrType::A), 3U);
}

TEST_F(DeclareTest, LeavesOutAnMxRecordWhoseHostIsDown) {
  names_.apply({declared(own("example.com", RrType::MX))});
  EXPECT_EQ(given_count("example.com", RrType::MX), 2U);
  learn("mx1.example.com", {"192.0.2.1"});
  learn("mx2.other.test", {"192.0.2.2"});
  observe("192.0.2.1", Verdict::down);
  observe("192.0.2.2", Verdict::up);
  EXPECT_EQ(answers("example.com", RrType::MX), "mx2.other.test. (alive)");
  EXPECT_EQ(given_count("example.com", RrType::MX), 1U);
  EXPECT_EQ(answers("example.com", RrType::A),
            "example.com is live, but not for A: such records are the zone's own, if it has any");
  observe("192.0.2.2", Verdict::down);
  EXPECT_EQ(given_count("example.com", RrType::MX), 2U) << "all are down";
}

TEST_F(DeclareTest, ChecksNoHostWhereARecordSaysThatThereIsNone) {
  names_.apply({declared(own("none.example.com", RrType::MX))});
  EXPECT_TRUE(names_.aliases().empty()) << "RFC 7505";
  EXPECT_EQ(given_count("none.example.com", RrType::MX), 1U);
}

TEST_F(DeclareTest, ChecksASrvRecordAtItsPort) {
  names_.apply({declared(own("_sip.example.com", RrType::SRV))});
  learn("mx1.example.com", {"192.0.2.1"});
  std::vector<std::pair<std::string, std::uint16_t>> probed;
  for (const health::Target& target : names_.targets())
    probed.emplace_back(target.id.monitor, endpoint(target).port());
  EXPECT_EQ(probed,
            (std::vector<std::pair<std::string, std::uint16_t>>{{"web.7001", 7001}, {"web.7002", 7002}}));
  observe("192.0.2.1", Verdict::up, "web.7001");
  observe("192.0.2.1", Verdict::down, "web.7002");
  EXPECT_EQ(answers("_sip.example.com", RrType::SRV), "mx1.example.com.:7001 (alive)");
  std::vector live{declared(own("_sip.example.com", RrType::SRV))};
  monitors_.front().timeout = std::chrono::seconds(1);
  follow_monitors(live, monitors_);
  EXPECT_EQ(live.front().sources.back().monitor.timeout, std::chrono::seconds(1));
  EXPECT_EQ(live.front().sources.back().monitor.port, 7002);
}

TEST_F(DeclareTest, OneNameMayBeLiveByAddressesAndByOthers) {
  LiveSettings apex = of_pool("example.com", "eu");
  names_.apply({declared(apex), declared(own("example.com", RrType::MX))});
  EXPECT_EQ(given_count("example.com", RrType::MX), 2U);
  EXPECT_EQ(given_count("example.com", RrType::A), 2U);
  for (const char* member : {"10.0.0.1", "10.0.0.2"}) observe(member, Verdict::up);
  observe("10.0.0.1", Verdict::down);
  EXPECT_EQ(given_count("example.com", RrType::A), 1U);
  EXPECT_EQ(given_count("example.com", RrType::MX), 2U);
  names_.apply({declared(apex)});
  const auto live = table_.get();
  EXPECT_FALSE(live->find(0)->covers(RrType::MX)) << "a reload took that away";
  EXPECT_EQ(given_count("example.com", RrType::A), 1U);
}

TEST_F(DeclareTest, AMemberThatIsANameCanBeDrained) {
  names_.apply({declared(of_pool("www.example.com", "cdn")), declared(of_pool("w.example.com", "world"))});
  const auto drain = [&](const char* subject) {
    health::OverrideSet set;
    set.put({.id = "1", .subject = health::read_subject(subject).value(), .author = "a", .reason = "b"}, {},
            {});
    names_.decide(set);
  };
  drain("member:cdn/a.cdn.test.");
  EXPECT_EQ(answers("www.example.com", RrType::CNAME), "b.cdn.test. (tier 2)");
  drain("cdn");
  EXPECT_EQ(answers("www.example.com", RrType::CNAME), "a.cdn.test. b.cdn.test. (all drained: every member)");
  drain("member:world/eu");
  EXPECT_EQ(answers("www.example.com", RrType::CNAME), "a.cdn.test. (tier 1)");
  EXPECT_EQ(answers("w.example.com", RrType::A), "us 10.0.0.3 (tier 2)");
  drain("eu");
  EXPECT_EQ(answers("w.example.com", RrType::A), "us 10.0.0.3 (tier 2)") << "all that is in it";
}

TEST_F(DeclareTest, AnAddressOfNobodyIsNoMembers) {
  names_.apply({declared(of_pool("www.example.com", "cdn"))});
  const health::Subject nobody{health::Subject::Kind::member, {}, boost::asio::ip::address()};
  EXPECT_FALSE(names_.has(nobody));
  health::OverrideSet set;
  set.put({.id = "1", .subject = nobody, .author = "a", .reason = "b"}, {}, {});
  EXPECT_TRUE(names_.effect(set, nobody).used_by.empty());
}

TEST_F(DeclareTest, AWeightGrowsWhileTheAddressesOfItsNameChange) {
  PoolSettings& pool = pools_.front();
  pool.policy = zones::Policy::weighted;
  pool.ramp_up = std::chrono::hours(1);
  names_.apply({declared(of_pool("www.example.com", "cdn"))});
  health::OverrideSet set;
  set.put(
      {.id = "1", .subject = *health::read_subject("member:cdn/a.cdn.test."), .author = "a", .reason = "b"},
      {}, {});
  names_.decide(set);
  names_.decide({});
  learn("a.cdn.test", {"10.0.1.1", "10.0.1.2", "10.0.1.3"});
  EXPECT_EQ(answers("www.example.com", RrType::CNAME), "a.cdn.test. b.cdn.test. (alive)");
  learn("a.cdn.test", {"10.0.1.1"});
  names_.locate(std::make_shared<zones::Geography>());
  EXPECT_EQ(answers("www.example.com", RrType::CNAME), "a.cdn.test. b.cdn.test. (alive)");
  names_.tick();
  const auto explained = std::get<0>(names_.explain({.name = "www.example.com", .type = RrType::CNAME}));
  EXPECT_LT(explained.at(0).members.front().whole, 1) << "it grows still";
  EXPECT_EQ(explained.at(0).members.back().whole, 1);
}

TEST_F(DeclareTest, WhatWasDecidedAboutAPoolInAPoolIsOfThePastToo) {
  names_.apply({declared(of_pool("w.example.com", "world"))});
  Past past;
  past.decisions.push_back({.override_ = {.id = "1", .subject = *health::read_subject("member:world/eu")}});
  const auto mine = narrow(past, declared(of_pool("w.example.com", "world")), health::Locations());
  EXPECT_EQ(std::get<Past>(mine).decisions.size(), 1U);
}

TEST_F(DeclareTest, ARecordThatSaysThereIsNoneIsNothingBesideOthers) {
  zone_ =
      zones::testing::load("example.com", std::string(kZone) + "_b SRV 0 0 0 .\n_b SRV 0 0 80 mx1\n").zone;
  names_.apply({declared(own("_b.example.com", RrType::SRV))});
  EXPECT_EQ(answers("_b.example.com", RrType::SRV), "mx1.example.com.:80 (alive)");
}

TEST_F(DeclareTest, StatusTellsWhatIsInGroups) {
  names_.apply({declared(of_pool("www.example.com", "cdn"))});
  learn("a.cdn.test", {"10.0.1.1"});
  observe("10.0.1.1", Verdict::down);
  const LiveNameStatus live = names_.status().at(0);
  EXPECT_EQ(live.type, RrType::CNAME);
  ASSERT_EQ(live.members.size(), 3U);
  EXPECT_EQ(live.members[0].name, "a.cdn.test.");
  EXPECT_EQ(live.members[0].verdict, Verdict::down);
  EXPECT_FALSE(live.members[0].answering);
  EXPECT_EQ(live.members[1].address.to_string(), "10.0.1.1");
  EXPECT_EQ(live.members[1].of, "a.cdn.test.");
  EXPECT_EQ(live.members[1].depth, 1U);
  EXPECT_EQ(live.members[2].name, "b.cdn.test.");
  EXPECT_TRUE(live.members[2].answering);
}

}  // namespace
}  // namespace holdfast::server
