#include "server/transfer/peer_door.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "server/answer/encode.h"
#include "server/answer/expire_option.h"
#include "server/tls/service.h"
#include "server/transfer/request.h"
#include "zones/replicate/soa.h"

namespace holdfast::server {
namespace {

using zones::Opcode;
using zones::Rcode;
using zones::RrType;

constexpr std::size_t kPlainUdp = 512;  // octets, without EDNS (RFC 1035 4.2.1)
constexpr std::size_t kMaxWhy = 160;    // octets, so that there is room for the longest name, too
constexpr std::chrono::seconds kBetweenComplaints{1};

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

/// What a client is told beside the RCODE of an update, where that alone does not say why.
zones::ExtendedError error_of(Rcode rcode) {
  using enum zones::ExtendedError;
  switch (rcode) {
    case Rcode::notauth: return not_authoritative;
    case Rcode::notimp: return not_supported;
    case Rcode::refused: return prohibited;
    default: return other;
  }
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
  /// @param why  told beside it, unless it is empty
  std::size_t say(Rcode rcode, bool authoritative, std::span<std::uint8_t> reply, const Identity& identity,
                  std::string_view why = {}) const {
    Response response;
    response.rcode = rcode;
    response.authoritative = authoritative;
    Envelope envelope{octets, query, identity, reply, std::min<std::size_t>(reply.size(), 0xffff)};
    if (!why.empty()) envelope.error = error_of(rcode);
    envelope.error_text = why.substr(0, kMaxWhy);
    return encode(envelope, response);
  }
  std::size_t say(Rcode rcode, bool authoritative, std::span<std::uint8_t> reply, const Serving& serving,
                  std::string_view why = {}) const {
    return say(rcode, authoritative, reply, serving.identity, why);
  }
};

struct PendingUpdate {
  PeerDoor::Request request;
  UpdateJob job{};
  const Identity* identity = nullptr;
  std::optional<TsigAnswers> signer{};
};

PeerDoor::Answer PeerDoor::answer(std::span<const std::uint8_t> message, std::span<std::uint8_t> reply,
                                  const Serving& serving, Transport transport, const Sender& sender,
                                  bool makes_stream) const {
  Request request;
  request.peers = peers();
  request.asker = {.address = address_of(sender)};
  if (sender.tls != nullptr) {
    request.asker.is_tls = is_dot(sender.tls);
    request.asker.shown = certificate_of(sender.tls);
  }
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
  if (answered.update != nullptr) answered.update->signer.emplace(signer);
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
  const zones::ServedZone* const served =
      request.query.question_size != 0 ? serving.zones.find(request.query.name) : nullptr;
  Serving shown = serving;
  shown.shows_private =
      served != nullptr && served->is_private && request.peers->knows(served->zone->apex(), request.asker);
  switch (request.query.opcode) {
    case Opcode::query: break;
    case Opcode::notify: return notify(request, reply, serving);
    case Opcode::update: return update(request, reply, serving);
    default: return {.size = server::answer(request.octets, reply, shown, transport, sender).size};
  }
  const RrType type = request.query.type;
  if (type == RrType::AXFR || type == RrType::IXFR) return transfer(request, reply, serving, transport);
  if (type == RrType::SOA && asks_for_expire(request.octets, request.query)) {
    if (Answer answered = refresh(request, reply, serving, transport); answered.size != 0) return answered;
  }
  return {.size = server::answer(request.octets, reply, shown, transport, sender).size};
}

std::shared_ptr<const Versions::Line> PeerDoor::version_served(zones::NameView zone, const Query& query,
                                                               const Serving& serving) const {
  const zones::ServedZone* const served = serving.zones.find(query.name);
  const bool is_served = served != nullptr && served->zone->apex() == zone && served->zone->is_available();
  return is_served ? versions_.of(zone) : nullptr;
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
    complain(zone, request);
    return say(Rcode::refused);
  }
  const std::shared_ptr<const Versions::Line> line = version_served(zone, query, serving);
  if (line == nullptr) return say(Rcode::servfail);
  const bool is_ixfr = query.type == RrType::IXFR;
  const std::optional<zones::Serial> held = is_ixfr ? serial_held(request.octets, query) : std::nullopt;
  if ((is_ixfr && !held) || (!is_ixfr && transport == Transport::udp)) return say(Rcode::formerr);

  if (transport == Transport::tcp && !request.makes_stream) return {.is_stream = true};

  const bool is_static = peer->settings.live == zones::LiveSent::of_file;
  const zones::Contents now =
      is_static ? zones::Contents(line->now.serial(), line->now.zone(), nullptr) : line->now;
  const auto answer = [&](RecordStream records, bool is_whole) {
    Outgoing stream(request.octets, query, std::move(records), expire(request, now));
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

/// A peer that is known by its address can be helped; of others nothing is said.
void PeerDoor::complain(zones::NameView zone, const Request& request) const {
  const std::string complaint = request.peers->complaint(zone, request.asker);
  if (complaint.empty()) return;
  const std::lock_guard lock(complaining_);
  const auto now = std::chrono::steady_clock::now();
  if (now < complained_ + kBetweenComplaints) return;
  complained_ = now;
  spdlog::warn("zone {}: no transfer for {}: {}", zone.text(), request.asker.address.to_string(), complaint);
}

std::optional<std::uint32_t> PeerDoor::expire(const Request& request, const zones::Contents& now) const {
  if (!asks_for_expire(request.octets, request.query)) return std::nullopt;
  const std::chrono::seconds whole(zones::soa_number(now.soa(), 3));
  const Peers::OfZone* const others = request.peers->of(now.apex());
  if (others == nullptr || others->primaries.empty()) return static_cast<std::uint32_t>(whole.count());
  const auto left = expiry_ ? expiry_(zones::Name(now.apex())) : std::nullopt;
  if (!left) return std::nullopt;
  return static_cast<std::uint32_t>(std::clamp(*left, std::chrono::seconds(0), whole).count());
}

PeerDoor::Answer PeerDoor::refresh(const Request& request, std::span<std::uint8_t> reply,
                                   const Serving& serving, Transport transport) const {
  const Query& query = request.query;
  const bool is_good = query.rcode == Rcode::noerror && query.rr_class == zones::RrClass::IN;
  const zones::NameView zone = query.name.name();
  if (!is_good || request.peers->secondary(zone, request.asker) == nullptr) return {};
  const std::shared_ptr<const Versions::Line> line = version_served(zone, query, serving);
  if (line == nullptr) return {};
  Outgoing answer(request.octets, query, RecordStream::only_soa(line->now), expire(request, line->now));
  return {.size = answer.next(reply.first(limit_of(query, serving, reply.size(), transport)))};
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

PeerDoor::Answer PeerDoor::update(const Request& request, std::span<std::uint8_t> reply,
                                  const Serving& serving) const {
  const Query& query = request.query;
  const auto say = [&](Rcode rcode, std::string_view why = {}) {
    return Answer{.size = request.say(rcode, false, reply, serving, why)};
  };
  if (query.rcode != Rcode::noerror) return say(query.rcode);
  if (query.rr_class != zones::RrClass::IN || query.type != RrType::SOA) return say(Rcode::formerr);
  const zones::NameView zone = query.name.name();
  const zones::ServedZone* const served = serving.zones.find(query.name);
  const bool is_there = served != nullptr && served->zone->apex() == zone;
  if (!is_there || (served->is_private && !request.peers->knows(zone, request.asker)))
    return say(Rcode::notauth, "there is no such zone here");
  const Peers::OfZone* const known = request.peers->of(zone);
  if (updates_ == nullptr || known == nullptr || known->update.empty())
    return say(Rcode::notimp, "this zone takes no updates here");
  UpdateJob job{.zone = zones::Name(zone), .rights = request.peers->rights(zone, request.asker)};
  if (job.rights.empty()) {
    counters_.refused_updates.fetch_add(1, std::memory_order_relaxed);
    return say(Rcode::refused, request.asker.key == nullptr ? "not from this address without a key"
                                                            : "not from this address with this key");
  }
  if (updates_->is_full()) {
    updates_->counters().full.fetch_add(1, std::memory_order_relaxed);
    return say(Rcode::servfail, "too many updates wait; try again");
  }
  if (!request.makes_stream) return {.is_stream = true};
  job.sender = job.rights.front().peer + " at " + request.asker.address.to_string();
  job.message = request.octets;
  auto pending = std::make_shared<PendingUpdate>(
      PendingUpdate{.request = request, .job = std::move(job), .identity = &serving.identity});
  pending->request.query = {};  // it borrows from the octets, which are others now
  parse_any(pending->request.octets, pending->request.query);
  return {.is_stream = true, .update = std::move(pending)};
}

void PeerDoor::work_on(std::shared_ptr<PendingUpdate> update,
                       std::function<void(std::vector<std::uint8_t>)> answered) const {
  UpdateJob job = std::move(update->job);
  job.done = [update = std::move(update),
              answered = std::move(answered)](const UpdateResult& result) noexcept {
    std::vector<std::uint8_t> octets;
    try {
      octets.resize(kPlainUdp + (update->signer ? update->signer->room() : 0));
      std::size_t size = update->request.say(result.rcode, false, std::span(octets).first(kPlainUdp),
                                             *update->identity, result.text);
      if (update->signer && size != 0)
        size = update->signer->sign(octets, size, std::chrono::system_clock::now());
      octets.resize(size);
      answered(std::move(octets));
    } catch (const std::exception&) {  // no memory: it is as if the answer had been lost
      answered({});
    }
  };
  updates_->submit(std::move(job));
}

}  // namespace holdfast::server
