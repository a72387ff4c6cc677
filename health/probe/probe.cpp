#include "health/probe/probe.h"

#include "health/probe/combination.h"
#include "health/probe/dns.h"
#include "health/probe/exec.h"
#include "health/probe/http.h"
#include "health/probe/ping.h"
#include "health/probe/smtp.h"
#include "health/probe/tcp.h"
#include "health/probe/tls.h"

namespace holdfast::health {

std::unique_ptr<Probe> Prober::start(const Target& target, ProbeDone done) {
  switch (target.monitor.type) {
    case Protocol::http:
    case Protocol::https:
      if (!curl_) curl_.emplace(io_);
      return start_http(io_, *curl_, target, std::move(done));
    case Protocol::tcp: return start_tcp(io_, target, std::move(done));
    case Protocol::tls: return start_tls(io_, tls_, target, std::move(done));
    case Protocol::smtp: return start_smtp(io_, tls_, target, std::move(done));
    case Protocol::dns: return start_dns(io_, target, std::move(done));
    case Protocol::ping: return start_ping(io_, target, std::move(done));
    case Protocol::exec: return start_exec(io_, target, std::move(done));
    case Protocol::all:
    case Protocol::any:
    case Protocol::at_least: return start_combination(*this, target, std::move(done));
  }
  return nullptr;  // there is no other
}

}  // namespace holdfast::health
