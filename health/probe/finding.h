#pragma once

#include <string>

#include "health/observation.h"

namespace holdfast::health {

/// How a probe ended, before it is said when and where.
struct Finding {
  Outcome outcome = Outcome::passed;
  std::string detail{};  ///< not escaped
};

}  // namespace holdfast::health
