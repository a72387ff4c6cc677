#include "config/catalogs.h"

#include <gtest/gtest.h>

#include "config/config.h"
#include "tests/config/examples.h"

namespace holdfast::config {
namespace {

using namespace examples;
using Names = std::vector<std::string>;
using Problems = std::vector<std::string>;

const std::string kState = "[server]\nstate = \"/var/lib/holdfast\"\n";
const std::string kPeers =
    "[peer.ns1]\naddresses = [\"192.0.2.53\"]\n[peer.ns2]\nnetworks = [\"192.0.2.0/24\"]\n[[zone]]\nname = "
    "\"b.example\"\nfile = \"b\"\nsecondaries = [\"ns1\", \"ns2\"]\n";

/// `lines` begin in line 2 of a catalog, beside the peers "ns1" and "ns2"; the latter has no addresses.
std::string catalog(const std::string& lines) { return "[catalog.fleet]\n" + lines + "\n" + kState + kPeers; }
/// The same of one that is made here; `lines` begin in line 5 of a zone.
std::string listed(const std::string& lines) {
  return "[[zone]]\nname = \"a.example\"\nfile = \"a\"\n\n" + lines +
         "\n[catalog.fleet]\nzone = \"catalog.example\"\nsecondaries = [\"ns1\", \"ns2\"]\n" + kState +
         kPeers;
}

Config parsed(const std::string& text) {
  const Loaded loaded = parse(text, "/etc/holdfast/t.toml");
  for (const Problem& problem : loaded.problems) ADD_FAILURE() << problem.text();
  return loaded.config.value_or(Config());
}

TEST(ConfiguredCatalogs, AreReadWithAllTheirOptions) {
  const Config config = parsed(catalog(R"(zone = "catalog.example"
primaries = ["ns1"]
members_from = ["ns1"]
secondaries = ["ns2"]
may_lose = 7
groups = [{ name = "Any text", primaries = ["ns1"], secondaries = ["ns2"] }])"));
  zones::CatalogSettings wanted;
  wanted.name = "fleet";
  wanted.zone = *zones::Name::parse("catalog.example");
  wanted.primaries = wanted.members_from = {"ns1"};
  wanted.secondaries = {"ns2"};
  wanted.may_lose = {7, false};
  wanted.groups = {{"Any text", {"ns1"}, {"ns2"}}};
  EXPECT_EQ(config.catalogs, std::vector{wanted});
  EXPECT_FALSE(wanted.is_made());
}

TEST(ConfiguredCatalogs, AreZonesToo) {
  const Config config = parsed(listed("catalog = \"fleet\"\ngroup = \"signed\""));
  ASSERT_EQ(config.zones.size(), 3U);
  const zones::ZoneSettings &a = config.zones[0], &fleet = config.zones[2];
  EXPECT_EQ(a.catalog, "fleet");
  EXPECT_EQ(a.group, "signed");
  EXPECT_EQ(a.origin, zones::Origin::configured);
  EXPECT_EQ(a.secondaries, (Names{"ns1", "ns2"})) << "those of the catalog";
  EXPECT_EQ(fleet.name.text(), "catalog.example.");
  EXPECT_EQ(fleet.origin, zones::Origin::catalog);
  EXPECT_EQ(fleet.secondaries, (Names{"ns1", "ns2"}));
  EXPECT_EQ(fleet.serial, zones::SerialPolicy::unixtime);
  EXPECT_FALSE(fleet.is_secondary());
  EXPECT_EQ(config.zones[1].catalog, "");
}

TEST(ConfiguredCatalogs, LeaveAZoneItsOwnSecondariesAndNeverAPrimary) {
  EXPECT_EQ(parsed(listed("catalog = \"fleet\"\nsecondaries = [\"ns2\"]")).zones[0].secondaries,
            Names{"ns2"});
  zones::ZoneSettings zone{.name = *zones::Name::parse("a")};
  zone.primaries = {"ns1"};
  zone.catalog = "fleet";
  zones::CatalogSettings fleet;
  fleet.name = "fleet";
  fleet.secondaries = {"ns1", "ns2"};
  EXPECT_EQ(with_catalogs({zone}, std::vector{fleet})[0].secondaries, Names{"ns2"});
}

TEST(ConfiguredCatalogs, ListZonesThatAreWrittenByProgramsLikeOthers) {
  const std::string text = listed("catalog = \"fleet\"") +
                           "[[zone]]\nname = \"y.example\"\nfile = \"y\"\ncatalog = \"fleet\"\n" +
                           "[[zone]]\nname = \"z.example\"\nfile = \"z\"\ncatalog = \"fleet\"\n";
  const Config config = parsed(text);
  ASSERT_EQ(config.zones.size(), 5U);
  EXPECT_EQ(config.zones[4].catalog, "fleet");
  EXPECT_EQ(config.zones[4].secondaries, (Names{"ns1", "ns2"}));
  EXPECT_EQ(problems(text + "[[zone]]\nname = \"x.example\"\nfile = \"x\"\ncatalog = \"fleed\"\n")
                .at(0)
                .substr(0, 68),
            "30:11: zone \"x.example\": catalog: there is no catalog \"fleed\"; did y");
  EXPECT_EQ(problems(text + "[[zone]]\nname = \"catalog.example\"\nfile = \"x\"\n"),
            Problems{"28:8: zone \"catalog.example\": name: catalog.example. is the zone of the catalog "
                     "\"fleet\"; leave one "
                     "out"});
}

TEST(ConfiguredCatalogs, AreMadeHereOrFollowed) {
  const std::string zone = "zone = \"catalog.example\"\n";
  EXPECT_EQ(problems(catalog(zone)),
            Problems{"1:1: catalog \"fleet\": has neither primaries nor secondaries; give the secondaries of "
                     "a catalog that "
                     "is made here, or the primaries of one that is to be followed"});
  EXPECT_EQ(problems(catalog(zone + "primaries = [\"ns1\"]\nserial = \"date\"")),
            Problems{"4:10: catalog \"fleet\": serial: is the primary's of a catalog that is transferred in; "
                     "leave it out"});
  EXPECT_EQ(
      problems(catalog(zone + "secondaries = [\"ns1\"]\nmay_lose = 7\nmembers_from = [\"ns1\"]")),
      (Problems{
          "4:12: catalog \"fleet\": may_lose: is for a catalog that is transferred in; leave it out, or add "
          "primaries",
          "5:16: catalog \"fleet\": members_from: is for a catalog that is transferred in; leave it out, or "
          "add "
          "primaries"}));
  EXPECT_EQ(problems(catalog(zone + "secondaries = [\"ns1\"]")),
            Problems{"1:1: warning: catalog \"fleet\": it lists nothing; add catalog = \"fleet\" to each "
                     "[[zone]] that it is "
                     "to list"});
  const std::string label(60, 'x');
  EXPECT_EQ(
      problems(catalog("zone = \"" + label + "." + label + "." + label + "." + label +
                       "\"\nsecondaries = [\"ns1\"]")),
      Problems{
          "2:8: catalog \"fleet\": zone: is too long for members below it; at most 200 octets are allowed"});
}

TEST(ConfiguredCatalogs, NamePeersThatAreThere) {
  const std::string zone = "zone = \"catalog.example\"\n";
  EXPECT_EQ(problems(catalog(zone + "primaries = [\"ns3\"]\n")).at(0).substr(0, 60),
            "3:14: catalog \"fleet\": primaries: there is no peer \"ns3\"; di");
  EXPECT_EQ(problems(catalog(zone + "primaries = [\"ns2\"]\n")).at(0).substr(0, 74),
            "3:14: catalog \"fleet\": primaries: the peer \"ns2\" has no addresses to trans");
  EXPECT_EQ(
      problems(catalog(zone + "primaries = [\"ns1\"]\nsecondaries = [\"ns1\"]")),
      Problems{
          "4:15: catalog \"fleet\": secondaries: \"ns1\" is one of the primaries; leave it out of one list"});
  EXPECT_EQ(problems(catalog(zone + "primaries = [\"ns1\"]\ngroups = [{ name = \"a\" }, { name = \"a\" }]")),
            Problems{"4:36: catalog \"fleet\": groups 2: name: stands in another row, too; leave one out"});
}

TEST(ConfiguredCatalogs, AreNamedByZonesThatTheyCanList) {
  EXPECT_EQ(problems(listed("group = \"x\"")).at(0).substr(0, 40),
            "5:9: zone \"a.example\": group: is told in");
  EXPECT_EQ(
      problems(listed("catalog = \"flee\"")),
      Problems{"5:11: zone \"a.example\": catalog: there is no catalog \"flee\"; did you mean \"fleet\"?"});
  EXPECT_EQ(problems("[[zone]]\nname = \"a\"\nfile = \"a\"\ncatalog = \"fleet\"\n" +
                     catalog("zone = \"c\"\nprimaries = [\"ns1\"]")),
            Problems{"4:11: zone \"a\": catalog: \"fleet\" is transferred in, and its primary says what it "
                     "lists; leave it out"});
  EXPECT_EQ(problems("[catalog.x]\nzone = \"C\"\nprimaries = [\"ns1\"]\n" +
                     catalog("zone = \"c\"\nprimaries = [\"ns1\"]")),
            Problems{"2:8: catalog \"x\": zone: c. is the zone of the catalog \"fleet\" already"});
}

TEST(ConfiguredCatalogs, NeedAStateDirectory) {
  EXPECT_EQ(
      problems(
          "[catalog.x]\nzone = \"c\"\nprimaries = [\"ns1\"]\n[peer.ns1]\naddresses = [\"192.0.2.53\"]\n" +
          kZone)
          .at(0)
          .substr(0, 60),
      "1:1: catalog \"x\": needs a directory where versions of zones ");
}

}  // namespace
}  // namespace holdfast::config
