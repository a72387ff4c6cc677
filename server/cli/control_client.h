#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace holdfast::server {

/// How a command finds the control door of the running server: as it was told, else where the configuration file has
/// it, else at the default.
struct ControlOptions {
  std::string control;  ///< ADDRESS:PORT
  std::string config;   ///< a configuration file
  bool json = false;    ///< print what the server said, not what it means
};

/// Declares --control, --config and, unless it has no JSON, --json.
std::shared_ptr<ControlOptions> add_control_options(CLI::App& command, bool has_json = true);

struct ControlAnswer {
  int status = 0;  ///< of HTTP
  boost::json::value body;
};

/// There was no answer, or none in JSON; the text says what to do.
struct NoAnswer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Asks the door. Throws NoAnswer.
///
/// @param method  GET, or POST: what may take long; it is waited for as long as that takes
ControlAnswer ask_control(const ControlOptions& options, const std::string& method, const std::string& path);

/// Asks with GET for a text that may be long, and gives `take` each piece of it as it comes. Throws NoAnswer, and what `take`
/// throws.
/// @return empty; else what the server said instead of the text, a line without its end
std::string read_control(const ControlOptions& options, const std::string& path,
                         const std::function<void(std::string_view)>& take);

/// Text as a value in a URL's query (RFC 3986 2.1).
std::string percent_encoded(std::string_view text);

/// Runs a command that asks the door, and gives its exit code. What it throws ends on standard error, with kUsageError.
int run_with_control(std::string_view name, const std::function<int()>& command);

}  // namespace holdfast::server
