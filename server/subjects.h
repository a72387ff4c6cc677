#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "health/verdict/location.h"
#include "health/verdict/override.h"
#include "server/status.h"

namespace holdfast::server {

/// The members that somebody names, among those that there are: "192.0.2.10", "shop/192.0.2.10", "shop/www.example.net", "shop", "pool:shop",
/// "location:eu-cork"; a live name whose own records are watched with or without its final dot.
///
/// @return otherwise why not, and what there is that is spelt alike
std::variant<health::Subject, std::string> find_subject(std::string_view text,
                                                        const std::vector<LiveNameStatus>& names,
                                                        const health::Locations& locations);

/// A subject as people say it: "pool:www.example.com." and "member:shop/www.example.net." without what marks them, in lower case,
/// and without the final dots of names.
std::string as_said(std::string_view subject);

}  // namespace holdfast::server
