#pragma once

#include <memory>
#include <string>

#include "server/cli/server_address.h"
#include "server/transfer/tsig_key.h"
#include "zones/zone.h"

namespace holdfast::server {

/// Whom a zone is asked of, and how.
struct TransferSource {
  ServerAddress server;
  SharedKey key{};        ///< null: nothing is signed
  std::string tls{};      ///< the name in its certificate; empty: over TCP
  std::string ca_file{};  ///< certificates of authorities; empty: those of the system

  /// "192.0.2.53:53"
  std::string text() const;
};

/// The zone as a secondary would get it from there (AXFR). Waits for it. Throws NoAnswer that says why not, and what to do.
std::shared_ptr<const zones::Zone> transferred_zone(const TransferSource& source, zones::NameView zone);

}  // namespace holdfast::server
