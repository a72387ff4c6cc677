#pragma once

#include <ctime>

#include "zones/replicate/refresh.h"

namespace holdfast::server {

inline zones::BootTime boot_now() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return zones::BootTime(std::chrono::duration_cast<zones::BootClock::duration>(
      std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec)));
}

}  // namespace holdfast::server
