#include "server/listen/tcp.h"

#include <boost/asio.hpp>
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
constexpr std::size_t kFirstBuffer = 2048;     // what an idle connection holds for receiving
constexpr std::size_t kMaxQueued = 64 * 1024;  // octets answered, not yet written: nothing more is read
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
    thread_ = std::thread([this] { io_.run(); });
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

  /// One connection: read, answer all that is whole, write once, and again.
  ///
  ///   reading --(a whole query)--> answering --(all written)--> answering what is left, or reading
  class Connection : public std::enable_shared_from_this<Connection> {
   public:
    Connection(Loop& loop, tcp::socket socket)
        : loop_(loop),
          socket_(std::move(socket)),
          input_(kFirstBuffer),
          deadline_(Clock::now() + loop.limits_.idle) {}

    void read() {
      if (end_ == input_.size()) input_.resize(kLength + kMaxMessage);
      socket_.async_read_some(asio::buffer(input_.data() + end_, input_.size() - end_),
                              [self = shared_from_this()](error_code error, std::size_t size) {
                                if (error) return self->close();
                                self->end_ += size;
                                self->answer_whole();
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
    void answer_whole() {
      const Serving serving = loop_.view_.latest();
      std::size_t at = 0;
      while (end_ - at >= kLength && output_.size() < kMaxQueued) {
        const std::size_t size = read16(input_.data() + at);
        if (end_ - at - kLength < size) break;
        ending_ = !answer_one({input_.data() + at + kLength, size}, serving);
        if (ending_) break;
        at += kLength + size;
      }
      if (ending_ && output_.empty()) return close();
      std::copy(input_.begin() + static_cast<std::ptrdiff_t>(at),
                input_.begin() + static_cast<std::ptrdiff_t>(end_), input_.begin());
      end_ -= at;
      if (!output_.empty()) return write();
      // A deadline that was set when the message began is not moved by its further octets.
      if (idle_ && end_ > 0) {
        idle_ = false;
        deadline_ = Clock::now() + loop_.limits_.message;
      }
      read();
    }

    bool answer_one(std::span<const std::uint8_t> query, const Serving& serving) {
      const Answered answered = answer(query, loop_.reply_, serving, Transport::tcp);
      loop_.view_.counters->count(answered);
      if (answered.size == 0) return false;
      const std::uint8_t length[] = {static_cast<std::uint8_t>(answered.size >> 8),
                                     static_cast<std::uint8_t>(answered.size)};
      output_.insert(output_.end(), length, length + kLength);
      output_.insert(output_.end(), loop_.reply_.begin(),
                     loop_.reply_.begin() + static_cast<std::ptrdiff_t>(answered.size));
      return true;
    }

    void write() {
      idle_ = false;
      deadline_ = Clock::now() + loop_.limits_.message;
      asio::async_write(
          socket_, asio::buffer(output_),
          [self = shared_from_this()](error_code error, std::size_t) {
            // A client that takes something gets its time anew: here may be many messages.
            self->deadline_ = Clock::now() + self->loop_.limits_.message;
            return error ? std::size_t{0} : kMaxQueued;
          },
          [self = shared_from_this()](error_code error, std::size_t) {
            if (error) return self->close();
            self->output_.clear();
            self->wrote();
          });
    }

    void wrote() {
      if (ending_) return close();
      idle_ = true;
      deadline_ = Clock::now() + loop_.limits_.idle;
      if (end_ > 0) return answer_whole();
      if (input_.size() > kFirstBuffer) {  // an idle connection does not keep what a large message took
        input_ = std::vector<std::uint8_t>(kFirstBuffer);
      }
      if (output_.capacity() > kFirstBuffer) output_ = {};
      read();
    }

    Loop& loop_;
    tcp::socket socket_;
    std::vector<std::uint8_t> input_;  // received up to end_, not yet answered
    std::size_t end_ = 0;
    std::vector<std::uint8_t> output_;  // being written
    bool idle_ = true;
    bool ending_ = false;  // what is no query came: closed when what was asked before it is answered
    bool closed_ = false;
    Clock::time_point deadline_;
  };

  void accept(Acceptor& at) {
    at.acceptor.async_accept([this, &at](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) {
        open(std::move(socket));
        return accept(at);
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
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto connection = std::make_shared<Connection>(*this, std::move(socket));
    connection->place = open_.insert(open_.end(), connection);
    connection->read();
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
  std::array<std::uint8_t, kMaxMessage> reply_;
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
