#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "health/event.h"
#include "health/verdict/kept_state.h"
#include "health/verdict/override_set.h"
#include "server/live_names.h"

namespace holdfast::server {

/// What an operator asks for. Nothing of it has been looked at.
struct OverrideWish {
  std::string subject{};
  health::Decision decision = health::Decision::drain;
  std::string author{};
  std::string reason{};
  std::optional<std::chrono::milliseconds> lasts{};  ///< null: until it is released
  bool force = false;  ///< also when names would then answer with what is down, or one family not at all
};

/// What became of a wish, or of a release.
struct OverrideAnswer {
  enum class Result : std::uint8_t {
    done,
    unfit,    ///< something of the wish is wrong in itself
    unknown,  ///< there is no such member, pool or location; nothing to release
    refused,  ///< nobody would be left, or only what is down
    full      ///< there are kMaxOverrides
  };
  Result result = Result::done;
  std::string error{};                          ///< what is wrong, and what to do next; empty when done
  std::optional<health::Override> override_{};  ///< the one made, or released
  Effect effect{};                              ///< as of now
  bool is_kept = false;                         ///< over a restart, here or in the store
};

/// How often what happened, since the start.
struct OverrideFigures {
  std::uint64_t made = 0, released = 0, expired = 0, refused = 0;
};

/// So long, and so many at most, ends stay in the store for those who have not heard of them.
inline constexpr std::chrono::hours kEndsKept{7 * 24};
inline constexpr std::size_t kMaxEnds = 1000;

/// What operators decided: the overrides in force, in the answers, on the disk and in the store.
///
/// Thread-safe. Nothing waits for a disk or a network. The callbacks are called one at a time, and must not call back.
///
/// In the store each override is a value by its id, until its end takes that place. Every server puts there all that it knows,
/// so it does not matter who hears of what in which order. That a value is gone ends nothing, for a store that was emptied
/// says nothing about drains.
class Overrides {
 public:
  using Shared = std::function<void(const std::string& id, std::optional<std::string> value)>;

  /// @param kept  null: nothing is kept over a restart
  /// @param happened  told of what was decided, and of its end
  Overrides(LiveNames& live, health::KeptState* kept, std::function<void(const health::Event&)> happened);
  ~Overrides();
  Overrides(const Overrides&) = delete;
  Overrides& operator=(const Overrides&) = delete;

  /// From now on these are the locations.
  void configure(const std::vector<health::LocationSettings>& locations);
  /// From now on others are told: what is in force, and what ended, at once, then what changes. A value that is null is to
  /// be taken out.
  /// To be called when all that stands in the store was heard: an end there goes before what outlived our restart.
  void share(Shared shared);
  /// What stands in the store. What is no override, not this one's, or one more than kMaxOverrides is counted by malformed().
  void heard(const std::string& id, const std::optional<std::string>& value);

  OverrideAnswer decide(const OverrideWish& wish);
  /// A member of a pool with `recovery = "manual"` went down: it is forced down until somebody releases it, unless somebody
  /// decided about it already.
  void keep_out(const health::Subject& member);
  /// @param what  an id, or a subject
  OverrideAnswer release(std::string_view what, std::string_view author);

  std::vector<health::Override> in_force() const;  ///< by subject
  OverrideFigures figures() const;
  std::uint64_t malformed() const;

 private:
  void restore();
  void run();
  /// What is in force has changed.
  void publish();
  bool is_kept() const { return shared_ || (kept_ != nullptr && !kept_->failing()); }
  void tell_store(const std::string& id, std::optional<std::string> value) const;
  /// One is not in force any more: so that it does not come back.
  void remember_end(const health::OverrideEnd& end);
  void forget_old_ends(std::chrono::system_clock::time_point now);
  /// @return the effect that it told of
  Effect happened(const health::Override& about, const std::string& event, std::string text) const;
  std::string known() const;

  LiveNames& live_;
  health::KeptState* const kept_;
  const std::function<void(const health::Event&)> happened_;

  mutable std::mutex mutex_;  // guards these, and is held while the functions above run
  std::condition_variable came_;
  health::OverrideSet set_;
  std::map<std::string, health::OverrideEnd> ended_;  // by id; while somebody may not have heard of it
  health::Locations locations_;
  Shared shared_;
  OverrideFigures figures_;
  std::uint64_t malformed_ = 0;
  bool stopping_ = false;

  std::thread expiring_;
};

}  // namespace holdfast::server
