#include "server/transfer/peers.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/server/tls/certificate_directory.h"

namespace holdfast::server {
namespace {

using boost::asio::ip::make_address;
using zones::Name;

SharedKey key(const std::string& name) {
  const std::uint8_t secret[32] = {1, 2, 3};
  return TsigKey::make(*Name::parse(name), TsigAlgorithm::hmac_sha256, secret);
}

zones::PeerSettings peer(const std::string& name, const std::string& address) {
  return {.name = name, .addresses = {{make_address(address), 53}}};
}

struct Row {
  std::string address, key;
  bool is_tls;
  std::string expected;  // the peer; empty: nobody
};

TEST(Peers, AreWhoTheyAreByAddressKeyAndTls) {
  const SharedKey xfr = key("xfr."), other = key("other.");
  std::vector<zones::PeerSettings> settings = {peer("open", "192.0.2.1"), peer("signed", "192.0.2.2"),
                                               peer("tls", "192.0.2.3"), peer("broken", "192.0.2.4")};
  settings[0].networks = {*zones::Prefix::parse("198.51.100.0/24").prefix,
                          *zones::Prefix::parse("2001:db8::/32").prefix};
  settings[1].key = "xfr";
  settings[2].tls.name = "ns.example.net";
  settings[3].key = "unreadable";
  zones::ZoneSettings zone{.name = *Name::parse("example.com.")};
  zone.secondaries = {"open", "signed", "tls", "broken"};
  const Peers peers(settings, {&zone, 1}, Keys({{"xfr", xfr}, {"other", other}}));
  const Row rows[] = {
      {"192.0.2.1", "", false, "open"},
      {"192.0.2.1", "other", false, "open"},
      {"198.51.100.7", "", false, "open"},
      {"2001:db8::7", "", false, "open"},
      {"::ffff:192.0.2.1", "", false, "open"},
      {"192.0.2.9", "xfr", true, ""},
      {"192.0.2.2", "", false, ""},
      {"192.0.2.2", "other", false, ""},
      {"192.0.2.2", "xfr", false, "signed"},
      {"192.0.2.3", "", false, ""},
      {"192.0.2.3", "", true, "tls"},
      {"192.0.2.4", "", false, ""},
      {"192.0.2.4", "xfr", false, ""},
  };
  for (const Row& row : rows) {
    const Asker asker{make_address(row.address),
                      row.key == "xfr"     ? xfr
                      : row.key == "other" ? other
                                           : nullptr,
                      row.is_tls};
    const Peer* const found = peers.secondary(zone.name, asker);
    EXPECT_EQ(found == nullptr ? "" : found->settings.name, row.expected) << row.address << ' ' << row.key;
    EXPECT_EQ(peers.primary(zone.name, asker), nullptr);
    EXPECT_EQ(peers.secondary(*Name::parse("example.net."), asker), nullptr);
  }
}

/// Somebody at the address of "tls", over TLS.
Asker shows(const health::Identity& identity, bool is_tls = true) {
  return {
      .address = make_address("192.0.2.3"), .is_tls = is_tls, .shown = {.certificate = identity.certificate}};
}

TEST(Peers, HaveToShowTheirCertificateWhereThatIsMutual) {
  using namespace std::chrono_literals;
  using health::issue;
  const health::Identity authority = issue({.common_name = "authority"}),
                         stranger = issue({.common_name = "stranger"});
  const CertificateDirectory files;
  files.write("ca", authority);
  std::vector<zones::PeerSettings> settings = {peer("ns3", "192.0.2.3"), peer("lost", "192.0.2.4")};
  settings[0].tls = {.name = "ns3.example.net", .ca_file = files / "ca.pem", .is_mutual = true};
  settings[1].tls = {.name = "lost.example.net", .ca_file = files / "none.pem", .is_mutual = true};
  zones::ZoneSettings zone{.name = *Name::parse("example.com.")};
  zone.secondaries = {"ns3", "lost"};
  const Peers peers(settings, {&zone, 1}, Keys());
  EXPECT_TRUE(peers.ask_for_certificates());
  EXPECT_EQ(peers.problems(), std::vector<std::string>{files / "none.pem" +
                                                       ": No such file or directory; peer lost may transfer "
                                                       "nothing until it can be read"});
  const std::string has_none = "peer ns3: it has no certificate for ns3.example.net: ";
  const std::pair<Asker, std::string> rows[] = {
      {shows(issue({.names = "DNS:ns3.example.net"}, &authority)), ""},
      {shows(issue({.names = "DNS:ns4.example.net"}, &authority)), has_none + "hostname mismatch"},
      {shows(issue({.names = "DNS:ns3.example.net"}, &stranger)),
       has_none + "unable to get local issuer certificate"},
      {shows(issue({.names = "DNS:ns3.example.net"})), has_none + "self-signed certificate"},
      {shows(issue({.names = "DNS:ns3.example.net", .from = -48h, .until = -24h}, &authority)),
       has_none + "certificate has expired"},
      {shows({}), "peer ns3: it shows no certificate"},
      {shows(issue({.names = "DNS:ns3.example.net"}, &authority), false),
       "peer ns3: it does not come over TLS with ALPN \"dot\" (RFC 9103)"},
  };
  for (const auto& [asker, complaint] : rows) {
    EXPECT_EQ(peers.complaint(zone.name, asker), complaint);
    EXPECT_EQ(peers.secondary(zone.name, asker) != nullptr, complaint.empty()) << complaint;
  }
  Asker other = rows[0].first;
  other.address = make_address("192.0.2.9");
  EXPECT_EQ(peers.secondary(zone.name, other), nullptr);
  EXPECT_EQ(peers.complaint(zone.name, other), "") << "of strangers nothing is said";
  other.address = make_address("192.0.2.4");
  EXPECT_EQ(peers.secondary(zone.name, other), nullptr);
}

TEST(Peers, StayWhoTheyAreWhereAFileOfAuthoritiesCanBeReadNoMore) {
  const health::Identity authority = health::issue({.common_name = "authority"});
  const CertificateDirectory files;
  files.write("ca", authority);
  std::vector<zones::PeerSettings> settings = {peer("ns3", "192.0.2.3")};
  settings[0].tls = {.name = "ns3.example.net", .ca_file = files / "ca.pem", .is_mutual = true};
  zones::ZoneSettings zone{.name = *Name::parse("example.com.")};
  zone.secondaries = {"ns3"};
  const Asker asker = shows(health::issue({.names = "DNS:ns3.example.net"}, &authority));
  const Peers first(settings, {&zone, 1}, Keys());
  EXPECT_NE(first.secondary(zone.name, asker), nullptr);

  std::ofstream(files / "ca.pem") << "half of";
  const Peers with_other_keys(first, Keys());
  const Peers of_other_zones(settings, {&zone, 1}, Keys(), &with_other_keys);
  for (const Peers* const peers : {&with_other_keys, &of_other_zones}) {
    EXPECT_NE(peers->secondary(zone.name, asker), nullptr);
    ASSERT_EQ(peers->problems().size(), 1U);
    EXPECT_NE(
        peers->problems()[0].find("; for peer ns3 it counts as it was read before, until it can be read"),
        std::string::npos)
        << peers->problems()[0];
  }
  EXPECT_EQ(Peers(settings, {&zone, 1}, Keys()).secondary(zone.name, asker), nullptr);

  files.write("ca", health::issue({.common_name = "another"}));
  EXPECT_EQ(Peers(of_other_zones, Keys()).secondary(zone.name, asker), nullptr) << "what it says now counts";
}

TEST(Peers, AreKnownHoweverTheyCome) {
  std::vector<zones::PeerSettings> settings = {peer("above", "192.0.2.1"), peer("below", "192.0.2.2")};
  settings[1].tls = {.name = "ns.example.net"};
  zones::ZoneSettings zone{.name = *Name::parse("example.com.")};
  zone.primaries = {"above"};
  zone.secondaries = {"below"};
  const Peers peers(settings, {&zone, 1}, Keys());
  for (const char* const address : {"192.0.2.1", "192.0.2.2"})
    EXPECT_TRUE(peers.knows(zone.name, {.address = make_address(address)}));
  EXPECT_FALSE(peers.knows(zone.name, {.address = make_address("192.0.2.3")}));
  EXPECT_FALSE(peers.knows(*Name::parse("example.net."), {.address = make_address("192.0.2.1")}));
}

TEST(Peers, OfManyZonesAreStoredOnce) {
  const std::vector<zones::PeerSettings> settings = {peer("a", "192.0.2.1"), peer("b", "192.0.2.2")};
  std::vector<zones::ZoneSettings> all(3);
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i].name = *Name::parse("z" + std::to_string(i) + ".example.");
  all[0].secondaries = all[2].secondaries = {"a"};
  all[1].primaries = {"b"};
  const Peers peers(settings, all, Keys());
  EXPECT_EQ(peers.of(all[0].name), peers.of(all[2].name));
  EXPECT_NE(peers.of(all[0].name), peers.of(all[1].name));
  EXPECT_EQ(peers.of(*Name::parse("example.")), nullptr);
}

}  // namespace
}  // namespace holdfast::server
