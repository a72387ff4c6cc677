#pragma once

#include <spdlog/common.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "zones/dns/name.h"
#include "zones/replicate/update.h"

namespace holdfast::server {

/// Senders, for each zone, that the log tells apart at a time; of all others there is one sum.
inline constexpr std::size_t kMaxSendersTold = 20;

/// What the log says of updates. One that comes alone is told at once; of many there is a sum a second for each zone and sender.
/// Time is passed in. Not thread-safe.
class UpdateLog {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Line {
    spdlog::level::level_enum level = spdlog::level::info;
    std::string text{};

    bool operator==(const Line&) const = default;
  };

  void changed(const zones::Name& zone, const std::string& sender, const zones::Updated& updated);
  /// @param why  "REFUSED: www.example.com. A is live"
  void refused(const zones::Name& zone, const std::string& sender, const std::string& why);
  /// @param problem  why what they change could not be kept, or served
  void failed(const zones::Name& zone, const std::string& sender, const std::string& problem);

  /// When there is something to be said; nothing: there is not.
  std::optional<Time> due() const;
  /// What is to be said by now. It is forgotten with that.
  std::vector<Line> take(Time now);

 private:
  struct Sum {
    std::uint64_t changed = 0, added = 0, removed = 0;
    bool has_soa = false;
    std::uint64_t refused = 0, failed = 0;
    std::string why{}, problem{};  // of the first that was
  };
  Sum& sum_of(const zones::Name& zone, const std::string& sender);

  std::map<std::pair<zones::Name, std::string>, Sum> sums_;
  Sum others_;
  Time quiet_until_{};
};

}  // namespace holdfast::server
