#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "server/control/door_counters.h"
#include "server/control/state.h"

namespace holdfast::server {

/// What the door answers, without the framing of HTTP.
struct Reply {
  unsigned status = 200;
  std::string body;
  std::string_view type = "text/plain; charset=utf-8";
  std::string_view allow = {};  ///< the methods that would do; only with 405
  /// Not empty: what comes behind `body`, too long to be kept. Appends a piece, never an empty one,
  /// each time that it is called, on the door's thread; false: that was the last.
  std::function<bool(std::string&)> more = {};
};

/// What ends an answer that takes too long.
struct OutOfTime : std::exception {
  explicit OutOfTime(std::optional<std::chrono::milliseconds> after) : limit(after) {}
  const char* what() const noexcept override { return "out of time"; }

  std::optional<std::chrono::milliseconds> limit;  ///< that was reached; null: the server ends
};

/// What a route may look at.
struct Asked {
  const ControlState& state;
  const DoorCounters& door;
  std::chrono::system_clock::time_point now;
  std::string query;  ///< what stands after the `?`
  GoOn go_on{};       ///< for who goes through the log; throws OutOfTime
};

/// One thing that the door can be asked.
struct Route {
  std::string_view method;  ///< GET (HEAD does too) or POST
  std::string_view path;
  std::string_view says;
  Reply (*answer)(const Asked& asked);  ///< may throw
  enum class Thread : std::uint8_t {
    door,  ///< it takes no time
    aside,  ///< may take seconds and looks at nothing of the door: of a thread beside it, each route once at a time
    reading  ///< likewise, and changes nothing: of one more thread, one after another
  } thread = Thread::door;
  /// Whether a route that is `reading` reads where it is asked this; else it is of the door's thread. Null: always.
  bool (*reads)(const Asked& asked) = nullptr;
};

std::span<const Route> routes() noexcept;

/// The route for a request, or the reply that says why there is none (404, 405).
std::variant<const Route*, Reply> find_route(std::string_view method, std::string_view target);

}  // namespace holdfast::server
