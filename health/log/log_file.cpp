#include "health/log/log_file.h"

#include <spdlog/fmt/fmt.h>
#include <sqlite3.h>

#include <algorithm>
#include <system_error>

#include "health/log/entry.h"
#include "health/log/thinning.h"

namespace holdfast::health {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using std::chrono::system_clock;

constexpr std::int64_t kVersion = 1;            // of the tables below; PRAGMA user_version
constexpr std::uint64_t kMostOfWal = 4U << 20;  // octets of the write-ahead log beside the file, about
constexpr int kProbesForgotten = 2000;          // in one step
constexpr int kEventsForgotten = 200;           // in one step
constexpr int kPagesGivenBack = 256;            // in one step
constexpr std::size_t kEventText = 2048;        // octets of one text of an event
constexpr std::chrono::hours kJump{1};          // further than that no clock is put right bit by bit

// An outcome that is missing is `passed`; of an event that had none it is missing too.
constexpr const char* kTables = R"(
CREATE TABLE target(id INTEGER PRIMARY KEY, monitor TEXT NOT NULL, address TEXT NOT NULL, UNIQUE(monitor, address));
CREATE TABLE agent(id INTEGER PRIMARY KEY, name TEXT, location TEXT);
CREATE TABLE probe(id INTEGER PRIMARY KEY, behind INTEGER, target INTEGER NOT NULL, agent INTEGER NOT NULL,
                   outcome TEXT, detail TEXT, connect INTEGER, tls INTEGER, header INTEGER, body INTEGER, total INTEGER);
CREATE INDEX probe_of ON probe(target);
CREATE INDEX probe_failed ON probe(outcome) WHERE outcome IS NOT NULL;
CREATE TABLE event(id INTEGER PRIMARY KEY, behind INTEGER, name TEXT NOT NULL, kind TEXT NOT NULL, target INTEGER,
                   text TEXT, used_by TEXT, before TEXT, after TEXT, outcome TEXT, detail TEXT, command TEXT,
                   agent TEXT, location TEXT);
CREATE INDEX event_of ON event(target);
PRAGMA user_version = 1;
)";

std::uint64_t wal_octets(const LogSettings& settings) { return std::min(settings.size / 8, kMostOfWal); }

std::string_view cut(std::string_view text) { return text.substr(0, kEventText); }

}  // namespace

LogFile::LogFile(const fs::path& file, const LogSettings& settings, const std::string& agent,
                 const std::string& location)
    : file_(file),
      settings_(settings),
      database_(file, Database::Mode::write),
      insert_probe_(nullptr),
      insert_event_(nullptr) {
  if (const auto version = database_.integer("PRAGMA user_version"); version > kVersion) {
    throw DatabaseError(SQLITE_MISMATCH,
                        fmt::format("it was written by a newer holdfast (version {} of its tables, {} is "
                                    "known here); move it away, or run that holdfast",
                                    version, kVersion));
  } else if (version == 0) {
    database_.run("PRAGMA auto_vacuum = INCREMENTAL");
  }
  database_.run("PRAGMA journal_mode = WAL");
  database_.run("PRAGMA synchronous = NORMAL");
  page_size_ = database_.integer("PRAGMA page_size");
  const auto wal = static_cast<std::int64_t>(wal_octets(settings)) / page_size_;
  const auto most = static_cast<std::int64_t>(settings.size) / page_size_ - 2 * wal;
  room_ = most - wal;
  database_.run(fmt::format("PRAGMA wal_autocheckpoint = {}; PRAGMA journal_size_limit = {}; "
                            "PRAGMA max_page_count = {}",
                            wal, wal * page_size_, most)
                    .c_str());

  Transaction transaction(database_);
  if (database_.integer("PRAGMA user_version") == 0) database_.run(kTables);
  database_.run(
      "DELETE FROM target WHERE NOT EXISTS (SELECT 1 FROM probe WHERE probe.target = target.id) "
      "AND NOT EXISTS (SELECT 1 FROM event WHERE event.target = target.id)");
  Statement find = database_.prepare("SELECT id FROM agent WHERE name IS ? AND location IS ?");
  if (find.bind(agent).bind(location).step()) {
    agent_row_ = find.integer(0);
  } else {
    database_.prepare("INSERT INTO agent(name, location) VALUES(?, ?)").bind(agent).bind(location).run();
    agent_row_ = database_.last_id();
  }
  transaction.commit();

  last_cursor_ = std::max(database_.integer("SELECT max(id) FROM probe"),
                          database_.integer("SELECT max(id) FROM event"));
  newest_found_ = last_cursor_;
  insert_probe_ = database_.prepare(
      "INSERT INTO probe(id, behind, target, agent, outcome, detail, connect, tls, header, body, total) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert_event_ = database_.prepare(
      "INSERT INTO event(id, behind, name, kind, target, text, used_by, before, after, outcome, detail, "
      "command, agent, location) VALUES(?, ?, ?, ?, nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?)");
}

LogFile::Stamp LogFile::stamp(system_clock::time_point time) {
  const std::int64_t own = cursor_of(time);
  last_cursor_ = std::max(last_cursor_ + 1, own);
  return {last_cursor_, last_cursor_ - own};
}

std::int64_t LogFile::target_row(const TargetId& target) {
  if (const auto known = target_rows_.find(target); known != target_rows_.end()) return known->second;
  const std::string address = target.address.to_string();
  database_.prepare("INSERT OR IGNORE INTO target(monitor, address) VALUES(?, ?)")
      .bind(target.monitor)
      .bind(address)
      .run();
  Statement find = database_.prepare("SELECT id FROM target WHERE monitor = ? AND address = ?");
  find.bind(target.monitor).bind(address).step();
  return target_rows_[target] = find.integer(0);
}

void LogFile::append(std::span<const Observation> observations, std::span<const Event> events) {
  const std::int64_t pages = pages_for(observations, events);
  while (used() + pages > room_ && forget_oldest()) {
  }
  try {
    Transaction transaction(database_);
    for (const Observation& seen : observations) insert(seen);
    for (const Event& event : events) insert(event);
    if (observations.empty() && events.empty()) touch(database_);
    transaction.commit();
  } catch (const DatabaseError&) {
    target_rows_.clear();  // those that were new are undone
    throw;
  }
}

/// How many pages these may take, rather too many.
std::int64_t LogFile::pages_for(std::span<const Observation> observations,
                                std::span<const Event> events) const {
  std::size_t octets = 0;
  for (const Observation& seen : observations) octets += 2 * kObservationOctets + seen.detail.size();
  return static_cast<std::int64_t>(octets) / page_size_ + static_cast<std::int64_t>(3 * events.size()) + 8;
}

void LogFile::insert(const Observation& seen) {
  const auto [cursor, behind] = stamp(seen.wall_time);
  insert_probe_.reset().bind(cursor).bind(behind).bind(target_row(seen.target)).bind(agent_row_);
  insert_probe_.bind(seen.passed() ? std::string_view() : text(seen.outcome)).bind(seen.detail);
  for (const microseconds took : {seen.connect, seen.tls, seen.header, seen.body, seen.total})
    insert_probe_.bind(took.count());
  insert_probe_.run();
}

void LogFile::insert(const Event& event) {
  const auto [cursor, behind] = stamp(event.time);
  std::string used_by;
  for (const std::string& user : event.used_by) {
    if (used_by.size() + user.size() < kEventText) used_by += (used_by.empty() ? "" : "\n") + user;
  }
  const bool is_transition = event.kind == EventKind::transition;
  insert_event_.reset().bind(cursor).bind(behind).bind(event.id).bind(text(event.kind));
  insert_event_.bind(event.target ? target_row(*event.target) : 0).bind(cut(event.text)).bind(used_by);
  insert_event_.bind(is_transition ? text(event.before) : std::string_view());
  insert_event_.bind(is_transition ? text(event.after) : std::string_view());
  insert_event_.bind(event.outcome ? text(*event.outcome) : std::string_view());
  insert_event_.bind(cut(event.detail)).bind(cut(event.command)).bind(event.agent).bind(event.location).run();
}

std::int64_t LogFile::used() {
  return database_.integer("PRAGMA page_count") - database_.integer("PRAGMA freelist_count");
}

bool LogFile::forget_oldest() {
  for (const auto& [table, count] :
       {std::pair("probe", kProbesForgotten), std::pair("event", kEventsForgotten)}) {
    database_.run(
        fmt::format(
            "DELETE FROM {0} WHERE id <= (SELECT max(id) FROM (SELECT id FROM {0} ORDER BY id LIMIT {1}))",
            table, count)
            .c_str());
    if (database_.changes() != 0) return true;
  }
  return false;
}

bool LogFile::trusts_age(system_clock::time_point now, std::chrono::steady_clock::time_point steady) {
  const auto ahead = now.time_since_epoch() - steady.time_since_epoch();
  const bool jumped = ahead_ ? ahead - *ahead_ > kJump
                             : newest_found_ != 0 && newest_found_ < cursor_of(now - settings_.keep);
  if (jumped) trusted_from_ = steady + settings_.keep;
  ahead_ = ahead;
  return steady >= trusted_from_;
}

bool LogFile::forget(system_clock::time_point now, std::chrono::steady_clock::time_point steady) {
  if (used() > room_ && forget_oldest()) return true;
  const bool is_by_age = trusts_age(now, steady);
  const std::int64_t oldest = cursor_of(now - settings_.keep);
  for (const auto& [table, count] :
       {std::pair("probe", kProbesForgotten), std::pair("event", kEventsForgotten)}) {
    if (!is_by_age) break;
    database_.run(fmt::format("DELETE FROM {0} WHERE id < {2} AND id <= "
                              "(SELECT max(id) FROM (SELECT id FROM {0} ORDER BY id LIMIT {1}))",
                              table, count, oldest)
                      .c_str());
    if (database_.changes() == count) return true;
  }
  if (used() == database_.integer("PRAGMA page_count") || database_.integer("PRAGMA page_count") <= room_)
    return false;
  // Only a smaller `size` than before comes here: else what is forgotten makes room for what comes.
  database_.run(
      fmt::format("PRAGMA incremental_vacuum({}); PRAGMA wal_checkpoint(TRUNCATE)", kPagesGivenBack).c_str());
  return true;
}

std::uint64_t LogFile::size() const {
  std::uint64_t octets = 0;
  for (const char* part : {"", "-wal", "-shm"}) {
    std::error_code none;
    const auto size = fs::file_size(file_.string() + part, none);
    if (!none) octets += size;
  }
  return octets;
}

}  // namespace holdfast::health
