#pragma once

#include <string>
#include <string_view>

#include "health/settings.h"

namespace holdfast::health {

/// The beginning of an answer, in which `expect` must stand and `reject` must not.
class ExpectWindow {
 public:
  /// The settings must outlive it.
  explicit ExpectWindow(const MonitorSettings& monitor)
      : expect_(monitor.expect), reject_(monitor.reject), has_end_(monitor.type != Protocol::tcp) {}

  /// Whether anything is looked for at all.
  bool is_wanted() const noexcept { return !expect_.empty() || !reject_.empty(); }
  /// Takes the next part. True once nothing that may follow makes a difference.
  bool take(std::string_view part) {
    seen_ += part.substr(0, kExpectWindow - seen_.size());
    is_found_ = is_found_ || (is_tried_early(expect_) && expect_.is_in(seen_));
    is_rejected_ = is_tried_early(reject_) && reject_.is_in(seen_);
    return is_rejected_ || is_full() || (is_found_ && reject_.empty());
  }

  // To be asked when take() said true, or nothing more comes.
  bool is_found() const { return is_found_ || expect_.empty() || expect_.is_in(seen_); }
  bool is_rejected() const { return is_rejected_ || (!reject_.empty() && reject_.is_in(seen_)); }
  bool is_full() const noexcept { return seen_.size() == kExpectWindow; }
  std::size_t size() const noexcept { return seen_.size(); }

  /// What is to be said when it is full.
  static std::string missing() { return "not in the first " + std::to_string(kExpectWindow) + " octets"; }

 private:
  /// What an expression says of a part may be wrong of the whole ("^OK$"), so that it waits for the end, where one comes.
  bool is_tried_early(const Pattern& pattern) const noexcept {
    return !pattern.empty() && !(has_end_ && pattern.matching() == Matching::regex);
  }

  const Pattern& expect_;
  const Pattern& reject_;
  bool has_end_;
  std::string seen_;
  bool is_found_ = false;
  bool is_rejected_ = false;
};

}  // namespace holdfast::health
