#include "server/answer/answer.h"

#include <algorithm>

#include "server/answer/encode.h"
#include "server/answer/expire_option.h"
#include "zones/dns/names_in_data.h"
#include "zones/lookup.h"
#include "zones/prefetch.h"

namespace holdfast::server {
namespace {

using Met = zones::Lookup::Met;
using zones::Rcode;
using zones::RrType;
using zones::ServedZone;

constexpr std::size_t kPlainUdp = 512;  // without EDNS (RFC 1035 4.2.1)
// RRsets of one answer that are put together for one client: both families of its name and of each additional one.
constexpr std::size_t kMaxPickedRRsets = 2 * (1 + kMaxAdditional);
// The random numbers of two queries in a row; another distance than that of the draws for one (zones/live/choice.cpp).
constexpr std::uint64_t kBetween = 0xd1342543de82ef95ULL;

std::size_t size_limit(const Query& query, const Identity& identity, std::size_t room,
                       Transport transport) noexcept {
  if (transport == Transport::tcp) return std::min<std::size_t>(room, 0xffff);
  const std::size_t wanted = query.edns ? std::min(query.edns->size, identity.edns_size) : kPlainUdp;
  return std::min(room, std::max(wanted, kPlainUdp));
}

Rcode rcode_of(const zones::Lookup& lookup) noexcept {
  return lookup.met == Met::nxdomain ? Rcode::nxdomain : Rcode::noerror;
}

/// Of the query if it says so, else the sender: whom an answer may depend on.
zones::Client client_of(const Query& query, const Sender& sender, const Serving& serving,
                        std::uint64_t random) noexcept {
  const bool is_told = query.edns && query.edns->subnet && query.edns->subnet->bits != 0;
  // Its parts, and not the whole: that would wait for the stores of the parts, which were just made.
  const std::span<const std::uint8_t>& address = is_told ? query.edns->subnet->address : sender.address;
  return {.address = {address.data(), address.size()},
          .is_v6 = is_told ? query.edns->subnet->is_v6 : sender.is_v6,
          .random = random,
          .now = serving.now};
}

/// Who says that nothing of it is to be told on (RFC 7871 7.1.2) has no wishes.
zones::Wishes* wishes_of(const Query& query, const Serving& serving) noexcept {
  const bool is_private = query.edns && query.edns->subnet && query.edns->subnet->bits == 0;
  return is_private ? nullptr : serving.wishes;
}

/// One query on its way through the steps.
struct Pending {
  Pending() noexcept {}
  Query query;
  bool answerable = false;  // else nothing is sent
  bool ordinary = false;    // find_zone() and look_up() know all that it takes
  // Null: not ordinary, or we serve no such zone, or cannot. Else `lookup` says what is there.
  const ServedZone* served = nullptr;
  zones::Lookup lookup;
  std::uint8_t scope = 0;                               // bits of the client's address that it depended on
  std::array<std::uint8_t, zones::kPickedRoom> picked;  // not initialised: where the lookup may point to
};

// DS may be the parent's to answer, ANY is made for the occasion.
bool is_ordinary(const Query& query) noexcept {
  return query.rcode == Rcode::noerror && query.rr_class == zones::RrClass::IN && query.type != RrType::DS &&
         query.type != RrType::ANY && !query.is_signed;
}

/// That of a secondary, which may have it with the EXPIRE option.
bool is_refresh(std::span<const std::uint8_t> octets, const Query& query) noexcept {
  return query.type == RrType::SOA && query.edns && asks_for_expire(octets, query);
}

bool is_privileged(std::span<const std::uint8_t> octets, const Query& query) noexcept {
  return query.is_signed || is_refresh(octets, query) || query.type == RrType::AXFR ||
         query.type == RrType::IXFR || query.opcode == zones::Opcode::notify ||
         query.opcode == zones::Opcode::update;
}

void parse(std::span<const std::uint8_t> octets, Pending& pending) noexcept {
  pending.answerable = parse(octets, pending.query);
  pending.ordinary = pending.answerable && is_ordinary(pending.query) && !is_refresh(octets, pending.query);
}

/// @param near  the zone of the query before, if any; becomes that of this one
void find_zone(Pending& pending, const Serving& serving, const ServedZone*& near) noexcept {
  if (!pending.ordinary) return;
  near = serving.zones.find_near(near, pending.query.name);
  if (near == nullptr || (near->is_private && !serving.shows_private)) return;
  if (near->zone->is_available()) pending.served = near;
}

/// What a live name has for this client. Not inlined, since most queries meet none.
[[gnu::noinline, gnu::flatten]] void settle(Pending& pending, const Serving& serving, const Sender& sender,
                                            std::uint64_t random) noexcept {
  zones::Client client = client_of(pending.query, sender, serving, random);
  zones::LiveView live(serving.live, client, pending.picked, wishes_of(pending.query, serving));
  zones::settle(*pending.served->zone, pending.lookup, live, pending.query.type);
  pending.scope = live.scope();
}

void look_up(Pending& pending, const Serving& serving, const Sender& sender, std::uint64_t random) noexcept {
  if (pending.served == nullptr) return;
  pending.lookup = zones::lookup(*pending.served->zone, serving.live, pending.query.name, pending.query.type);
  if (pending.lookup.met == Met::live) settle(pending, serving, sender, random);
}

/// What was met, if it is ready to be copied; nearly everything that is asked is. 0: it is not, or does not fit.
std::size_t encode_ready(const Envelope& envelope, const Pending& pending) noexcept {
  const RrType type = envelope.query.type;
  const zones::Prebuilt* ready = nullptr;
  switch (pending.lookup.met) {
    case Met::found:
      // A SOA's names could be compressed; who asks for it, secondaries mostly, has room for them.
      if (zones::is_plain(type) || type == RrType::SOA) return encode_stored(envelope, pending.lookup.rrset);
      ready = find_prebuilt(pending.lookup.rrset, type);
      break;
    case Met::alias:  // leads elsewhere if another zone is deeper
      if (!pending.served->has_zones_below) ready = find_prebuilt(pending.lookup.rrset, type);
      break;
    case Met::referral:
    case Met::no_data:
    case Met::nxdomain: ready = find_prebuilt(pending.lookup.rrset, zones::Prebuilt::kWhateverAsked); break;
    case Met::redirect:  // is different for each name below the DNAME
    case Met::failed:
    case Met::live: break;
  }
  if (ready == nullptr) return 0;
  return encode_prebuilt(envelope, *ready, rcode_of(pending.lookup), pending.lookup.met != Met::referral);
}

/// The long way, from the query on, for what is rare or was not prebuilt. Not inlined, since a Response takes 12 KiB of stack.
[[gnu::noinline]] Answered work_out(Envelope envelope, const Serving& serving, const Sender& sender,
                                    std::uint64_t random) noexcept {
  const Query& query = envelope.query;
  Response response;
  response.rcode = query.rcode;
  std::array<std::uint8_t, kMaxPickedRRsets * zones::kPickedRoom> picked;
  if (query.rcode == Rcode::noerror) {
    zones::Client client = client_of(query, sender, serving, random);
    zones::LiveView live(serving.live, client, picked, wishes_of(query, serving));
    resolve(query, serving.zones, live, serving.identity, response, serving.shows_private);
    envelope.scope = live.scope();
    envelope.error = response.error;
    if (serving.serials != nullptr) envelope.serial = serving.serials->find(response.soa_of);
  }
  const std::size_t size = encode(envelope, response);
  return {.size = size,
          .rcode = response.rcode,
          .type = query.question_size != 0 ? query.type : RrType{},
          .truncated = (envelope.reply[2] & kFlagTc >> 8) != 0,
          .zone = response.zone,
          .live = response.live,
          .is_privileged = is_privileged(envelope.octets, query) || response.is_private};
}

/// Of a zone of which versions are kept, where there will be its SOA in the reply.
std::optional<zones::Serial> serial_now(const Pending& pending, const Serving& serving) noexcept {
  if (pending.served == nullptr || !pending.served->is_versioned || serving.serials == nullptr)
    return std::nullopt;
  const Met met = pending.lookup.met;
  if (met != Met::no_data && met != Met::nxdomain && pending.query.type != RrType::SOA) return std::nullopt;
  return serving.serials->find(pending.served->number);
}

/// What is ready, else what is worked out.
Answered reply_to(const Pending& pending, std::span<const std::uint8_t> octets, std::span<std::uint8_t> reply,
                  const Serving& serving, Transport transport, const Sender& sender,
                  std::uint64_t random) noexcept {
  if (!pending.answerable) return {};
  const Query& query = pending.query;
  const Envelope envelope{octets,
                          query,
                          serving.identity,
                          reply,
                          size_limit(query, serving.identity, reply.size(), transport),
                          pending.scope,
                          serial_now(pending, serving),
                          pending.served != nullptr ? pending.lookup.error : zones::ExtendedError::none};
  const std::size_t size = pending.served != nullptr ? encode_ready(envelope, pending) : 0;
  if (size == 0) return work_out(envelope, serving, sender, random);
  return {.size = size,
          .rcode = rcode_of(pending.lookup),
          .type = query.type,
          .truncated = false,
          .zone = pending.served->number,
          .live = pending.lookup.live};
}

/// What is left of `room` behind an answer is for the next.
void put(const Answered& answered, Exchange& exchange, std::span<std::uint8_t>& room) noexcept {
  exchange.answered = answered;
  exchange.reply = room.first(answered.size);
  room = room.subspan(answered.size);
}

/// The steps, for one query. In one piece: the calls between them would cost a tenth of it.
[[gnu::flatten]] Answered answer_near(const ServedZone*& near, std::span<const std::uint8_t> octets,
                                      std::span<std::uint8_t> reply, const Serving& serving,
                                      Transport transport, const Sender& sender,
                                      std::uint64_t random) noexcept {
  Pending pending;
  parse(octets, pending);
  find_zone(pending, serving, near);
  look_up(pending, serving, sender, random);
  return reply_to(pending, octets, reply, serving, transport, sender, random);
}

/// The same for up to Prefetch::kMost queries, step by step, with what a step needs fetched before.
[[gnu::flatten]] void answer_in_stages(const ServedZone*& near, std::span<Exchange> batch,
                                       std::span<std::uint8_t>& room, const Serving& serving,
                                       Transport transport, std::uint64_t random) noexcept {
  std::array<Pending, zones::Prefetch::kMost> all;
  const std::span<Pending> pending(all.data(), batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) parse(batch[i].query, pending[i]);
  zones::Prefetch hints;
  for (const Pending& one : pending) {
    if (one.ordinary) hints.add(one.query.name);
  }
  hints.fetch(serving.zones);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Pending& one = pending[i];
    find_zone(one, serving, near);
    look_up(one, serving, batch[i].sender, random + i * kBetween);
    if (one.served == nullptr || one.lookup.rrset.prebuilt == nullptr) continue;
    __builtin_prefetch(one.lookup.rrset.prebuilt);
    __builtin_prefetch(one.lookup.rrset.prebuilt + 64);
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    put(reply_to(pending[i], batch[i].query, room, serving, transport, batch[i].sender,
                 random + i * kBetween),
        batch[i], room);
  }
}

}  // namespace

Answered answer(std::span<const std::uint8_t> octets, std::span<std::uint8_t> reply, const Serving& serving,
                Transport transport, const Sender& sender) noexcept {
  const ServedZone* near = nullptr;
  return answer_near(near, octets, reply, serving, transport, sender, serving.random);
}

void answer(std::span<Exchange> batch, std::span<std::uint8_t> room, const Serving& serving,
            Transport transport) noexcept {
  const ServedZone* near = nullptr;
  std::uint64_t random = serving.random;
  if (!serving.zones.is_large()) {
    for (Exchange& exchange : batch) {
      put(answer_near(near, exchange.query, room, serving, transport, exchange.sender, random), exchange,
          room);
      random += kBetween;
    }
    return;
  }
  while (!batch.empty()) {
    const auto some = batch.first(std::min(batch.size(), zones::Prefetch::kMost));
    answer_in_stages(near, some, room, serving, transport, random);
    random += some.size() * kBetween;
    batch = batch.subspan(some.size());
  }
}

}  // namespace holdfast::server
