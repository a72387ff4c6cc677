#include "zones/alias/aliases.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/zones/alias/fake_upstream.h"

namespace holdfast::zones {
namespace {

using namespace std::chrono_literals;

/// A reply to whatever name and type was asked: one address, or NODATA for AAAA.
Octets address_for(const Asked& asked, const std::string& address) {
  Name name;
  const std::size_t size = name.read({asked.query.data() + 12, asked.query.size() - 12});
  if (asked.query[12 + size + 1] == 28) return reply_to(asked.query, {});
  return reply_to(asked.query, {{name.text() + " 1 A " + address}});
}

class AliasesTest : public testing::Test {
 protected:
  AliasesTest()
      : fake(io, [this](const Asked& asked) -> std::vector<Octets> {
          if (address.empty()) return {};
          return {address_for(asked, address)};
        }) {
    settings.upstreams = {fake.endpoint()};
    settings.timeout = 300ms;
    settings.min_ttl = 1s;
  }

  Aliases::Changed keep() {
    return [this](const Name& target, RrType type, const Served& served) {
      std::string line = target.text() + ' ' + text(type) + ' ' + text(served.state);
      for (const auto& one : served.addresses) line += ' ' + one.to_string();
      told.push_back(line);
    };
  }

  template <class Condition>
  bool run_until(Condition is_met) {
    return zones::run_until(io, is_met);
  }
  bool is_told(const std::string& line) { return std::find(told.begin(), told.end(), line) != told.end(); }

  boost::asio::io_context io;
  std::string address = "198.51.100.1";
  FakeUpstream fake;
  ResolverSettings settings;
  std::vector<std::string> told;
};

const Name kCdn = *Name::parse("cdn.example.");

TEST_F(AliasesTest, TellsWhatTargetsAreAndWhenTheyMove) {
  Aliases aliases(io, settings, keep());
  aliases.follow({kCdn, kCdn});
  EXPECT_TRUE(told.empty());
  ASSERT_TRUE(run_until([&] { return told.size() == 2; }));
  EXPECT_TRUE(is_told("cdn.example. A fresh 198.51.100.1"));
  EXPECT_TRUE(is_told("cdn.example. AAAA nodata"));
  address = "198.51.100.2";
  ASSERT_TRUE(run_until([&] { return is_told("cdn.example. A fresh 198.51.100.2"); }));
  ASSERT_EQ(aliases.status().size(), 2u);
  EXPECT_GE(aliases.status()[0].counters.asked, 2u);
  EXPECT_NE(aliases.status()[0].upstream, "");
}

TEST_F(AliasesTest, SaysNothingOfTheSameSetButThatItIsRefreshed) {
  Aliases aliases(io, settings, keep());
  int refreshed = 0;
  aliases.on_refreshed([&](const Name&, RrType type, const Served&) { refreshed += type == RrType::A; });
  aliases.follow({kCdn});
  ASSERT_TRUE(run_until([&] { return refreshed == 2; }));
  EXPECT_EQ(told.size(), 2u);
}

TEST_F(AliasesTest, ServesStaleThenFails) {
  settings.keep = 3s;
  Aliases aliases(io, settings, keep());
  aliases.follow({kCdn});
  ASSERT_TRUE(run_until([&] { return told.size() == 2; }));
  address.clear();
  ASSERT_TRUE(run_until([&] { return is_told("cdn.example. A stale 198.51.100.1"); }));
  ASSERT_TRUE(run_until([&] { return is_told("cdn.example. A failed"); }));
  address = "198.51.100.1";
  told.clear();
  ASSERT_TRUE(run_until([&] { return is_told("cdn.example. A fresh 198.51.100.1"); }));
}

TEST_F(AliasesTest, KeepsWhatIsKnownOfOnesThatStay) {
  settings.min_ttl = 1min;
  Aliases aliases(io, settings, keep());
  aliases.follow({kCdn});
  ASSERT_TRUE(run_until([&] { return told.size() == 2; }));
  const Name other = *Name::parse("other.example.");
  aliases.follow({other, kCdn});
  EXPECT_EQ(aliases.status()[0].served.state, AliasState::fresh);
  ASSERT_TRUE(run_until([&] { return is_told("other.example. A fresh 198.51.100.1"); }));
  aliases.configure(settings);
  EXPECT_EQ(aliases.status()[0].served.state, AliasState::fresh);
  aliases.follow({});
  EXPECT_TRUE(aliases.status().empty());
}

TEST_F(AliasesTest, BeginsWithWhatWasKnownBeforeARestart) {
  const auto before = boost::asio::ip::make_address("198.51.100.9");
  const auto ends = std::chrono::system_clock::now() + 1min;
  Aliases aliases(io, settings, keep());
  aliases.remember({{kCdn, RrType::A, {before}, ends}});
  aliases.follow({kCdn});
  ASSERT_EQ(aliases.status().size(), 2u);
  EXPECT_EQ(aliases.status()[0].served.state, AliasState::fresh);
  EXPECT_EQ(aliases.status()[0].served.addresses, std::vector{before});
  EXPECT_EQ(aliases.status()[1].served.state, AliasState::unknown);
  ASSERT_TRUE(run_until([&] { return is_told("cdn.example. A fresh 198.51.100.1"); }));
  aliases.follow({});
  aliases.follow({kCdn});
  EXPECT_EQ(aliases.status()[0].served.state, AliasState::unknown) << "that was of the restart";
}

TEST_F(AliasesTest, DoesNotBeginWithWhatWasKnownOfOurOwn) {
  Aliases aliases(io, settings, keep());
  aliases.ask_first([](std::span<const std::uint8_t> query) {
    return reply_to({query.begin(), query.end()}, {{"cdn.example. 60 A 198.51.100.3"}});
  });
  aliases.remember({{kCdn,
                     RrType::A,
                     {boost::asio::ip::make_address("198.51.100.9")},
                     std::chrono::system_clock::now() + 1min}});
  aliases.follow({kCdn});
  EXPECT_EQ(aliases.status()[0].served.state, AliasState::unknown);
  ASSERT_TRUE(run_until([&] { return is_told("cdn.example. A fresh 198.51.100.3"); }));
}

TEST_F(AliasesTest, SpreadsTheStarts) {
  Aliases aliases(io, settings, keep());
  std::vector<Name> many;
  for (int i = 0; i < 10000; ++i) many.push_back(*Name::parse("n" + std::to_string(i) + ".example."));
  const auto begun = AliasClock::now();
  aliases.follow(many);
  ASSERT_TRUE(run_until([&] { return fake.asked.size() > 50; }));
  const std::chrono::duration<double> taken = AliasClock::now() - begun;
  EXPECT_LT(static_cast<double>(fake.asked.size()), 256 * taken.count() * 1.5 + 20);  // 256 a second
}

TEST_F(AliasesTest, MayEndWhileQuestionsAreInFlight) {
  address.clear();
  {
    Aliases aliases(io, settings, keep());
    aliases.follow({kCdn});
    io.run_for(20ms);
  }
  io.run_for(200ms);
  EXPECT_TRUE(told.empty());
}

TEST_F(AliasesTest, RunsOnAThreadOfItsOwn) {
  std::thread::id who;
  Aliases aliases(io, settings, [&](const Name&, RrType type, const Served&) {
    if (type == RrType::A) {
      who = std::this_thread::get_id();
      io.stop();
    }
  });
  aliases.follow({kCdn});
  std::thread runner([&] { io.run(); });
  const auto id = runner.get_id();
  runner.join();
  EXPECT_EQ(who, id);
}

}  // namespace
}  // namespace holdfast::zones
