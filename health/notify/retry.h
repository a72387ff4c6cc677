#pragma once

#include <chrono>
#include <optional>

namespace holdfast::health {

// When a delivery that failed is tried again: after 1 s, 2 s, 4 s and so on, at most 5 min, each time a quarter more or
// less by chance, so that those who failed together do not come back together.

inline constexpr std::chrono::milliseconds kFirstRetry{1000};
inline constexpr std::chrono::milliseconds kLongestRetry{5 * 60 * 1000};
inline constexpr std::chrono::milliseconds kLongestAsked{15 * 60 * 1000};  ///< of what a server asks for
inline constexpr std::chrono::milliseconds kGiveUp{60 * 60 * 1000};        ///< since the first attempt

/// The time from a failure to the next attempt; null: it is given up.
///
/// @param failed  attempts, 1 or more
/// @param since_first  from the first attempt to now
/// @param chance  from 0 to 1
/// @param asked  by the server (Retry-After); it is waited for that long if it is longer, and no longer than kLongestAsked
std::optional<std::chrono::milliseconds> next_retry(unsigned failed, std::chrono::milliseconds since_first,
                                                    double chance,
                                                    std::optional<std::chrono::seconds> asked = {});

}  // namespace holdfast::health
