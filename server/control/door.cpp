#include "server/control/door.h"

#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "server/control/session.h"

namespace holdfast::server {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptPause{100};  // after an error, or out of descriptors it would spin
/// Who answers queries goes first where they share a core, as with health checks (setpriority(2)).
constexpr int kNiceness = 5;
constexpr std::size_t kTurnedAway =
    28;  // connections above the limit that are told why; further ones are just closed

tcp::acceptor listen_on(boost::asio::io_context& io, const tcp::endpoint& address) {
  tcp::acceptor acceptor(io);
  error_code error;
  acceptor.open(address.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(address, error);
  if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  if (!error) return acceptor;

  std::ostringstream text;
  text << "cannot listen on " << address << " (control.listen): " << error.message();
  if (error == boost::asio::error::address_in_use) {
    text << "; another process has it, maybe another holdfast: see `ss -lntp`, or choose another address";
  } else {
    text << "; choose another address in control.listen, or leave [control] out";
  }
  throw std::runtime_error(text.str());
}

}  // namespace

class ControlDoor::Loop {
 public:
  Loop(const ControlSettings& settings, ControlState state, const DoorLimits& limits)
      : context_{.state = std::move(state), .limits = limits},
        acceptor_(listen_on(io_, settings.listen)),
        pause_(io_) {
    context_.listen = acceptor_.local_endpoint();
    accept();
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "hf-control");
  }

  ~Loop() {
    io_.stop();
    thread_.join();
    context_.ending = true;
    context_.aside.join();
    context_.reader.join();
  }

  tcp::endpoint address() const noexcept { return context_.listen; }

 private:
  void run() {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception& error) {  // out of memory: this connection is lost, others are not
        spdlog::error("control: {}", error.what());
      }
    }
  }

  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error) {
        ++context_.counters.accept_errors;
        pause_.expires_after(kAcceptPause);
        pause_.async_wait([this](error_code) { accept(); });
        return;
      }
      accept();
      welcome(std::move(socket));
    });
  }

  void welcome(tcp::socket socket) {
    if (context_.counters.open < context_.limits.connections) {
      serve_connection(std::move(socket), context_);
    } else if (context_.counters.open < context_.limits.connections + kTurnedAway) {
      turn_away(std::move(socket), context_);
    } else {
      context_.counters.refuse(Refusal::connections);
    }
  }

  DoorContext context_;  // connections use it until they go, at the latest with io_
  boost::asio::io_context io_{1};
  tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::thread thread_;
};

ControlDoor::ControlDoor(const ControlSettings& settings, ControlState state, const DoorLimits& limits)
    : loop_(std::make_unique<Loop>(settings, std::move(state), limits)) {}
ControlDoor::~ControlDoor() = default;

tcp::endpoint ControlDoor::address() const noexcept { return loop_->address(); }

}  // namespace holdfast::server
