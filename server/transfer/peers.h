#pragma once

#include <boost/asio/ip/address.hpp>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/transfer/client_certificate.h"
#include "server/transfer/keys.h"
#include "zones/settings.h"

namespace holdfast::server {

/// Another name server.
struct Peer {
  zones::PeerSettings settings{};
  SharedKey key{};  ///< null: none is asked for, or it could not be read, and then nobody is this peer
  std::shared_ptr<const Authorities> authorities{};  ///< for its certificate; null: it need not show one

  bool is_usable() const noexcept { return settings.key.empty() || key != nullptr; }
  /// Our address that what goes to this one of its addresses leaves from; unspecified: the system chooses.
  boost::asio::ip::address source_for(const boost::asio::ip::address& address) const;
};

/// Who sent a message, as far as that is known.
struct Asker {
  boost::asio::ip::address address{};
  SharedKey key{};      ///< that it is validly signed with; null: it is not signed
  bool is_tls = false;  ///< over TLS, as RFC 9103 has it
  ClientCertificate shown{};
};

/// Which name servers zones are transferred to and from. Immutable; any thread may read it.
///
/// This is the one place where it is decided who is who: the address, the key, and TLS where it is asked for, must all be those of
/// the peer, whatever the transport (RFC 8945 has nothing to say of who may do what).
class Peers {
 public:
  Peers() = default;
  /// @param before  whose authorities count where a file of them cannot be read any more; null: nobody's do
  Peers(std::span<const zones::PeerSettings> peers, std::span<const zones::ZoneSettings> zones,
        const Keys& keys, const Peers* before = nullptr);
  /// The same with other keys, and files of authorities that were read again.
  Peers(const Peers& before, const Keys& keys);

  struct OfZone {
    std::vector<const Peer*> primaries{}, secondaries{};
    zones::SerialPolicy serial = zones::SerialPolicy::increment;
    std::vector<const Peer*> updaters{};          ///< one for each row of `update`
    std::vector<zones::UpdateSettings> update{};  ///< what they may
    std::string catalog{};  ///< the [catalog.NAME] that brings the zone; empty: none does

    bool operator==(const OfZone&) const = default;
  };
  /// Null: it has neither.
  const OfZone* of(zones::NameView zone) const;
  /// The one among its secondaries that this is; null: none.
  const Peer* secondary(zones::NameView zone, const Asker& asker) const;
  /// Of somebody who is one of these by address and key, but does not come as it has to: which one, and what is wrong; else empty.
  std::string complaint(zones::NameView zone, const Asker& asker) const;
  /// Likewise among its primaries. NOTIFY comes over UDP also from those that zones are transferred from over TLS.
  const Peer* primary(zones::NameView zone, const Asker& asker) const;
  /// What this may change of a zone by UPDATE; none: nothing.
  std::vector<zones::UpdateSettings> rights(zones::NameView zone, const Asker& asker) const;

  /// Whether this is among either of them, however it comes.
  bool knows(zones::NameView zone, const Asker& asker) const;

  const Keys& keys() const noexcept { return keys_; }
  /// Some peer is to show its certificate.
  bool ask_for_certificates() const noexcept;
  /// Files of authorities that could not be read, and what follows.
  std::vector<std::string> problems() const;
  /// There is nobody, and no key.
  bool is_empty() const noexcept { return peers_.empty() && keys_.ring().size() == 0; }

 private:
  /// What was read of that file last; null: nothing, or it is nobody's.
  const Authorities* authorities(const std::string& ca_file) const noexcept;
  static std::string key(zones::NameView zone) {
    return {reinterpret_cast<const char*>(zone.data()), zone.size()};
  }

  std::vector<std::unique_ptr<const Peer>> peers_;
  std::unordered_map<std::string, std::shared_ptr<const OfZone>> zones_;  // many zones share one
  Keys keys_;
};

}  // namespace holdfast::server
