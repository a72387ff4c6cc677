#pragma once

#include <string>

#include "health/verdict/table.h"

namespace holdfast::health {

/// "connect 1.5 ms, header 30.0 ms, total 31.5 ms": the phases that were reached.
std::string phases(const Observation& seen);

/// One line about a transition: what was seen, where, with the time of each phase, and how to repeat it by hand.
std::string report(Verdict before, const TargetStatus& now);
/// The same of what all agents together came to: who says so, and what each of them saw.
std::string report(Verdict before, const MergedStatus& now);

}  // namespace holdfast::health
