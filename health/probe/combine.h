#pragma once

#include <optional>
#include <span>
#include <variant>

#include "health/probe/finding.h"
#include "health/probe/probe.h"

namespace holdfast::health {

/// What the parts of a combination make together, as far as they have ended. Pure.
///
///  of n parts `need` must pass: all n, one (any), or `count` (at_least)
///  need have passed                            passed
///  more than n - need have failed              what the first of these found
///  all have ended, some could not be run       not run
///  otherwise                                   null: not decided yet
///
/// @param found  beside `monitor.parts`; null: has not ended
/// @return its detail is printable, names every part, and may be longer than kDetailSize
std::optional<std::variant<Finding, NotRun>> combine(const MonitorSettings& monitor,
                                                     std::span<const std::optional<ProbeResult>> found);

}  // namespace holdfast::health
