#pragma once

#include <chrono>
#include <functional>
#include <optional>
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

/// The time of the oldest entry; null: there is none.
std::optional<Past::Time> log_begin(const ReadLog& read);

/// Visits all entries that are wanted, the oldest first, however many pages, until the visitor says no.
void each_entry(const ReadLog& read, health::LogQuery query,
                const std::function<bool(const health::LogEntry&)>& visit);

/// What the log says of these targets and of all overrides around a moment, or why it does not reach back to it.
std::variant<Past, std::string> read_past(const ReadLog& read, const Present& present,
                                          std::span<const health::TargetId> targets, Past::Time at);

}  // namespace holdfast::server
