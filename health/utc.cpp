#include "health/utc.h"

#include <spdlog/fmt/fmt.h>

#include <ctime>

namespace holdfast::health {
namespace {

using std::chrono::system_clock;

std::tm in_utc(system_clock::time_point second) {
  const std::time_t since_epoch = system_clock::to_time_t(second);
  std::tm utc{};
  gmtime_r(&since_epoch, &utc);
  return utc;
}

}  // namespace

std::string for_people(system_clock::time_point time) {
  const std::tm utc = in_utc(std::chrono::floor<std::chrono::seconds>(time));
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string rfc3339(system_clock::time_point time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const std::tm utc = in_utc(second);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     std::chrono::duration_cast<std::chrono::milliseconds>(time - second).count());
}

}  // namespace holdfast::health
