#include "server/transfer/peers.h"

#include <algorithm>
#include <map>

namespace holdfast::server {
namespace {

boost::asio::ip::address unmapped(const boost::asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
}

/// @param by_tls  whether TLS has to be there where the peer is to come by it
bool is(const Peer& peer, const Asker& asker, bool by_tls) {
  if (!peer.is_usable()) return false;
  if (peer.key != nullptr && (asker.key == nullptr || asker.key->name() != peer.key->name())) return false;
  if (by_tls && !peer.settings.tls.empty() && !asker.is_tls) return false;
  const auto address = unmapped(asker.address);
  const auto& own = peer.settings.addresses;
  const auto& networks = peer.settings.networks;
  return std::any_of(own.begin(), own.end(), [&](const auto& at) { return at.address() == address; }) ||
         std::any_of(networks.begin(), networks.end(),
                     [&](const auto& network) { return network.contains(address); });
}

const Peer* find(const std::vector<const Peer*>& peers, const Asker& asker, bool by_tls) {
  const auto found =
      std::find_if(peers.begin(), peers.end(), [&](const Peer* peer) { return is(*peer, asker, by_tls); });
  return found == peers.end() ? nullptr : *found;
}

}  // namespace

Peers::Peers(std::span<const zones::PeerSettings> peers, std::span<const zones::ZoneSettings> zones,
             const Keys& keys)
    : keys_(keys) {
  std::map<std::string_view, const Peer*> known;
  for (const zones::PeerSettings& settings : peers) {
    auto peer = std::make_unique<const Peer>(Peer{settings, keys.find(settings.key)});
    known.emplace(peer->settings.name, peer.get());
    peers_.push_back(std::move(peer));
  }
  std::vector<std::shared_ptr<const OfZone>> rows;  // few, and each of many zones
  for (const zones::ZoneSettings& zone : zones) {
    if (!zone.is_versioned()) continue;
    OfZone row;
    row.serial = zone.serial;
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
    const Peer& now = *peers_.emplace_back(
        std::make_unique<const Peer>(Peer{peer->settings, keys.find(peer->settings.key)}));
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
  return known == nullptr ? nullptr : find(known->secondaries, asker, true);
}

const Peer* Peers::primary(zones::NameView zone, const Asker& asker) const {
  const OfZone* const known = of(zone);
  return known == nullptr ? nullptr : find(known->primaries, asker, false);
}

std::vector<zones::UpdateSettings> Peers::rights(zones::NameView zone, const Asker& asker) const {
  const OfZone* const known = of(zone);
  std::vector<zones::UpdateSettings> rights;
  for (std::size_t i = 0; known != nullptr && i < known->updaters.size(); ++i) {
    if (is(*known->updaters[i], asker, true)) rights.push_back(known->update[i]);
  }
  return rights;
}

}  // namespace holdfast::server
