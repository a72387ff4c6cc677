#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "health/observation.h"
#include "health/probe/curl_loop.h"
#include "health/probe/tls_contexts.h"
#include "health/target.h"

namespace holdfast::health {

/// The probe could not be run at all (no file descriptor, no CA file): it says nothing about the target.
struct NotRun {
  std::string why;
};

using ProbeResult = std::variant<Observation, NotRun>;
/// Called once, never from within start(); may destroy the probe.
using ProbeDone = std::function<void(ProbeResult)>;

/// One probe in flight. Destroying it cancels it: nothing is called any more.
class Probe {
 public:
  Probe() = default;
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  virtual ~Probe() = default;
};

/// Starts probes of every protocol. Belongs to the thread that runs `io`, as do its probes, which it must outlive.
class Prober {
 public:
  explicit Prober(boost::asio::io_context& io) : io_(io) {}

  /// Looks at the target once, and is done within its timeout whatever the target does.
  std::unique_ptr<Probe> start(const Target& target, ProbeDone done);

 private:
  boost::asio::io_context& io_;
  TlsContexts tls_;
  std::optional<CurlLoop> curl_;  // from the first HTTP probe on: it takes 2 MiB, most of it OpenSSL's
};

}  // namespace holdfast::health
