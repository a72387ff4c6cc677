#include "health/verdict/kept_state.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "health/verdict/state_file.h"

namespace holdfast::health {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kWriteInterval{1};  // where no override waits

/// What is newer takes the place of what is older.
template <class Map>
void merge(Map& into, Map newer) {
  newer.merge(into);
  into = std::move(newer);
}

}  // namespace

class KeptState::Writer {
 public:
  explicit Writer(const std::filesystem::path& directory) : file_(directory / "state.db") {
    try {
      state_.emplace(file_);
      at_start_ = state_->read();
    } catch (const DatabaseError& error) {
      if (is_newer(error))
        throw std::runtime_error(fmt::format("state {}: {}", file_.string(), error.what()));
      failed(error.what(), error.is_damage());
    }
    thread_ = std::thread([this] { run(); });
  }

  ~Writer() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    came_.notify_one();
    thread_.join();
  }

  const KeptAtStart& at_start() const noexcept { return at_start_; }
  std::uint64_t failures() const noexcept { return failures_; }
  bool failing() const noexcept { return failing_; }

  /// `change` adds to what waits.
  template <class Change>
  void save(const Change& change) {
    {
      const std::lock_guard lock(mutex_);
      change(waiting_);
    }
    came_.notify_one();
  }

 private:
  void run() {
    while (wait()) turn();
    do {
      turn();
    } while (!changes_.empty() && !failing_);
    if (!changes_.empty()) spdlog::error("state {}: what changed last is lost with this end", file_.string());
  }

  /// False when the program ends.
  bool wait() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (failing_) {
        if (came_.wait_until(lock, retry_) == std::cv_status::timeout) break;
      } else if (!waiting_.overrides.empty() || !changes_.empty()) {
        break;
      } else if (waiting_.empty()) {
        came_.wait(lock);
      } else if (came_.wait_until(lock, wrote_ + kWriteInterval) == std::cv_status::timeout) {
        break;
      }
    }
    merge(changes_.verdicts, std::exchange(waiting_.verdicts, {}));
    merge(changes_.overrides, std::exchange(waiting_.overrides, {}));
    merge(changes_.notes, std::exchange(waiting_.notes, {}));
    return !stopping_;
  }

  void turn() {
    if (changes_.empty() && !failing_) return;
    try {
      if (!state_) state_.emplace(file_);
      state_->write(changes_);
      changes_ = {};
      wrote_ = Clock::now();
      was_damaged_ = false;
      if (failing_.exchange(false)) spdlog::info("state {}: it is written again", file_.string());
    } catch (const DatabaseError& error) {
      failed(error.what(), error.is_damage());
    } catch (const std::exception& error) {  // no memory
      failed(error.what(), false);
    }
  }

  void failed(const char* why, bool is_damage) {
    ++failures_;
    state_.reset();
    retry_ = Clock::now() + kStateRetry;
    if (is_damage && !std::exchange(was_damaged_, true)) {
      try {
        const auto aside = move_aside(file_, std::chrono::system_clock::now());
        spdlog::error("state: {} is damaged ({}); it is {} now, and a new one is begun", file_.string(), why,
                      aside.string());
        return;
      } catch (const std::filesystem::filesystem_error& error) {
        spdlog::error("state: {} is damaged, and cannot be moved aside: {}", file_.string(), error.what());
      }
    }
    if (failing_.exchange(true)) return;
    spdlog::error(
        "state: {} cannot be used: {}; answers and probes go on, and it is tried again every {} s: make "
        "room, or mend the disk",
        file_.string(), why, kStateRetry.count());
  }

  const std::filesystem::path file_;
  KeptAtStart at_start_;

  std::mutex mutex_;  // guards these
  std::condition_variable came_;
  StateChanges waiting_;
  bool stopping_ = false;

  std::atomic<std::uint64_t> failures_{0};
  std::atomic<bool> failing_{false};

  // The thread's own:
  std::optional<StateFile> state_;
  StateChanges changes_;      // being written, or could not be written yet
  bool was_damaged_ = false;  // and nothing was written since
  Clock::time_point wrote_{}, retry_{};

  std::thread thread_;
};

KeptState::KeptState(const std::filesystem::path& directory) : writer_(std::make_unique<Writer>(directory)) {}

KeptState::~KeptState() = default;

KeptAtStart KeptState::at_start() const { return writer_->at_start(); }

void KeptState::save(const std::vector<KeptVerdict>& changed) {
  writer_->save([&](StateChanges& waiting) {
    for (const KeptVerdict& verdict : changed) waiting.verdicts[verdict.target] = verdict;
  });
}

void KeptState::forget(const std::vector<TargetId>& gone) {
  writer_->save([&](StateChanges& waiting) {
    for (const TargetId& target : gone) waiting.verdicts[target] = std::nullopt;
  });
}

void KeptState::save(const KeptOverride& override_) {
  writer_->save([&](StateChanges& waiting) { waiting.overrides[override_.id] = override_; });
}

void KeptState::forget_override(const std::string& id) {
  writer_->save([&](StateChanges& waiting) { waiting.overrides[id] = std::nullopt; });
}

void KeptState::save(const KeptNote& note) {
  writer_->save([&](StateChanges& waiting) { waiting.notes[note.subject] = note.text; });
}

void KeptState::forget_note(const std::string& subject) {
  writer_->save([&](StateChanges& waiting) { waiting.notes[subject] = std::nullopt; });
}

std::uint64_t KeptState::failures() const noexcept { return writer_->failures(); }
bool KeptState::failing() const noexcept { return writer_->failing(); }

}  // namespace holdfast::health
