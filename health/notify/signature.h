#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace holdfast::health {

/// "t=1772323200,v1=5257a869...": the time in seconds since the epoch, and HMAC-SHA256 in hexadecimal over that number, a
/// dot, and the body. Who has the secret can tell that the body is ours, and by the time that it is no old one.
std::string signature(std::string_view secret, std::chrono::system_clock::time_point time,
                      std::string_view body);

}  // namespace holdfast::health
