#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "server/catalogs.h"
#include "server/deployment.h"

namespace holdfast::server {
namespace {

using zones::Name;
using Names = std::vector<std::string>;

Name name(const std::string& text) { return *Name::parse(text); }

std::shared_ptr<zones::Zone> zone(const std::string& apex, const std::string& lines, unsigned serial = 1) {
  return zones::load_zone_text(name(apex),
                               "@ 60 SOA a a " + std::to_string(serial) + " 1 1 1 1\n@ 60 NS a.\n" + lines,
                               apex, {})
      .zone;
}

/// A catalog that lists these, each under its first letter.
std::shared_ptr<zones::Zone> catalog(const Names& members) {
  std::string lines = "version 60 TXT 2\n";
  for (const std::string& member : members) lines += member.substr(0, 1) + ".zones 60 PTR " + member + ".\n";
  return zone("theirs.catalog", lines);
}

/// A deployment, and what it tells others.
class CatalogDeploymentTest : public testing::Test {
 protected:
  CatalogDeploymentTest() {
    std::filesystem::create_directories(directory);
    write("own.zone", "@ 60 SOA a a 1 1 1 1 1\n@ 60 NS a.\n");
    configure();
  }
  ~CatalogDeploymentTest() override { std::filesystem::remove_all(directory); }

  void write(const std::string& file, const std::string& text) { std::ofstream(directory / file) << text; }
  void configure(const std::string& more = "", const std::string& of_catalog = "") {
    write("holdfast.toml",
          "[server]\nstate = \"s\"\n[peer.ns1]\naddresses = [\"192.0.2.1\"]\n[peer.ns2]\naddresses = "
          "[\"192.0.2.2\"]\n[catalog.theirs]\nzone = \"theirs.catalog\"\nprimaries = [\"ns1\"]\n" +
              of_catalog +
              "[catalog.fleet]\nzone = \"fleet.catalog\"\nsecondaries = [\"ns2\"]\n"
              "[[zone]]\nname = \"own.example\"\nfile = \"own.zone\"\ncatalog = \"fleet\"\n" +
              more);
  }
  void start() {
    deployment.start(config::load(directory / "holdfast.toml").config.value(), now);
    told.clear();
  }

  /// A transfer of a zone, as Replication takes it. @return why it was refused
  std::string receive(const std::string& apex, const std::shared_ptr<zones::Zone>& zone) {
    std::string problem;
    deployment.receive(name(apex), [&](const zones::Zone&, Deployment::LiveNamesOfZone) {
      zones::LoadedZone loaded;
      Deployment::Consequences follows;
      if (deployment.is_catalog(name(apex))) follows = deployment.consequences(name(apex), *zone);
      problem = follows.problem;
      if (problem.empty()) {
        for (const Name& ended : follows.ended) kept.erase(ended.text());
        loaded.zone = zone;
        kept[apex + "."] = zone;
      }
      return loaded;
    });
    return problem;
  }

  /// "a.example. 1 of theirs": the serial, 0: it is not there yet.
  Names served() const {
    Names all;
    const auto deployed = deployment.deployed();
    deployed->each_zone({}, [&](const ZoneStatus& status) {
      all.push_back(status.name + " " + std::to_string(status.serving ? status.serial : 0) +
                    (status.catalog.empty() ? "" : " of " + status.catalog));
    });
    EXPECT_EQ(deployed->totals.zones, all.size());
    EXPECT_EQ(
        static_cast<std::ptrdiff_t>(deployed->totals.serving),
        std::count_if(all.begin(), all.end(), [](const auto& one) { return one.find(" 0") == one.npos; }));
    return all;
  }

  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() /
      ("holdfast-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + "-" +
       std::to_string(::getpid()));
  const Deployment::Time now = std::chrono::system_clock::now() + std::chrono::hours(1);
  std::map<std::string, std::shared_ptr<zones::Zone>> kept;
  Names told;  // "listed 3", "ended a.example."
  Source source;
  LiveNames live{source.live};
  Deployment deployment{directory / "holdfast.toml",
                        source,
                        live,
                        {},
                        {.kept =
                             [this](zones::NameView apex, Deployment::LiveNamesOfZone) {
                               zones::LoadedZone loaded;
                               if (const auto found = kept.find(apex.text()); found != kept.end())
                                 loaded.zone = found->second;
                               return loaded;
                             },
                         .listed =
                             [this](std::span<const zones::ZoneSettings> zones) {
                               told.push_back("listed " + std::to_string(zones.size()));
                             },
                         .ended =
                             [this](std::span<const Name> zones) {
                               for (const Name& zone : zones) told.push_back("ended " + zone.text());
                             }}};
};

const Names kBare = {"fleet.catalog. 1", "theirs.catalog. 0", "own.example. 1"};

TEST_F(CatalogDeploymentTest, AddsAndRemovesZonesAsACatalogSays) {
  start();
  EXPECT_EQ(served(), kBare);
  EXPECT_EQ(receive("theirs.catalog", catalog({"a.example", "z.example"})), "");
  EXPECT_EQ(told, Names{"listed 5"});
  EXPECT_EQ(served(), (Names{"fleet.catalog. 1", "theirs.catalog. 1", "a.example. 0 of theirs",
                             "own.example. 1", "z.example. 0 of theirs"}));
  receive("a.example", zone("a.example", "", 7));
  EXPECT_EQ(receive("theirs.catalog", catalog({"a.example"})), "");
  EXPECT_EQ(told, (Names{"listed 5", "listed 4", "ended z.example."}));
  EXPECT_EQ(served(),
            (Names{"fleet.catalog. 1", "theirs.catalog. 1", "a.example. 7 of theirs", "own.example. 1"}));
}

TEST_F(CatalogDeploymentTest, KnowsTheZonesAtOnceFromWhatIsKept) {
  kept["theirs.catalog."] = catalog({"a.example", "b.example"});
  kept["a.example."] = zone("a.example", "", 7);
  start();
  EXPECT_EQ(served(), (Names{"fleet.catalog. 1", "theirs.catalog. 1", "a.example. 7 of theirs",
                             "b.example. 0 of theirs", "own.example. 1"}));
  EXPECT_EQ(told, Names());
}

TEST_F(CatalogDeploymentTest, KeepsTheZonesOverAReloadAndAnExpiry) {
  kept["theirs.catalog."] = catalog({"a.example"});
  kept["a.example."] = zone("a.example", "", 7);
  start();
  const Names before = served();
  configure("# another text\n");
  deployment.reload(now);
  EXPECT_EQ(served(), before);
  deployment.receive(name("theirs.catalog"), [&](const zones::Zone&, Deployment::LiveNamesOfZone) {
    zones::LoadedZone none;
    none.zone = std::const_pointer_cast<zones::Zone>(zones::Zone::unavailable(name("theirs.catalog")));
    return none;
  });
  EXPECT_EQ(served(),
            (Names{"fleet.catalog. 1", "theirs.catalog. 0", "a.example. 7 of theirs", "own.example. 1"}));
  EXPECT_EQ(receive("theirs.catalog", catalog({"a.example"})), "");
  EXPECT_EQ(served(), before);
  EXPECT_EQ(told, Names());
}

TEST_F(CatalogDeploymentTest, RefusesABadVersion) {
  start();
  receive("theirs.catalog", catalog({"a.example", "b.example"}));
  const Names before = served();
  EXPECT_EQ(receive("theirs.catalog", zone("theirs.catalog", "version TXT 3")),
            "it is a catalog of version \"3\", and only \"2\" is known");
  EXPECT_NE(receive("theirs.catalog", catalog({})), "");
  EXPECT_EQ(served(), before);
  configure("", "may_lose = \"100%\"\n");
  deployment.reload(now);
  EXPECT_EQ(receive("theirs.catalog", catalog({})), "");
  EXPECT_EQ(served(), (Names{"fleet.catalog. 1", "theirs.catalog. 1", "own.example. 1"}));
}

TEST_F(CatalogDeploymentTest, BeginsAnewWithWhatHasAnotherLabel) {
  start();
  receive("theirs.catalog", catalog({"a.example"}));
  receive("a.example", zone("a.example", "", 7));
  told.clear();
  const auto again = zone("theirs.catalog", "version 60 TXT 2\nother.zones 60 PTR a.example.\n");
  EXPECT_EQ(receive("theirs.catalog", again), "");
  EXPECT_EQ(told, (Names{"listed 4", "ended a.example."}));
  EXPECT_EQ(served(),
            (Names{"fleet.catalog. 1", "theirs.catalog. 1", "a.example. 0 of theirs", "own.example. 1"}));
}

TEST_F(CatalogDeploymentTest, LeavesAZoneOfTheConfigurationAloneAndSaysSo) {
  start();
  receive("theirs.catalog", catalog({"a.example", "own.example"}));
  EXPECT_EQ(served(),
            (Names{"fleet.catalog. 1", "theirs.catalog. 1", "a.example. 0 of theirs", "own.example. 1"}));
  receive("a.example", zone("a.example", "", 7));
  configure("[[zone]]\nname = \"a.example\"\nprimaries = [\"ns2\"]\n");
  const ReloadReport report = deployment.reload(now);
  EXPECT_EQ(
      report.catalog_problems,
      (Names{"zone a.example. is listed by the catalog theirs, too: that of the configuration counts",
             "zone own.example. is listed by the catalog theirs, too: that of the configuration counts"}));
  EXPECT_EQ(served(), (Names{"fleet.catalog. 1", "theirs.catalog. 1", "a.example. 7", "own.example. 1"}));
}

TEST_F(CatalogDeploymentTest, EndsTheZonesOfACatalogThatIsNotConfiguredAnyMore) {
  start();
  receive("theirs.catalog", catalog({"a.example"}));
  told.clear();
  write("holdfast.toml", "[[zone]]\nname = \"own.example\"\nfile = \"own.zone\"\n");
  deployment.reload(now);
  EXPECT_EQ(told, Names{"ended a.example."});
  EXPECT_EQ(served(), Names{"own.example. 1"});
}

TEST_F(CatalogDeploymentTest, MakesACatalogOfTheZonesThatNameIt) {
  start();
  const auto listed = [&] {
    Names all;
    const auto zones = source.zones.get();
    for (const zones::CatalogMember& member : zones::members_of(*zones->zones()[0].zone).members)
      all.push_back(member.zone.text());
    return all;
  };
  EXPECT_EQ(listed(), Names{"own.example."});
  EXPECT_TRUE(source.zones.get()->zones()[0].is_private);
  EXPECT_FALSE(source.zones.get()->zones()[2].is_private);
  const auto before = source.zones.get()->zones()[0].zone;
  deployment.reload_zones(Names{"fleet.catalog"}, now);
  configure("# another text\n");
  deployment.reload(now);
  EXPECT_EQ(source.zones.get()->zones()[0].zone, before) << "there is nothing new";
  receive("theirs.catalog", catalog({"a.example"}));
  EXPECT_EQ(listed(), Names{"own.example."}) << "what another catalog brings is that one's";
  configure("[[zone]]\nname = \"new.example\"\nfile = \"own.zone\"\ncatalog = \"fleet\"\n");
  deployment.reload(now);
  EXPECT_EQ(listed(), (Names{"new.example.", "own.example."}));
}

TEST_F(CatalogDeploymentTest, TakesAHundredThousandMembers) {
  start();
  Names many;
  std::string lines = "version 60 TXT 2\n";
  for (int i = 0; i < 100'000; ++i)
    lines += "l" + std::to_string(i) + ".zones 60 PTR z" + std::to_string(i) + ".example.\n";
  EXPECT_EQ(receive("theirs.catalog", zone("theirs.catalog", lines)), "");
  EXPECT_EQ(deployment.deployed()->totals.zones, 100'003U);
  EXPECT_EQ(receive("theirs.catalog", zone("theirs.catalog", lines + "new.zones 60 PTR new.example.\n")), "");
  EXPECT_EQ(deployment.deployed()->totals.zones, 100'004U);
  EXPECT_EQ(told, (Names{"listed 100003", "listed 100004"}));

  const auto before = source.zones.get();
  EXPECT_EQ(receive("z700.example", zone("z700.example", "", 7)), "");
  const auto after = source.zones.get();
  EXPECT_EQ(after->find(zones::HashedName(name("z700.example")))->zone->serial(), 7U);
  std::size_t made_anew = 0;
  for (std::size_t i = 0; i < 100'004; ++i) made_anew += &after->zones()[i] != &before->zones()[i];
  EXPECT_GE(made_anew, 1U);
  EXPECT_LE(made_anew, 1'000U) << "a version of one zone leaves the others alone";
}

}  // namespace
}  // namespace holdfast::server
