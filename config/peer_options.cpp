#include "config/geo_kinds.h"
#include "config/options.h"

// What a configuration file can say of other name servers.
namespace holdfast::config {

using boost::asio::ip::tcp;
using zones::KeySettings;
using zones::PeerSettings;
using zones::PeerTls;

std::span<const Option<KeySettings>> key_options() {
  static const Option<KeySettings> kOptions[] = {
      required("file", &KeySettings::file, FilePath{},
               "The key in BIND's format, as `holdfast keygen tsig xfr` prints it; readable by nobody but "
               "its owner and group (0640 or less). Read again by each reload.")
          .such_as("\"xfr.key\""),
  };
  return kOptions;
}

std::span<const Option<PeerSettings>> peer_options() {
  static const Option<PeerTls> kTls[] = {
      required("name", &PeerTls::name, Host{}, "The name, or address, that its certificate must have."),
      option("port", &PeerTls::port, Integer<std::uint16_t>{1, 65535},
             "Where it is asked for zones, at its `addresses`, whose own ports are for NOTIFY alone then."),
      option(
          "ca_file", &PeerTls::ca_file, FilePath{},
          "Certificates of authorities to trust for it, or its own, as PEM; without it those of the system."),
      option(
          "certificate", &PeerTls::certificate, FilePath{},
          "Certificate that we show it, as PEM, followed by those that it was issued by; without it none."),
      option(
          "key", &PeerTls::key, FilePath{},
          "Key of that certificate, as PEM without a password (0640 or less); without this option it is in "
          "the same file."),
      option("mutual", &PeerTls::is_mutual, Boolean{},
             "Whether it has to show its certificate also when it transfers zones from us."),
  };
  static const Option<PeerSettings> kOptions[] = {
      option("addresses", &PeerSettings::addresses, ListOf<Endpoint<tcp>>{{53}, kMaxPeerPlaces},
             "Where it is notified and asked for zones. It may ask for them from there, too, from any port.")
          .such_as("[\"198.51.100.53\", \"[2001:db8::53]:5300\"]"),
      option("networks", &PeerSettings::networks, ListOf<Network>{{}, kMaxPeerPlaces},
             "Where else it may ask from.")
          .such_as("[\"198.51.100.0/24\"]"),
      option("source", &PeerSettings::source, ListOf<Address>{{}, 2},
             "Addresses of this machine that it is notified and asked from, at most one of each family; "
             "without one the system chooses.")
          .such_as("[\"192.0.2.53\", \"2001:db8::5\"]"),
      option("key", &PeerSettings::key, Identifier{},
             "A key: all messages between it and us are signed with that, or refused; without it the address "
             "is all that "
             "is looked at.")
          .such_as("\"xfr\""),
      option(
          "tls", &PeerSettings::tls, TableOf<PeerTls>{kTls},
          "That zones are transferred over TLS only (RFC 9103), to it by `tls` of `[server]`; NOTIFY is not.")
          .such_as("{ name = \"ns2.example.net\" }"),
      option("notify", &PeerSettings::notify, Boolean{},
             "Whether it is told when a zone that it may transfer changes."),
      option("live", &PeerSettings::live, Choice<zones::LiveSent>{zones::kLiveSent},
             "What it gets at live names: the one answer that is for everybody (`flat`), a new version of "
             "the zone each "
             "time that changes; or the records of the file (`static`), for a server that has the same live "
             "names."),
  };
  return kOptions;
}

}  // namespace holdfast::config
