#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::config {

/// Reads "256MiB": a whole number of at most nine digits and one of the units KiB, MiB, GiB. Null for anything else.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// The shortest text that parse_size reads as so many octets, which must be whole KiB.
std::string size_text(std::uint64_t octets);

}  // namespace holdfast::config
