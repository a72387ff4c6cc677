#pragma once

#include <optional>

#include "health/observation.h"

namespace holdfast::health {

/// What an errno of connect() says about the target. Null: nothing, the fault is on our side (no descriptor, no
/// port or address to come from, a local filter).
std::optional<Outcome> connect_error(int error) noexcept;

}  // namespace holdfast::health
