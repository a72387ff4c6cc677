#pragma once

#include "health/probe/probe.h"

namespace holdfast::health {

/// Probes the target in all the ways of the monitor's parts at the same time, until it is decided what they make together
/// (combine.h). What is not needed for that any more is cancelled. The times of single phases are not told.
std::unique_ptr<Probe> start_combination(Prober& prober, const Target& target, ProbeDone done);

}  // namespace holdfast::health
