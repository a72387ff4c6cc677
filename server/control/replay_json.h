#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include "server/replay.h"

namespace holdfast::server {

/// What the query of a URL asks for, `name=www.example.com&type=A&fall=2&rise=5&since=1d`; otherwise what is wrong with it.
std::variant<ReplayWish, std::string> replay_wish(std::string_view query,
                                                  std::chrono::system_clock::time_point now);

/// @param agents  whose verdicts count; the log has the probes of one
boost::json::object to_json(const Replayed& replayed, const std::string& name, std::size_t agents);

}  // namespace holdfast::server
