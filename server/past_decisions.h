#pragma once

#include <span>
#include <vector>

#include "health/log/entry.h"
#include "server/past.h"

namespace holdfast::server {

/// Which overrides there were, and when each was in force, of what the log tells people about them (kind `override`); by
/// begin. What stands in no line that can be read is left out.
///
/// @param told  in the order of the log
/// @param in_force  now; of these all is known, also where the log does not reach back to their begin
std::vector<Past::Decision> past_decisions(std::span<const health::LogEntry> told,
                                           std::span<const health::Override> in_force);

}  // namespace holdfast::server
