#include "server/listen/tcp.h"

#include <sys/socket.h>

#include <boost/asio.hpp>
#include <cerrno>
#include <list>
#include <vector>

namespace holdfast::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kLength = 2;  // octets in front of each message (RFC 1035 4.2.2)
constexpr std::size_t kMaxMessage = 0xffff;
constexpr std::size_t kInput = kLength + kMaxMessage;  // octets read at once: a message fits
constexpr std::size_t kOutput =
    kInput + 32 * 1024;              // written once so much is there that the longest may not fit
constexpr std::size_t kKept = 2048;  // octets that an idle connection may hold on to
constexpr unsigned kTurns = 8;       // that one connection has before it is the turn of another
constexpr auto kTick = std::chrono::milliseconds(100);         // how often deadlines are looked at
constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // after an error, so that it does not spin

std::size_t read16(const std::uint8_t* at) { return static_cast<std::size_t>(at[0] << 8 | at[1]); }

}  // namespace

class TcpWorker::Loop {
 public:
  Loop(std::vector<Socket> sockets, const Source& source, const TcpLimits& limits)
      : view_(source, Transport::tcp), limits_(limits), tick_(io_) {
    for (Socket& socket : sockets) {
      acceptors_.push_back(std::make_unique<Acceptor>(io_));
      tcp::endpoint address;
      auto size = static_cast<socklen_t>(address.capacity());
      ::getsockname(socket.fd(), address.data(), &size);
      acceptors_.back()->acceptor.assign(address.protocol(), socket.release());
      accept(*acceptors_.back());
    }
    tick();
    thread_ = std::thread([this] { run(); });
  }

  ~Loop() {
    io_.stop();
    thread_.join();
  }

  const Counters& counters() const noexcept { return *view_.counters; }
  const TcpCounters& connections() const noexcept { return connections_; }

 private:
  struct Acceptor {
    explicit Acceptor(asio::io_context& io) : acceptor(io), pause(io) {}
    tcp::acceptor acceptor;
    asio::steady_timer pause;
  };

  /// One connection: read, answer all that is whole, write once, and again. Between two turns it holds only what is left
  /// over: the beginning of a message, or answers that the client did not take yet.
  ///
  ///   serving --(nothing more came)--> waiting for a query --(readable)--> serving
  ///   serving --(the client takes no more)--> waiting for room --(writable)--> serving
  class Connection : public std::enable_shared_from_this<Connection> {
   public:
    Connection(Loop& loop, tcp::socket socket)
        : loop_(loop), socket_(std::move(socket)), deadline_(Clock::now() + loop.limits_.idle) {}

    /// As long as there is something to do, but not so long that others wait.
    void serve() {
      for (unsigned turn = 0; turn < kTurns; ++turn) {
        switch (take_turn()) {
          case Next::more: break;
          case Next::readable: return wait(tcp::socket::wait_read);
          case Next::writable: return wait(tcp::socket::wait_write);
          case Next::close: return close();
        }
      }
      asio::post(loop_.io_, [self = shared_from_this()] {
        if (!self->closed_) self->serve();
      });
    }

    void close() {
      if (closed_) return;
      closed_ = true;
      error_code ignored;
      socket_.close(ignored);
      loop_.forget(*this);
    }

    Clock::time_point deadline() const noexcept { return deadline_; }
    /// Waits for a query, and nothing of it has come yet.
    bool idle() const noexcept { return idle_; }

    std::list<std::shared_ptr<Connection>>::iterator place;  // in the loop's list

   private:
    enum class Next { more, readable, writable, close };

    void wait(tcp::socket::wait_type what) {
      socket_.async_wait(what, [self = shared_from_this()](error_code error) {
        if (error || self->closed_) return self->close();
        self->serve();
      });
    }

    Next take_turn() {
      if (!unsent_.empty()) {
        if (!write_unsent()) return failed_ ? Next::close : Next::writable;
        note_time(true);
      }
      if (ending_) return Next::close;

      const std::span<std::uint8_t> input(loop_.input_);
      std::size_t size = rest_.size();
      std::copy(rest_.begin(), rest_.end(), input.begin());
      if (!unanswered_) {
        const ssize_t received =
            ::recv(socket_.native_handle(), input.data() + size, input.size() - size, MSG_DONTWAIT);
        if (received <= 0) {
          const bool nothing_yet = received < 0 && (errno == EAGAIN || errno == EINTR);
          return nothing_yet ? Next::readable : Next::close;
        }
        size += static_cast<std::size_t>(received);
      }
      const std::size_t done = answer_whole(input.first(size));
      rest_.assign(input.begin() + static_cast<std::ptrdiff_t>(done),
                   input.begin() + static_cast<std::ptrdiff_t>(size));
      if (failed_) return Next::close;
      note_time(done != 0);
      if (!unsent_.empty()) return Next::writable;
      return ending_ ? Next::close : Next::more;
    }

    /// Answers the messages in `input` that are whole. @return octets of them
    std::size_t answer_whole(std::span<const std::uint8_t> input) {
      const Serving serving = loop_.view_.latest();
      std::size_t at = 0, out = 0;
      unanswered_ = false;
      while (input.size() - at >= kLength && !ending_) {
        const std::size_t size = read16(input.data() + at);
        if (input.size() - at - kLength < size) break;
        if (out > kOutput - kInput) {
          write(out);
          out = 0;
          unanswered_ = !unsent_.empty();  // the client is to take these first
          if (unanswered_ || failed_) return at;
        }
        out += answer_one(input.subspan(at + kLength, size), std::span(loop_.output_).subspan(out), serving);
        at += kLength + size;
      }
      if (out != 0) write(out);
      return at;
    }

    /// @return octets of the answer with its length in front; 0 ends the connection
    std::size_t answer_one(std::span<const std::uint8_t> query, std::span<std::uint8_t> output,
                           const Serving& serving) {
      const Answered answered = answer(query, output.subspan(kLength, kMaxMessage), serving, Transport::tcp);
      loop_.view_.counters->count(answered);
      ending_ = answered.size == 0;
      if (ending_) return 0;
      output[0] = static_cast<std::uint8_t>(answered.size >> 8);
      output[1] = static_cast<std::uint8_t>(answered.size);
      return kLength + answered.size;
    }

    /// Sends the first `size` octets of the loop's output, and keeps what the client does not take.
    void write(std::size_t size) {
      const std::size_t sent = send({loop_.output_.data(), size});
      unsent_.assign(loop_.output_.begin() + static_cast<std::ptrdiff_t>(sent),
                     loop_.output_.begin() + static_cast<std::ptrdiff_t>(size));
    }

    /// @return whether there is nothing left
    bool write_unsent() {
      const std::size_t sent = send(unsent_);
      // A client that takes something gets its time anew: here may be many messages.
      if (sent != 0) deadline_ = Clock::now() + loop_.limits_.message;
      unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent));
      return unsent_.empty() && !failed_;
    }

    std::size_t send(std::span<const std::uint8_t> octets) {
      std::size_t sent = 0;
      while (sent < octets.size()) {
        const ssize_t taken = ::send(socket_.native_handle(), octets.data() + sent, octets.size() - sent,
                                     MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken < 0 && errno == EINTR) continue;
        failed_ = taken < 0 && errno != EAGAIN;
        if (taken < 0) break;
        sent += static_cast<std::size_t>(taken);
      }
      return sent;
    }

    /// @param answered  some message was dealt with: what is left belongs to the next
    void note_time(bool answered) {
      const bool was_idle = idle_;
      idle_ = rest_.empty() && unsent_.empty();
      // A deadline that was set when a message began is not moved by its further octets.
      if (idle_) {
        deadline_ = Clock::now() + loop_.limits_.idle;
        if (rest_.capacity() > kKept) rest_ = {};
        if (unsent_.capacity() > kKept) unsent_ = {};
      } else if (was_idle || answered || !unsent_.empty()) {
        deadline_ = Clock::now() + loop_.limits_.message;
      }
    }

    Loop& loop_;
    tcp::socket socket_;
    std::vector<std::uint8_t> rest_;    // received, not yet answered
    std::vector<std::uint8_t> unsent_;  // answered, not yet taken
    bool unanswered_ = false;           // whole messages are in rest_
    bool idle_ = true;
    bool ending_ = false;  // what is no query came: closed when what was asked before it is answered
    bool failed_ = false;
    bool closed_ = false;
    Clock::time_point deadline_;
  };

  void run() {
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::bad_alloc&) {
        // The connection that there was no memory for is closed at its deadline; the others are served on.
      }
    }
  }

  void accept(Acceptor& at) {
    at.acceptor.async_accept([this, &at](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) {
        accept(at);
        return open(std::move(socket));
      }
      // Out of descriptors, most likely: make room, and do not spin (robustness, row 9).
      connections_.accept_errors.add();
      evict_one();
      at.pause.expires_after(kAcceptPause);
      at.pause.async_wait([this, &at](error_code stopped) {
        if (!stopped) accept(at);
      });
    });
  }

  void open(tcp::socket socket) {
    connections_.accepted.add();
    if (open_.size() >= limits_.connections) evict_one();
    auto connection = std::make_shared<Connection>(*this, std::move(socket));
    connection->place = open_.insert(open_.end(), connection);
    connection->serve();
  }

  void forget(Connection& connection) {
    connections_.closed.add();
    open_.erase(connection.place);
  }

  /// Closes the connection that is idle longest, or, if all are busy, the one that is busy longest: all wait equally
  /// long, so it is the one with the nearest deadline.
  void evict_one() {
    const auto next = std::min_element(open_.begin(), open_.end(), [](const auto& a, const auto& b) {
      if (a->idle() != b->idle()) return a->idle();
      return a->deadline() < b->deadline();
    });
    if (next == open_.end()) return;
    connections_.evicted.add();
    const std::shared_ptr<Connection> evicted = *next;
    evicted->close();
  }

  void tick() {
    tick_.expires_after(kTick);
    tick_.async_wait([this](error_code stopped) {
      if (stopped) return;
      const auto now = Clock::now();
      for (auto next = open_.begin(); next != open_.end();) {
        const std::shared_ptr<Connection> connection = *next++;
        if (connection->deadline() > now) continue;
        connections_.timed_out.add();
        connection->close();
      }
      view_.latest();  // lets go of replaced zones when nobody asks
      tick();
    });
  }

  WorkerView view_;
  TcpLimits limits_;
  TcpCounters connections_;
  std::vector<std::uint8_t> input_ = std::vector<std::uint8_t>(kInput);  // of the connection whose turn it is
  std::vector<std::uint8_t> output_ = std::vector<std::uint8_t>(kOutput);
  asio::io_context io_{1};
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::list<std::shared_ptr<Connection>> open_;
  asio::steady_timer tick_;
  std::thread thread_;
};

TcpWorker::TcpWorker(std::vector<Socket> sockets, const Source& source, const TcpLimits& limits)
    : loop_(std::make_unique<Loop>(std::move(sockets), source, limits)) {}
TcpWorker::~TcpWorker() = default;
const Counters& TcpWorker::counters() const noexcept { return loop_->counters(); }
const TcpCounters& TcpWorker::connections() const noexcept { return loop_->connections(); }

}  // namespace holdfast::server
