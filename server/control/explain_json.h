#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "health/checks.h"
#include "server/explanation.h"

namespace holdfast::server {

/// What the query of a URL asks for, `name=www.example.com&type=A&client=192.0.2.7&if_down=location:eu&at=1h`; otherwise
/// what is wrong with it.
std::variant<ExplainWish, std::string> explain_wish(std::string_view query,
                                                    std::chrono::system_clock::time_point now);

/// @param targets  where the votes on members come from, now
boost::json::array to_json(const std::vector<Explanation>& explanations,
                           const std::vector<health::MergedStatus>& targets);

}  // namespace holdfast::server
