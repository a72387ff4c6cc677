#include "health/verdict/state_file.h"

#include <spdlog/fmt/fmt.h>
#include <sqlite3.h>

#include <algorithm>

namespace holdfast::health {
namespace {

using std::chrono::microseconds;
using std::chrono::system_clock;

constexpr std::int64_t kVersion = 2;  // of the tables below; PRAGMA user_version
constexpr const char* kTables[] = {   // what each version added
    R"(
CREATE TABLE verdict(monitor TEXT NOT NULL, address TEXT NOT NULL, verdict TEXT NOT NULL, since INTEGER NOT NULL,
                     transitions INTEGER NOT NULL, confirmed INTEGER NOT NULL, PRIMARY KEY(monitor, address))
  WITHOUT ROWID;
CREATE TABLE override(id TEXT PRIMARY KEY, subject TEXT, decision TEXT, author TEXT, reason TEXT,
                      created INTEGER NOT NULL, expires INTEGER) WITHOUT ROWID;
PRAGMA user_version = 1;
)",
    R"(
CREATE TABLE note(subject TEXT PRIMARY KEY, text TEXT) WITHOUT ROWID;
PRAGMA user_version = 2;
)"};
static_assert(std::size(kTables) == kVersion);

std::int64_t number(system_clock::time_point time) {
  return std::chrono::duration_cast<microseconds>(time.time_since_epoch()).count();
}
system_clock::time_point time(std::int64_t number) { return system_clock::time_point(microseconds(number)); }

std::optional<Verdict> verdict_named(std::string_view word) {
  for (const Verdict verdict : {Verdict::unknown, Verdict::up, Verdict::down}) {
    if (text(verdict) == word) return verdict;
  }
  return std::nullopt;
}

}  // namespace

bool is_newer(const DatabaseError& error) noexcept { return error.code() == SQLITE_MISMATCH; }

StateFile::StateFile(const std::filesystem::path& file) : database_(file, Database::Mode::write) {
  const auto version = database_.integer("PRAGMA user_version");
  if (version > kVersion) {
    throw DatabaseError(SQLITE_MISMATCH,
                        fmt::format("it was written by a newer holdfast (version {} of its tables, {} is "
                                    "known here); run that one, or move the file away and start without it",
                                    version, kVersion));
  }
  database_.run("PRAGMA journal_mode = WAL");
  database_.run("PRAGMA synchronous = FULL");  // a decision survives a loss of power too
  if (version == kVersion) return;
  Transaction transaction(database_);
  for (auto step = std::max<std::int64_t>(version, 0); step < kVersion; ++step) database_.run(kTables[step]);
  transaction.commit();
}

KeptAtStart StateFile::read() {
  KeptAtStart kept;
  Statement verdicts = database_.prepare(
      "SELECT monitor, address, verdict, since, transitions, confirmed FROM verdict ORDER BY monitor, "
      "address");
  while (verdicts.step()) {
    boost::system::error_code no_address;
    KeptVerdict one;
    one.target = {verdicts.text(0), boost::asio::ip::make_address(verdicts.text(1), no_address)};
    const auto verdict = verdict_named(verdicts.text(2));
    if (no_address || !verdict) continue;
    one.verdict = *verdict;
    one.since = time(verdicts.integer(3));
    one.transitions = static_cast<std::uint64_t>(verdicts.integer(4));
    one.confirmed = time(verdicts.integer(5));
    kept.verdicts.push_back(std::move(one));
  }
  std::sort(kept.verdicts.begin(), kept.verdicts.end(),
            [](const KeptVerdict& a, const KeptVerdict& b) { return a.target < b.target; });

  Statement overrides = database_.prepare(
      "SELECT id, subject, decision, author, reason, created, expires FROM override ORDER BY id");
  while (overrides.step()) {
    KeptOverride one{overrides.text(0), overrides.text(1), overrides.text(2),
                     overrides.text(3), overrides.text(4), time(overrides.integer(5))};
    if (!overrides.is_null(6)) one.expires = time(overrides.integer(6));
    kept.overrides.push_back(std::move(one));
  }

  Statement notes = database_.prepare(
      "SELECT subject, text FROM note WHERE length(CAST(text AS BLOB)) <= ? ORDER BY subject LIMIT ?");
  notes.bind(static_cast<std::int64_t>(kMaxNoteOctets)).bind(static_cast<std::int64_t>(kMaxNotes));
  while (notes.step()) kept.notes.push_back({notes.text(0), notes.text(1)});
  return kept;
}

void StateFile::write(const StateChanges& changes) {
  Transaction transaction(database_);
  if (changes.empty()) touch(database_);
  {
    Statement put = database_.prepare("INSERT OR REPLACE INTO verdict VALUES(?, ?, ?, ?, ?, ?)");
    Statement remove = database_.prepare("DELETE FROM verdict WHERE monitor = ? AND address = ?");
    for (const auto& [target, verdict] : changes.verdicts) {
      const std::string address = target.address.to_string();
      Statement& statement = verdict ? put : remove;
      statement.reset().bind(target.monitor).bind(address);
      if (verdict) {
        statement.bind(text(verdict->verdict)).bind(number(verdict->since));
        statement.bind(static_cast<std::int64_t>(verdict->transitions)).bind(number(verdict->confirmed));
      }
      statement.run();
    }
  }
  {
    Statement put = database_.prepare("INSERT OR REPLACE INTO override VALUES(?, ?, ?, ?, ?, ?, ?)");
    Statement remove = database_.prepare("DELETE FROM override WHERE id = ?");
    for (const auto& [id, one] : changes.overrides) {
      Statement& statement = one ? put : remove;
      statement.reset().bind(id);
      if (one) {
        statement.bind(one->subject).bind(one->decision).bind(one->author).bind(one->reason);
        statement.bind(number(one->created));
        if (one->expires) statement.bind(number(*one->expires));
      }
      statement.run();
    }
  }
  {
    Statement put = database_.prepare("INSERT OR REPLACE INTO note VALUES(?, ?)");
    Statement remove = database_.prepare("DELETE FROM note WHERE subject = ?");
    for (const auto& [subject, text] : changes.notes) {
      Statement& statement = text ? put : remove;
      statement.reset().bind(subject);
      if (text) statement.bind(*text);
      statement.run();
    }
  }
  transaction.commit();
}

}  // namespace holdfast::health
