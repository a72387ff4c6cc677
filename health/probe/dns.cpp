#include "health/probe/dns.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "health/probe/attempt.h"
#include "health/probe/dns_message.h"
#include "health/probe/tcp_steps.h"

namespace holdfast::health {
namespace {

namespace asio = boost::asio;

/// A question, and the message that asks it.
struct Query {
  DnsQuestion question;
  std::uint16_t id = 0;
  std::vector<std::uint8_t> message;
};

Query make_query(const MonitorSettings& monitor) {
  Query query{{monitor.query, monitor.query_type}, 0, {}};
  RAND_bytes(reinterpret_cast<unsigned char*>(&query.id), sizeof query.id);
  auto message = write_query(query.question, query.id);
  if (!message) throw Attempt::Over{NotRun{"no query: " + monitor.query + ' ' + monitor.query_type}};
  query.message = *std::move(message);
  return query;
}

asio::awaitable<DnsReply> ask_over_udp(Attempt& attempt, const Query& query) {
  const auto where = endpoint(attempt.target());
  asio::ip::udp::socket socket(attempt.io());
  co_await socket.async_connect({where.address(), where.port()}, asio::use_awaitable);
  co_await socket.async_send(asio::buffer(query.message), asio::use_awaitable);
  while (true) {  // what is not the reply may be forged, or late
    std::array<std::uint8_t, 4096> room;
    const std::size_t size = co_await socket.async_receive(asio::buffer(room), asio::use_awaitable);
    if (auto reply = read_dns_reply({room.data(), size}, query.question, query.id))
      co_return *std::move(reply);
  }
}

asio::awaitable<DnsReply> ask_over_tcp(Attempt& attempt, const Query& query) {
  attempt.note("over TCP: ");
  asio::ip::tcp::socket socket = co_await connect(attempt);
  attempt.enter(Phase::body, {Outcome::body_timeout, "no answer"});
  const auto size = query.message.size();
  std::vector<std::uint8_t> octets{static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
  octets.insert(octets.end(), query.message.begin(), query.message.end());
  co_await asio::async_write(socket, asio::buffer(octets), asio::use_awaitable);
  std::array<std::uint8_t, 2> length;
  co_await asio::async_read(socket, asio::buffer(length), asio::use_awaitable);
  octets.resize(static_cast<std::size_t>(length[0] << 8 | length[1]));
  co_await asio::async_read(socket, asio::buffer(octets), asio::use_awaitable);
  auto reply = read_dns_reply(octets, query.question, query.id);
  if (!reply) throw Attempt::Over{Finding{Outcome::dns_error, "not a reply to the question"}};
  co_return *std::move(reply);
}

asio::awaitable<Finding> converse(Attempt& attempt) {
  const MonitorSettings& monitor = attempt.monitor();
  attempt.enter(Phase::header, {Outcome::header_timeout, "no answer"});
  const Query query = make_query(monitor);
  DnsReply reply = co_await ask_over_udp(attempt, query);
  if (reply.truncated) reply = co_await ask_over_tcp(attempt, query);
  if (reply.broken) co_return Finding{Outcome::dns_error, "a reply whose records cannot be read"};
  const std::string rcode = rcode_text(reply.rcode);
  if (rcode != monitor.rcode) co_return Finding{Outcome::dns_error, rcode};
  const auto is_wanted = [&](const std::string& data) { return boost::iequals(data, monitor.expect.text()); };
  if (monitor.expect.empty() || std::any_of(reply.answers.begin(), reply.answers.end(), is_wanted)) {
    co_return Finding{Outcome::passed, rcode};
  }
  std::string seen;
  for (const std::string& data : reply.answers) seen += (seen.empty() ? "" : ", ") + data;
  co_return Finding{Outcome::expect_missing,
                    seen.empty() ? "no answer has it: there is none" : "not among: " + seen};
}

}  // namespace

std::unique_ptr<Probe> start_dns(asio::io_context& io, const Target& target, ProbeDone done) {
  return Attempt::start(io, target, std::move(done), converse);
}

}  // namespace holdfast::health
