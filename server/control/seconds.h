#pragma once

#include <chrono>

namespace holdfast::server {

/// As the API and the metrics tell durations.
template <class Number, class Period>
double seconds(std::chrono::duration<Number, Period> duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace holdfast::server
