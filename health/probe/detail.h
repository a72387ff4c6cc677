#pragma once

#include <string>
#include <string_view>

namespace holdfast::health {

/// The longest detail of an observation, in octets.
inline constexpr std::size_t kDetailSize = 256;

/// Makes what came from the network fit for logs, terminals and JSON: printable ASCII stays, every other octet and the
/// backslash become \xNN, and what is longer than `limit` is cut and ends in "...".
std::string printable(std::string_view raw, std::size_t limit = kDetailSize);

/// The same of what is printable already.
std::string shortened(std::string text, std::size_t limit = kDetailSize);

}  // namespace holdfast::health
