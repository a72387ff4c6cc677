#include "server/versions/journal_file.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>

#include <algorithm>
#include <optional>

#include "server/versions/checksum.h"
#include "server/versions/kill_point.h"
#include "zones/replicate/flat_octets.h"

namespace holdfast::server {
namespace {

using health::Database;
using health::DatabaseError;
using health::Statement;
using zones::Name;

constexpr std::int64_t kVersion = 1;  // of the tables below; PRAGMA user_version
// `checksum` is that of the row: SQLite would not see it if an octet of a record changed on the disk.
constexpr const char* kTables = R"(
CREATE TABLE zone(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, serial INTEGER NOT NULL, digest BLOB, flat BLOB,
                  notes TEXT, was_rescued INTEGER NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE delta(id INTEGER PRIMARY KEY, zone INTEGER NOT NULL, is_live INTEGER NOT NULL, removed BLOB NOT NULL,
                   added BLOB NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE state(commits INTEGER NOT NULL);
INSERT INTO state VALUES(0);
PRAGMA user_version = 1;
)";
// Beside these, once there is something to keep, so that a holdfast that knows nothing of it goes on with the rest.
constexpr const char* kOverlays = R"(
CREATE TABLE IF NOT EXISTS overlay(name TEXT PRIMARY KEY, removed BLOB, added BLOB, checksum INTEGER NOT NULL);
)";
constexpr zones::HistoryLimits kAll{SIZE_MAX, SIZE_MAX};

std::span<const std::uint8_t> octets(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Of all columns of a row; where one ends is told by the size of each.
class Checksum {
 public:
  Checksum& operator<<(std::span<const std::uint8_t> column) {
    sum_ = checksum(column, sum_);
    return *this;
  }
  Checksum& operator<<(std::int64_t column) {
    std::uint8_t octets[8];
    for (unsigned i = 0; i < 8; ++i) octets[i] = static_cast<std::uint8_t>(column >> (8 * i));
    return *this << std::span<const std::uint8_t>(octets);
  }
  std::int64_t value() const { return static_cast<std::int64_t>(sum_); }

 private:
  std::uint64_t sum_ = 0;
};

std::int64_t checksum_of(std::string_view name, const KeptLine& line, std::span<const std::uint8_t> flat) {
  Checksum sum;
  sum << octets(name) << line.serial.value() << line.digest << flat << octets(line.notes) << line.was_rescued;
  return sum.value();
}

std::int64_t checksum_of(std::int64_t zone, const zones::Delta& delta) {
  Checksum sum;
  sum << zone << delta.is_live << delta.removed.octets() << delta.added.octets();
  return sum.value();
}

/// Whether it is whole.
bool read_zone(const Statement& row, KeptLine& line) {
  const auto digest = row.octets(3);
  if (digest.size() != line.digest.size()) return false;
  std::copy(digest.begin(), digest.end(), line.digest.begin());
  const auto flat = row.octets(4);
  if (row.integer(7) != checksum_of(row.text(1), line, flat)) return false;
  auto view = zones::read_flat(flat);
  if (!view) return false;
  if (!view->empty()) line.flat = std::make_shared<const zones::FlatView>(std::move(*view));
  return true;
}

std::int64_t checksum_of(std::string_view name, const zones::Overlay& overlay) {
  Checksum sum;
  sum << octets(name) << overlay.removed.octets() << overlay.added.octets();
  return sum.value();
}

/// Up to what is damaged. Throws as the database does, with what was read in `overlays`.
void read_overlays_of(Database& database, const char* order, Overlays& overlays) {
  Statement rows = database.prepare(
      fmt::format("SELECT name, removed, added, checksum FROM overlay NOT INDEXED ORDER BY rowid {}", order));
  while (rows.step()) {
    const auto name = Name::parse(rows.text(0));
    auto removed = zones::RecordRun::read(rows.octets(1));
    auto added = zones::RecordRun::read(rows.octets(2));
    zones::Overlay overlay;
    if (removed && added) overlay = {*std::move(removed), *std::move(added)};
    if (name && removed && added && rows.integer(3) == checksum_of(rows.text(0), overlay)) {
      overlays.try_emplace(*name, std::move(overlay));
    } else {
      spdlog::error("journal: what updates changed of zone {} is damaged, and left out; send them again",
                    rows.text(0));
    }
  }
}

std::shared_ptr<const zones::Delta> read_delta(const Statement& row) {
  auto removed = zones::RecordRun::read(row.octets(3));
  auto added = zones::RecordRun::read(row.octets(4));
  if (!removed || !added) return nullptr;
  auto delta = zones::Delta::of(std::move(*removed), std::move(*added), row.integer(2) != 0);
  if (!delta || row.integer(5) != checksum_of(row.integer(1), *delta)) return nullptr;
  return std::make_shared<const zones::Delta>(std::move(*delta));
}

}  // namespace

JournalFile::JournalFile(const std::filesystem::path& file) : database_(file, Database::Mode::write) {
  // With the lock held for good, what belongs to a WAL is in memory, and no room on the disk is needed to read.
  database_.run("PRAGMA locking_mode = EXCLUSIVE");
  const auto version = database_.integer("PRAGMA user_version");
  if (version > kVersion) {
    throw DatabaseError(
        SQLITE_MISMATCH,
        fmt::format("it was written by a newer holdfast (version {} of its tables, {} is known "
                    "here); run that one, or move the file away: secondaries that have later "
                    "serials then keep what they have",
                    version, kVersion));
  }
  // Each commit is one fsync() of the WAL, which SQLite does in this mode only with FULL; the directory is synced when the WAL
  // is made. So what was committed survives a loss of power, and DELETE with EXTRA would take four.
  database_.run("PRAGMA journal_mode = WAL");
  database_.run("PRAGMA synchronous = FULL");
  if (version != kVersion) {
    health::Transaction transaction(database_);
    database_.run(kTables);
    transaction.commit();
  }
  commits_ = database_.integer("SELECT commits FROM state");
}

JournalLines JournalFile::read() {
  JournalLines lines;
  std::map<std::int64_t, JournalLines::iterator> by_id;
  Statement zones = database_.prepare(
      "SELECT id, name, serial, digest, flat, notes, was_rescued, checksum FROM zone ORDER BY id");
  while (zones.step()) {
    const auto name = Name::parse(zones.text(1));
    if (!name || lines.contains(*name)) {
      useless_zones_.push_back(zones.integer(0));
      continue;
    }
    JournalRows rows{.zone = zones.integer(0)};
    rows.line.serial = zones::Serial(static_cast<std::uint32_t>(zones.integer(2)));
    rows.line.notes = zones.text(5);
    rows.line.was_rescued = zones.integer(6) != 0;
    if (!read_zone(zones, rows.line))
      rows.line = {.serial = rows.line.serial, .notes = rows.line.notes, .was_rescued = true};
    by_id[rows.zone] = lines.emplace(*name, std::move(rows)).first;
  }

  Statement deltas =
      database_.prepare("SELECT id, zone, is_live, removed, added, checksum FROM delta ORDER BY id");
  while (deltas.step()) {
    const auto zone = by_id.find(deltas.integer(1));
    const auto delta = read_delta(deltas);
    if (zone == by_id.end() || !delta || delta->removed.front().owner != zone->second->first.view()) {
      useless_deltas_.push_back(deltas.integer(0));
      continue;
    }
    JournalRows& rows = zone->second->second;
    rows.line.history.add(delta, kAll);
    rows.deltas.push_back(deltas.integer(0));
    // One that did not lead to this was forgotten.
    const auto forgotten = rows.deltas.size() - rows.line.history.deltas().size();
    const auto kept = rows.deltas.begin() + static_cast<std::ptrdiff_t>(forgotten);
    useless_deltas_.insert(useless_deltas_.end(), rows.deltas.begin(), kept);
    rows.deltas.erase(rows.deltas.begin(), kept);
  }
  for (auto& [name, rows] : lines) {
    const auto& history = rows.line.history.deltas();
    if (history.empty() || (history.back()->to() == rows.line.serial && !rows.line.was_rescued)) continue;
    useless_deltas_.insert(useless_deltas_.end(), rows.deltas.begin(), rows.deltas.end());
    rows.deltas.clear();
    rows.line.history = {};
  }
  return lines;
}

/// Writes rows, in a transaction.
class JournalFile::Rows {
 public:
  explicit Rows(Database& database)
      : database_(database),
        insert_zone_(
            database.prepare("INSERT INTO zone(name, serial, digest, flat, notes, was_rescued, checksum) "
                             "VALUES(?, ?, ?, ?, ?, ?, ?)")),
        update_zone_(
            database.prepare("UPDATE zone SET name = ?, serial = ?, digest = ?, flat = ?, notes = ?, "
                             "was_rescued = ?, checksum = ? WHERE id = ?")),
        delete_zone_(database.prepare("DELETE FROM zone WHERE id = ?")),
        insert_delta_(database.prepare("INSERT INTO delta(zone, is_live, removed, added, checksum) "
                                       "VALUES(?, ?, ?, ?, ?)")),
        delete_delta_(database.prepare("DELETE FROM delta WHERE id = ?")) {}

  void put(const JournalEntry& entry, JournalRows& rows) {
    const std::string name = entry.zone.text();
    const auto flat = entry.line.flat == nullptr ? std::vector<std::uint8_t>() : to_octets(*entry.line.flat);
    Statement& zone = rows.zone == 0 ? insert_zone_ : update_zone_;
    zone.reset().bind(name).bind(entry.line.serial.value()).bind_octets(entry.line.digest).bind_octets(flat);
    zone.bind(entry.line.notes).bind(entry.line.was_rescued).bind(checksum_of(name, entry.line, flat));
    if (rows.zone != 0) zone.bind(rows.zone);
    zone.run();
    if (rows.zone == 0) rows.zone = database_.last_id();
    put_deltas(entry.line.history.deltas(), rows);
    rows.line = entry.line;
  }

  void remove(const JournalRows& rows) {
    for (const std::int64_t delta : rows.deltas) remove_delta(delta);
    remove_zone(rows.zone);
  }

  void remove_zone(std::int64_t id) { delete_zone_.reset().bind(id).run(); }
  void remove_delta(std::int64_t id) { delete_delta_.reset().bind(id).run(); }

 private:
  /// Nearly always the first ones go, and one is new.
  void put_deltas(const zones::History::Deltas& after, JournalRows& rows) {
    const auto& before = rows.line.history.deltas();
    auto first = after.empty() ? before.end() : std::find(before.begin(), before.end(), after.front());
    if (static_cast<std::size_t>(before.end() - first) > after.size() ||
        !std::equal(first, before.end(), after.begin()))
      first = before.end();
    const auto gone = first - before.begin();
    for (auto id = rows.deltas.begin(); id != rows.deltas.begin() + gone; ++id) remove_delta(*id);
    rows.deltas.erase(rows.deltas.begin(), rows.deltas.begin() + gone);
    for (std::size_t i = rows.deltas.size(); i < after.size(); ++i) {
      const zones::Delta& delta = *after[i];
      insert_delta_.reset().bind(rows.zone).bind(delta.is_live).bind_octets(delta.removed.octets());
      insert_delta_.bind_octets(delta.added.octets()).bind(checksum_of(rows.zone, delta)).run();
      rows.deltas.push_back(database_.last_id());
    }
  }

  Database& database_;
  Statement insert_zone_, update_zone_, delete_zone_, insert_delta_, delete_delta_;
};

void JournalFile::write(JournalLines& lines, std::span<const JournalEntry> entries,
                        std::span<const Name> gone) {
  JournalLines after;
  health::Transaction transaction(database_);
  {
    Rows rows(database_);
    for (const std::int64_t id : useless_zones_) rows.remove_zone(id);
    for (const std::int64_t id : useless_deltas_) rows.remove_delta(id);
    for (const JournalEntry& entry : entries) {
      const auto [now, is_first] = after.try_emplace(entry.zone);
      if (const auto before = lines.find(entry.zone); is_first && before != lines.end())
        now->second = before->second;
      rows.put(entry, now->second);
    }
    for (const Name& zone : gone) {
      if (const auto before = lines.find(zone); before != lines.end()) rows.remove(before->second);
    }
    database_.run("UPDATE state SET commits = commits + 1");
  }
  kill_point("journal.written");
  transaction.commit();
  kill_point("journal.committed");

  // Nothing of this can fail.
  ++commits_;
  useless_zones_.clear();
  useless_deltas_.clear();
  for (const Name& zone : gone) lines.erase(zone);
  while (!after.empty()) {
    auto node = after.extract(after.begin());
    lines.erase(node.key());
    lines.insert(std::move(node));
  }
}

Overlays JournalFile::read_overlays() {
  Overlays overlays;
  if (database_.integer("SELECT count(*) FROM sqlite_master WHERE name = 'overlay'") != 0)
    read_overlays_of(database_, "ASC", overlays);
  return overlays;
}

void JournalFile::keep(Overlays& overlays, const Name& zone, const zones::Overlay& overlay) {
  Overlays one;
  if (!overlay.empty()) one.emplace(zone, overlay);
  const std::string name = zone.text();
  health::Transaction transaction(database_);
  database_.run(kOverlays);
  database_.prepare("DELETE FROM overlay WHERE name = ?").bind(name).run();
  if (!overlay.empty()) {
    Statement row =
        database_.prepare("INSERT INTO overlay(name, removed, added, checksum) VALUES(?, ?, ?, ?)");
    row.bind(name).bind_octets(overlay.removed.octets()).bind_octets(overlay.added.octets());
    row.bind(checksum_of(name, overlay)).run();
  }
  database_.run("UPDATE state SET commits = commits + 1");
  kill_point("update.written");
  transaction.commit();
  kill_point("update.committed");

  // Nothing of this can fail.
  ++commits_;
  overlays.erase(zone);
  overlays.merge(one);
}

void JournalFile::settle() {
  if (database_.integer("PRAGMA wal_checkpoint(TRUNCATE)") != 0)
    throw DatabaseError(SQLITE_BUSY, "it is in use");
}

bool is_useless(const DatabaseError& error) noexcept {
  const int primary = error.code() & 0xff;
  return error.is_damage() || primary == SQLITE_ERROR || primary == SQLITE_CONSTRAINT;
}

std::vector<JournalEntry> rescue_from(const std::filesystem::path& file) {
  std::map<Name, KeptLine> rescued;
  // From both ends, until what is damaged.
  for (const char* const order : {"ASC", "DESC"}) {
    try {
      Database database(file, Database::Mode::write);
      database.run("PRAGMA locking_mode = EXCLUSIVE");
      Statement zones = database.prepare(
          fmt::format("SELECT name, serial, notes FROM zone NOT INDEXED ORDER BY id {}", order));
      while (zones.step()) {
        const auto name = Name::parse(zones.text(0));
        if (!name || zones.is_null(1)) continue;
        rescued.try_emplace(*name,
                            KeptLine{.serial = zones::Serial(static_cast<std::uint32_t>(zones.integer(1))),
                                     .notes = zones.text(2),
                                     .was_rescued = true});
      }
      break;
    } catch (const DatabaseError&) {
    }
  }
  std::vector<JournalEntry> entries;
  for (auto& [name, line] : rescued) entries.push_back({name, std::move(line)});
  return entries;
}

Overlays rescue_overlays(const std::filesystem::path& file) {
  Overlays overlays;
  for (const char* const order : {"ASC", "DESC"}) {
    try {
      Database database(file, Database::Mode::write);
      database.run("PRAGMA locking_mode = EXCLUSIVE");
      read_overlays_of(database, order, overlays);
      break;
    } catch (const DatabaseError&) {
    }
  }
  return overlays;
}

}  // namespace holdfast::server
