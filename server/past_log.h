#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "health/log/entry.h"
#include "health/verdict/table.h"
#include "server/past.h"

namespace holdfast::server {

/// Pages of the log. May throw health::DatabaseError.
using ReadLog = std::function<health::LogPage(const health::LogQuery&)>;

/// What is known of now, for what the log says nothing of because it did not change.
struct Present {
  std::vector<health::MergedStatus> targets{};
  std::vector<health::Override> overrides{};  ///< in force
  std::chrono::seconds passes_every{60};      ///< so often passes of a target are logged
};

/// What the log says of these targets and of all overrides around a moment, or why it does not reach back to it.
std::variant<Past, std::string> read_past(const ReadLog& read, const Present& present,
                                          std::span<const health::TargetId> targets, Past::Time at);

}  // namespace holdfast::server
