#include "server/transfer/pull.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/transfer/source_address.h"
#include "server/transfer/tsig.h"
#include "zones/replicate/transfer_query.h"

namespace holdfast::server {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;
using std::chrono::system_clock;
using zones::SoaReply;

constexpr std::size_t kMaxReply = 4096;     // octets over UDP
constexpr std::size_t kMaxMismatches = 20;  // messages that are no reply to a question over UDP

/// A question as it is sent: signed where the primary wants that.
struct SentQuestion {
  std::vector<std::uint8_t> octets;
  std::optional<TsigQuery> tsig;

  SentQuestion(std::vector<std::uint8_t> message, const SharedKey& key) : octets(std::move(message)) {
    if (!key) return;
    tsig.emplace(key);
    const std::size_t size = octets.size();
    octets.resize(size + tsig_room(*key));
    octets.resize(tsig->sign(octets, size, system_clock::now()));
    if (octets.empty()) throw LinkError("cannot be asked: the question could not be signed");
  }

  /// What is wrong with how a message of the answer is signed, as a sentence about the primary; empty: nothing so far.
  std::string check(std::span<const std::uint8_t> message) {
    if (!tsig) return {};
    const auto now = system_clock::now();
    const TsigAnswer answer = tsig->verify(message, now);
    switch (answer.verdict) {
      case TsigVerdict::valid:
      case TsigVerdict::pending: return {};
      case TsigVerdict::absent: {
        const auto rcode = static_cast<zones::Rcode>(message.size() > 3 ? message[3] & 0x0f : 0);
        if (rcode == zones::Rcode::noerror) return "does not sign its answer";
        return fmt::format("says {}, and does not sign that", zones::text(rcode));
      }
      case TsigVerdict::refused: {
        std::string text = fmt::format("refuses our signature: {}", server::text(answer.error));
        if (answer.server_time) {
          const auto ahead = std::chrono::duration_cast<std::chrono::seconds>(*answer.server_time - now);
          text += fmt::format(", its clock is {} s {} ours", std::abs(ahead.count()),
                              ahead.count() < 0 ? "behind" : "ahead of");
        }
        return text;
      }
      default: return fmt::format("has no valid signature: {}", server::text(answer.verdict));
    }
  }
  bool is_complete() const { return !tsig || tsig->complete(); }
};

SoaReply failed(std::string problem) {
  return {.kind = SoaReply::Kind::failed, .problem = std::move(problem)};
}

}  // namespace

std::uint16_t random_id() {
  std::uint16_t id = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&id), sizeof id) != 1)
    throw LinkError("cannot be asked: no random numbers");
  return id;
}

asio::awaitable<SoaReply> Pull::ask_soa(PrimaryAddress primary, zones::Name zone, bool edns) {
  try {
    SoaReply reply;
    if (primary.tls.empty()) reply = co_await ask_soa_by_udp(primary, zone, edns);
    if (reply.kind == SoaReply::Kind::serial || reply.kind == SoaReply::Kind::failed) co_return reply;
    reply = co_await ask_soa_by_link(primary, zone, edns);
    co_return reply;
  } catch (const LinkError& error) {
    co_return failed(error.what());
  }
}

/// `mismatch`: nobody answered.
asio::awaitable<SoaReply> Pull::ask_soa_by_udp(const PrimaryAddress& primary, const zones::Name& zone,
                                               bool edns) {
  error_code error;
  udp::socket socket(io_);
  const udp::endpoint endpoint(primary.endpoint.address(), primary.endpoint.port());
  open_from(socket, primary.source, endpoint.address(), error);
  if (error) throw LinkError(primary.open_problem(error));
  socket.connect(endpoint, error);  // another port each time, and nobody else is heard
  if (error) throw LinkError("cannot be reached: " + error.message());
  std::array<std::uint8_t, kMaxReply> octets;
  bool is_over = false;
  health::Alarm alarm(io_);
  for (const auto time : {limits_.first_reply, limits_.second_reply}) {
    const std::uint16_t id = random_id();
    SentQuestion question(zones::soa_query(id, zone, edns), primary.key);
    is_over = false;
    alarm.set(std::chrono::steady_clock::now() + time, [&] {
      is_over = true;
      error_code ignored;
      socket.cancel(ignored);
    });
    socket.send(asio::buffer(question.octets), 0, error);
    // An ICMP error is no more to be believed than silence, but it may come at once: then TCP knows better.
    std::size_t mismatches = 0;
    while (!error && !is_over && mismatches < kMaxMismatches) {
      const std::size_t size = co_await socket.async_receive(
          asio::buffer(octets), asio::redirect_error(asio::use_awaitable, error));
      if (error) break;
      const auto message = std::span<const std::uint8_t>(octets).first(size);
      SoaReply reply = zones::read_soa_reply(message, id, zone);
      if (reply.kind == SoaReply::Kind::mismatch) {
        ++mismatches;
        continue;
      }
      // Knot 3.2 answers for catalogs over TCP only.
      if (static_cast<zones::Rcode>(octets[3] & 0x0f) == zones::Rcode::refused) co_return SoaReply{};
      std::string unsigned_ = question.check(message);
      if (unsigned_.empty() && !question.is_complete()) unsigned_ = "does not sign its answer";
      if (!unsigned_.empty()) reply = failed(std::move(unsigned_));
      co_return reply;
    }
    if (!is_over) break;
    error.clear();
  }
  co_return SoaReply{};
}

asio::awaitable<SoaReply> Pull::ask_soa_by_link(const PrimaryAddress& primary, const zones::Name& zone,
                                                bool edns) {
  LinkLimits limits = limits_.link;
  limits.window = limits_.soa;
  limits.octets = kMaxReply;
  PrimaryLink link(io_, primary, tls_, limits);
  const std::uint16_t id = random_id();
  SentQuestion question(zones::soa_query(id, zone, edns), primary.key);
  co_await link.open();
  co_await link.send(question.octets);
  const auto message = co_await link.receive();
  SoaReply reply = zones::read_soa_reply(message, id, zone);
  if (reply.kind == SoaReply::Kind::truncated) co_return failed("truncates its answer over TCP");
  if (reply.kind == SoaReply::Kind::mismatch)
    co_return failed("sends something else than an answer to our question");
  std::string unsigned_ = question.check(message);
  if (unsigned_.empty() && !question.is_complete()) unsigned_ = "does not sign its answer";
  if (!unsigned_.empty()) co_return failed(std::move(unsigned_));
  co_return reply;
}

asio::awaitable<Pull::Transfer> Pull::transfer(PrimaryAddress primary, zones::TransferQuestion question,
                                               bool edns, std::shared_ptr<Stop> stop) {
  Transfer transfer;
  PrimaryLink link(io_, primary, tls_, limits_.link);
  stop->link = &link;
  try {
    question.id = random_id();
    co_await receive(link, primary, question, edns, transfer);
  } catch (const LinkError& error) {
    transfer.problem = error.what();
    transfer.axfr_may_help = question.is_incremental && link.was_broken();
  }
  stop->link = nullptr;
  co_return transfer;
}

asio::awaitable<void> Pull::receive(PrimaryLink& link, const PrimaryAddress& primary,
                                    const zones::TransferQuestion& question, bool edns, Transfer& transfer) {
  using Kind = zones::Incoming::Step::Kind;
  SentQuestion asked(zones::transfer_query(question, edns), primary.key);
  co_await link.open();
  co_await link.send(asked.octets);
  zones::Incoming incoming(question, limits_.received);
  zones::Incoming::Step step;
  while (step.kind == Kind::more) {
    const auto message = co_await link.receive();
    std::string unsigned_ = asked.check(message);
    if (!unsigned_.empty()) throw LinkError(unsigned_);
    step = incoming.take(message);
  }
  transfer.messages = incoming.messages();
  transfer.octets = incoming.octets();
  transfer.records = incoming.records();
  transfer.expire = incoming.expire();
  if (step.kind == Kind::failed) {
    transfer.problem = "sends no good transfer: " + step.problem;
    transfer.axfr_may_help = step.axfr_may_help;
    transfer.no_edns_may_help = step.no_edns_may_help && edns;
  } else if (!asked.is_complete()) {  // RFC 8945 5.3.1
    transfer.problem = "does not sign the last message";
  } else {
    transfer.received = incoming.release();
  }
}

}  // namespace holdfast::server
