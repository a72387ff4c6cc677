#include "health/probe/tcp.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "health/probe/alarm.h"
#include "health/probe/connect_error.h"
#include "health/probe/detail.h"

namespace holdfast::health {
namespace {

using boost::asio::ip::tcp;
using std::chrono::steady_clock;

class TcpProbe final : public Probe {
 public:
  TcpProbe(boost::asio::io_context& io, const Target& target, ProbeDone done)
      : done_(std::move(done)), attempt_(std::make_shared<Attempt>(io, this)), alarm_(io) {
    seen_.target = target.id;
    const auto& monitor = target.monitor;
    const auto limit = monitor.connect_timeout.count() == 0
                           ? monitor.timeout
                           : std::min(monitor.connect_timeout, monitor.timeout);
    alarm_.set(started_ + limit, [this, limit] {
      finish(Outcome::connect_timeout, "no connection within " + std::to_string(limit.count()) + " ms");
    });
    attempt_->socket.async_connect(endpoint(target), [attempt = attempt_](boost::system::error_code error) {
      if (attempt->probe != nullptr) attempt->probe->connected(error);
    });
  }

  ~TcpProbe() override { give_up(); }

 private:
  /// Shared with the handler of connect, which may come when the probe is gone.
  struct Attempt {
    Attempt(boost::asio::io_context& io, TcpProbe* owner) : socket(io), probe(owner) {}
    tcp::socket socket;
    TcpProbe* probe;
  };

  void connected(boost::system::error_code error) {
    if (!error) {
      boost::system::error_code ignored;
      // Linux may connect a socket to itself when nobody listens on a port that it also gives out to clients.
      if (attempt_->socket.local_endpoint(ignored) == attempt_->socket.remote_endpoint(ignored)) {
        return finish(Outcome::refused, "nobody listens");
      }
      return finish(Outcome::passed, {});
    }
    if (const auto outcome = connect_error(error.value())) return finish(*outcome, error.message());
    end(NotRun{"connect: " + error.message()});
  }

  void finish(Outcome outcome, std::string_view detail) {
    seen_.outcome = outcome;
    seen_.detail = printable(detail);
    seen_.ended = steady_clock::now();
    seen_.wall_time = std::chrono::system_clock::now();
    seen_.connect = seen_.total =
        std::chrono::duration_cast<std::chrono::microseconds>(seen_.ended - started_);
    end(std::move(seen_));
  }

  /// The last thing that is done: the callback may destroy the probe.
  void end(ProbeResult result) {
    give_up();
    const auto done = std::move(done_);
    done(std::move(result));
  }

  void give_up() {
    alarm_.cancel();
    attempt_->probe = nullptr;
    boost::system::error_code ignored;
    attempt_->socket.close(ignored);
  }

  ProbeDone done_;
  Observation seen_;
  const steady_clock::time_point started_ = steady_clock::now();
  std::shared_ptr<Attempt> attempt_;
  Alarm alarm_;
};

}  // namespace

std::unique_ptr<Probe> start_tcp(boost::asio::io_context& io, const Target& target, ProbeDone done) {
  return std::make_unique<TcpProbe>(io, target, std::move(done));
}

}  // namespace holdfast::health
