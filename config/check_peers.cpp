#include "config/check_peers.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "config/options.h"
#include "config/place.h"

namespace holdfast::config {
namespace {

using zones::PeerSettings;
using zones::ZoneSettings;

/// What may be referred to, and what was. Names in order, as TOML tables have them.
struct KnownNames {
  std::vector<std::string_view> key_names;
  std::vector<std::string_view> peer_names;
  std::unordered_map<std::string_view, const PeerSettings*> peers;
  std::unordered_set<std::string_view> used_keys;
  std::unordered_set<std::string_view> used_peers;
  bool has_listener = false;  // for TLS
};

void check_addresses(const Section<PeerSettings>& peer) {
  const Scope scope = peer.scope.in("addresses");
  const toml::array* addresses = peer.table->get_as<toml::array>("addresses");
  const auto& read = peer.settings.addresses;
  // Those that are no addresses at all were reported before, and are not among what was read.
  for (std::size_t i = 0; addresses != nullptr && read.size() == addresses->size() && i < read.size(); ++i) {
    const toml::node& node = *addresses->get(i);
    if (const auto reason = zones::unusable(read[i].address()); !reason.empty()) {
      scope.error(node, fmt::format("{} {}", read[i].address().to_string(), reason));
    } else if (read[i].port() == 0) {
      scope.error(node, "nobody can listen at port 0; leave it out for port 53");
    }
  }
}

void check_source(const Section<PeerSettings>& peer) {
  const Scope scope = peer.scope.in("source");
  const toml::array* sources = peer.table->get_as<toml::array>("source");
  const auto& read = peer.settings.source;
  const auto& addresses = peer.settings.addresses;
  const toml::array* given = peer.table->get_as<toml::array>("addresses");
  const bool is_read_whole = given == nullptr || given->size() == addresses.size();
  for (std::size_t i = 0; sources != nullptr && read.size() == sources->size() && i < read.size(); ++i) {
    const bool is_v4 = read[i].is_v4();
    const char* const family = is_v4 ? "IPv4" : "IPv6";
    if (i == 1 && read[0].is_v4() == is_v4) {
      scope.error(*sources->get(i), fmt::format("both are of {}, and one is used; leave one out", family));
    } else if (is_read_whole && std::none_of(addresses.begin(), addresses.end(), [&](const auto& one) {
                 return one.address().is_v4() == is_v4;
               })) {
      scope.warning(*sources->get(i),
                    fmt::format("none of its `addresses` is of {}, so it is of no use", family));
    }
  }
}

void check_tls(const Section<PeerSettings>& peer) {
  const toml::table* tls = peer.table->get_as<toml::table>("tls");
  if (tls == nullptr || !has(*tls, "key") || has(*tls, "certificate")) return;
  peer.scope.in("tls").in("key").error(place(*tls, "key"), "is of no use without certificate; add that");
}

void check_peer(const Section<PeerSettings>& peer, KnownNames& known) {
  const toml::table& table = *peer.table;
  const PeerSettings& settings = peer.settings;
  check_addresses(peer);
  check_source(peer);
  check_tls(peer);
  if (!has(table, "addresses") && !has(table, "networks")) {
    peer.scope.error(
        table,
        "has neither addresses nor networks, so that it could neither be asked nor ask; give one of them");
  }
  if (!settings.key.empty()) {
    if (std::binary_search(known.key_names.begin(), known.key_names.end(), settings.key)) {
      known.used_keys.insert(settings.key);
    } else {
      peer.scope.in("key").no_such(*table.get("key"), "key", settings.key, known.key_names);
    }
  } else if (!has(table, "key")) {
    const auto all = std::find_if(settings.networks.begin(), settings.networks.end(),
                                  [](const zones::Prefix& network) { return network.length() == 0; });
    if (all != settings.networks.end()) {
      peer.scope.in("networks")
          .warning(place(table, "networks"),
                   fmt::format("{} is everybody, who could then transfer the zones of this peer; add a key",
                               all->text()));
    }
  }
}

/// The peers that a list of a zone names.
void use_peers(const Section<ZoneSettings>& zone, std::string_view key, KnownNames& known) {
  const toml::array* array = zone.table->get_as<toml::array>(key);
  if (array == nullptr) return;
  const Scope scope = zone.scope.in(key);
  for (const toml::node& element : *array) {
    const auto name = element.value<std::string_view>();
    if (!name || !Identifier::is_one(*name)) continue;  // reported before
    const auto peer = known.peers.find(*name);
    if (peer == known.peers.end()) {
      scope.no_such(element, "peer", *name, known.peer_names);
      continue;
    }
    known.used_peers.insert(peer->first);
    const auto& primaries = zone.settings.primaries;
    if (key == "primaries") {
      if (peer->second->addresses.empty())
        scope.error(element,
                    fmt::format("the peer {} has no addresses to transfer the zone from; add addresses = "
                                "[\"192.0.2.53\"] to it",
                                in_quotes(*name)));
    } else if (std::find(primaries.begin(), primaries.end(), *name) != primaries.end()) {
      scope.error(element,
                  fmt::format("{} is one of the primaries; leave it out of one list", in_quotes(*name)));
    } else if (!peer->second->tls.empty() && !known.has_listener) {
      scope.error(element, fmt::format("{} has tls, and there is none to transfer the zone over; add "
                                       "tls = {{ certificate = \"ns1.pem\", key = \"ns1.key\" }} to [server]",
                                       in_quotes(*name)));
    }
  }
}

/// Who may update a zone, and what.
void check_updates(const Section<ZoneSettings>& zone, KnownNames& known) {
  const toml::array* rows = zone.table->get_as<toml::array>("update");
  const auto& read = zone.settings.update;
  if (rows == nullptr || rows->size() != read.size()) return;
  const Scope all = zone.scope.in("update");
  if (has(*zone.table, "primaries"))
    all.error(place(*zone.table, "update"),
              "the zone is transferred from its primaries, where it is to be changed; leave one of them out");
  for (std::size_t i = 0; i < read.size(); ++i) {
    const toml::table* row = rows->get(i)->as_table();
    if (row == nullptr || !has(*row, "peer") || read[i].peer.empty()) continue;  // reported before
    const Scope scope = all.row(i);
    const auto peer = known.peers.find(read[i].peer);
    if (peer == known.peers.end()) {
      scope.in("peer").no_such(*row->get("peer"), "peer", read[i].peer, known.peer_names);
      continue;
    }
    known.used_peers.insert(peer->first);
    if (peer->second->key.empty()) {
      scope.in("peer").warning(
          *row->get("peer"), fmt::format("{} has no key, and whoever forges its address over UDP can change "
                                         "the zone; add one to it",
                                         in_quotes(read[i].peer)));
    }
    for (const zones::Name& name : read[i].names) {
      if (!name.view().is_at_or_below(zone.settings.name)) {
        scope.in("names").error(place(*row, "names"),
                                fmt::format("{} is not in the zone; names are relative to it unless they end "
                                            "with a dot",
                                            name.text()));
      }
    }
  }
}

/// A zone comes from a file, or from other servers.
void check_source(const Section<ZoneSettings>& zone) {
  const toml::table& table = *zone.table;
  const bool has_file = has(table, "file"), has_primaries = has(table, "primaries");
  if (has_file && has_primaries) {
    zone.scope.in("primaries").error(place(table, "primaries"), "has a file, too; leave one of them out");
  } else if (!has_file && !has_primaries && !has_unknown(table, zone_options())) {
    zone.scope.error(table, "file is missing; give it, or the primaries to transfer the zone from");
  }
}

/// Without what was served kept, a serial could go back over a restart, and no secondary would take what comes after.
void check_state(const Document& document) {
  if (document.server && has(*document.server->table, "state")) return;
  for (const auto& zone : document.zones) {
    for (const char* key : {"primaries", "secondaries", "update"}) {
      if (!has(*zone.table, key)) continue;
      zone.scope.in(key).error(
          place(*zone.table, key),
          "needs a directory where versions of zones are kept, so that serials never go back; add "
          "state = \"/var/lib/holdfast\" to [server]");
      return;  // once is enough
    }
  }
}

void check_number(const toml::table& root, const Scope& scope, const char* key, std::size_t number,
                  std::size_t most) {
  if (number > most)
    scope.error(*root.get(key),
                fmt::format("{} {}s are too many; at most {} are allowed", number, key, most));
}

}  // namespace

void check_peers(const Document& document, const toml::table& root, const Scope& scope) {
  KnownNames known;
  known.has_listener = document.server && has(*document.server->table, "tls");
  for (const auto& key : document.keys) known.key_names.push_back(key.settings.name);
  for (const auto& peer : document.peers) {
    known.peer_names.push_back(peer.settings.name);
    known.peers.emplace(peer.settings.name, &peer.settings);
    check_peer(peer, known);
  }
  check_number(root, scope, "key", document.keys.size(), kMaxKeys);
  check_number(root, scope, "peer", document.peers.size(), kMaxPeers);
  for (const auto& zone : document.zones) {
    check_source(zone);
    use_peers(zone, "primaries", known);
    use_peers(zone, "secondaries", known);
    check_updates(zone, known);
  }
  check_state(document);

  if (scope.report.has_error()) return;  // what seems unused may be what a wrong reference meant
  for (const auto& peer : document.peers) {
    if (!known.used_peers.contains(peer.settings.name) && !document.used_peers.contains(peer.settings.name))
      peer.scope.warning(*peer.table,
                         "no zone uses it; name it in primaries, secondaries or update of a [[zone]]");
  }
  for (const auto& key : document.keys) {
    if (!known.used_keys.contains(key.settings.name))
      key.scope.warning(*key.table, "no peer uses it; name it as key of a [peer.NAME]");
  }
}

}  // namespace holdfast::config
