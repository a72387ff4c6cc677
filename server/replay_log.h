#pragma once

#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "server/past_log.h"
#include "server/replay.h"

namespace holdfast::server {

/// Probes of one replay that are in the log, at most;
inline constexpr std::size_t kMostReplayed = 300'000;
/// and with those that are put back.
inline constexpr std::size_t kMostPutBack = 3'000'000;
/// What the name would have answered, by a past; or why that cannot be said.
using ReadCourse = std::function<std::variant<std::vector<Course>, std::string>(const Past&)>;

/// The probes of these targets that the log has, with the thresholds that are configured and with others; or why that cannot
/// be said.
///
/// @param now  the replay ends then
std::variant<Replayed, std::string> read_replay(const ReadLog& read, const Present& present,
                                                std::span<const health::TargetId> targets,
                                                const ReplayWish& wish, const ReadCourse& course,
                                                Past::Time now);

}  // namespace holdfast::server
