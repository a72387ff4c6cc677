#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "server/versions/kept_line.h"
#include "zones/dns/name.h"
#include "zones/replicate/overlay.h"

namespace holdfast::server {

/// The versions of zones that were published: `journal.db` in the state directory. What was appended is there again after a
/// restart, kill -9 and a loss of power, so that no serial is used twice.
///
/// Thread-safe. A damaged file is moved aside, and told of; what it still says of serials is kept. Errors are
/// health::DatabaseError, with the name of the file, and after one the next call tries again, with the file opened anew.
class Journal {
 public:
  /// Reads what is there. Throws where it cannot: without it nobody knows which serials were used. Of a newer holdfast's file,
  /// too.
  explicit Journal(const std::filesystem::path& directory);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  std::map<zones::Name, KeptLine> at_start() const;
  /// What updates changed of zones; none is empty.
  std::map<zones::Name, zones::Overlay> overlays_at_start() const;

  /// Keeps these lines in the place of what was kept of their zones: all, in one transaction that is on the
  /// disk when it returns, or none, when it throws. Of a history only what is new is written. No entries: it throws all the
  /// same where nothing could be written.
  void append(std::span<const JournalEntry> entries);
  /// Keeps this in the place of what was kept of what updates changed of the zone: it is on the disk when this returns.
  void keep(const zones::Name& zone, const zones::Overlay& overlay);
  /// Zones that are served no more.
  void forget(std::span<const zones::Name> zones);

 private:
  class Keeper;
  std::unique_ptr<Keeper> keeper_;
};

}  // namespace holdfast::server
