#include "server/transfer/peer_door.h"

#include <algorithm>

#include "server/answer/encode.h"
#include "server/transfer/request.h"

namespace holdfast::server {
namespace {

using zones::Opcode;
using zones::Rcode;
using zones::RrType;

constexpr std::size_t kPlainUdp = 512;  // octets, without EDNS (RFC 1035 4.2.1)

boost::asio::ip::address address_of(const Sender& sender) {
  if (sender.is_v6) {
    boost::asio::ip::address_v6::bytes_type bytes;
    std::copy_n(sender.address.begin(), bytes.size(), bytes.begin());
    return boost::asio::ip::address_v6(bytes);
  }
  boost::asio::ip::address_v4::bytes_type bytes{};
  std::copy_n(sender.address.begin(), std::min(bytes.size(), sender.address.size()), bytes.begin());
  return boost::asio::ip::address_v4(bytes);
}

/// Octets that the answer may have.
std::size_t limit_of(const Query& query, const Serving& serving, std::size_t room, Transport transport) {
  if (transport == Transport::tcp) return room;
  const std::size_t wanted = query.edns ? std::min(query.edns->size, serving.identity.edns_size) : kPlainUdp;
  return std::min(room, std::max(wanted, kPlainUdp));
}

/// Changes that take more octets than the zone are not sent: the whole is shorter, and safer.
bool is_worth_it(const zones::History::Deltas& deltas, const zones::Zone& zone) {
  std::size_t octets = 0;
  for (const auto& delta : deltas) octets += delta->octets();
  return octets < zone.memory() || octets < kPlainUdp;
}

zones::History::Deltas shortest(zones::History::Deltas deltas) {
  if (deltas.size() < 2) return deltas;
  auto condensed = std::make_shared<const zones::Delta>(zones::condense(deltas));
  std::size_t octets = 0;
  for (const auto& delta : deltas) octets += delta->octets();
  if (condensed->octets() < octets) return {std::move(condensed)};
  return deltas;
}

/// For those who get the records of the file: of a step that only live names took the SOAs are left.
zones::History::Deltas without_live(const zones::History::Deltas& deltas) {
  zones::Delta step;
  step.removed.add(deltas.front()->removed.front());
  step.added.add(deltas.back()->added.front());
  return {std::make_shared<const zones::Delta>(std::move(step))};
}

}  // namespace

/// A message that was read, without its signature.
struct PeerDoor::Request {
  std::vector<std::uint8_t> octets{};
  Query query{};
  TsigRequest tsig{};
  Asker asker{};
  std::shared_ptr<const Peers> peers{};
  bool makes_stream = true;

  /// The answer that is only an RCODE.
  std::size_t say(Rcode rcode, bool authoritative, std::span<std::uint8_t> reply,
                  const Serving& serving) const {
    Response response;
    response.rcode = rcode;
    response.authoritative = authoritative;
    return encode(
        Envelope{octets, query, serving.identity, reply, std::min<std::size_t>(reply.size(), 0xffff)},
        response);
  }
};

PeerDoor::Answer PeerDoor::answer(std::span<const std::uint8_t> message, std::span<std::uint8_t> reply,
                                  const Serving& serving, Transport transport, const Sender& sender,
                                  bool makes_stream) const {
  Request request;
  request.peers = peers();
  request.asker = {.address = address_of(sender)};
  request.makes_stream = makes_stream;
  const auto now = std::chrono::system_clock::now();
  request.tsig = check_tsig(message, request.peers->keys().ring(), now);
  request.octets.assign(message.begin(), message.end());
  if (request.tsig.state != TsigState::absent && request.tsig.state != TsigState::malformed)
    request.octets.resize(cut_tsig(request.octets, request.tsig.size).size());
  if (!parse_any(request.octets, request.query)) return {};
  if (request.tsig.state == TsigState::absent) return answer(request, reply, serving, transport, sender);

  counters_.bad_signatures.fetch_add(request.tsig.state == TsigState::valid ? 0 : 1,
                                     std::memory_order_relaxed);
  if (request.tsig.state == TsigState::malformed)
    return {.size = request.say(Rcode::formerr, false, reply, serving)};
  TsigAnswers signer(request.tsig);
  const std::size_t limit = limit_of(request.query, serving, reply.size(), transport);
  Answer answered;
  if (request.tsig.is_refused()) {
    answered.size = request.say(request.tsig.rcode(), false, reply, serving);
  } else {
    request.asker.key = request.tsig.key;
    // Over UDP there is always room for what every answer has.
    const std::size_t room = std::max(limit - std::min(limit, signer.room()), kPlainUdp);
    answered = answer(request, reply.first(std::min(room, reply.size())), serving, transport, sender);
  }
  if (answered.is_stream) answered.signer.emplace(signer);
  if (answered.size == 0) return answered;
  if (answered.size + signer.room() >
      limit) {  // the question, and that the rest is there over TCP (RFC 8945 5.3)
    answered.size = request.say(Rcode::noerror, true, reply, serving);
    reply[2] |= kFlagTc >> 8;
  }
  answered.size = signer.sign(reply, answered.size, now);
  return answered;
}

PeerDoor::Answer PeerDoor::answer(const Request& request, std::span<std::uint8_t> reply,
                                  const Serving& serving, Transport transport, const Sender& sender) const {
  switch (request.query.opcode) {
    case Opcode::query: break;
    case Opcode::notify: return notify(request, reply, serving);
    default: return {.size = server::answer(request.octets, reply, serving, transport, sender).size};
  }
  const RrType type = request.query.type;
  if (type == RrType::AXFR || type == RrType::IXFR) return transfer(request, reply, serving, transport);
  return {.size = server::answer(request.octets, reply, serving, transport, sender).size};
}

PeerDoor::Answer PeerDoor::transfer(const Request& request, std::span<std::uint8_t> reply,
                                    const Serving& serving, Transport transport) const {
  const Query& query = request.query;
  const auto say = [&](Rcode rcode) { return Answer{.size = request.say(rcode, false, reply, serving)}; };
  if (query.question_size == 0 || query.rr_class != zones::RrClass::IN) return say(Rcode::formerr);
  // What is wrong with it; that it is a transfer is refused for those who do not come here.
  if (query.rcode != Rcode::noerror && query.rcode != Rcode::refused) return say(query.rcode);
  const zones::NameView zone = query.name.name();
  const Peer* const peer = request.peers->secondary(zone, request.asker);
  if (peer == nullptr) {
    counters_.refused_transfers.fetch_add(1, std::memory_order_relaxed);
    return say(Rcode::refused);
  }
  // One that expired is not to live on elsewhere.
  const zones::ServedZone* const served = serving.zones.find(query.name);
  const bool is_served = served != nullptr && served->zone->apex() == zone && served->zone->is_available();
  const std::shared_ptr<const Versions::Line> line = is_served ? versions_.of(zone) : nullptr;
  if (line == nullptr) return say(Rcode::servfail);
  const bool is_ixfr = query.type == RrType::IXFR;
  const std::optional<zones::Serial> held = is_ixfr ? serial_held(request.octets, query) : std::nullopt;
  if ((is_ixfr && !held) || (!is_ixfr && transport == Transport::udp)) return say(Rcode::formerr);

  if (transport == Transport::tcp && !request.makes_stream) return {.is_stream = true};

  const bool is_static = peer->settings.live == zones::LiveSent::of_file;
  const zones::Contents now =
      is_static ? zones::Contents(line->now.serial(), line->now.zone(), nullptr) : line->now;
  const auto answer = [&](RecordStream records, bool is_whole) {
    Outgoing stream(request.octets, query, std::move(records));
    return Answer{.is_stream = true,
                  .stream = std::move(stream),
                  .zone = zones::Name(zone),
                  .peer = peer->settings.name,
                  .is_whole = is_whole,
                  .serial = now.serial()};
  };
  const bool is_newer = !held || now.serial().is_after(*held);
  if (transport == Transport::udp || !is_newer) {
    Answer single = answer(RecordStream::only_soa(now), false);
    if (transport == Transport::tcp) return single;
    const std::size_t limit = limit_of(query, serving, reply.size(), transport);
    if (const std::size_t size = single.stream->next(reply.first(limit)); size != 0) return {.size = size};
    Answer truncated = say(Rcode::noerror);
    reply[2] |= kFlagTc >> 8;
    return truncated;
  }
  const auto history = held ? line->history.since(*held) : std::nullopt;
  if (history && !history->empty()) {
    const bool is_live =
        std::all_of(history->begin(), history->end(), [](const auto& delta) { return delta->is_live; });
    if (is_static && is_live) return answer(RecordStream::changes(now, without_live(*history)), false);
    if (!is_static && is_worth_it(*history, *now.zone()))
      return answer(RecordStream::changes(now, shortest(*history)), false);
  }
  return answer(RecordStream::whole(now), true);
}

PeerDoor::Answer PeerDoor::notify(const Request& request, std::span<std::uint8_t> reply,
                                  const Serving& serving) const {
  const Query& query = request.query;
  const auto say = [&](Rcode rcode) {
    return Answer{.size = request.say(rcode, rcode == Rcode::noerror, reply, serving)};
  };
  const bool is_good =
      query.rcode == Rcode::noerror && query.rr_class == zones::RrClass::IN && query.type == RrType::SOA;
  if (!is_good) return say(Rcode::formerr);
  const Peer* const peer = request.peers->primary(query.name.name(), request.asker);
  if (peer == nullptr) {
    counters_.refused_notifies.fetch_add(1, std::memory_order_relaxed);
    return say(Rcode::refused);
  }
  counters_.notifies.fetch_add(1, std::memory_order_relaxed);
  if (notified_) notified_(zones::Name(query.name.name()), *peer, serial_told(request.octets, query));
  return say(Rcode::noerror);
}

}  // namespace holdfast::server
