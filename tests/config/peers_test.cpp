#include <gtest/gtest.h>

#include "config/config.h"
#include "config/options.h"
#include "tests/config/examples.h"

namespace holdfast::config {
namespace {

using namespace examples;
using boost::asio::ip::make_address;
using Problems = std::vector<std::string>;

const std::string kState = "[server]\nstate = \"/var/lib/holdfast\"\n";
const std::string kKey = "[key.xfr]\nfile = \"xfr.key\"\n";

/// `lines` begin in line 2 of a peer that is used.
std::string peer(const std::string& lines) {
  return "[peer.ns2]\n" + lines + "\n" + kState + kZone + "secondaries = [\"ns2\"]\n";
}
/// `lines` begin in line 3 of a zone, beside the peers "ns1" and "ns2"; the latter has no addresses.
std::string zone_with_peers(const std::string& lines) {
  return "[[zone]]\nname = \"example.com\"\n" + lines + "\n" + kState +
         "[peer.ns1]\naddresses = [\"192.0.2.53\"]\n[peer.ns2]\nnetworks = [\"192.0.2.0/24\"]\n" +
         "[[zone]]\nname = \"b.example\"\nfile = \"b\"\nsecondaries = [\"ns1\", \"ns2\"]\n";
}

TEST(Peers, AreReadWithAllTheirOptions) {
  const std::string text = kState + kKey + R"([peer.ns2]
addresses = ["198.51.100.53", "[2001:db8::53]:5300"]
networks = ["198.51.100.0/24"]
source = ["2001:db8::5", "192.0.2.5"]
key = "xfr"
notify = false
live = "static"
[peer.ns1]
addresses = ["192.0.2.53"]
tls = { name = "ns1.example.net", port = 8853, ca_file = "ca.pem", certificate = "us.pem", key = "us.key", mutual = true }
[[zone]]
name = "example.com"
file = "example.com.zone"
secondaries = ["ns2"]
serial = "date"
[[zone]]
name = "example.net"
primaries = ["ns1"]
secondaries = ["ns2"]
live = [{ name = "www", monitor = "web" }]
)" + kMonitor;
  const Loaded loaded = parse(text, "/etc/holdfast/t.toml");
  for (const Problem& problem : loaded.problems) ADD_FAILURE() << problem.text();
  ASSERT_TRUE(loaded.config);
  const Config& config = *loaded.config;
  EXPECT_EQ(config.keys, (std::vector<zones::KeySettings>{{"xfr", "/etc/holdfast/xfr.key"}}));
  ASSERT_EQ(config.peers.size(), 2U);
  zones::PeerSettings ns1;
  ns1.name = "ns1";
  ns1.addresses = {{make_address("192.0.2.53"), 53}};
  ns1.tls = {.name = "ns1.example.net",
             .port = 8853,
             .ca_file = "/etc/holdfast/ca.pem",
             .certificate = "/etc/holdfast/us.pem",
             .key = "/etc/holdfast/us.key",
             .is_mutual = true};
  EXPECT_EQ(config.peers[0], ns1);
  zones::PeerSettings ns2;
  ns2.name = "ns2";
  ns2.addresses = {{make_address("198.51.100.53"), 53}, {make_address("2001:db8::53"), 5300}};
  ns2.networks = {*zones::Prefix::parse("198.51.100.0/24").prefix};
  ns2.source = {make_address("2001:db8::5"), make_address("192.0.2.5")};
  ns2.key = "xfr";
  ns2.notify = false;
  ns2.live = zones::LiveSent::of_file;
  EXPECT_EQ(config.peers[1], ns2);
  ASSERT_EQ(config.zones.size(), 2U);
  const zones::ZoneSettings& primary = config.zones[0];
  EXPECT_FALSE(primary.is_secondary());
  EXPECT_EQ(primary.secondaries, (std::vector<std::string>{"ns2"}));
  EXPECT_EQ(primary.serial, zones::SerialPolicy::date);
  const zones::ZoneSettings& secondary = config.zones[1];
  EXPECT_TRUE(secondary.is_secondary());
  EXPECT_EQ(secondary.file, "");
  EXPECT_EQ(secondary.primaries, std::vector<std::string>{"ns1"});
  EXPECT_EQ(secondary.secondaries, std::vector<std::string>{"ns2"});
  EXPECT_EQ(secondary.serial, zones::SerialPolicy::increment);
  EXPECT_EQ(secondary.live.size(), 1U);
}

TEST(Peers, MustBeReachableOneWayOrTheOther) {
  EXPECT_EQ(problems(peer("")),
            Problems{R"(1:1: peer "ns2": has neither addresses nor networks, so that it could )"
                     R"(neither be asked nor ask; give one of them)"});
  EXPECT_EQ(problems(peer("addresses = [\"192.0.2.1\"]")), Problems{});
  EXPECT_EQ(problems(peer("networks = [\"192.0.2.1\"]")), Problems{});
}

TEST(Peers, HaveAddressesThatCanBeReached) {
  EXPECT_EQ(problems(peer("addresses = [\"192.0.2.1\", \"224.0.0.1\"]")).size(), 1U);
  EXPECT_EQ(problems(peer("addresses = [\"0.0.0.0\"]")).at(0).substr(0, 42),
            R"(2:14: peer "ns2": addresses: 0.0.0.0 is th)");
  EXPECT_EQ(
      problems(peer("addresses = [\"192.0.2.1:0\"]")),
      Problems{R"(2:14: peer "ns2": addresses: nobody can listen at port 0; leave it out for port 53)"});
  EXPECT_EQ(
      problems(peer("addresses = [\"ns2.example\"]")),
      Problems{R"(2:14: peer "ns2": addresses: "ns2.example" is no IP address and port; write one such as )"
               R"("127.0.0.1:53" or "[::1]:53")"});
}

TEST(Peers, AreSentToFromOneAddressOfEachFamily) {
  const std::string v4 = "addresses = [\"192.0.2.1\"]\nsource = ";
  EXPECT_EQ(problems(peer(v4 + "[\"192.0.2.2\"]")), Problems{});
  EXPECT_EQ(problems(peer(v4 + "[\"192.0.2.2\", \"192.0.2.3\"]")),
            Problems{R"(3:24: peer "ns2": source: both are of IPv4, and one is used; leave one out)"});
  EXPECT_EQ(
      problems(peer(v4 + "[\"2001:db8::2\"]")),
      Problems{
          R"(3:11: warning: peer "ns2": source: none of its `addresses` is of IPv6, so it is of no use)"});
  EXPECT_EQ(problems(peer(v4 + "[\"192.0.2.2:53\"]")).size(), 1U);
  EXPECT_EQ(problems(peer(v4 + "[\"0.0.0.0\"]")).size(), 1U);
  EXPECT_EQ(problems(peer(v4 + "\"192.0.2.2\"")).size(), 1U);
}

TEST(Peers, NameAKeyThatIsThere) {
  EXPECT_EQ(problems(peer("addresses = [\"192.0.2.1\"]\nkey = \"xfer\"") + kKey),
            Problems{R"(3:7: peer "ns2": key: there is no key "xfer"; did you mean "xfr"?)"});
  EXPECT_EQ(problems(peer("addresses = [\"192.0.2.1\"]\nkey = \"xfr\"")),
            Problems{R"(3:7: peer "ns2": key: there is no key "xfr"; add a section [key.xfr])"});
}

TEST(Peers, OverTlsNeedOneOfOurs) {
  const std::string over_tls = "addresses = [\"192.0.2.1\"]\ntls = { name = \"ns2.example\" }";
  EXPECT_EQ(problems(peer(over_tls)),
            Problems{R"(9:16: zone "example.com": secondaries: "ns2" has tls, and there is none to transfer )"
                     R"(the zone over; add tls = { certificate = "ns1.pem", key = "ns1.key" } to [server])"});
  std::string with_listener = peer(over_tls);
  with_listener.insert(with_listener.find("state ="), "tls = { certificate = \"ns1.pem\" }\n");
  EXPECT_EQ(problems(with_listener), Problems{});
  EXPECT_EQ(problems("[peer.ns1]\naddresses = [\"192.0.2.1\"]\ntls = { name = \"ns1.example\" }\n" + kState +
                     "[[zone]]\nname = \"example.com\"\nprimaries = [\"ns1\"]\n"),
            Problems{});
}

TEST(Peers, HaveTlsThatIsWhole) {
  const auto tls = [](const std::string& table) {
    std::string text = peer("addresses = [\"192.0.2.1\"]\ntls = " + table);
    text.insert(text.find("state ="), "tls = { certificate = \"ns1.pem\" }\n");
    return problems(text);
  };
  EXPECT_EQ(tls("\"ns2.example\""),
            Problems{R"(3:7: peer "ns2": tls: expected a table in braces, found string "ns2.example")"});
  EXPECT_EQ(tls("{ port = 853 }"), Problems{R"(3:7: peer "ns2": tls: name is missing; it must be given)"});
  EXPECT_EQ(tls("{ name = \"ns2.example\", key = \"us.key\" }"),
            Problems{R"(3:37: peer "ns2": tls: key: is of no use without certificate; add that)"});
}

TEST(Peers, ThatAreEverybodyShouldHaveAKey) {
  EXPECT_EQ(
      problems(peer("networks = [\"192.0.2.0/24\", \"::/0\"]")),
      Problems{
          R"(2:12: warning: peer "ns2": networks: ::/0 is everybody, who could then transfer the zones of )"
          R"(this peer; add a key)"});
  EXPECT_EQ(problems(peer("networks = [\"0.0.0.0/0\"]\nkey = \"xfr\"") + kKey), Problems{});
}

TEST(Peers, AndKeysThatNothingUsesAreTold) {
  EXPECT_EQ(
      problems(kZone + "[peer.ns2]\naddresses = [\"192.0.2.1\"]\n" + kKey),
      (Problems{
          R"(4:1: warning: peer "ns2": no zone uses it; name it in primaries, secondaries or update of a [[zone]])",
          R"(6:1: warning: key "xfr": no peer uses it; name it as key of a [peer.NAME])"}));
}

TEST(Peers, AndKeysAreNotWithoutNumber) {
  std::string text = kZone + kState;
  for (std::size_t i = 0; i <= kMaxPeers; ++i) {
    text += "[peer.p" + std::to_string(i) + "]\naddresses = [\"192.0.2.1\"]\nkey = \"k" + std::to_string(i) +
            "\"\n";
    text += "[key.k" + std::to_string(i) + "]\nfile = \"k\"\n";
  }
  EXPECT_EQ(problems(text), (Problems{"6:1: 1001 peers are too many; at most 1000 are allowed",
                                      "9:1: 1001 keys are too many; at most 1000 are allowed"}));
}

TEST(Key, HasAFile) {
  EXPECT_EQ(problems("[key.xfr]\n" + kZone),
            Problems{R"(1:1: key "xfr": file is missing; it must be given)"});
}

TEST(ZonePeers, AreThere) {
  EXPECT_EQ(problems(zone_with_peers("primaries = [\"ns11\"]")),
            Problems{R"(3:14: zone "example.com": primaries: there is no peer "ns11"; did you mean "ns1"?)"});
  EXPECT_EQ(
      problems(zone_with_peers("file = \"f\"\nsecondaries = [\"ns1\", \"other\"]")),
      Problems{R"(4:23: zone "example.com": secondaries: there is no peer "other"; known are "ns1", "ns2")"});
  EXPECT_EQ(
      problems(kState + kZone + "secondaries = [\"ns1\"]\n"),
      Problems{R"(6:16: zone "example.com": secondaries: there is no peer "ns1"; add a section [peer.ns1])"});
}

TEST(ZonePeers, ThatAreAskedHaveAddresses) {
  EXPECT_EQ(
      problems(zone_with_peers("primaries = [\"ns1\", \"ns2\"]")),
      Problems{
          R"(3:21: zone "example.com": primaries: the peer "ns2" has no addresses to transfer the zone from; )"
          R"(add addresses = ["192.0.2.53"] to it)"});
}

TEST(ZonePeers, AreOnOneSideOnly) {
  EXPECT_EQ(
      problems(zone_with_peers("primaries = [\"ns1\"]\nsecondaries = [\"ns2\", \"ns1\"]")),
      Problems{
          R"(4:23: zone "example.com": secondaries: "ns1" is one of the primaries; leave it out of one list)"});
}

TEST(ZonePeers, StandOnceInAList) {
  EXPECT_EQ(
      problems(zone_with_peers("primaries = [\"ns1\", \"ns1\"]")),
      Problems{R"(3:21: zone "example.com": primaries: "ns1" stands twice in the list; leave one out)"});
}

TEST(ZonePeers, NeedAStateDirectory) {
  const std::string peers = "[peer.ns1]\naddresses = [\"192.0.2.53\"]\n";
  const std::string why =
      "needs a directory where versions of zones are kept, so that serials never go back; add state = "
      "\"/var/lib/holdfast\" to [server]";
  EXPECT_EQ(
      problems(peers + kZone + "secondaries = [\"ns1\"]\n" + zone("name = \"b\"\nprimaries = [\"ns1\"]")),
      Problems{"6:15: zone \"example.com\": secondaries: " + why});
  EXPECT_EQ(problems("[server]\nthreads = 1\n" + peers + zone("name = \"b\"\nprimaries = [\"ns1\"]")),
            Problems{"7:13: zone \"b\": primaries: " + why});
}

TEST(Zone, ComesFromAFileOrFromOthers) {
  EXPECT_EQ(
      problems(zone("name = \"example.com\"")),
      Problems{
          R"(1:1: zone "example.com": file is missing; give it, or the primaries to transfer the zone from)"});
  EXPECT_EQ(problems(zone_with_peers("primaries = [\"ns1\"]\nfile = \"f\"")),
            Problems{R"(3:13: zone "example.com": primaries: has a file, too; leave one of them out)"});
  EXPECT_EQ(problems(zone("name = \"example.com\"\nfiel = \"f\"")),
            Problems{R"(3:1: zone "example.com": unknown key "fiel"; did you mean "file"?)"});
  EXPECT_EQ(
      problems(zone("name = \"example.com\"\nfile = 1")),
      Problems{R"(3:8: zone "example.com": file: expected the path of a file in quotes, found integer 1)"});
}

TEST(Zone, HasASerialPolicyByItsName) {
  EXPECT_EQ(problems(kZone + "serial = \"unixtime\"\n"), Problems{});
  EXPECT_EQ(problems(kZone + "serial = \"dates\"\n"),
            Problems{R"(4:10: zone "example.com": serial: "dates" is unknown; did you mean "date"?)"});
}

// ---- who may update a zone

/// `rows` are in line 3 of a zone, beside the peer "acme", which has a key, and "open", which has none.
std::string zone_with_update(const std::string& rows) {
  return kState + "[[zone]]\nname = \"example.com\"\nfile = \"example.com.zone\"\nupdate = [" + rows + "]\n" +
         kKey + "[peer.acme]\nnetworks = [\"192.0.2.0/24\"]\nkey = \"xfr\"\n" +
         "[peer.open]\nnetworks = [\"198.51.100.0/24\"]\n[[zone]]\nname = \"b.example\"\nfile = \"b\"\n"
         "secondaries = [\"acme\", \"open\"]\n";
}

TEST(Updates, AreReadWithNamesOfTheZone) {
  const Loaded loaded =
      parse(zone_with_update(
                R"({ peer = "acme", names = ["_acme-challenge.www", "*.dyn", "@"], types = ["TXT", "caa"] },
                          { peer = "acme" })"),
            "/etc/holdfast/t.toml");
  for (const Problem& problem : loaded.problems) ADD_FAILURE() << problem.text();
  ASSERT_TRUE(loaded.config);
  const zones::ZoneSettings* zone = nullptr;
  for (const auto& one : loaded.config->zones) {
    if (one.name == *zones::Name::parse("example.com")) zone = &one;
  }
  ASSERT_NE(zone, nullptr);
  EXPECT_TRUE(zone->is_versioned());
  const auto name = [](const char* text) { return *zones::Name::parse(text); };
  EXPECT_EQ(zone->update,
            (std::vector<zones::UpdateSettings>{{.peer = "acme",
                                                 .names = {name("_acme-challenge.www.example.com"),
                                                           name("*.dyn.example.com"), name("example.com")},
                                                 .types = {zones::RrType::TXT, *zones::parse_type("CAA")}},
                                                {.peer = "acme"}}));
}

TEST(Updates, SayWhatIsWrong) {
  const auto first = [](const std::string& rows) { return problems(zone_with_update(rows)).at(0); };
  EXPECT_EQ(
      first(R"({ peer = "nobody" })"),
      R"(6:20: zone "example.com": update 1: peer: there is no peer "nobody"; known are "acme", "open")");
  EXPECT_EQ(first(R"({ names = ["www"] })"),
            R"(6:11: zone "example.com": update 1: peer is missing; it must be given)");
  EXPECT_EQ(
      first(R"({ peer = "open" })"),
      R"(6:20: warning: zone "example.com": update 1: peer: "open" has no key, and whoever forges its address over UDP can change the zone; add one to it)");
  EXPECT_EQ(
      first(R"({ peer = "acme", names = ["www.example.net."] })"),
      R"(6:36: zone "example.com": update 1: names: www.example.net. is not in the zone; names are relative to it unless they end with a dot)");
  EXPECT_EQ(first(R"({ peer = "acme", types = ["ANY"] })"),
            R"(6:37: zone "example.com": update 1: types: "ANY" is no type of records in a zone)");
}

TEST(Updates, AreOfZonesWithAFile) {
  const std::string text =
      kState +
      "[[zone]]\nname = \"example.com\"\nprimaries = [\"ns1\"]\n"
      "update = [{ peer = \"ns1\" }]\n[peer.ns1]\naddresses = [\"192.0.2.1\"]\nkey = \"xfr\"\n" +
      kKey;
  EXPECT_EQ(
      problems(text).at(0),
      R"(6:10: zone "example.com": update: the zone is transferred from its primaries, where it is to be changed; leave one of them out)");
}

TEST(Updates, AreKept) {
  const std::string text =
      "[[zone]]\nname = \"example.com\"\nfile = \"z\"\nupdate = [{ peer = \"ns1\" }]\n"
      "[peer.ns1]\naddresses = [\"192.0.2.1\"]\nkey = \"xfr\"\n" +
      kKey;
  EXPECT_NE(problems(text).at(0).find("needs a directory where versions of zones are kept"),
            std::string::npos);
}

}  // namespace
}  // namespace holdfast::config
