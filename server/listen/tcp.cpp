#include "server/listen/tcp.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <boost/asio.hpp>
#include <list>
#include <vector>

#include "server/listen/privileged.h"
#include "server/listen/sender.h"
#include "server/listen/stream.h"

namespace holdfast::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kLength = 2;  // octets in front of each message (RFC 1035 4.2.2)
constexpr std::size_t kMaxMessage = 0xffff;
constexpr std::size_t kInput = kLength + kMaxMessage;  // octets read at once: a message fits
// Octets; written once so much is there that the longest may not fit.
constexpr std::size_t kOutput = kInput + 32 * 1024;
constexpr std::size_t kKept = 2048;  // octets that an idle connection may hold on to
constexpr unsigned kTurns = 8;       // that one connection has before it is the turn of another
constexpr auto kTick = std::chrono::milliseconds(100);         // how often deadlines are looked at
constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // after an error, so that it does not spin
constexpr auto kSaid = std::chrono::minutes(1);  // at least, between two lines of the log about handshakes

/// Octets of the message that `input` begins with, its length included; 0: it is not there whole.
std::size_t first_message(std::span<const std::uint8_t> input) {
  if (input.size() < kLength) return 0;
  const std::size_t size = kLength + static_cast<std::size_t>(input[0] << 8 | input[1]);
  return size <= input.size() ? size : 0;
}

}  // namespace

class TcpWorker::Loop {
 public:
  Loop(std::vector<Socket> sockets, const Source& source, const TcpLimits& limits, const TlsService* tls)
      : view_(source, tls == nullptr ? Transport::tcp : Transport::tls),
        limits_(limits),
        tls_(tls),
        tick_(io_) {
    for (Socket& socket : sockets) {
      acceptors_.push_back(std::make_unique<Acceptor>(io_));
      tcp::endpoint address;
      auto size = static_cast<socklen_t>(address.capacity());
      ::getsockname(socket.fd(), address.data(), &size);
      acceptors_.back()->acceptor.assign(address.protocol(), socket.release());
    }
    thread_ = std::thread([this] { run(); });
  }

  ~Loop() {
    io_.stop();
    thread_.join();
  }

  const Counters& counters() const noexcept { return *view_.counters; }
  const std::shared_ptr<zones::Wishes>& wishes() const noexcept { return view_.wishes; }
  const TcpCounters& connections() const noexcept { return connections_; }

 private:
  struct Acceptor {
    explicit Acceptor(asio::io_context& io) : acceptor(io), pause(io) {}
    tcp::acceptor acceptor;
    asio::steady_timer pause;
  };

  /// One connection: read, answer all that is whole, write once, and again. Between two turns it holds only what is left
  /// over: messages not answered yet, or answers that the client did not take yet. The socket itself blocks; each call
  /// says that it does not wait.
  ///
  ///   shaking hands, over TLS --> serving
  ///   serving --(nothing more came)--> waiting for a query --(readable)--> serving
  ///   serving --(the client takes no more)--> waiting for room --(writable)--> serving
  ///   serving --(what is no query, the end, an error)--> closed <--(deadline)-- waiting
  class Connection : public std::enable_shared_from_this<Connection> {
   public:
    Connection(Loop& loop, tcp::socket socket)
        : loop_(loop),
          socket_(std::move(socket)),
          stream_(socket_.native_handle(),
                  loop.tls_ == nullptr ? nullptr : loop.tls_->accept(socket_.native_handle())),
          shaking_(loop.tls_ != nullptr),
          deadline_(Clock::now() + (shaking_ ? loop.limits_.handshake : loop.limits_.idle)) {
      if (shaking_ && stream_.tls() == nullptr) throw std::bad_alloc();
      error_code gone;  // then there is no address
      peer_ = socket_.remote_endpoint(gone);
    }

    /// As long as there is something to do, but not so long that others wait.
    void serve() {
      for (unsigned turn = 0; turn < kTurns; ++turn) {
        switch (take_turn()) {
          case Next::more: break;
          case Next::readable: return wait(tcp::socket::wait_read);
          case Next::writable: return wait(tcp::socket::wait_write);
          case Next::close: return close();
          case Next::given: return give();
        }
      }
      asio::post(loop_.io_, [self = shared_from_this()] {
        if (self->socket_.is_open()) self->serve();
      });
    }

    /// To those who know what is asked: with what was read, and not answered yet.
    void give() {
      error_code failed;
      const int fd = socket_.release(failed);
      if (!failed) loop_.view_.privileged()->take(Socket(fd), stream_.release(), std::move(rest_));
      loop_.forget(*this);
    }

    void close() {
      if (!socket_.is_open()) return;
      stream_.end();
      error_code ignored;
      socket_.close(ignored);
      loop_.forget(*this);
    }

    Clock::time_point deadline() const noexcept { return deadline_; }
    /// Waits for a query, and nothing of it has come yet.
    bool idle() const noexcept { return rest_.empty() && unsent_.empty(); }

    std::list<std::shared_ptr<Connection>>::iterator place;  // in the loop's list

   private:
    enum class Next { more, readable, writable, close, given };

    static Next next_of(Step::Then then) {
      switch (then) {
        case Step::Then::go_on: return Next::more;
        case Step::Then::readable: return Next::readable;
        case Step::Then::writable: return Next::writable;
        case Step::Then::over: break;
      }
      return Next::close;
    }

    void wait(tcp::socket::wait_type what) {
      socket_.async_wait(what, [self = shared_from_this()](error_code error) {
        if (error || !self->socket_.is_open()) return self->close();
        self->serve();
      });
    }

    Next shake_hands() {
      const Step::Then then = stream_.shake_hands().then;
      if (then == Step::Then::over) loop_.handshake_failed(peer_);
      if (then != Step::Then::go_on) return next_of(then);
      shaking_ = false;
      deadline_ = Clock::now() + loop_.limits_.idle;
      return Next::more;
    }

    Next take_turn() {
      if (shaking_) return shake_hands();
      if (!unsent_.empty()) {
        write_unsent();
        if (!unsent_.empty()) return waits_for_;
        note_time(true);
      }
      if (ending_) return Next::close;
      if (giving_) return Next::given;

      const bool was_idle = idle();
      const std::span<std::uint8_t> input(loop_.input_);
      std::size_t size = rest_.size();
      std::copy(rest_.begin(), rest_.end(), input.begin());
      if (first_message(rest_) == 0) {
        const Step step = stream_.receive(input.subspan(size));
        if (step.size == 0) return next_of(step.then);
        size += step.size;
      }
      const std::size_t done = answer_whole(input.first(size));
      rest_.assign(input.begin() + static_cast<std::ptrdiff_t>(done),
                   input.begin() + static_cast<std::ptrdiff_t>(size));
      note_time(was_idle || done != 0);
      if (!unsent_.empty()) return waits_for_;
      return ending_ ? Next::close : giving_ ? Next::given : Next::more;
    }

    /// Answers the messages in `input` that are whole, while the client takes the answers. @return octets of them
    std::size_t answer_whole(std::span<const std::uint8_t> input) {
      Serving serving = loop_.view_.latest();
      std::size_t at = 0, out = 0;
      while (const std::size_t size = first_message(input.subspan(at))) {
        if (out > kOutput - kInput) {
          write(out);
          out = 0;
          if (!unsent_.empty()) return at;  // the client is to take these first
        }
        if (ending_) break;
        serving.random = loop_.view_.random();
        out += answer_one(input.subspan(at + kLength, size - kLength), std::span(loop_.output_).subspan(out),
                          serving);
        if (giving_) break;
        at += size;
      }
      if (out != 0) write(out);
      return at;
    }

    /// @return octets of the answer with its length in front; 0 ends the connection, or gives it away
    std::size_t answer_one(std::span<const std::uint8_t> query, std::span<std::uint8_t> output,
                           const Serving& serving) {
      const auto room = output.subspan(kLength, kMaxMessage);
      Sender sender = sender_of(*peer_.data());
      sender.tls = stream_.tls();
      Answered answered = answer(query, room, serving, Transport::tcp, sender);
      if (answered.is_privileged && loop_.view_.privileged() != nullptr) {
        const Privileged::Reply reply =
            loop_.view_.privileged()->answer(query, room, serving, Transport::tcp, sender);
        giving_ = reply.is_to_take;
        if (giving_) return 0;
        if (!reply.is_left) answered.size = reply.size;
        if (answered.size != 0) answered.rcode = static_cast<zones::Rcode>(room[3] & 0xf);
      }
      loop_.view_.counters->count(answered);
      if (answered.size == 0) {
        ending_ = true;
        return 0;
      }
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

    void write_unsent() {
      const std::size_t sent = send(unsent_);
      // A client that takes something gets its time anew: here may be many messages.
      if (sent != 0) deadline_ = Clock::now() + loop_.limits_.message;
      unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent));
    }

    /// @return octets that need not be sent again
    std::size_t send(std::span<const std::uint8_t> octets) {
      std::size_t sent = 0;
      while (sent < octets.size()) {
        const Step step = stream_.send(octets.subspan(sent));
        if (step.then == Step::Then::over) {  // nobody is there to take them
          ending_ = true;
          return octets.size();
        }
        sent += step.size;
        if (step.size != 0) continue;
        waits_for_ = next_of(step.then);
        break;
      }
      return sent;
    }

    /// @param begun  what is left over begins something new: a message, or the taking of answers
    void note_time(bool begun) {
      if (idle()) {
        deadline_ = Clock::now() + loop_.limits_.idle;
        if (rest_.capacity() > kKept) rest_ = {};
        if (unsent_.capacity() > kKept) unsent_ = {};
      } else if (begun || !unsent_.empty()) {
        // A deadline that was set when a message began is not moved by its further octets.
        deadline_ = Clock::now() + loop_.limits_.message;
      }
    }

    Loop& loop_;
    tcp::socket socket_;  // owns what `stream_` borrows
    Stream stream_;
    tcp::endpoint peer_;
    std::vector<std::uint8_t> rest_;    // received, not yet answered
    std::vector<std::uint8_t> unsent_;  // answered, not yet taken
    Next waits_for_ = Next::writable;   // before more of unsent_ is taken
    bool shaking_;                      // hands, and nothing else yet
    bool giving_ = false;               // away, once unsent_ is taken
    bool ending_ = false;  // the client is gone, or sent what is no query: closed once unsent_ is taken
    Clock::time_point deadline_;
  };

  void run() {
    for (;;) {
      try {
        arm();
        io_.run();
        return;
      } catch (const std::bad_alloc&) {
        // A connection that was open already is closed at its deadline, a new one at once; the others are served on.
        std::this_thread::sleep_for(kAcceptPause);
      }
    }
  }

  /// Begins, or begins again, what goes on for ever: what there was no memory for can have been a step of that.
  void arm() {
    for (const auto& at : acceptors_) {
      error_code ignored;
      at->acceptor.cancel(ignored);
      at->pause.cancel();
      accept(*at);
    }
    tick();
  }

  void accept(Acceptor& at) {
    at.acceptor.async_accept([this, &at](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) {
        accept(at);  // first: whatever becomes of this one, the next is accepted
        return open(std::move(socket));
      }
      // Out of descriptors, most likely: make room, and do not spin.
      connections_.accept_errors.add();
      evict_one();
      at.pause.expires_after(kAcceptPause);
      at.pause.async_wait([this, &at](error_code stopped) {
        if (!stopped) accept(at);
      });
    });
  }

  void open(tcp::socket socket) {
    if (open_.size() >= limits_.connections) evict_one();
    auto connection = std::make_shared<Connection>(*this, std::move(socket));
    connection->place = open_.insert(open_.end(), connection);
    connections_.accepted.add();
    connection->serve();
  }

  /// Anybody can make them fail, so little is said of it.
  void handshake_failed(const tcp::endpoint& client) {
    const std::string why = tls_error();
    connections_.bad_handshakes.add();
    ++unsaid_;
    if (said_ && Clock::now() < *said_ + kSaid) return;
    said_ = Clock::now();
    spdlog::info("no TLS with {}: {}; {} handshakes failed since the last such line",
                 client.address().to_string(), why, std::exchange(unsaid_, 0));
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
  const TlsService* tls_;
  TcpCounters connections_;
  std::optional<Clock::time_point> said_;                                // when there was a line of the log
  std::uint64_t unsaid_ = 0;                                             // handshakes that failed since
  std::vector<std::uint8_t> input_ = std::vector<std::uint8_t>(kInput);  // of the connection whose turn it is
  std::vector<std::uint8_t> output_ = std::vector<std::uint8_t>(kOutput);
  asio::io_context io_{1};
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::list<std::shared_ptr<Connection>> open_;
  asio::steady_timer tick_;
  std::thread thread_;
};

TcpWorker::TcpWorker(std::vector<Socket> sockets, const Source& source, const TcpLimits& limits,
                     const TlsService* tls)
    : loop_(std::make_unique<Loop>(std::move(sockets), source, limits, tls)) {}
TcpWorker::~TcpWorker() = default;
const Counters& TcpWorker::counters() const noexcept { return loop_->counters(); }
const std::shared_ptr<zones::Wishes>& TcpWorker::wishes() const noexcept { return loop_->wishes(); }
const TcpCounters& TcpWorker::connections() const noexcept { return loop_->connections(); }

}  // namespace holdfast::server
