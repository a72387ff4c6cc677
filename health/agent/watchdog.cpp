#include "health/agent/watchdog.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "health/agent/schedule.h"

namespace holdfast::health {

std::optional<std::string> lateness(bool was_late, const Pace& now) {
  if (was_late == (now.late != 0)) return std::nullopt;
  if (now.late == 0) return "every target is checked in time again";
  const bool is_one = now.late == 1;
  auto line = fmt::format("{} {} late: nothing was seen of {} for {} intervals", now.late,
                          is_one ? "target is" : "targets are", is_one ? "it" : "them", kLateIntervals);
  if (now.longest) {
    line += fmt::format("; the longest: {} {}, for {} s", now.longest->target.monitor,
                        now.longest->target.address.to_string(),
                        std::chrono::duration_cast<std::chrono::seconds>(now.longest->time).count());
  }
  return line + fmt::format("; probes in flight: {}, waiting: {}; the verdicts stay as they are",
                            now.in_flight, now.waiting);
}

Watchdog::Watchdog(std::function<Pace()> look, std::chrono::milliseconds period)
    : look_(std::move(look)), thread_([this, period](const std::stop_token& ended) { run(ended, period); }) {}

void Watchdog::run(const std::stop_token& ended, std::chrono::milliseconds period) {
  bool was_late = false;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, ended, period, [&] { return ended.stop_requested(); })) {
    const Pace now = look_();
    if (const auto line = lateness(was_late, now))
      spdlog::log(now.late != 0 ? spdlog::level::err : spdlog::level::info, "{}", *line);
    was_late = now.late != 0;
  }
}

}  // namespace holdfast::health
