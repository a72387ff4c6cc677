#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <vector>

#include "health/log/database.h"
#include "server/versions/kept_line.h"
#include "zones/replicate/overlay.h"

namespace holdfast::server {

/// What is in the file of one zone, and in which rows.
struct JournalRows {
  KeptLine line{};
  std::int64_t zone = 0;
  std::vector<std::int64_t> deltas{};  ///< one for each of the history
};

using JournalLines = std::map<zones::Name, JournalRows>;
using Overlays = std::map<zones::Name, zones::Overlay>;  ///< none is empty

/// The database of the journal. For one thread. Everything throws health::DatabaseError.
class JournalFile {
 public:
  /// Opens the file, or begins it. Nobody else can have it open then.
  explicit JournalFile(const std::filesystem::path& file);

  /// How often it was written to.
  std::int64_t commits() const noexcept { return commits_; }

  /// All that is in it and is whole; what is not goes with the next write.
  JournalLines read();

  /// Puts `entries` in the place of what is there of their zones, and forgets those that are `gone`: all
  /// of it or, when it throws, nothing. It is on the disk, and in `lines`, when it returns. With nothing to do it throws all
  /// the same where nothing could be written.
  ///
  /// @param lines  what is in the file
  void write(JournalLines& lines, std::span<const JournalEntry> entries, std::span<const zones::Name> gone);

  /// What updates changed, as far as it is whole.
  Overlays read_overlays();
  /// Puts this in the place of what is there of the zone. As write().
  void keep(Overlays& overlays, const zones::Name& zone, const zones::Overlay& overlay);

  /// Brings all of it into the one file, so that that can be renamed.
  void settle();

 private:
  class Rows;

  health::Database database_;
  std::int64_t commits_ = 0;
  std::vector<std::int64_t> useless_zones_, useless_deltas_;  // rows
};

/// Whether the file is of no use any more: SQLite sees damage, or tables and rows that are not those that we made.
bool is_useless(const health::DatabaseError& error) noexcept;

/// What can still be read of a damaged file: serials and notes. What it held, and what changed, is not known: the last may
/// be missing.
std::vector<JournalEntry> rescue_from(const std::filesystem::path& file);
/// Likewise what updates changed.
Overlays rescue_overlays(const std::filesystem::path& file);

}  // namespace holdfast::server
