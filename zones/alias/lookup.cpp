#include "zones/alias/lookup.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <optional>

#include "zones/chance.h"

namespace holdfast::zones {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using boost::system::error_code;

constexpr std::size_t kMaxDatagram = 4096;

/// False where the system has no randomness: then nothing is asked.
template <class T>
bool draw(T& to) {
  return RAND_bytes(reinterpret_cast<unsigned char*>(to.data()),
                    static_cast<int>(to.size() * sizeof(to[0]))) == 1;
}

Reply problem(std::string what) {
  Reply reply{ReplyKind::silence};
  reply.problem = std::move(what);
  return reply;
}

/// Closes a socket when the time is over: to cancel what it waits for would not end a read of several steps that is just
/// between two of them. The socket outlives the timer's handler.
template <class Socket>
class Deadline {
 public:
  Deadline(std::shared_ptr<Socket> socket, AliasTime at)
      : timer_(socket->get_executor(), at), over_(std::make_shared<bool>(false)) {
    timer_.async_wait([socket, over = over_](error_code error) {
      if (error) return;
      *over = true;
      error_code ignored;
      socket->close(ignored);
    });
  }
  bool is_over() const { return *over_; }
  Reply silence(error_code error) const { return problem(*over_ || !error ? "timeout" : error.message()); }

 private:
  asio::steady_timer timer_;
  std::shared_ptr<bool> over_;
};

std::string text(const udp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? '[' + address + ']' : address) + ':' + std::to_string(endpoint.port());
}

}  // namespace

Lookups::Lookups(asio::io_context& io, ResolverSettings settings, Own own)
    : io_(io),
      settings_(std::move(settings)),
      own_(std::move(own)),
      upstreams_(settings_.upstreams, settings_.budget),
      cookies_(settings_.upstreams.size()) {
  for (Cookie& cookie : cookies_) draw(cookie.client);
}

void Lookups::ask(const Question& question, Done done) {
  if (is_stopped_) return;
  const auto found = asking_.find(question);
  if (found != asking_.end()) {
    found->second.push_back(std::move(done));
    return;
  }
  if (waiting_.size() >= kMaxWaiting) {
    asio::post(io_, [self = shared_from_this(), done = std::move(done)] {
      if (!self->is_stopped_) done({problem("too many questions are waiting"), {}, {}});
    });
    return;
  }
  asking_[question].push_back(std::move(done));
  waiting_.push_back(question);
  start();
}

void Lookups::stop() {
  is_stopped_ = true;
  waiting_.clear();
  asking_.clear();
}

void Lookups::start() {
  while (in_flight_ < settings_.in_flight && !waiting_.empty()) {
    const Question question = waiting_.front();
    waiting_.pop_front();
    in_flight_ += 1;
    // Spawned, it begins in the next turn of the loop: `done` is never called from within ask().
    asio::co_spawn(
        io_, look_up(shared_from_this(), question),
        [self = shared_from_this(), question](const std::exception_ptr& broken, LookupResult result) {
          if (broken) result = {problem("out of memory or sockets"), {}, {}};
          self->finish(question, result);
        });
  }
}

void Lookups::finish(const Question& question, const LookupResult& result) {
  in_flight_ -= 1;
  if (is_stopped_) return;
  counters_.asked += 1;
  counters_.failed += is_failure(result.reply.kind);
  counters_.mismatches += result.counters.mismatches;
  counters_.tcp += result.counters.tcp;
  const auto all = asking_.extract(question);
  start();
  for (const Done& done : all.mapped()) {
    if (!is_stopped_) done(result);
  }
}

/// Until some upstream may be sent a packet again, or another question was quicker.
asio::awaitable<void> Lookups::wait_for_budget(Self self) {
  asio::steady_timer timer(self->io_,
                           self->upstreams_.wait(AliasClock::now()) + std::chrono::milliseconds(1));
  co_await timer.async_wait(asio::use_awaitable);
}

std::optional<Reply> Lookups::ask_ourselves(const Question& question) const {
  QueryRandom random;
  if (!own_ || !draw(random)) return std::nullopt;
  // On behalf of nobody: what we have for single networks goes to their clients by itself.
  const Query query = write_query({question.name, question.type}, {}, random);
  const std::vector<std::uint8_t> message = own_(query.message);
  if (message.empty()) return std::nullopt;
  constexpr bool kAllowPrivate = true;  // who wrote our zones may say what he likes
  Reply reply = judge(message, query, kAllowPrivate);
  reply.is_own = true;
  return reply;
}

asio::awaitable<LookupResult> Lookups::look_up(Self self, Question question) {
  const auto own = self->ask_ourselves(question);
  if (own && !own->leads_to) co_return LookupResult{*own, std::string(kOwn), {}};
  if (own) question.name = *own->leads_to;
  LookupResult result = co_await ask_upstreams(self, question);
  if (own) result.reply.ttl = std::min(result.reply.ttl, own->ttl);
  co_return result;
}

asio::awaitable<LookupResult> Lookups::ask_upstreams(Self self, Question question) {
  LookupResult result{problem("no upstream"), {}, {}};
  std::optional<std::size_t> last;
  for (std::uint16_t tried = 0;
       tried < self->settings_.tries && !self->is_stopped_ && self->upstreams_.size() > 0;) {
    const auto upstream = self->upstreams_.pick(AliasClock::now(), last, draw_chance());
    if (!upstream) {
      co_await wait_for_budget(self);
      continue;
    }
    tried += 1;
    last = upstream;
    result.reply = co_await ask_one(self, *upstream, question, result.counters);
    result.upstream = text(self->upstreams_.endpoint(*upstream));
    if (!is_failure(result.reply.kind)) break;
  }
  co_return result;
}

asio::awaitable<Reply> Lookups::ask_one(Self self, std::size_t upstream, const Question& question,
                                        LookupCounters& counters) {
  Reply reply;
  bool over_tcp = false;
  for (int step = 0; step < 3; ++step) {  // the question; again with its cookie; again over TCP
    while (step > 0 && !self->upstreams_.take(upstream, AliasClock::now())) {
      if (self->is_stopped_) co_return problem("stopped");
      co_await wait_for_budget(self);
    }
    QueryRandom random;
    if (!draw(random)) co_return problem("the system gives no random numbers");
    const Query query = write_query(question, self->cookies_[upstream], random);
    const AliasTime begun = AliasClock::now();
    if (over_tcp) {
      counters.tcp += 1;
      reply = co_await ask_over_tcp(self, upstream, query);
    } else {
      reply = co_await ask_over_udp(self, upstream, query, counters);
    }
    const AliasTime now = AliasClock::now();
    if (!reply.server_cookie.empty()) self->cookies_[upstream].server = reply.server_cookie;
    if (reply.kind == ReplyKind::bad_cookie || reply.kind == ReplyKind::truncated ||
        reply.kind == ReplyKind::mismatch) {
      over_tcp = over_tcp || reply.kind != ReplyKind::bad_cookie || step > 0;
      continue;
    }
    if (reply.kind == ReplyKind::silence) {
      self->cookies_[upstream].server.clear();  // it may be this that keeps it from answering
      self->upstreams_.timed_out(upstream, now);
    } else if (reply.kind == ReplyKind::failed && reply.rcode != Rcode::noerror) {
      self->upstreams_.refused(upstream, now);
    } else {
      self->upstreams_.answered(upstream, std::chrono::duration_cast<std::chrono::microseconds>(now - begun));
    }
    co_return reply;
  }
  self->upstreams_.refused(upstream, AliasClock::now());
  co_return problem("no usable answer, not even over TCP");
}

asio::awaitable<Reply> Lookups::ask_over_udp(Self self, std::size_t upstream, const Query& query,
                                             LookupCounters& counters) {
  const auto socket = std::make_shared<udp::socket>(self->io_);
  const Deadline deadline(socket, AliasClock::now() + self->settings_.timeout);
  error_code error;
  // Connected: the kernel drops what another address or port sends, and tells us of a closed port.
  co_await socket->async_connect(self->upstreams_.endpoint(upstream),
                                 asio::redirect_error(asio::use_awaitable, error));
  if (!error) {
    co_await socket->async_send(asio::buffer(query.message),
                                asio::redirect_error(asio::use_awaitable, error));
  }
  for (std::size_t wrong = 0; !error && !deadline.is_over();) {
    std::array<std::uint8_t, kMaxDatagram> room;
    const std::size_t size =
        co_await socket->async_receive(asio::buffer(room), asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    Reply reply = judge({room.data(), size}, query, self->settings_.allow_private);
    if (reply.kind != ReplyKind::mismatch) co_return reply;
    counters.mismatches += 1;
    self->upstreams_.mismatched(upstream);
    if (++wrong > kMaxMismatches) co_return reply;
  }
  co_return deadline.silence(error);
}

asio::awaitable<Reply> Lookups::ask_over_tcp(Self self, std::size_t upstream, const Query& query) {
  const auto socket = std::make_shared<tcp::socket>(self->io_);
  const Deadline deadline(socket, AliasClock::now() + self->settings_.timeout);
  const udp::endpoint to = self->upstreams_.endpoint(upstream);
  const auto size = query.message.size();
  std::vector<std::uint8_t> octets{static_cast<std::uint8_t>(size >> 8),
                                   static_cast<std::uint8_t>(size & 0xff)};
  octets.insert(octets.end(), query.message.begin(), query.message.end());
  std::array<std::uint8_t, 2> length{};
  error_code error;
  co_await socket->async_connect({to.address(), to.port()}, asio::redirect_error(asio::use_awaitable, error));
  if (!error && !deadline.is_over()) {
    co_await asio::async_write(*socket, asio::buffer(octets),
                               asio::redirect_error(asio::use_awaitable, error));
  }
  if (!error && !deadline.is_over()) {
    co_await asio::async_read(*socket, asio::buffer(length),
                              asio::redirect_error(asio::use_awaitable, error));
  }
  if (!error && !deadline.is_over()) {
    octets.resize(static_cast<std::size_t>(length[0] << 8 | length[1]));
    co_await asio::async_read(*socket, asio::buffer(octets),
                              asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      Reply reply = judge(octets, query, self->settings_.allow_private);
      if (reply.kind == ReplyKind::truncated) co_return problem("truncated over TCP");
      co_return reply;
    }
  }
  co_return deadline.silence(error);
}

}  // namespace holdfast::zones
