#include "server/kept_aliases.h"

#include <gtest/gtest.h>

#include "health/log/database.h"
#include "tests/health/log/scratch.h"

namespace holdfast::server {
namespace {

using namespace std::chrono_literals;
using health::KeptNote;
using health::KeptState;
using zones::AliasState;
using zones::Known;
using zones::RrType;

const zones::AliasTime kStart{1000h};
const std::chrono::system_clock::time_point kNoon{1'790'000'000s};  // of the wall, at kStart
const zones::Name kCdn = *zones::Name::parse("cdn.example.net.");
const std::vector kFirst{boost::asio::ip::make_address("198.51.100.1")};
const std::vector kOther{boost::asio::ip::make_address("198.51.100.2"),
                         boost::asio::ip::make_address("198.51.100.3")};

class KeptAliasesTest : public testing::Test {
 protected:
  void learn(const std::vector<boost::asio::ip::address>& addresses, std::chrono::seconds left,
             AliasState state = AliasState::fresh) {
    const zones::Served served{.addresses = addresses, .expires = kStart + passed + left, .state = state};
    aliases->learned(kCdn, RrType::A, served, kStart + passed, kNoon + passed);
  }
  std::vector<Known> restarted() {
    aliases.reset();
    kept.reset();
    kept.emplace(scratch.path());
    return aliases.emplace(*kept).known();
  }

  const health::Scratch scratch;
  std::optional<KeptState> kept{scratch.path()};
  std::optional<KeptAliases> aliases{*kept};
  std::chrono::seconds passed{0};
};

TEST_F(KeptAliasesTest, KeepsTheLastAddressesAndTheEndOfTheirTtl) {
  learn(kFirst, 60s);
  learn(kOther, 20s);
  aliases->learned(kCdn, RrType::AAAA, {.expires = kStart + 5s, .state = AliasState::nodata}, kStart, kNoon);
  EXPECT_EQ(restarted(), (std::vector<Known>{{kCdn, RrType::A, kOther, kNoon + 20s},
                                             {kCdn, RrType::AAAA, {}, kNoon + 5s}}));
}

TEST_F(KeptAliasesTest, FollowsTheTtlAndSavesRarely) {
  learn(kFirst, 10s);
  passed = 4s;
  learn(kFirst, 10s);
  EXPECT_EQ(aliases->known().at(0).ends, kNoon + 10s) << "more than half of it is still known of";
  passed = 8s;
  learn(kFirst, 10s);
  EXPECT_EQ(restarted(), (std::vector<Known>{{kCdn, RrType::A, kFirst, kNoon + 18s}}));
}

TEST_F(KeptAliasesTest, SavesATtlOfZeroOnceASecond) {
  learn(kFirst, 0s);
  passed = 1s;
  learn(kFirst, 0s);
  EXPECT_EQ(aliases->known().at(0).ends, kNoon);
  passed = 2s;
  learn(kFirst, 0s);
  EXPECT_EQ(aliases->known().at(0).ends, kNoon + 2s);
}

TEST_F(KeptAliasesTest, StaysWhatItWasWhileItIsStale) {
  learn(kFirst, 10s);
  passed = 600s;
  learn(kFirst, -590s, AliasState::stale);
  EXPECT_EQ(restarted(), (std::vector<Known>{{kCdn, RrType::A, kFirst, kNoon + 10s}}));
}

TEST_F(KeptAliasesTest, ForgetsWhatFailed) {
  learn(kFirst, 10s);
  learn({}, 0s, AliasState::unknown);
  EXPECT_EQ(aliases->known().size(), 1U);
  learn({}, 0s, AliasState::failed);
  EXPECT_TRUE(restarted().empty());
}

TEST_F(KeptAliasesTest, ForgetsWhatNobodyFollows) {
  learn(kFirst, 10s);
  aliases->follow({kCdn});
  EXPECT_EQ(restarted().size(), 1U);
  aliases->follow({});
  EXPECT_TRUE(restarted().empty());
}

TEST_F(KeptAliasesTest, LeavesOutWhatCannotBeReadAndForgetsIt) {
  const KeptNote bad[] = {
      {"addresses ", "1790000000000 198.51.100.1"},
      {"addresses cdn.example.net.", "1790000000000 198.51.100.1"},
      {"addresses cdn.example.net. MX", "1790000000000 198.51.100.1"},
      {"addresses CDN.example.net A", "1790000000000 198.51.100.1"},
      {"addresses a..b. A", "1790000000000 198.51.100.1"},
      {"addresses a. A", "198.51.100.1"},
      {"addresses b. A", "-5 198.51.100.1"},
      {"addresses c. A", "9999999999999999 198.51.100.1"},
      {"addresses d. A", "1790000000000 198.51.100.256"},
      {"addresses e. A", "1790000000000x 198.51.100.1"},
  };
  for (const KeptNote& note : bad) kept->save(note);
  kept->save(KeptNote{"addresses f. A", "1790000000000 198.51.100.1"});
  kept->save(KeptNote{"something else", "1"});
  EXPECT_EQ(restarted(), (std::vector<Known>{{*zones::Name::parse("f."), RrType::A, kFirst, kNoon}}));
  restarted();
  EXPECT_EQ(kept->at_start().notes.size(), 2U);
}

}  // namespace
}  // namespace holdfast::server
