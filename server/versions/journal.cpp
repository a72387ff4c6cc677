#include "server/versions/journal.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>

#include <mutex>
#include <optional>
#include <vector>

#include "server/versions/durable.h"
#include "server/versions/journal_file.h"

namespace holdfast::server {

using health::DatabaseError;
using zones::Name;
namespace fs = std::filesystem;

class Journal::Keeper {
 public:
  explicit Keeper(const fs::path& directory)
      : file_(directory / "journal.db"), new_(file_.string() + ".new") {
    in_words([&] {
      finish_replacing();
      try {
        database_.emplace(file_);
        lines_ = database_->read();
        overlays_ = database_->read_overlays();
        commits_ = database_->commits();
      } catch (const DatabaseError& error) {
        if (!is_useless(error)) throw;
        database_.reset();
        overlays_ = rescue_overlays(file_);
        begin_with(rescue_from(file_), error.what());
      }
    });
  }

  const JournalLines& lines() const noexcept { return lines_; }
  const Overlays& overlays() const noexcept { return overlays_; }

  void write(std::span<const JournalEntry> entries, std::span<const Name> gone) {
    write([&] { database_->write(lines_, entries, gone); });
  }
  void keep(const Name& zone, const zones::Overlay& overlay) {
    write([&] { database_->keep(overlays_, zone, overlay); });
  }

 private:
  template <class Work>
  void write(const Work& work) {
    const std::lock_guard lock(mutex_);
    in_words([&] {
      try {
        open();
        work();
      } catch (const DatabaseError& error) {
        database_.reset();
        if (!is_useless(error)) throw;
        replace(in_memory(), error.what());
        work();
      }
      commits_ = database_->commits();
    });
  }

  /// Also where there is no room for a new file.
  void begin_with(const std::vector<JournalEntry>& rescued, const std::string& why) {
    try {
      replace(rescued, why);
    } catch (const DatabaseError& error) {
      for (const JournalEntry& entry : rescued) lines_[entry.zone].line = entry.line;
      spdlog::error(
          "journal: {} is damaged ({}), and no new one can be begun: {}; it is tried again with the next "
          "change",
          file_.string(), why, error.what());
    }
  }

  /// After an error, which may have come when all was on the disk already.
  void open() {
    if (database_) return;
    finish_replacing();
    database_.emplace(file_);
    const std::int64_t found = database_->commits();
    if (commits_ != kNotKnown && found != commits_ && found != commits_ + 1)
      throw DatabaseError(SQLITE_CORRUPT, "it is not the one that was written to");
    if (found != commits_) {
      lines_ = database_->read();
      overlays_ = database_->read_overlays();
    }
    commits_ = found;
  }

  std::vector<JournalEntry> in_memory() const {
    std::vector<JournalEntry> all;
    for (const auto& [zone, rows] : lines_) all.push_back({zone, rows.line});
    return all;
  }

  /// Puts a new file, with these in it, in the place of the damaged one. At each moment one is there that has them.
  void replace(const std::vector<JournalEntry>& entries, std::string_view why) {
    remove_new();
    JournalLines lines;
    {
      JournalFile begun(new_);
      begun.write(lines, entries, {});
      Overlays overlays;
      for (const auto& [zone, overlay] : overlays_) begun.keep(overlays, zone, overlay);
      begun.settle();
    }
    commits_ = kNotKnown;
    const fs::path aside = health::move_aside(file_, std::chrono::system_clock::now());
    spdlog::error(
        "journal: {} is damaged ({}); it is {} now, and a new one is begun, with the serials of {} zones",
        file_.string(), why, aside.string(), entries.size());
    finish_replacing();
    database_.emplace(file_);
    lines_ = std::move(lines);
    commits_ = database_->commits();
  }

  void finish_replacing() {
    if (!fs::exists(file_) && fs::exists(new_)) {
      // Those of the damaged one would be taken for its own.
      for (const char* const part : {"-wal", "-shm"}) fs::remove(file_.string() + part);
      fs::rename(new_, file_);
      sync_directory(file_.parent_path());
    }
    remove_new();
  }

  void remove_new() {
    for (const char* const part : {"", "-wal", "-shm"}) fs::remove(new_.string() + part);
  }

  /// Errors tell of which file they are.
  template <class Work>
  void in_words(const Work& work) {
    try {
      work();
    } catch (const DatabaseError& error) {
      database_.reset();
      throw DatabaseError(error.code(), fmt::format("journal {}: {}", file_.string(), error.what()));
    } catch (const std::system_error& error) {  // of the file system
      database_.reset();
      throw DatabaseError(SQLITE_IOERR,
                          fmt::format("journal {}: {}", file_.string(), error.code().message()));
    }
  }

  const fs::path file_, new_;
  std::mutex mutex_;  // held for a write
  std::optional<JournalFile> database_;
  JournalLines lines_;  // what is in it
  Overlays overlays_;   // likewise
  static constexpr std::int64_t kNotKnown = -1;
  std::int64_t commits_ = kNotKnown;  // of it
};

Journal::Journal(const fs::path& directory) : keeper_(std::make_unique<Keeper>(directory)) {}

Journal::~Journal() = default;

std::map<Name, KeptLine> Journal::at_start() const {
  std::map<Name, KeptLine> lines;
  for (const auto& [zone, rows] : keeper_->lines()) lines.emplace_hint(lines.end(), zone, rows.line);
  return lines;
}

std::map<Name, zones::Overlay> Journal::overlays_at_start() const { return keeper_->overlays(); }

void Journal::keep(const Name& zone, const zones::Overlay& overlay) { keeper_->keep(zone, overlay); }

void Journal::append(std::span<const JournalEntry> entries) { keeper_->write(entries, {}); }

void Journal::forget(std::span<const Name> zones) { keeper_->write({}, zones); }

}  // namespace holdfast::server
