#pragma once

#include <string>

#include "health/verdict/verdict.h"

namespace holdfast::health {

/// One line about a transition: what was seen, where, with the time of each phase, and how to repeat it by hand.
std::string report(Verdict before, const TargetStatus& now);

}  // namespace holdfast::health
