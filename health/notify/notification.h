#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "health/event.h"

namespace holdfast::health {

using EventPtr = std::shared_ptr<const Event>;

/// What is told to one contact at once. A value.
struct Notification {
  enum class Kind : std::uint8_t {
    news,      ///< what happened
    reminder,  ///< what is still down, told before
    test,      ///< somebody asked for it
  };

  std::string
      id{};  ///< news: of its first event, so the same to every contact that has heard of nothing else
  std::string contact{};
  std::chrono::system_clock::time_point time{};
  Kind kind = Kind::news;
  std::vector<EventPtr> events{};  ///< by time; none in a test
  std::uint64_t left_out = 0;      ///< events that there was no room for, all of them earlier
};
inline constexpr std::string_view kNotificationKinds[] = {"news", "reminder", "test"};  ///< by Kind
constexpr std::string_view text(Notification::Kind kind) {
  return kNotificationKinds[static_cast<std::size_t>(kind)];
}

/// Whether it is to be told also when people want to be left alone.
inline bool is_bad(const Event& event) {
  return event.is_bad || (event.kind == EventKind::transition && event.after == Verdict::down);
}

}  // namespace holdfast::health
