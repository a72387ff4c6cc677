#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "health/verdict/kept_state.h"
#include "zones/alias/freshness.h"
#include "zones/alias/known.h"

namespace holdfast::server {

/// What is known of the addresses of names, for the next start. Thread-safe.
///
/// What clients of single networks get is not among it. That the same addresses hold for longer is written when the end that
/// was written lags by more than half of what is left, and by more than a second: about once in a TTL.
class KeptAliases {
 public:
  explicit KeptAliases(health::KeptState& state);

  /// At first what there was when the program ended, as far as it can be read.
  std::vector<zones::Known> known() const;

  /// @param now  by both clocks
  void learned(const zones::Name& target, zones::RrType type, const zones::Served& served,
               zones::AliasTime now, std::chrono::system_clock::time_point wall_now);
  /// Of others than these it is forgotten.
  void follow(const std::vector<zones::Name>& targets);

 private:
  using Key = std::pair<zones::Name, zones::RrType>;

  health::KeptState& state_;
  mutable std::mutex mutex_;
  std::map<Key, zones::Known> known_;  // all that state_ has
};

}  // namespace holdfast::server
