#pragma once

#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "server/past_log.h"
#include "server/replay.h"

namespace holdfast::server {

/// Probes of one replay, at most.
inline constexpr std::size_t kMostReplayed = 300'000;

/// The probes of these targets that the log has, with the thresholds that are configured and with others; or why that cannot
/// be said.
///
/// @param course  what the name would have answered, by a past
/// @param now  the replay ends then
std::variant<Replayed, std::string> read_replay(const ReadLog& read, const Present& present,
                                                std::span<const health::TargetId> targets,
                                                const ReplayWish& wish,
                                                const std::function<std::vector<Course>(const Past&)>& course,
                                                Past::Time now);

}  // namespace holdfast::server
