#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <utility>

#include "health/event.h"

namespace holdfast::health {

/// A directory that goes with the test.
class Scratch {
 public:
  Scratch() {
    std::string path = testing::TempDir() + "holdfast-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no directory for the test");
    path_ = std::filesystem::canonical(path);
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// While it lives no file of this process grows.
class NoRoom {
 public:
  NoRoom() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~NoRoom() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  NoRoom(const NoRoom&) = delete;
  NoRoom& operator=(const NoRoom&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

inline constexpr std::chrono::system_clock::time_point kNoon =
    std::chrono::sys_days(std::chrono::year{2026} / 3 / 1) + std::chrono::hours(12);

/// What a probe of 192.0.2.`host` saw, `seconds` after noon.
inline Observation seen(int host, double seconds, Outcome outcome = Outcome::passed,
                        std::string detail = "") {
  Observation observation;
  observation.target = {"web", boost::asio::ip::make_address("192.0.2." + std::to_string(host))};
  observation.outcome = outcome;
  observation.detail = std::move(detail);
  const auto after = std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
  observation.wall_time = kNoon + after;
  observation.ended = std::chrono::steady_clock::time_point(std::chrono::hours(24)) + after;
  observation.connect = std::chrono::microseconds(1500);
  observation.total = std::chrono::microseconds(3000);
  return observation;
}

/// The target 192.0.2.`host` went down.
inline Event went_down(int host, double seconds, std::string id = "an-id") {
  const Observation observation = seen(host, seconds, Outcome::refused, "Connection refused");
  Event event{.id = std::move(id), .time = observation.wall_time, .text = "it went down"};
  event.target = observation.target;
  event.used_by = {"shop", "www.example.com."};
  event.before = Verdict::up;
  event.after = Verdict::down;
  event.outcome = observation.outcome;
  event.detail = observation.detail;
  event.command = "nc -z 192.0.2.1 80";
  event.agent = "cork-1";
  event.location = "eu";
  return event;
}

}  // namespace holdfast::health
