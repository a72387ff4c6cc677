#include "health/log/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

namespace holdfast::health {
namespace {

namespace fs = std::filesystem;

constexpr int kStepsBetweenLooks = 10'000;  // at the clock, of SQLite's machine: a fraction of a millisecond
constexpr int kBusyTimeout = 1000;          // ms, for another connection to let go of a lock
constexpr std::size_t kDamagedKept = 2;     // files moved aside, of one database

[[noreturn]] void fail(sqlite3* database) {
  throw DatabaseError(sqlite3_extended_errcode(database), sqlite3_errmsg(database));
}

/// SQLite would make it readable for everybody, and so what belongs to it.
void make_private(const fs::path& file) {
  // One that is there is not opened: to close it would drop the locks that SQLite has on it (fcntl(2)).
  const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (made == -1 && errno == EEXIST) return;
  if (made == -1) throw DatabaseError(SQLITE_CANTOPEN, file.string() + ": " + std::strerror(errno));
  ::close(made);
}

}  // namespace

bool DatabaseError::is_damage() const noexcept {
  const int primary = code_ & 0xff;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || code_ == SQLITE_IOERR_SHORT_READ;
}

bool DatabaseError::is_timeout() const noexcept { return (code_ & 0xff) == SQLITE_INTERRUPT; }

void Statement::Finalize::operator()(sqlite3_stmt* handle) const noexcept { sqlite3_finalize(handle); }

Statement& Statement::reset() {
  sqlite3_reset(handle_.get());
  sqlite3_clear_bindings(handle_.get());
  bound_ = 0;
  return *this;
}

Statement& Statement::bind(std::int64_t value) {
  if (sqlite3_bind_int64(handle_.get(), ++bound_, value) != SQLITE_OK) fail(sqlite3_db_handle(handle_.get()));
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  ++bound_;
  if (text.empty()) return *this;
  if (sqlite3_bind_text(handle_.get(), bound_, text.data(), static_cast<int>(text.size()), SQLITE_STATIC) !=
      SQLITE_OK) {
    fail(sqlite3_db_handle(handle_.get()));
  }
  return *this;
}

Statement& Statement::bind_octets(std::span<const std::uint8_t> octets) {
  ++bound_;
  if (octets.empty()) return *this;
  if (sqlite3_bind_blob64(handle_.get(), bound_, octets.data(), octets.size(), SQLITE_STATIC) != SQLITE_OK)
    fail(sqlite3_db_handle(handle_.get()));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const DatabaseError error(sqlite3_extended_errcode(sqlite3_db_handle(handle_.get())),
                            sqlite3_errmsg(sqlite3_db_handle(handle_.get())));
  sqlite3_reset(handle_.get());  // lets go of its locks
  throw error;
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }

std::string Statement::text(int column) const {
  const auto* const octets = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  if (octets == nullptr) return {};
  return std::string(octets, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)));
}

std::span<const std::uint8_t> Statement::octets(int column) const {
  const auto* const data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_.get(), column));
  return {data, data == nullptr ? 0 : static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }

Database::Database(const fs::path& file, Mode mode) {
  if (mode == Mode::write) make_private(file);
  sqlite3* handle = nullptr;
  const int access = mode == Mode::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  const int code =
      sqlite3_open_v2(file.c_str(), &handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, nullptr);
  handle_.reset(handle);
  if (handle == nullptr) throw DatabaseError(code, "no memory");
  if (code != SQLITE_OK) fail(handle);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyTimeout);
}

Statement Database::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  if (sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                         &handle, nullptr) != SQLITE_OK) {
    fail(handle_.get());
  }
  return Statement(handle);
}

void Database::run(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(handle_.get());
}

std::int64_t Database::integer(const char* sql) {
  Statement statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

std::int64_t Database::changes() const { return sqlite3_changes64(handle_.get()); }

void Database::end_at(std::chrono::steady_clock::time_point deadline) {
  deadline_ = std::make_unique<std::chrono::steady_clock::time_point>(deadline);
  const auto is_over = [](void* end) {
    return static_cast<int>(std::chrono::steady_clock::now() >=
                            *static_cast<const std::chrono::steady_clock::time_point*>(end));
  };
  sqlite3_progress_handler(handle_.get(), kStepsBetweenLooks, is_over, deadline_.get());
}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  try {
    database_->run("ROLLBACK");
  } catch (const DatabaseError&) {  // SQLite has done so already: after an error of the disk it does
  }
}

void Transaction::commit() {
  database_->run("COMMIT");
  database_ = nullptr;
}

void touch(Database& database) {
  const auto version =
      database.integer("PRAGMA user_version");  // to write the same one is a write nevertheless
  database.run(("PRAGMA user_version = " + std::to_string(version)).c_str());
}

fs::path move_aside(const fs::path& file, std::chrono::system_clock::time_point now) {
  const std::string prefix = file.filename().string() + ".damaged-";
  std::vector<fs::path> older;
  for (const auto& entry : fs::directory_iterator(file.parent_path())) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && !name.ends_with("-wal")) older.push_back(entry.path());
  }
  std::sort(older.begin(), older.end());
  while (older.size() >= kDamagedKept) {
    fs::remove(older.front().string() + "-wal");
    fs::remove(older.front());
    older.erase(older.begin());
  }
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const fs::path aside = file.parent_path() / (prefix + std::to_string(time));
  fs::rename(file, aside);
  std::error_code none;
  fs::rename(file.string() + "-wal", aside.string() + "-wal", none);
  fs::remove(file.string() + "-shm", none);
  return aside;
}

}  // namespace holdfast::health
