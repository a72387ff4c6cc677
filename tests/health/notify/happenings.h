#pragma once

#include <string>

#include "health/notify/digest.h"

/// Events and moments of tests: the day begins at midnight of 2026-03-01, UTC.
namespace holdfast::health {

/// `seconds` after midnight, on both clocks.
inline Moment at(double seconds) {
  const auto since = std::chrono::milliseconds(static_cast<long>(seconds * 1000));
  const std::chrono::sys_days day = std::chrono::year{2026} / 3 / 1;
  return {std::chrono::steady_clock::time_point(std::chrono::hours(100)) + since, day + since};
}

inline Moment at(const char* time) {  // "07:30"
  const std::string text = time;
  return at(std::stoi(text.substr(0, 2)) * 3600 + std::stoi(text.substr(3)) * 60);
}

inline Event transition(std::string id, Verdict before, Verdict after, const char* address = "192.0.2.10") {
  Event event{.id = std::move(id), .time = at(60).wall, .text = "web: a line"};
  event.target = TargetId{"web", boost::asio::ip::make_address(address)};
  event.used_by = {"shop"};
  event.before = before;
  event.after = after;
  event.outcome = after == Verdict::up ? Outcome::passed : Outcome::refused;
  event.detail = after == Verdict::up ? "200" : "Connection refused";
  event.command = "curl http://192.0.2.10/";
  event.answers = {"www.example.com. A: 198.51.100.10 (tier 2)"};
  return event;
}

inline EventPtr down(std::string id, const char* address = "192.0.2.10") {
  return std::make_shared<Event>(transition(std::move(id), Verdict::up, Verdict::down, address));
}
inline EventPtr up(std::string id, const char* address = "192.0.2.10") {
  return std::make_shared<Event>(transition(std::move(id), Verdict::down, Verdict::up, address));
}

}  // namespace holdfast::health
