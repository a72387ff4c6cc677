#include "zones/replicate/serial_policy.h"

namespace holdfast::zones {
namespace {

Serial date(std::chrono::system_clock::time_point now) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(now));
  const auto year = static_cast<std::uint32_t>(static_cast<int>(day.year()));
  return Serial(((year * 100 + static_cast<unsigned>(day.month())) * 100 + static_cast<unsigned>(day.day())) *
                100);
}

Serial unixtime(std::chrono::system_clock::time_point now) {
  return Serial(static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count()));
}

}  // namespace

Serial next_serial(SerialPolicy policy, std::optional<Serial> last, std::optional<Serial> of_file,
                   std::chrono::system_clock::time_point now) {
  if (of_file && (!last || of_file->is_after(*last))) return *of_file;
  // BIND leaves 0 out as well: some take it for "none".
  const Serial next = last ? last->next() : Serial(1);
  const Serial least = next.value() == 0 ? Serial(1) : next;
  if (policy == SerialPolicy::increment) return least;
  const Serial by_clock = policy == SerialPolicy::date ? date(now) : unixtime(now);
  return by_clock.value() != 0 && (!last || by_clock.is_after(*last)) ? by_clock : least;
}

}  // namespace holdfast::zones
