#pragma once

#include <optional>
#include <string>

#include "server/cli/control_client.h"
#include "server/cli/zone_transfer.h"
#include "zones/replicate/contents.h"

namespace holdfast::server {

/// How what a command line names becomes a zone.
struct ZoneOptions {
  std::shared_ptr<ControlOptions> control{};  ///< where the running server is asked
  bool with_live = false;  ///< of its zones, what secondaries get; else what their files have
  std::string key{};       ///< a file; empty: others are asked without a signature
  std::string tls{}, ca_file{};
};

/// Throws NoAnswer.
zones::Name name_of(const std::string& text);

/// How other servers are asked. Throws NoAnswer: no such key, no such address.
TransferSource source_of(const std::string& server, const ZoneOptions& options);

/// The zone as the running server has it. Throws NoAnswer.
zones::Contents running_zone(zones::NameView zone, const ZoneOptions& options);

/// "@SERVER", a file, or else the name of a zone of the running server.
class ZoneOperand {
 public:
  explicit ZoneOperand(std::string text);

  /// Which zone it is of, if it says so.
  std::optional<zones::Name> zone() const;
  /// Throws NoAnswer.
  zones::Contents load(zones::NameView zone, const ZoneOptions& options) const;

 private:
  std::string text_;
  bool is_file_;
};

/// Where the control API has the zone file of what is served.
std::string export_path(zones::NameView zone, bool with_live);

}  // namespace holdfast::server
