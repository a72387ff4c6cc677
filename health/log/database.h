#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace holdfast::health {

/// What SQLite said. Its text is for people: "database or disk is full".
class DatabaseError : public std::runtime_error {
 public:
  DatabaseError(int code, const std::string& text) : std::runtime_error(text), code_(code) {}
  int code() const noexcept { return code_; }
  /// What the file holds is no database, or one that was damaged: it is of no use any more.
  bool is_damage() const noexcept;
  /// The time that was given for reading is over.
  bool is_timeout() const noexcept;

 private:
  int code_;
};

/// One SQL statement, prepared once. Parameters and columns are text or integers; an empty text is NULL, and NULL is an
/// empty text or 0. Belongs to its database, and must go before it.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}

  /// Begins anew: nothing is bound.
  Statement& reset();
  /// Binds the next parameter. The text must stay until the statement has run.
  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view text);
  Statement& bind_octets(std::span<const std::uint8_t> octets);  ///< likewise; none are NULL
  /// The next row; false when there is none.
  bool step();
  /// For a statement without rows.
  void run() {
    while (step()) {
    }
  }

  std::int64_t integer(int column) const;
  std::string text(int column) const;
  std::span<const std::uint8_t> octets(int column) const;  ///< until the next step
  bool is_null(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  int bound_ = 0;
};

/// One connection to an SQLite database. For one thread at a time. Everything throws DatabaseError.
class Database {
 public:
  enum class Mode { write, read };

  /// A file that is to be written is made, readable by us alone, where there is none; a symbolic link is refused.
  Database(const std::filesystem::path& file, Mode mode);

  Statement prepare(std::string_view sql);
  void run(const char* sql);
  std::int64_t integer(const char* sql);  ///< the first column of the first row, such as of a pragma
  std::int64_t last_id() const;           ///< of the row inserted last
  std::int64_t changes() const;           ///< rows that the last statement inserted, changed or deleted

  /// What still runs then ends with an error.
  void end_at(std::chrono::steady_clock::time_point deadline);

 private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept;
  };
  std::unique_ptr<std::chrono::steady_clock::time_point> deadline_;  // SQLite has its address
  std::unique_ptr<sqlite3, Close> handle_;
};

/// Undone when it is destroyed before commit().
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(&database) { database.run("BEGIN IMMEDIATE"); }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database* database_;
};

/// Writes, and changes nothing: throws where there is no room.
void touch(Database& database);

/// Moves a damaged database aside, to `FILE.damaged-TIME`, with what belongs to it, and forgets the older ones of these.
/// @return its new name
std::filesystem::path move_aside(const std::filesystem::path& file,
                                 std::chrono::system_clock::time_point now);

}  // namespace holdfast::health
