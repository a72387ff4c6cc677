#include "health/probe/probe.h"

#include "health/probe/http.h"
#include "health/probe/tcp.h"

namespace holdfast::health {

std::unique_ptr<Probe> Prober::start(const Target& target, ProbeDone done) {
  if (target.monitor.type == Protocol::tcp) return start_tcp(io_, target, std::move(done));
  if (!curl_) curl_.emplace(io_);
  return start_http(io_, *curl_, target, std::move(done));
}

}  // namespace holdfast::health
