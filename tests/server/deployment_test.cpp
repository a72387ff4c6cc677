#include "server/deployment.h"

#include <gtest/gtest.h>

#include <algorithm>
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
  ReloadReport start() {
    return deployment.start(config::load(directory / "holdfast.toml").config.value(), now);
  }
  ReloadReport reload() { return deployment.reload(now); }
  /// The status of a zone, by its place.
  ZoneStatus zone(std::size_t place) const {
    std::vector<ZoneStatus> zones;
    deployment.deployed()->each_zone({}, [&](const ZoneStatus& status) { zones.push_back(status); });
    return zones.at(place);
  }

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
  /// Long after all files were written, so that their times tell whether they changed.
  const Deployment::Time now = std::chrono::system_clock::now() + std::chrono::hours(1);
  Source source;
  LiveNames live{source.live};
  std::vector<health::Target> watched;
  std::vector<Deployment::Occasion> published;
  Deployment deployment{
      directory / "holdfast.toml",
      source,
      live,
      {},
      {.watch = [this] { watched = live.targets(); },
       .publishing = [this](const zones::Snapshot&,
                            Deployment::Occasion occasion) { published.push_back(occasion); }}};
};

TEST_F(DeploymentTest, SaysWhatZonesComeIntoServiceFor) {
  using enum Deployment::Occasion;
  const zones::Name apex = *zones::Name::parse("a.");
  const auto update_with = [&](const char* text) {
    return deployment.update(
        apex,
        [&](const zones::Zone&, Deployment::LiveNamesOfZone) {
          write("other", text);
          return zones::load_zone(apex, directory / "other", {}, now);
        },
        now);
  };
  EXPECT_TRUE(start().ok());
  EXPECT_EQ(std::exchange(published, {}), std::vector{all});
  EXPECT_TRUE(update_with(kBetter).ok());
  EXPECT_EQ(ask("www.a. A"), "NOERROR 2");
  EXPECT_EQ(std::exchange(published, {}), std::vector{update});
  write("a.zone", kGood + std::string("new 60 A 10.0.0.7\n"));
  EXPECT_TRUE(reload().ok());
  EXPECT_EQ(ask("new.a. A"), "NOERROR 7");
  EXPECT_EQ(std::exchange(published, {}), std::vector{versions})
      << "a reload is none, however soon it comes behind one";
  EXPECT_TRUE(reload().ok());
  EXPECT_TRUE(published.empty());
}

TEST_F(DeploymentTest, ServesEveryZone) {
  EXPECT_TRUE(start().ok());
  EXPECT_EQ(ask("www.a. A"), "NOERROR 1");
  EXPECT_EQ(ask("www.b. A"), "NOERROR 1");
  EXPECT_EQ(ask("www.c. A"), "REFUSED");
}

/// What an update would make of a zone: another address.
zones::LoadedZone better(const zones::Zone& before, Deployment::LiveNamesOfZone) {
  return zones::load_zone_text(before.apex(), kBetter, "zone", {});
}

TEST_F(DeploymentTest, AnUpdateComesIntoServiceAndTheFileCountsAsReadAsBefore) {
  start();
  EXPECT_EQ(deployment.update(zones::Name::parse("a.")->view(), better, now).zones_changed, 1U);
  EXPECT_EQ(ask("www.a. A"), "NOERROR 2");
  EXPECT_EQ(ask("www.b. A"), "NOERROR 1");
  EXPECT_EQ(reload().zones_read, 0U);
  EXPECT_EQ(ask("www.a. A"), "NOERROR 2");
}

TEST_F(DeploymentTest, AnUpdateSaysNothingOfWhatIsWrongWithTheFile) {
  start();
  write("a.zone", kBad);
  EXPECT_EQ(reload().zones_refused, 1U);
  deployment.update(zones::Name::parse("a.")->view(), better, now);
  EXPECT_EQ(ask("www.a. A"), "NOERROR 2");
  EXPECT_TRUE(zone(0).refused);
  EXPECT_EQ(reload().zones_refused, 1U);  // it is looked at again
}

TEST_F(DeploymentTest, NoUpdateIsOfWhatIsNotThere) {
  write("a.zone", kBad);
  start();
  for (const char* const name : {"a.", "c.", "www.b."}) {
    bool is_called = false;
    deployment.update(
        zones::Name::parse(name)->view(),
        [&](const zones::Zone&, Deployment::LiveNamesOfZone) {
          is_called = true;
          return zones::LoadedZone();
        },
        now);
    EXPECT_FALSE(is_called) << name;
  }
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
  const ReloadReport report = reload();
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.zones_refused, 1U);
  EXPECT_EQ(report.zones_changed, 1U);
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_NE(report.problems[0].find("a.zone:5: "), std::string::npos) << report.problems[0];
  EXPECT_EQ(ask("www.a. A"), "NOERROR 1") << "the old version";
  EXPECT_EQ(ask("www.b. A"), "NOERROR 2");
  EXPECT_TRUE(zone(0).refused);
  EXPECT_TRUE(zone(0).serving);
  EXPECT_EQ(zone(1).serial, 2U);
}

TEST_F(DeploymentTest, AReloadOfABadConfigurationChangesNothing) {
  start();
  write("b.zone", kBetter);
  configure({"a"}, "intervall = 1\n");
  const ReloadReport report = reload();
  EXPECT_FALSE(report.configuration_accepted);
  ASSERT_FALSE(report.problems.empty());
  EXPECT_NE(report.problems[0].find("holdfast.toml:6:1: "), std::string::npos) << report.problems[0];
  EXPECT_EQ(ask("www.b. A"), "NOERROR 1");
}

TEST_F(DeploymentTest, AReloadOfAnEmptiedFileChangesNothing) {
  start();
  write("holdfast.toml", "");
  const ReloadReport report = reload();
  EXPECT_FALSE(report.configuration_accepted);
  EXPECT_EQ(ask("www.a. A"), "NOERROR 1");
}

TEST_F(DeploymentTest, AReloadAddsAndRemovesZones) {
  start();
  write("c.zone", kBetter);
  configure({"b", "c"});
  EXPECT_EQ(reload().zones_changed, 2U);
  EXPECT_EQ(ask("www.a. A"), "REFUSED");
  EXPECT_EQ(ask("www.c. A"), "NOERROR 2");
}

TEST_F(DeploymentTest, AReloadOfTheSameKeepsTheZonesThatAreServed) {
  start();
  const auto before = source.zones.get()->zones()[0].zone;
  EXPECT_EQ(reload().zones_changed, 0U);
  EXPECT_EQ(source.zones.get()->zones()[0].zone, before);
}

TEST_F(DeploymentTest, SaysThatSomeSettingsWaitForARestart) {
  start();
  write("holdfast.toml",
        "[server]\nlisten = [\"127.0.0.1:53535\"]\n[[zone]]\nname = \"a\"\nfile = \"a.zone\"\n");
  const ReloadReport report = reload();
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_NE(report.problems[0].find("restart"), std::string::npos);
  EXPECT_EQ(reload().problems, report.problems) << "as long as the restart is due";
}

TEST_F(DeploymentTest, AnotherNameOrStoreWaitsForARestart) {
  const std::string self = "[self]\nname = \"ns1\"\n";
  configure({"a"}, self);
  start();
  for (const char* more :
       {"references = [\"192.0.2.1\"]\n", "[store]\nendpoints = [\"https://192.0.2.1:2379\"]\n"}) {
    configure({"a"}, self + more);
    const ReloadReport report = reload();
    ASSERT_FALSE(report.problems.empty()) << more;
    EXPECT_NE(report.problems.back().find("restart"), std::string::npos) << report.problems.back();
    configure({"a"}, self);
    EXPECT_TRUE(reload().problems.empty());
  }
}

TEST_F(DeploymentTest, TheZonesOwnRecordsAreTheMembersOfAWatchedName) {
  configure({"a"},
            "live = [{ name = \"www\", monitor = \"web\" }]\n[monitor.web]\ntype = \"tcp\"\nport = 9\n");
  EXPECT_TRUE(start().ok());
  ASSERT_EQ(live.status().size(), 1U);
  EXPECT_EQ(live.status()[0].members.at(0).address.to_string(), "10.0.0.1");
  EXPECT_EQ(live.status()[0].ttl, 30U);
  EXPECT_EQ(watched.size(), 1U);
  write("a.zone", kBetter);
  reload();
  EXPECT_EQ(live.status()[0].members.at(0).address.to_string(), "10.0.0.2");
  EXPECT_EQ(watched.at(0).id.address.to_string(), "10.0.0.2");
  EXPECT_EQ(ask("www.a. A"), "NOERROR 2");
}

TEST_F(DeploymentTest, APoolAnswersAtANameThatTheFileDoesNotHave) {
  configure({"a"},
            "live = [{ name = \"shop\", pool = \"shop\" }]\n[monitor.web]\ntype = \"tcp\"\nport = 9\n"
            "[pool.shop]\nmonitor = \"web\"\nmembers = [{ address = \"10.9.9.9\" }]\n");
  EXPECT_TRUE(start().ok());
  EXPECT_EQ(ask("shop.a. A"), "NOERROR 9");
}

TEST_F(DeploymentTest, ReadsOnlyWhatChanged) {
  EXPECT_EQ(start().zones_read, 2U);
  EXPECT_EQ(reload().zones_read, 0U);
  write("b.zone", kBetter);
  const auto kept = source.zones.get()->zones()[0].zone;
  const ReloadReport report = reload();
  EXPECT_EQ(report.zones_read, 1U);
  EXPECT_EQ(report.zones_changed, 1U);
  EXPECT_EQ(ask("www.b. A"), "NOERROR 2");
  EXPECT_EQ(source.zones.get()->zones()[0].zone, kept);
  EXPECT_EQ(reload().zones_read, 0U);
}

TEST_F(DeploymentTest, ReadsAgainWhatChangedShortlyBeforeItWasRead) {
  const auto written = std::chrono::system_clock::now();
  deployment.start(config::load(directory / "holdfast.toml").config.value(), written);
  EXPECT_EQ(deployment.reload(written).zones_read, 2U) << "a change now could leave the times as they are";
  EXPECT_EQ(reload().zones_read, 2U);
  EXPECT_EQ(reload().zones_read, 0U) << "an hour later it could not";
}

TEST_F(DeploymentTest, SeesAFileThatWasReplacedByOneOfTheSameSizeAndTime) {
  start();
  write("new", kBetter);
  std::filesystem::last_write_time(directory / "new", std::filesystem::last_write_time(directory / "a.zone"));
  std::filesystem::rename(directory / "new", directory / "a.zone");
  EXPECT_EQ(reload().zones_read, 1U);
  EXPECT_EQ(ask("www.a. A"), "NOERROR 2");
}

TEST_F(DeploymentTest, SeesAnIncludedFileChange) {
  write("a.zone", "@ 60 SOA ns h 1 1 1 1 1\n@ 60 NS ns\nns 60 A 10.0.0.1\n$INCLUDE more\n");
  write("more", "www 60 A 10.0.0.1\n");
  start();
  EXPECT_EQ(reload().zones_read, 0U);
  write("more", "www 60 A 10.0.0.2\n");
  EXPECT_EQ(reload().zones_read, 1U);
  EXPECT_EQ(ask("www.a. A"), "NOERROR 2");
  write("a.zone", kGood);
  reload();
  write("more", "www 60 A 10.0.0.3\n");
  EXPECT_EQ(reload().zones_read, 0U) << "it is not included any more";
}

TEST_F(DeploymentTest, TriesARefusedZoneAgain) {
  write("a.zone", kBad);
  start();
  const ReloadReport again = reload();
  EXPECT_EQ(again.zones_read, 1U);
  EXPECT_EQ(again.zones_refused, 1U);
  EXPECT_EQ(again.problems.size(), 1U);
  write("a.zone", kBetter);
  EXPECT_TRUE(reload().ok());
  EXPECT_EQ(ask("www.a. A"), "NOERROR 2");
  EXPECT_EQ(zone(0).problems.size(), 0U);
}

TEST_F(DeploymentTest, ReadsAZoneFromItsNewFile) {
  start();
  write("holdfast.toml",
        "[server]\nlisten = [\"127.0.0.1:0\"]\n[[zone]]\nname = \"a\"\nfile = \"other.zone\"\n");
  write("other.zone", kBetter);
  EXPECT_EQ(reload().zones_read, 1U);
  EXPECT_EQ(ask("www.a. A"), "NOERROR 2");
}

TEST_F(DeploymentTest, ReadsAZoneAgainWhenItsLiveNamesChange) {
  const std::string monitor = "[monitor.web]\ntype = \"tcp\"\nport = 9\n";
  configure({"b", "a"}, "live = [{ name = \"www\", monitor = \"web\" }]\n" + monitor);
  start();
  configure({"b", "a"}, "live = [{ name = \"www\", monitor = \"web\", ttl = \"7s\" }]\n" + monitor);
  EXPECT_EQ(reload().zones_read, 0U) << "the zone is the same";
  EXPECT_EQ(live.status().at(0).ttl, 7U);
  configure({"b", "a"}, "live = [{ name = \"ns\", monitor = \"web\" }]\n" + monitor);
  EXPECT_EQ(reload().zones_read, 1U);
  EXPECT_EQ(live.status().at(0).name, "ns.a.");
  configure({"b", "a"});
  EXPECT_EQ(reload().zones_read, 1U);
  EXPECT_TRUE(live.status().empty());
}

TEST_F(DeploymentTest, ReloadsOneZoneAndNothingElse) {
  start();
  write("a.zone", kBetter);
  write("b.zone", kBetter);
  configure({"a"});
  const ReloadReport report = deployment.reload_zones(std::vector<std::string>{"B."}, now);
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.zones_read, 1U);
  EXPECT_EQ(ask("www.a. A"), "NOERROR 1");
  EXPECT_EQ(ask("www.b. A"), "NOERROR 2");
}

TEST_F(DeploymentTest, ReloadsAZoneThatIsNamedAlsoWhenItsFileDidNotChange) {
  start();
  EXPECT_EQ(deployment.reload_zones(std::vector<std::string>{"a", "a."}, now).zones_read, 1U);
}

TEST_F(DeploymentTest, SaysWhichZoneItDoesNotKnow) {
  start();
  write("a.zone", kBetter);
  const ReloadReport report = deployment.reload_zones(std::vector<std::string>{"c.example", "a", "..."}, now);
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.zones_unknown, 2U);
  ASSERT_EQ(report.problems.size(), 2U);
  EXPECT_TRUE(report.problems[0].starts_with("c.example: there is no such zone")) << report.problems[0];
  EXPECT_EQ(ask("www.a. A"), "NOERROR 2");
}

TEST_F(DeploymentTest, CountsAllZonesTogether) {
  write("a.zone", kBad);
  start();
  EXPECT_EQ(deployment.deployed()->totals.zones, 2U);
  EXPECT_EQ(deployment.deployed()->totals.serving, 1U);
  EXPECT_EQ(deployment.deployed()->totals.refused, 1U);
  EXPECT_EQ(deployment.deployed()->totals.records, 4U);
  EXPECT_EQ(deployment.deployed()->totals.memory, zone(1).memory);
  write("a.zone", kGood);
  write("b.zone", "@ 60 SOA ns h 2 1 1 1 1\n@ 60 NS ns\nns 60 A 10.0.0.1\n");
  reload();
  EXPECT_EQ(deployment.deployed()->totals.refused, 0U);
  EXPECT_EQ(deployment.deployed()->totals.records, 7U);
  configure({"a"});
  reload();
  EXPECT_EQ(deployment.deployed()->totals.zones, 1U);
  EXPECT_EQ(deployment.deployed()->totals.serving, 1U);
  EXPECT_EQ(deployment.deployed()->totals.records, 4U);
  write("a.zone", kBad);
  reload();
  EXPECT_EQ(deployment.deployed()->totals.refused, 1U);
  EXPECT_EQ(deployment.deployed()->totals.records, 4U) << "as it was before";
  EXPECT_EQ(reload().zones_refused, 1U);
  EXPECT_EQ(deployment.deployed()->totals.refused, 1U) << "it is one and the same";
  configure({"b"});
  reload();
  EXPECT_EQ(deployment.deployed()->totals.refused, 0U);
  EXPECT_EQ(deployment.deployed()->totals.records, 3U);
}

TEST_F(DeploymentTest, AZoneThatComesBackHasItsNumberAgain) {
  start();
  const auto number = zone(0).number;
  configure({"b"});
  reload();
  configure({"a", "b"});
  reload();
  EXPECT_EQ(zone(0).name, "a.");
  EXPECT_EQ(zone(0).number, number);
}

TEST_F(DeploymentTest, LoadsManyZonesInTheirOrder) {
  std::string zones;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "z" + std::to_string(i);
    write(name + ".zone", i % 100 == 0 ? kBad : kGood);
    zones += "[[zone]]\nname = \"" + name + "\"\nfile = \"" + name + ".zone\"\n";
  }
  write("holdfast.toml", zones);
  const ReloadReport report = start();
  EXPECT_EQ(report.zones_refused, 10U);
  EXPECT_TRUE(std::is_sorted(report.problems.begin(), report.problems.end()));
  EXPECT_EQ(ask("www.z999. A"), "NOERROR 1");
}

TEST_F(DeploymentTest, ChangesNothingOnceItIsToStop) {
  std::stop_source stop;
  Deployment stopping{directory / "holdfast.toml", source, live, stop.get_token(), {}};
  stopping.start(config::load(directory / "holdfast.toml").config.value(), now);
  write("a.zone", kBetter);
  stop.request_stop();
  EXPECT_FALSE(stopping.reload(now).configuration_accepted);
  EXPECT_EQ(ask("www.a. A"), "NOERROR 1");
}

}  // namespace
