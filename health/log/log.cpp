#include "health/log/log.h"

#include <spdlog/spdlog.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "health/log/log_file.h"
#include "health/log/thinning.h"

namespace holdfast::health {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 1000;                   // observations of one transaction
constexpr std::size_t kEventBatch = 100;               // events of one transaction: they are larger
constexpr std::chrono::seconds kCommitInterval{1};     // of observations alone
constexpr std::chrono::seconds kForgetInterval{60};    // when nothing is written
constexpr std::chrono::milliseconds kForgetPause{20};  // between two steps: others want the disk too
constexpr int kNiceness = 10;                          // setpriority(2): after queries and probes

using Count = std::atomic<std::uint64_t>;

template <class T>
void move_some(std::deque<T>& from, std::vector<T>& to, std::size_t most) {
  const auto end = from.begin() + static_cast<std::ptrdiff_t>(std::min(most, from.size()));
  to.assign(std::make_move_iterator(from.begin()), std::make_move_iterator(end));
  from.erase(from.begin(), end);
}

}  // namespace

/// Take from the queue -> write -> forget what is too old or too much -> wait.
//
//  state      left when                        what is done
//  fine       a write fails                    the batch is kept, and told of once -> failing
//  fine       the file turns out damaged       it is moved aside, the batch goes to a new one
//  failing    a write succeeds, tried again    told of -> fine
//             every kLogRetry
class Log::Writer {
 public:
  Writer(const std::filesystem::path& directory, const LogSettings& settings, std::string agent,
         std::string location)
      : file_(directory / "log.db"),
        settings_(settings),
        agent_(std::move(agent)),
        location_(std::move(location)),
        thinning_(settings),
        thread_([this] { run(); }) {}

  ~Writer() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    came_.notify_one();
    thread_.join();
  }

  void observed(const Observation& seen) {
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      if (!thinning_.keeps(seen)) return;
      if (observations_.size() + events_.size() >= kLogQueue) {
        ++probes_dropped_;
        return;
      }
      observations_.push_back(seen);
      wake = observations_.size() == 1 || observations_.size() == kBatch;
    }
    if (wake) came_.notify_one();
  }

  void happened(const Event& event) {
    {
      const std::lock_guard lock(mutex_);
      if (observations_.size() + events_.size() >= kLogQueue) {
        if (observations_.empty()) {
          ++events_dropped_;
          return;
        }
        observations_.pop_back();
        ++probes_dropped_;
      }
      events_.push_back(event);
    }
    came_.notify_one();
  }

  LogPage read(const LogQuery& query) {
    try {
      return read_log(file_, query);
    } catch (const DatabaseError& error) {
      if (error.is_damage()) damage_seen_ = true;
      throw;
    }
  }

  LogFigures figures() const noexcept {
    return {probes_written_, events_written_, probes_dropped_, events_dropped_,
            failures_,       damaged_,        size_,           failing_};
  }

 private:
  void run() {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
    while (wait()) turn();
    while (!failing_ && has_batch()) turn();
    if (has_batch()) {
      spdlog::error("log: {}: what was to be written last is lost: {} observations, {} events",
                    file_.string(), batch_.size() + observations_.size(),
                    event_batch_.size() + events_.size());
    }
  }

  /// False when the program ends.
  bool wait() {
    std::unique_lock lock(mutex_);
    const auto is_due = [this] {
      return stopping_ || (!failing_ && (has_batch() || !events_.empty() || observations_.size() >= kBatch));
    };
    while (!is_due()) {
      const auto due = failing_                 ? retry_
                       : more_to_forget_        ? Clock::now() + kForgetPause
                       : !observations_.empty() ? wrote_ + kCommitInterval
                                                : forgot_ + kForgetInterval;
      if (came_.wait_until(lock, due) == std::cv_status::timeout) break;
    }
    take();
    return !stopping_;
  }

  bool has_batch() const { return !batch_.empty() || !event_batch_.empty(); }

  /// The mutex is locked.
  void take() {
    if (has_batch()) return;  // they could not be written yet
    move_some(events_, event_batch_, kEventBatch);
    move_some(observations_, batch_, kBatch);
  }

  void turn() {
    try {
      if (damage_seen_.exchange(false)) throw DatabaseError(SQLITE_CORRUPT, "a reader found it damaged");
      if (!log_) log_.emplace(file_, settings_, agent_, location_);
      write();
      more_to_forget_ = log_->forget(std::chrono::system_clock::now(), Clock::now());
      forgot_ = Clock::now();
      size_ = log_->size();
      if (failing_.exchange(false)) {
        spdlog::info("log: {} is written again; {} observations and {} events were lost since the start",
                     file_.string(), probes_dropped_.load(), events_dropped_.load());
      }
      was_damaged_ = false;
    } catch (const DatabaseError& error) {
      failed(error.what(), error.is_damage());
    } catch (const std::exception& error) {  // no memory
      failed(error.what(), false);
    }
  }

  void write() {
    if (has_batch() || failing_) {
      log_->append(batch_, event_batch_);
      probes_written_ += batch_.size();
      events_written_ += event_batch_.size();
      batch_.clear();
      event_batch_.clear();
    }
    wrote_ = Clock::now();
    const std::lock_guard lock(mutex_);
    if (stopping_) take();
  }

  void failed(const char* why, bool is_damage) {
    ++failures_;
    log_.reset();
    retry_ = Clock::now() + kLogRetry;
    if (is_damage && !std::exchange(was_damaged_, true)) {
      try {
        const auto aside = move_aside(file_, std::chrono::system_clock::now());
        ++damaged_;
        spdlog::error("log: {} is damaged ({}); it is {} now, and a new one is begun", file_.string(), why,
                      aside.string());
        return;
      } catch (const std::filesystem::filesystem_error& error) {
        spdlog::error("log: {} is damaged, and cannot be moved aside: {}", file_.string(), error.what());
      }
    }
    if (failing_.exchange(true)) return;
    spdlog::error(
        "log: {} cannot be written: {}; answers and probes go on, up to {} entries wait in memory, and "
        "it is tried again every {} s: make room, or mend the disk",
        file_.string(), why, kLogQueue, kLogRetry.count());
  }

  const std::filesystem::path file_;
  const LogSettings settings_;
  const std::string agent_, location_;

  std::mutex mutex_;  // guards these
  std::condition_variable came_;
  Thinning thinning_;
  std::deque<Observation> observations_;
  std::deque<Event> events_;
  bool stopping_ = false;

  Count probes_written_{0}, events_written_{0}, probes_dropped_{0}, events_dropped_{0}, failures_{0},
      damaged_{0}, size_{0};
  std::atomic<bool> failing_{false};
  std::atomic<bool> damage_seen_{false};

  // The thread's own:
  std::optional<LogFile> log_;
  std::vector<Observation> batch_;  // with the next: what is being written, or could not be written yet
  std::vector<Event> event_batch_;
  bool more_to_forget_ = false;
  bool was_damaged_ = false;  // and nothing was written since
  Clock::time_point wrote_{}, forgot_{}, retry_{};

  std::thread thread_;
};

Log::Log(const std::filesystem::path& directory, const LogSettings& settings, std::string agent,
         std::string location)
    : writer_(std::make_unique<Writer>(directory, settings, std::move(agent), std::move(location))) {}

Log::~Log() = default;

void Log::observed(const Observation& seen) { writer_->observed(seen); }
void Log::happened(const Event& event) { writer_->happened(event); }
LogPage Log::read(const LogQuery& query) const { return writer_->read(query); }
LogFigures Log::figures() const noexcept { return writer_->figures(); }

}  // namespace holdfast::health
