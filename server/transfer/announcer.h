#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/transfer/peers.h"
#include "server/versions/versions.h"

namespace holdfast::server {

/// How one secondary, at one address, stands with one zone.
struct SecondaryStatus {
  std::string zone{};
  std::string peer{};
  std::string address{};
  zones::Serial announced{};            ///< of the last version
  std::optional<zones::Serial> held{};  ///< that it said to have last; nothing: it did not say yet
  bool is_current = false;              ///< it holds the last version, or a later one
  bool is_acknowledged = false;         ///< it replied to NOTIFY
  unsigned attempts = 0;                ///< NOTIFYs sent for the last version
  std::chrono::system_clock::time_point
      since{};  ///< when the version was made that it does not hold yet, or the last one
  std::chrono::duration<double> lag{};  ///< from then until it was seen to hold it, or until now
  std::string problem{};                ///< of the last try; empty: none
};

/// Tells secondaries of new versions (NOTIFY, RFC 1996), and asks them for their SOA until they hold these; on a thread of its
/// own.
///
///   new version --> NOTIFY, again after 1, 2, 4, 8, 16 s --(reply)--> SOA after 0.1, 0.2, 0.4 .. 60 s --(held)--> done
///                          '--(none)--> SOA and NOTIFY each 60 s
class Announcer {
 public:
  Announcer();
  ~Announcer();
  Announcer(const Announcer&) = delete;
  Announcer& operator=(const Announcer&) = delete;

  /// From now on the secondaries of these zones, and no others.
  void configure(std::shared_ptr<const Peers> peers);
  /// There is a version; secondaries that were told of it already are not told again. Does not wait.
  void announce(std::shared_ptr<const Versions::Line> version);
  /// Zones that begin anew, with any serial. Does not wait.
  void forget(std::vector<zones::Name> zones);
  /// A secondary took a version: it will hold it soon.
  void sent(const zones::Name& zone, const std::string& peer);

  std::vector<SecondaryStatus> status() const;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace holdfast::server
