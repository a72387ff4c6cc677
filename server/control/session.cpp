#include "server/control/session.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "server/control/guard.h"
#include "server/control/route.h"

namespace holdfast::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::chrono::seconds kLinger{1};         // for a client to hang up after our last word
constexpr std::size_t kLingerOctets = 256U << 10;  // that are read and thrown away meanwhile

Reply answer(const Route& route, const Asked& asked) {
  try {
    return route.answer(asked);
  } catch (const std::exception& error) {
    return {500, fmt::format("{} failed: {}\n", route.path, error.what())};
  }
}

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(asio::ip::tcp::socket socket, DoorContext& door)
      : stream_(std::move(socket)), door_(door), buffer_(door.limits.header + door.limits.body) {
    ++door_.counters.open;
  }
  ~Session() {
    --door_.counters.open;
    if (stream_end_) --door_.streams;
    door_.backlog -= unsent_;
  }

  void read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(door_.limits.header));
    parser_->body_limit(door_.limits.body);
    stream_.expires_after(door_.limits.request);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code error, std::size_t) { self->on_read(error); });
  }

  void refuse(Refusal why, unsigned status, std::string text) {
    door_.counters.refuse(why);
    send({status, std::move(text)});
  }

  /// Like refuse(); what else the client sends is not looked at.
  void refuse_and_close(Refusal why, unsigned status, std::string text) {
    last_ = true;
    refuse(why, status, std::move(text));
  }

 private:
  void on_read(error_code error) {
    const DoorLimits& limits = door_.limits;
    if (!error) {
      handle();
    } else if (error == http::error::end_of_stream) {
      linger();
    } else if (error == beast::error::timeout) {  // the stream is closed already
      if (parser_->got_some()) door_.counters.refuse(Refusal::deadline);
    } else if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      refuse_and_close(Refusal::header_size, 431,
                       fmt::format("headers of more than {} octets\n", limits.header));
    } else if (error == http::error::body_limit) {
      refuse_and_close(Refusal::body_size, 413, fmt::format("a body of more than {} octets\n", limits.body));
    } else if (error != http::error::partial_message &&
               error.category() == http::make_error_code(http::error::bad_method).category()) {
      refuse_and_close(Refusal::malformed, 400, fmt::format("this is not HTTP/1.1: {}\n", error.message()));
    }
  }

  void handle() {
    const auto& request = parser_->get();
    if (request.count(http::field::host) > 1) {
      return refuse_and_close(Refusal::malformed, 400, "more than one Host header\n");
    }
    const Provenance from{request[http::field::host], request[http::field::origin],
                          request[http::field::content_type]};
    const bool changes = request.method() != http::verb::get && request.method() != http::verb::head;
    if (const auto refused = server::refuse(from, door_.listen, changes)) {
      return refuse(refused->why, refused->status, refused->text);
    }
    auto found = find_route(request.method_string(), request.target());
    if (Reply* none = std::get_if<Reply>(&found)) return send(std::move(*none));
    if (door_.backlog >= door_.limits.backlog) {
      return refuse(Refusal::backlog, 503, "too many answers wait for slow clients; try again\n");
    }
    const Route& route = *std::get<const Route*>(found);
    const std::string_view target = request.target();
    const std::size_t query = std::min(target.find('?'), target.size() - 1) + 1;
    const Asked asked{door_.state, door_.counters, std::chrono::system_clock::now(),
                      std::string(target.substr(query))};
    const bool reads =
        route.thread == Route::Thread::reading && (route.reads == nullptr || route.reads(asked));
    if (reads) return read_aside(route, asked);
    if (route.thread != Route::Thread::aside) return send(answer(route, asked));

    if (!door_.busy.insert(&route).second)
      return refuse(Refusal::busy, 409, "one is running already; wait for it, then ask again\n");
    stream_.expires_never();
    asio::post(door_.aside, [self = shared_from_this(), &route, asked]() mutable {
      Reply reply = answer(route, asked);
      const auto executor = self->stream_.get_executor();
      // With `self` goes the last thing that this thread has of the session.
      asio::post(executor, [self = std::move(self), &route, reply = std::move(reply)]() mutable {
        self->door_.busy.erase(&route);
        self->send(std::move(reply));
      });
    });
  }

  void read_aside(const Route& route, const Asked& asked) {
    if (door_.reading >= door_.limits.reading)
      return refuse(Refusal::busy, 503, "too many read the log; try again\n");
    ++door_.reading;
    stream_.expires_never();
    asio::post(door_.reader, [self = shared_from_this(), &route, asked = Asked(asked)]() mutable {
      asked.go_on = [&door = self->door_, began = std::chrono::steady_clock::now()] {
        if (door.ending) throw OutOfTime(std::nullopt);
        if (std::chrono::steady_clock::now() - began >= door.limits.log) throw OutOfTime(door.limits.log);
      };
      Reply reply = self->door_.ending ? Reply{503, "the server ends\n"} : answer(route, asked);
      const auto executor = self->stream_.get_executor();
      asio::post(executor, [self = std::move(self), reply = std::move(reply)]() mutable {
        --self->door_.reading;
        self->send(std::move(reply));
      });
    });
  }

  void send(Reply reply) {
    if (reply.more && parser_->get().method() == http::verb::get) return stream(std::move(reply));
    ++door_.counters.requests;
    door_.backlog += unsent_ = reply.body.size();
    stream_.expires_after(door_.limits.request);
    beast::async_write(stream_, message(std::move(reply)),
                       [self = shared_from_this()](error_code error, std::size_t) { self->on_sent(error); });
  }

  template <class Body>
  void complete(http::response<Body>& response, const Reply& reply) {
    const auto& request = parser_->get();
    response.result(reply.status);
    response.version(request.version());
    response.keep_alive(request.keep_alive() && !last_);
    response.set(http::field::content_type, reply.type);
    response.set(http::field::cache_control, "no-store");
    response.set("Content-Security-Policy", "default-src 'none'");
    response.set("X-Content-Type-Options", "nosniff");
    if (!reply.allow.empty()) response.set(http::field::allow, reply.allow);
    if (reply.more) {
      response.chunked(true);
    } else {
      response.content_length(reply.body.size());
    }
    last_ = !response.keep_alive();
  }

  http::message_generator message(Reply reply) {
    if (parser_->get().method() == http::verb::head) {
      http::response<http::empty_body> response;
      complete(response, reply);
      return response;
    }
    http::response<http::string_body> response;
    complete(response, reply);
    response.body() = std::move(reply.body);
    return response;
  }

  /// Sends an answer while it is made. Who takes too long is cut off, and sees that the end is missing (RFC 9112 8).
  void stream(Reply reply) {
    if (parser_->get().version() < 11) return send({505, "this is answered to HTTP/1.1 only\n"});
    if (door_.streams >= door_.limits.streams)
      return refuse(Refusal::busy, 503, "too many take such long answers already; try again\n");
    ++door_.streams;
    ++door_.counters.requests;
    stream_end_ = std::chrono::steady_clock::now() + door_.limits.stream;
    auto head = std::make_shared<http::response<http::empty_body>>();
    complete(*head, reply);
    auto writer = std::make_shared<http::response_serializer<http::empty_body>>(*head);
    stream_.expires_after(door_.limits.request);
    http::async_write_header(stream_, *writer,
                             [self = shared_from_this(), head, writer, more = std::move(reply.more)](
                                 error_code error, std::size_t) mutable {
                               if (error) return self->on_sent(error);
                               self->send_piece(std::move(more));
                             });
  }

  void send_piece(std::function<bool(std::string&)> more) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= *stream_end_) {
      door_.counters.refuse(Refusal::deadline);
      return stream_.close();
    }
    auto piece = std::make_shared<std::string>();
    const bool is_last = !more(*piece);
    door_.backlog += unsent_ = piece->size();
    stream_.expires_at(std::min(now + door_.limits.request, *stream_end_));
    asio::async_write(
        stream_, http::make_chunk(asio::buffer(*piece)),
        [self = shared_from_this(), piece, is_last, more = std::move(more)](
            error_code error, std::size_t) mutable { self->on_piece(error, is_last, std::move(more)); });
  }

  void on_piece(error_code error, bool is_last, std::function<bool(std::string&)> more) {
    if (error) return on_sent(error);
    if (!is_last) {
      door_.backlog -= std::exchange(unsent_, 0);
      return send_piece(std::move(more));
    }
    --door_.streams;
    stream_end_.reset();
    asio::async_write(stream_, http::make_chunk_last(),
                      [self = shared_from_this()](error_code failed, std::size_t) { self->on_sent(failed); });
  }

  void on_sent(error_code error) {
    door_.backlog -= unsent_;
    unsent_ = 0;
    if (error == beast::error::timeout) door_.counters.refuse(Refusal::deadline);
    if (error) return;
    if (last_) return linger();
    read();
  }

  // To close at once while octets of the client are unread would reset the connection, and our answer with it.
  void linger() {
    error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kLinger);
    discard();
  }

  void discard() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(buffer_.max_size()),
                            [self = shared_from_this()](error_code error, std::size_t octets) {
                              self->discarded_ += octets;
                              if (!error && self->discarded_ < kLingerOctets) self->discard();
                            });
  }

  beast::tcp_stream stream_;
  DoorContext& door_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_{std::in_place};
  bool last_ = false;       // nothing is read after this answer
  std::size_t unsent_ = 0;  // of the answer on its way
  std::optional<std::chrono::steady_clock::time_point>
      stream_end_{};           // at the latest, of one that is made meanwhile
  std::size_t discarded_ = 0;  // while lingering
};

}  // namespace

void serve_connection(asio::ip::tcp::socket socket, DoorContext& door) {
  std::make_shared<Session>(std::move(socket), door)->read();
}

void turn_away(asio::ip::tcp::socket socket, DoorContext& door) {
  std::make_shared<Session>(std::move(socket), door)
      ->refuse_and_close(Refusal::connections, 503, "too many connections; close some, or try again\n");
}

}  // namespace holdfast::server
