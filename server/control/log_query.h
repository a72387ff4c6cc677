#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include "health/log/entry.h"
#include "server/control/state.h"

namespace holdfast::server {

/// What the query of GET /api/v1/log asks for, or what is wrong with it and what would be right.
std::variant<health::LogQuery, std::string> log_query(std::string_view query, const ControlState& state,
                                                      std::chrono::system_clock::time_point now);

}  // namespace holdfast::server
