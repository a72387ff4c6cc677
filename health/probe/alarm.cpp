#include "health/probe/alarm.h"

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <utility>

namespace holdfast::health {

struct Alarm::State {
  explicit State(boost::asio::io_context& io) : timer(io) {}

  boost::asio::steady_timer timer;
  std::uint64_t setting = 0;  // counts set() and cancel()
};

Alarm::Alarm(boost::asio::io_context& io) : state_(std::make_shared<State>(io)) {}

Alarm::~Alarm() { cancel(); }

void Alarm::set(std::chrono::steady_clock::time_point when, std::function<void()> ring) {
  const auto setting = ++state_->setting;
  state_->timer.expires_at(when);
  state_->timer.async_wait([state = state_, setting, ring = std::move(ring)](boost::system::error_code) {
    if (state->setting == setting) ring();
  });
}

void Alarm::cancel() {
  ++state_->setting;
  state_->timer.cancel();
}

}  // namespace holdfast::health
