#pragma once

#include <memory>
#include <string>

#include "server/cli/server_address.h"
#include "server/transfer/tsig_key.h"
#include "zones/settings.h"
#include "zones/zone.h"

namespace holdfast::server {

/// Whom a zone is asked of, and how.
struct TransferSource {
  ServerAddress server;
  SharedKey key{};       ///< null: nothing is signed
  zones::PeerTls tls{};  ///< empty: over TCP

  /// "192.0.2.53:53"
  std::string text() const;
};

/// The zone as a secondary would get it from there (AXFR). Waits for it. Throws NoAnswer that says why not, and what to do.
std::shared_ptr<const zones::Zone> transferred_zone(const TransferSource& source, zones::NameView zone);

}  // namespace holdfast::server
