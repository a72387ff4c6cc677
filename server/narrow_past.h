#pragma once

#include <string>
#include <variant>

#include "health/verdict/location.h"
#include "server/past.h"

namespace holdfast::server {

struct LiveDeclaration;

/// What of a past has to do with the members of a live name; or that it is more than kMostSteps of a PastWalk.
std::variant<Past, std::string> narrow(const Past& past, const LiveDeclaration& declaration,
                                       const health::Locations& locations);

}  // namespace holdfast::server
