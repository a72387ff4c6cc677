#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::health {

/// RFC 4648 4, with padding.
std::string to_base64(std::string_view octets);
/// Null: that is no base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace holdfast::health
