#include "server/deployment.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/server/answer/ask.h"

using namespace holdfast;
using namespace holdfast::server;

namespace {

constexpr const char* kGood = "@ 60 SOA ns h 1 1 1 1 1\n@ 60 NS ns\nns 60 A 10.0.0.1\nwww 60 A 10.0.0.1\n";
constexpr const char* kBetter = "@ 60 SOA ns h 2 1 1 1 1\n@ 60 NS ns\nns 60 A 10.0.0.1\nwww 60 A 10.0.0.2\n";
constexpr const char* kBad =
    "@ 60 SOA ns h 3 1 1 1 1\n@ 60 NS ns\nns 60 A 10.0.0.1\nwww 60 A 10.0.0.3\nwww 60 CNAME ns\n";

/// A directory with a configuration and zone files, and what was put into service from it.
class DeploymentTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(directory);
    write("a.zone", kGood);
    write("b.zone", kGood);
    configure({"a", "b"});
  }
  void TearDown() override { std::filesystem::remove_all(directory); }

  void write(const std::string& name, const std::string& text) { std::ofstream(directory / name) << text; }
  void configure(std::initializer_list<const char*> zones, const std::string& more = "") {
    std::string text = "[server]\nlisten = [\"127.0.0.1:0\"]\n";
    for (const std::string zone : zones) {
      text += "[[zone]]\nname = \"" + zone + "\"\nfile = \"" + zone + ".zone\"\n";
    }
    write("holdfast.toml", text + more);
  }
  ReloadReport start() { return deployment.start(config::load(directory / "holdfast.toml").config.value()); }

  /// "NOERROR 1": the rcode and the last octet of the first address.
  std::string ask(const std::string& question) {
    const auto zones = source.zones.get();
    const auto table = source.live.get();
    std::vector<std::uint8_t> room(512);
    const auto answered =
        answer(Zones::query(question), room, {*zones, *table, source.identity}, Transport::udp);
    std::string text = zones::text(answered.rcode);
    if (answered.rcode == zones::Rcode::noerror) text += " " + std::to_string(room[answered.size - 1]);
    return text;
  }

  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() /
      ("holdfast-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + "-" +
       std::to_string(::getpid()));
  Source source;
  LiveNames live{source.live};
  health::Agent agent{{}};
  Deployment deployment{directory / "holdfast.toml", source, live, agent};
};

TEST_F(DeploymentTest, ServesEveryZone) {
  EXPECT_TRUE(start().ok());
  EXPECT_EQ(ask("www.a. A"), "NOERROR 1");
  EXPECT_EQ(ask("www.b. A"), "NOERROR 1");
  EXPECT_EQ(ask("www.c. A"), "REFUSED");
}

TEST_F(DeploymentTest, OneBadZoneAtTheStartTakesNoOtherOneDown) {
  write("a.zone", kBad);
  const ReloadReport report = start();
  EXPECT_EQ(report.zones_refused, 1U);
  EXPECT_EQ(ask("www.a. A"), "SERVFAIL");
  EXPECT_EQ(ask("www.b. A"), "NOERROR 1");
}

TEST_F(DeploymentTest, AReloadRefusesABadZoneWithItsPlaceAndChangesTheOthers) {
  start();
  write("a.zone", kBad);
  write("b.zone", kBetter);
  const ReloadReport report = deployment.reload();
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.zones_refused, 1U);
  EXPECT_EQ(report.zones_changed, 1U);
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_NE(report.problems[0].find("a.zone:5: "), std::string::npos) << report.problems[0];
  EXPECT_EQ(ask("www.a. A"), "NOERROR 1") << "the old version";
  EXPECT_EQ(ask("www.b. A"), "NOERROR 2");
  EXPECT_TRUE(deployment.zones().at(0).refused);
  EXPECT_TRUE(deployment.zones().at(0).serving);
  EXPECT_EQ(deployment.zones().at(1).serial, 2U);
}

TEST_F(DeploymentTest, AReloadOfABadConfigurationChangesNothing) {
  start();
  write("b.zone", kBetter);
  configure({"a"}, "intervall = 1\n");
  const ReloadReport report = deployment.reload();
  EXPECT_FALSE(report.configuration_accepted);
  ASSERT_FALSE(report.problems.empty());
  EXPECT_NE(report.problems[0].find("holdfast.toml:6:1: "), std::string::npos) << report.problems[0];
  EXPECT_EQ(ask("www.b. A"), "NOERROR 1");
}

TEST_F(DeploymentTest, AReloadOfAnEmptiedFileChangesNothing) {
  start();
  write("holdfast.toml", "");
  const ReloadReport report = deployment.reload();
  EXPECT_FALSE(report.configuration_accepted);
  EXPECT_EQ(ask("www.a. A"), "NOERROR 1");
}

TEST_F(DeploymentTest, AReloadAddsAndRemovesZones) {
  start();
  write("c.zone", kBetter);
  configure({"b", "c"});
  EXPECT_EQ(deployment.reload().zones_changed, 2U);
  EXPECT_EQ(ask("www.a. A"), "REFUSED");
  EXPECT_EQ(ask("www.c. A"), "NOERROR 2");
}

TEST_F(DeploymentTest, AReloadOfTheSameKeepsTheZonesThatAreServed) {
  start();
  const auto before = source.zones.get()->zones()[0].zone;
  EXPECT_EQ(deployment.reload().zones_changed, 0U);
  EXPECT_EQ(source.zones.get()->zones()[0].zone, before);
}

TEST_F(DeploymentTest, SaysThatSomeSettingsWaitForARestart) {
  start();
  write("holdfast.toml",
        "[server]\nlisten = [\"127.0.0.1:53535\"]\n[[zone]]\nname = \"a\"\nfile = \"a.zone\"\n");
  const ReloadReport report = deployment.reload();
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_NE(report.problems[0].find("restart"), std::string::npos);
  EXPECT_EQ(deployment.reload().problems, report.problems) << "as long as the restart is due";
}

TEST_F(DeploymentTest, TheZonesOwnRecordsAreTheMembersOfAWatchedName) {
  configure({"a"},
            "live = [{ name = \"www\", monitor = \"web\" }]\n[monitor.web]\ntype = \"tcp\"\nport = 9\n");
  EXPECT_TRUE(start().ok());
  ASSERT_EQ(live.status().size(), 1U);
  EXPECT_EQ(live.status()[0].members.at(0).address.to_string(), "10.0.0.1");
  EXPECT_EQ(live.status()[0].ttl, 30U);
  EXPECT_EQ(agent.status().size(), 1U);
  write("a.zone", kBetter);
  deployment.reload();
  EXPECT_EQ(live.status()[0].members.at(0).address.to_string(), "10.0.0.2");
  EXPECT_EQ(agent.status().at(0).target.id.address.to_string(), "10.0.0.2");
  EXPECT_EQ(ask("www.a. A"), "NOERROR 2");
}

TEST_F(DeploymentTest, APoolAnswersAtANameThatTheFileDoesNotHave) {
  configure({"a"},
            "live = [{ name = \"shop\", pool = \"shop\" }]\n[monitor.web]\ntype = \"tcp\"\nport = 9\n"
            "[pool.shop]\nmonitor = \"web\"\nmembers = [{ address = \"10.9.9.9\" }]\n");
  EXPECT_TRUE(start().ok());
  EXPECT_EQ(ask("shop.a. A"), "NOERROR 9");
}

}  // namespace
