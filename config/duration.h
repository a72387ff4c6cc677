#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::config {

/// Reads "10s", "500ms", "1h30m": whole numbers with the units d, h, m, s, ms, each at most once, the larger
/// first. Null for anything else, and for numbers of more than nine digits.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The shortest text that parse_duration reads as `duration`, which must not be negative; "0s" for none.
std::string text(std::chrono::milliseconds duration);

}  // namespace holdfast::config
