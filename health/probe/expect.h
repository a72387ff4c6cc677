#pragma once

#include <string>
#include <string_view>

#include "health/settings.h"

namespace holdfast::health {

/// The beginning of an answer, in which `expect` must stand and `reject` must not.
class ExpectWindow {
 public:
  /// The settings must outlive it.
  explicit ExpectWindow(const MonitorSettings& monitor) : expect_(monitor.expect), reject_(monitor.reject) {}

  /// Whether anything is looked for at all.
  bool is_wanted() const noexcept { return !expect_.empty() || !reject_.empty(); }
  /// Takes the next part. True once nothing that may follow makes a difference.
  bool take(std::string_view part) {
    seen_ += part.substr(0, kExpectWindow - seen_.size());
    is_found_ = is_found_ || expect_.is_in(seen_);
    is_rejected_ = !reject_.empty() && reject_.is_in(seen_);
    return is_rejected_ || is_full() || (is_found_ && reject_.empty());
  }

  bool is_found() const noexcept { return is_found_ || expect_.empty(); }
  bool is_rejected() const noexcept { return is_rejected_; }
  bool is_full() const noexcept { return seen_.size() == kExpectWindow; }
  std::size_t size() const noexcept { return seen_.size(); }

  /// What is to be said when it is full.
  static std::string missing() { return "not in the first " + std::to_string(kExpectWindow) + " octets"; }

 private:
  const Pattern& expect_;
  const Pattern& reject_;
  std::string seen_;
  bool is_found_ = false;
  bool is_rejected_ = false;
};

}  // namespace holdfast::health
