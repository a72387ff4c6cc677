#include <gtest/gtest.h>

#include "server/live_names.h"
#include "tests/server/answer/ask.h"
#include "tests/server/answer/example.h"
#include "zones/alias/freshness.h"

using namespace holdfast;
using namespace holdfast::server;
using namespace std::chrono_literals;

namespace {

/// An apex with an ANAME, from the questions that are asked for it to the answers that clients get, by a clock of its own:
/// only who is asked is missing.
class AliasOutage : public testing::Test {
 protected:
  AliasOutage() {
    LiveDeclaration declaration;
    declaration.zone = declaration.name = zones::Name::parse("example.test").value();
    declaration.index = names.index_of(declaration.zone, declaration.name);
    declaration.sources.emplace_back();
    declaration.aliases = {target};
    declaration.pool = {zones::PoolRules{.ttl = 300}, {}};
    names.apply({declaration});
  }

  /// A second goes by. The upstream, where it `answers`, says so with a TTL of 60 s.
  void tick(bool answers) {
    now += 1s;
    for (auto& [type, freshness] : known) {
      const auto before = freshness.served().expires;
      bool is_other = freshness.pass(now, settings);
      if (now >= freshness.due()) {
        zones::Reply reply{zones::ReplyKind::addresses};
        reply.addresses = {
            boost::asio::ip::make_address(type == zones::RrType::A ? "192.0.2.1" : "2001:db8::1")};
        reply.ttl = 60;
        is_other |=
            answers ? freshness.replied(reply, now, settings, 0) : freshness.failed("timeout", now, settings);
      }
      if (is_other || freshness.served().expires != before) names.learned(target, type, freshness.served());
    }
    zones.live = table.get();
    zones.now = now;
  }

  void pass(std::chrono::seconds time, bool answers) {
    for (auto i = 0s; i < time; i += 1s) tick(answers);
  }

  /// "NOERROR aa 192.0.2.1 TTL 42", "SERVFAIL 22": the extended error behind.
  std::string ask(const std::string& type) {
    const auto reply = zones.ask("example.test. " + type, 1232);
    std::string text = reply.status;
    for (const std::string& record : reply.answer) text += ' ' + record.substr(record.rfind(' ') + 1);
    const auto& octets = reply.octets;
    const bool has_error = octets.at(octets.size() - 5) == 15 && octets.at(octets.size() - 3) == 2;
    return has_error ? text + " " + std::to_string(octets.back()) : text;
  }

  const zones::Name target = zones::Name::parse("www.cdn.test").value();
  const zones::ResolverSettings settings{};
  zones::AliasTime now{1000h};
  std::map<zones::RrType, zones::Freshness> known{{zones::RrType::A, {}}, {zones::RrType::AAAA, {}}};
  zones::Published<zones::LiveTable> table{std::make_shared<zones::LiveTable>()};
  LiveNames names{table};
  Zones zones{{{"example.test", kSoa + "@ MX 10 mail\n@ TXT \"kept\"\nmail A 192.0.2.25\n"}},
              {{zones::Name::parse("example.test").value(), 0}}};
};

TEST_F(AliasOutage, AnHourOfSilenceIsServedStaleThenServfailForAddressesOnly) {
  pass(600s, true);
  EXPECT_EQ(ask("A"), "NOERROR aa 192.0.2.1");
  const zones::AliasTime ends = known.at(zones::RrType::A).served().expires;

  for (int minute = 0; minute < 59; ++minute) {
    pass(60s, false);
    const bool is_over = now > ends;
    ASSERT_EQ(ask("A"), is_over ? "NOERROR aa 192.0.2.1 3" : "NOERROR aa 192.0.2.1") << minute;
    ASSERT_EQ(ask("AAAA"), is_over ? "NOERROR aa 2001:db8::1 3" : "NOERROR aa 2001:db8::1") << minute;
  }
  EXPECT_EQ(zones.ask("example.test. A").answer, Records{"example.test. 30 A 192.0.2.1"});

  pass(180s, false);
  EXPECT_EQ(ask("A"), "SERVFAIL 22");
  EXPECT_EQ(ask("AAAA"), "SERVFAIL 22");
  EXPECT_EQ(ask("MX"), "NOERROR aa mail.example.test.");
  EXPECT_EQ(ask("TXT"), "NOERROR aa \"kept\"");

  pass(31s, true);  // no question comes later than that after the one before
  EXPECT_EQ(ask("A"), "NOERROR aa 192.0.2.1");
  EXPECT_EQ(zones.ask("example.test. A").answer.at(0).find("example.test. 60"), std::string::npos)
      << "it counts down already";
}

TEST_F(AliasOutage, NoAnswerOutlivesItsTarget) {
  for (int second = 0; second < 600; ++second) {
    tick(true);
    const auto reply = zones.ask("example.test. A");
    ASSERT_EQ(reply.answer.size(), 1U);
    const auto ttl = std::stoi(reply.answer.at(0).substr(14));
    const auto ends = known.at(zones::RrType::A).served().expires;
    ASSERT_LE(now + std::chrono::seconds(ttl), std::max(ends, now + 1s)) << second;
  }
}

}  // namespace
