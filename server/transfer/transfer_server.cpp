#include "server/transfer/transfer_server.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio.hpp>
#include <list>
#include <thread>

#include "server/listen/sender.h"
#include "server/listen/stream.h"
#include "server/versions/kill_point.h"

namespace holdfast::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kLength = 2;  // octets in front of each message (RFC 1035 4.2.2)
constexpr std::size_t kMaxTcpMessage = 0xffff;
constexpr auto kTick = std::chrono::milliseconds(100);  // how often deadlines are looked at
constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

void put_length(std::span<std::uint8_t> at, std::size_t size) {
  at[0] = static_cast<std::uint8_t>(size >> 8);
  at[1] = static_cast<std::uint8_t>(size);
}

}  // namespace

class TransferServer::Loop {
 public:
  Loop(const Source& source, PeerDoor& door, TransferLimits limits, std::function<void(const Sent&)> sent,
       TransferCounters& counters)
      : view_(source, Transport::tcp),
        door_(door),
        limits_(limits),
        sent_(std::move(sent)),
        counters_(counters),
        tick_(io_),
        turn_(io_) {
    turn_.expires_at(Clock::time_point::max());
    tick();
    thread_ = std::thread([this] { run(); });
  }
  ~Loop() {
    io_.stop();
    thread_.join();
  }

  void take(Socket socket, Tls tls, std::vector<std::uint8_t> received) {
    const auto taken = std::make_shared<std::pair<Socket, Tls>>(std::move(socket), std::move(tls));
    asio::post(io_, [this, taken, input = std::move(received)]() mutable {
      open(taken->first, std::move(taken->second), std::move(input));
    });
  }

  void take(std::span<const std::uint8_t> message, ReturnPath back) {
    if (datagrams_.load(std::memory_order_relaxed) >= kMaxUpdatesWaiting) {
      counters_.full_updates.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    auto path = std::make_shared<ReturnPath>(std::move(back));
    std::vector<std::uint8_t> octets(message.begin(), message.end());
    const std::shared_ptr<void> waits(nullptr,
                                      [this](void*) { datagrams_.fetch_sub(1, std::memory_order_relaxed); });
    datagrams_.fetch_add(1, std::memory_order_relaxed);
    asio::post(io_,
               [this, waits, path = std::move(path), octets = std::move(octets)] { answer(octets, path); });
  }

 private:
  struct Connection {
    Connection(tcp::socket of, Tls tls)
        : socket(std::move(of)), stream(socket.native_handle(), std::move(tls)) {}
    ~Connection() {
      if (socket.is_open()) stream.end();
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Sender sender() const {
      Sender sender = sender_of(*peer.data());
      sender.tls = stream.tls();
      return sender;
    }

    tcp::socket socket;  // owns what `stream` borrows
    Stream stream;
    tcp::endpoint peer{};
    std::vector<std::uint8_t> input{};  // received, and not yet answered
    std::vector<std::uint8_t> output = std::vector<std::uint8_t>(kLength + kMaxTcpMessage);
    Clock::time_point deadline{};
  };
  using Shared = std::shared_ptr<Connection>;

  void run() {
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception&
                   error) {  // no memory, most likely: what it was about is closed at its deadline
        spdlog::error("a transfer failed: {}", error.what());
        std::this_thread::sleep_for(kTick);
        tick();
      }
    }
  }

  void open(Socket& socket, Tls tls, std::vector<std::uint8_t> input) {
    sockaddr_storage local{};
    auto size = static_cast<socklen_t>(sizeof local);
    if (::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&local), &size) != 0) return;
    if (open_.size() >= limits_.connections) {  // closed with `socket`
      counters_.closed_connections.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    tcp::socket taken(io_);
    error_code failed;
    taken.assign(local.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), socket.fd(), failed);
    if (failed) return;
    socket.release();
    auto connection = std::make_shared<Connection>(std::move(taken), std::move(tls));
    connection->peer = connection->socket.remote_endpoint(failed);
    if (failed) return;
    connection->input = std::move(input);
    const auto place = open_.insert(open_.end(), connection);
    const auto forget = [this, place](std::exception_ptr) { open_.erase(place); };
    try {
      asio::co_spawn(io_, serve(connection), forget);
    } catch (const std::bad_alloc&) {
      open_.erase(place);
    }
  }

  /// Until the peer closes, or is not heard of for too long.
  asio::awaitable<void> serve(Shared connection) {
    while (connection->socket.is_open()) {
      const std::size_t size = co_await receive(connection);
      if (size == 0) co_return;
      const std::span<const std::uint8_t> message(connection->input.data() + kLength, size - kLength);
      PeerDoor::Answer answer = door_.answer(message, std::span(connection->output).subspan(kLength),
                                             view_.latest(), Transport::tcp, connection->sender());
      connection->input.erase(connection->input.begin(),
                              connection->input.begin() + static_cast<std::ptrdiff_t>(size));
      if (answer.update) answer.size = co_await work_on(connection, std::move(answer.update));
      if (answer.stream) {
        if (!co_await wait_for_turn(connection)) co_return;
        const std::shared_ptr<void> turn(nullptr, [this](void*) {  // also when it ends by an exception
          counters_.running.fetch_sub(1, std::memory_order_relaxed);
          --streams_;
          turn_.cancel_one();
        });
        counters_.running.fetch_add(1, std::memory_order_relaxed);
        if (!co_await send(connection, answer)) co_return;
      } else if (answer.size == 0 || !co_await write(connection, answer.size)) {
        co_return;
      }
    }
  }

  /// @return octets of the message that the input begins with, its length included; 0: there is none any more
  asio::awaitable<std::size_t> receive(Shared connection) {
    std::vector<std::uint8_t>& input = connection->input;
    connection->deadline = Clock::now() + limits_.idle;
    for (;;) {
      if (input.size() >= kLength) {
        const std::size_t whole = kLength + static_cast<std::size_t>(input[0] << 8 | input[1]);
        if (input.size() >= whole) co_return whole;
      }
      const std::size_t before = input.size();
      if (before != 0) connection->deadline = Clock::now() + limits_.progress;
      input.resize(before + 4096);
      const Step step = connection->stream.receive(std::span(input).subspan(before));
      input.resize(before + step.size);
      if (step.size == 0 && !co_await ready(connection, step.then)) co_return 0;
    }
  }

  /// A datagram, which hardly ever is no update: in between other peers, or keys, may have come into service.
  void answer(std::span<const std::uint8_t> message, std::shared_ptr<const ReturnPath> path) {
    std::vector<std::uint8_t> room(kMaxTcpMessage);
    const PeerDoor::Answer answer =
        door_.answer(message, room, view_.latest(), Transport::udp, path->sender());
    if (answer.update) {
      return door_.work_on(answer.update, [path](const std::vector<std::uint8_t>& octets) {
        if (!octets.empty()) path->send(octets);
      });
    }
    if (answer.size != 0) path->send(std::span(room).first(answer.size));
  }

  /// @return octets of the answer, behind the place for its length; 0: there is none
  asio::awaitable<std::size_t> work_on(Shared connection, std::shared_ptr<PendingUpdate> update) {
    struct Done {
      explicit Done(asio::io_context& io) : wake(io) { wake.expires_at(Clock::time_point::max()); }
      asio::steady_timer wake;
      std::optional<std::vector<std::uint8_t>> octets{};
    };
    const auto done = std::make_shared<Done>(io_);
    door_.work_on(std::move(update), [this, done](std::vector<std::uint8_t> octets) {
      asio::post(io_, [done, octets = std::move(octets)]() mutable {
        done->octets = std::move(octets);
        done->wake.cancel();
      });
    });
    connection->deadline = Clock::time_point::max();
    while (!done->octets) {
      const auto woken = co_await done->wake.async_wait(kToken);
      static_cast<void>(woken);
    }
    std::copy(done->octets->begin(), done->octets->end(), connection->output.begin() + kLength);
    co_return done->octets->size();
  }

  /// @return false: it never will be
  asio::awaitable<bool> ready(Shared connection, Step::Then then) {
    if (then == Step::Then::over) co_return false;
    const auto what = then == Step::Then::writable ? tcp::socket::wait_write : tcp::socket::wait_read;
    const auto [failed] = co_await connection->socket.async_wait(what, kToken);
    co_return !failed && connection->socket.is_open();
  }

  asio::awaitable<bool> wait_for_turn(Shared connection) {
    connection->deadline = Clock::time_point::max();
    counters_.waiting.fetch_add(1, std::memory_order_relaxed);
    const std::shared_ptr<void> end_of_wait(
        nullptr, [this](void*) { counters_.waiting.fetch_sub(1, std::memory_order_relaxed); });
    while (streams_ >= limits_.streams) {
      const auto woken = co_await turn_.async_wait(kToken);
      static_cast<void>(woken);
      if (!connection->socket.is_open()) co_return false;
    }
    ++streams_;
    co_return true;
  }

  asio::awaitable<bool> write(Shared connection, std::size_t size) {
    put_length(connection->output, size);
    connection->deadline = Clock::now() + limits_.progress;
    std::span<const std::uint8_t> rest(connection->output.data(), kLength + size);
    while (!rest.empty()) {
      const Step step = connection->stream.send(rest);
      rest = rest.subspan(step.size);
      counters_.octets.fetch_add(step.size, std::memory_order_relaxed);
      if (step.size == 0 && !co_await ready(connection, step.then)) co_return false;
    }
    co_await asio::post(io_, asio::use_awaitable);  // one that takes all at once leaves others their turn
    co_return connection->socket.is_open();
  }

  asio::awaitable<bool> send(Shared connection, PeerDoor::Answer& answer) {
    const auto begun = Clock::now();
    const std::size_t kept_free = answer.signer ? answer.signer->room() : 0;
    std::uint64_t octets = 0;
    bool is_good = true;
    kill_point("transfer-out.begun");
    while (is_good && !answer.stream->is_done()) {
      if (Clock::now() - begun > limits_.whole) is_good = false;
      if (!is_good) break;
      const std::span<std::uint8_t> room = std::span(connection->output).subspan(kLength);
      std::size_t size = answer.stream->next(room.first(room.size() - kept_free));
      if (size != 0 && answer.signer)
        size = answer.signer->sign(room, size, std::chrono::system_clock::now());
      is_good = size != 0 && co_await write(connection, size);
      octets += size;
      if (!answer.stream->is_done()) kill_point("transfer-out.within");
    }
    kill_point("transfer-out.ended");
    told(*connection, answer, octets, std::chrono::duration<double>(Clock::now() - begun).count(), is_good);
    co_return is_good;
  }

  void told(const Connection& connection, const PeerDoor::Answer& answer, std::uint64_t octets,
            double seconds, bool is_good) {
    const std::string what =
        fmt::format("zone {}: {} of version {} to {} at {}", answer.zone.text(),
                    answer.is_whole ? "the whole" : "what changed", answer.serial.value(), answer.peer,
                    connection.peer.address().to_string());
    if (!is_good) {
      counters_.failed.fetch_add(1, std::memory_order_relaxed);
      spdlog::warn("{}: it went away, took nothing for {} s, or all of it took too long, after {} octets",
                   what, std::chrono::duration_cast<std::chrono::seconds>(limits_.progress).count(), octets);
      return;
    }
    (answer.is_whole ? counters_.whole : counters_.changes).fetch_add(1, std::memory_order_relaxed);
    spdlog::info("{}: {} records, {} octets, {:.3f} s", what, answer.stream->records_sent(), octets, seconds);
    if (sent_) sent_({answer.zone, answer.peer});
  }

  void tick() {
    tick_.expires_after(kTick);
    tick_.async_wait([this](error_code stopped) {
      if (stopped) return;
      const auto now = Clock::now();
      for (const Shared& connection : open_) {
        error_code ignored;
        if (connection->deadline <= now) connection->socket.close(ignored);
      }
      view_.latest();  // lets go of replaced zones when nobody asks
      tick();
    });
  }

  WorkerView view_;
  PeerDoor& door_;
  const TransferLimits limits_;
  const std::function<void(const Sent&)> sent_;
  TransferCounters& counters_;
  std::atomic<std::size_t> datagrams_{0};  // that wait for the thread; of handlers in `io_`
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::steady_timer tick_, turn_;
  std::list<Shared> open_;
  std::size_t streams_ = 0;
  std::thread thread_;
};

TransferServer::TransferServer(const Source& source, PeerDoor& door, TransferLimits limits,
                               std::function<void(const Sent&)> sent)
    : door_(door), loop_(std::make_unique<Loop>(source, door, limits, std::move(sent), counters_)) {}
TransferServer::~TransferServer() = default;

Privileged::Reply TransferServer::answer(std::span<const std::uint8_t> message, std::span<std::uint8_t> reply,
                                         const Serving& serving, Transport transport,
                                         const Sender& sender) noexcept {
  try {
    if (door_.is_closed()) return {.is_left = true};
    const PeerDoor::Answer answer = door_.answer(message, reply, serving, transport, sender, false);
    return {.size = answer.size, .is_to_take = answer.is_stream};
  } catch (const std::exception&) {  // no memory: it is as if the message had been lost
    return {};
  }
}

void TransferServer::take(Socket connection, Tls tls, std::vector<std::uint8_t> received) noexcept {
  try {
    loop_->take(std::move(connection), std::move(tls), std::move(received));
  } catch (const std::exception&) {
    // No memory: the connection is closed.
  }
}

void TransferServer::take(std::span<const std::uint8_t> message, ReturnPath back) noexcept {
  try {
    loop_->take(message, std::move(back));
  } catch (const std::exception&) {
    // No memory: it is as if the message had been lost.
  }
}

}  // namespace holdfast::server
