#include "health/agent/watchdog.h"

#include <gtest/gtest.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

Pace late(std::size_t count) {
  Pace pace{.in_flight = 5, .waiting = 7, .late = count, .lag = {}, .longest = {}};
  if (count != 0) pace.longest = {{"web", boost::asio::ip::make_address("192.0.2.1")}, 34500ms};
  return pace;
}

TEST(Lateness, IsToldWhenItBeginsAndWhenItEnds) {
  EXPECT_EQ(lateness(false, late(0)), std::nullopt);
  EXPECT_EQ(lateness(false, late(2)),
            "2 targets are late: nothing was seen of them for 3 intervals; the longest: web 192.0.2.1, for "
            "34 s; probes in "
            "flight: 5, waiting: 7; the verdicts stay as they are");
  EXPECT_EQ(lateness(true, late(1)), std::nullopt);
  EXPECT_EQ(lateness(true, late(0)), "every target is checked in time again");
  EXPECT_NE(lateness(false, late(1))->find("1 target is late: nothing was seen of it"), std::string::npos);
}

/// All that is logged while it lives.
class LogLines {
 public:
  LogLines() : before_(spdlog::default_logger()), sink_(std::make_shared<Sink>()) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink_));
  }
  ~LogLines() { spdlog::set_default_logger(before_); }

  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(sink_->mutex);
    sink_->more.wait_for(lock, 10s, [&] { return sink_->lines.size() >= count; });
    return sink_->lines;
  }

 private:
  struct Sink : spdlog::sinks::base_sink<spdlog::details::null_mutex> {
    void sink_it_(const spdlog::details::log_msg& message) override {
      const std::lock_guard lock(mutex);
      lines.emplace_back(message.payload.data(), message.payload.size());
      more.notify_all();
    }
    void flush_() override {}

    std::mutex mutex;
    std::condition_variable more;
    std::vector<std::string> lines;
  };

  std::shared_ptr<spdlog::logger> before_;
  std::shared_ptr<Sink> sink_;
};

TEST(Watchdog, TellsEachChangeOnce) {
  const std::vector<std::size_t> seen{0, 0, 3, 2, 3, 0, 0, 1};
  LogLines log;
  std::size_t looks = 0;
  std::vector<std::string> lines;
  {
    const Watchdog watchdog([&] { return late(seen[std::min(looks++, seen.size() - 1)]); }, 1ms);
    lines = log.wait_for(3);
  }
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_TRUE(lines[0].starts_with("3 targets are late")) << lines[0];
  EXPECT_EQ(lines[1], "every target is checked in time again");
  EXPECT_TRUE(lines[2].starts_with("1 target is late")) << lines[2];
}

TEST(Watchdog, EndsAtOnce) {
  const auto begin = std::chrono::steady_clock::now();
  {
    const Watchdog watchdog([] { return Pace(); }, 1h);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

}  // namespace
}  // namespace holdfast::health
