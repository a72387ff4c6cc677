#pragma once

#include <string>
#include <string_view>

namespace holdfast::health {

/// The text as UTF-8: what is none in it becomes U+FFFD.
std::string utf8(std::string_view text);

/// The same in one line without control characters (C0, DEL, C1), which become spaces. What came from the network is fit
/// for a mail then.
std::string one_line(std::string_view text);

/// Letters, digits, "-", "_" and "." of the text: what may stand in a header as a part of an id.
std::string token(std::string_view text);

}  // namespace holdfast::health
