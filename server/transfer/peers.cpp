#include "server/transfer/peers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace holdfast::server {
namespace {

boost::asio::ip::address unmapped(const boost::asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
}

/// A file that cannot be read any more is what it was: one that is half written cuts nobody off.
std::shared_ptr<const Authorities> authorities_of(const zones::PeerSettings& peer,
                                                  const Authorities* before) {
  if (peer.tls.empty() || !peer.tls.is_mutual) return nullptr;
  return std::make_shared<const Authorities>(peer.tls.ca_file, before);
}

/// What of the way that a peer comes is not as it has to be.
std::string problem_of(const Peer& peer, const Asker& asker) {
  if (peer.settings.tls.empty()) return {};
  if (!asker.is_tls) return "it does not come over TLS with ALPN \"dot\" (RFC 9103)";
  return peer.authorities == nullptr ? "" : peer.authorities->problem_of(asker.shown, peer.settings.tls.name);
}

/// By what is looked at over every transport.
bool is(const Peer& peer, const Asker& asker) {
  if (!peer.is_usable()) return false;
  if (peer.key != nullptr && (asker.key == nullptr || asker.key->name() != peer.key->name())) return false;
  const auto address = unmapped(asker.address);
  const auto& own = peer.settings.addresses;
  const auto& networks = peer.settings.networks;
  return std::any_of(own.begin(), own.end(), [&](const auto& at) { return at.address() == address; }) ||
         std::any_of(networks.begin(), networks.end(),
                     [&](const auto& network) { return network.contains(address); });
}

template <class Is>
const Peer* find(const std::vector<const Peer*>& peers, Is is) {
  const auto found = std::find_if(peers.begin(), peers.end(), is);
  return found == peers.end() ? nullptr : *found;
}

}  // namespace

boost::asio::ip::address Peer::source_for(const boost::asio::ip::address& address) const {
  for (const auto& source : settings.source) {
    if (source.is_v4() == address.is_v4()) return source;
  }
  return {};
}

Peers::Peers(std::span<const zones::PeerSettings> peers, std::span<const zones::ZoneSettings> zones,
             const Keys& keys, const Peers* before)
    : keys_(keys) {
  std::map<std::string_view, const Peer*> known;
  for (const zones::PeerSettings& settings : peers) {
    const Authorities* const read = before == nullptr ? nullptr : before->authorities(settings.tls.ca_file);
    auto peer =
        std::make_unique<const Peer>(Peer{settings, keys.find(settings.key), authorities_of(settings, read)});
    known.emplace(peer->settings.name, peer.get());
    peers_.push_back(std::move(peer));
  }
  std::vector<std::shared_ptr<const OfZone>> rows;  // few, and each of many zones
  for (const zones::ZoneSettings& zone : zones) {
    if (!zone.is_versioned()) continue;
    OfZone row;
    row.serial = zone.serial;
    if (zone.origin == zones::Origin::member) row.catalog = zone.catalog;
    for (const std::string& name : zone.primaries) row.primaries.push_back(known.at(name));
    for (const std::string& name : zone.secondaries) row.secondaries.push_back(known.at(name));
    for (const zones::UpdateSettings& right : zone.update) row.updaters.push_back(known.at(right.peer));
    row.update = zone.update;
    const bool is_last = !rows.empty() && *rows.back() == row;
    const auto same =
        is_last ? rows.end() - 1
                : std::find_if(rows.begin(), rows.end(), [&](const auto& one) { return *one == row; });
    const auto shared =
        same != rows.end() ? *same : rows.emplace_back(std::make_shared<const OfZone>(std::move(row)));
    zones_.emplace(key(zone.name), shared);
  }
}

Peers::Peers(const Peers& before, const Keys& keys) : keys_(keys) {
  std::map<const Peer*, const Peer*> after;
  for (const auto& peer : before.peers_) {
    const zones::PeerSettings& settings = peer->settings;
    const Peer& now = *peers_.emplace_back(std::make_unique<const Peer>(
        Peer{settings, keys.find(settings.key), authorities_of(settings, peer->authorities.get())}));
    after.emplace(peer.get(), &now);
  }
  std::map<const OfZone*, std::shared_ptr<const OfZone>> rows;
  for (const auto& [zone, row] : before.zones_) {
    std::shared_ptr<const OfZone>& now = rows[row.get()];
    if (now == nullptr) {
      OfZone same = *row;
      for (auto* const list : {&same.primaries, &same.secondaries, &same.updaters}) {
        for (const Peer*& peer : *list) peer = after.at(peer);
      }
      now = std::make_shared<const OfZone>(std::move(same));
    }
    zones_.emplace(zone, now);
  }
}

const Peers::OfZone* Peers::of(zones::NameView zone) const {
  const auto found = zones_.find(key(zone));
  return found == zones_.end() ? nullptr : found->second.get();
}

const Peer* Peers::secondary(zones::NameView zone, const Asker& asker) const {
  const OfZone* const known = of(zone);
  if (known == nullptr) return nullptr;
  return find(known->secondaries,
              [&](const Peer* peer) { return is(*peer, asker) && problem_of(*peer, asker).empty(); });
}

std::string Peers::complaint(zones::NameView zone, const Asker& asker) const {
  const OfZone* const known = of(zone);
  if (known == nullptr) return {};
  const Peer* const peer = find(known->secondaries, [&](const Peer* one) { return is(*one, asker); });
  if (peer == nullptr) return {};
  const std::string problem = problem_of(*peer, asker);
  return problem.empty() ? problem : fmt::format("peer {}: {}", peer->settings.name, problem);
}

bool Peers::knows(zones::NameView zone, const Asker& asker) const {
  const OfZone* const known = of(zone);
  const auto is_asker = [&](const Peer* peer) { return is(*peer, asker); };
  return known != nullptr &&
         (find(known->primaries, is_asker) != nullptr || find(known->secondaries, is_asker) != nullptr);
}

const Peer* Peers::primary(zones::NameView zone, const Asker& asker) const {
  const OfZone* const known = of(zone);
  if (known == nullptr) return nullptr;
  return find(known->primaries, [&](const Peer* peer) { return is(*peer, asker); });
}

bool Peers::ask_for_certificates() const noexcept {
  return std::any_of(peers_.begin(), peers_.end(),
                     [](const auto& peer) { return peer->authorities != nullptr; });
}

const Authorities* Peers::authorities(const std::string& ca_file) const noexcept {
  const auto found = std::find_if(peers_.begin(), peers_.end(), [&](const auto& peer) {
    return peer->authorities != nullptr && peer->authorities->are_known() &&
           peer->settings.tls.ca_file == ca_file;
  });
  return found == peers_.end() ? nullptr : (*found)->authorities.get();
}

std::vector<std::string> Peers::problems() const {
  std::vector<std::string> all;
  for (const auto& peer : peers_) {
    if (peer->authorities == nullptr || peer->authorities->problem().empty()) continue;
    all.push_back(fmt::format("{}; {} until it can be read", peer->authorities->problem(),
                              peer->authorities->are_known()
                                  ? "for peer " + peer->settings.name + " it counts as it was read before,"
                                  : "peer " + peer->settings.name + " may transfer nothing"));
  }
  return all;
}

std::vector<zones::UpdateSettings> Peers::rights(zones::NameView zone, const Asker& asker) const {
  const OfZone* const known = of(zone);
  std::vector<zones::UpdateSettings> rights;
  for (std::size_t i = 0; known != nullptr && i < known->updaters.size(); ++i) {
    const Peer& peer = *known->updaters[i];
    if (is(peer, asker) && problem_of(peer, asker).empty()) rights.push_back(known->update[i]);
  }
  return rights;
}

}  // namespace holdfast::server
