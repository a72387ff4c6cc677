#include "server/answer/answer.h"

#include <algorithm>

#include "server/answer/encode.h"
#include "zones/dns/names_in_data.h"
#include "zones/lookup.h"

namespace holdfast::server {
namespace {

using Met = zones::Lookup::Met;
using zones::Rcode;
using zones::RrType;
using zones::ServedZone;

constexpr std::size_t kInFlight = 16;   // queries whose data a core fetches at once
constexpr int kRounds = 3;              // of looking for a node to prefetch, one label higher each time
constexpr std::size_t kPlainUdp = 512;  // without EDNS (RFC 1035 4.2.1)

std::size_t size_limit(const Query& query, const Identity& identity, std::size_t room,
                       Transport transport) noexcept {
  if (transport == Transport::tcp) return std::min<std::size_t>(room, 0xffff);
  const std::size_t wanted = query.edns ? std::min(query.edns->size, identity.edns_size) : kPlainUdp;
  return std::min(room, std::max(wanted, kPlainUdp));
}

Rcode rcode_of(const zones::Lookup& met) noexcept {
  return met.met == Met::nxdomain ? Rcode::nxdomain : Rcode::noerror;
}

/// One query on its way through the steps.
struct Pending {
  Query query;
  bool answerable = false;  // else nothing is sent
  bool ordinary = false;
  // Null: not ordinary, or we serve no such zone, or cannot. Else `met` says what is there.
  const ServedZone* served = nullptr;
  zones::Lookup met;
};

// DS may be the parent's to answer, ANY is made for the occasion.
bool is_ordinary(const Query& query) noexcept {
  return query.rcode == Rcode::noerror && query.rr_class == zones::RrClass::IN && query.type != RrType::DS &&
         query.type != RrType::ANY;
}

void read(std::span<const std::uint8_t> octets, Pending& pending) noexcept {
  pending.answerable = parse(octets, pending.query);
  pending.ordinary = pending.answerable && is_ordinary(pending.query);
}

/// @param near  the zone of the query before, if any; becomes that of this one
void find_zone(Pending& pending, const Serving& serving, const ServedZone*& near) noexcept {
  if (!pending.ordinary) return;
  near = serving.zones.find_near(near, pending.query.name);
  if (near != nullptr && near->zone->is_available()) pending.served = near;
}

void look_up(Pending& pending, const Serving& serving) noexcept {
  if (pending.served == nullptr) return;
  pending.met = zones::lookup(*pending.served->zone, serving.live, pending.query.name, pending.query.type);
}

/// What was met, if it is ready to be copied; nearly everything that is asked is. 0: it is not, or does not fit.
std::size_t encode_ready(const Envelope& envelope, const Pending& pending) noexcept {
  const RrType type = envelope.query.type;
  const zones::Prebuilt* ready = nullptr;
  switch (pending.met.met) {
    case Met::found:
      // A SOA's names could be compressed; who asks for it, secondaries mostly, has room for them.
      if (zones::is_plain(type) || type == RrType::SOA) return encode_plain(envelope, pending.met.rrset);
      ready = find_prebuilt(pending.met.rrset, type);
      break;
    case Met::alias:  // leads elsewhere if another zone is deeper
      if (!pending.served->has_zones_below) ready = find_prebuilt(pending.met.rrset, type);
      break;
    case Met::referral:
    case Met::no_data:
    case Met::nxdomain: ready = find_prebuilt(pending.met.rrset, zones::Prebuilt::kWhateverAsked); break;
    case Met::redirect: break;  // is different for each name below the DNAME
  }
  if (ready == nullptr) return 0;
  return encode_prebuilt(envelope, *ready, rcode_of(pending.met), pending.met.met != Met::referral);
}

/// The long way, for what is rare or was not prebuilt. Not inlined, since a Response takes 12 KiB of stack.
[[gnu::noinline]] Answered work_out(const Envelope& envelope, const Serving& serving) noexcept {
  const Query& query = envelope.query;
  Response response;
  response.rcode = query.rcode;
  if (query.rcode == Rcode::noerror) {
    resolve(query, serving.zones, serving.live, serving.identity, response);
  }
  const std::size_t size = encode(envelope, response);
  return {.size = size,
          .rcode = response.rcode,
          .type = query.question_size != 0 ? query.type : RrType{},
          .truncated = (envelope.reply[2] & kFlagTc >> 8) != 0,
          .zone = response.zone,
          .live = response.live};
}

/// What is ready, else what is worked out.
Answered reply_to(const Pending& pending, std::span<const std::uint8_t> octets, std::span<std::uint8_t> reply,
                  const Serving& serving, Transport transport) noexcept {
  if (!pending.answerable) return {};
  const Query& query = pending.query;
  const Envelope envelope{octets, query, serving.identity, reply,
                          size_limit(query, serving.identity, reply.size(), transport)};
  const std::size_t size = pending.served != nullptr ? encode_ready(envelope, pending) : 0;
  if (size == 0) return work_out(envelope, serving);
  return {.size = size,
          .rcode = rcode_of(pending.met),
          .type = query.type,
          .truncated = false,
          .zone = pending.served->number,
          .live = pending.met.live};
}

/// Brings what find_zone() and look_up() will need into the cache, for all queries side by side: the zone, then the name,
/// or else what stands above it. Only hints: nothing depends on them but time.
void prefetch(std::span<const Pending> pending, const Serving& serving) noexcept {
  struct Hint {
    const Pending* of;
    const ServedZone* served;
    zones::NameHash hash;
    std::size_t up;  // labels of the name that are left out
  };
  std::array<Hint, kInFlight> hints;
  std::size_t count = 0;
  const auto each = [&](auto step) {
    for (std::size_t i = 0; i < count; ++i) step(hints[i]);
  };
  const auto each_that = [&](auto step) {  // goes on with those for which it is true
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (step(hints[i])) hints[kept++] = hints[i];
    }
    count = kept;
  };
  for (const Pending& one : pending) {
    if (one.ordinary) hints[count++].of = &one;
  }
  if (serving.zones.zones().size() == 1) {
    each([&](Hint& hint) { hint.served = &serving.zones.zones().front(); });
  } else {
    each([&](Hint& hint) { hint.hash = serving.zones.prefetch(hint.of->query.name); });
    each_that([&](Hint& hint) {
      hint.served = serving.zones.guess(hint.hash);
      __builtin_prefetch(hint.served);
      return hint.served != nullptr;
    });
    each([&](Hint& hint) { __builtin_prefetch(hint.served->zone.get()); });
  }
  each([&](Hint& hint) {
    hint.up = 0;
    hint.hash = hint.of->query.name.hash();
    hint.served->zone->prefetch(hint.hash);
  });
  for (int round = 0; round < kRounds; ++round) {
    each_that([&](Hint& hint) {
      if (hint.served->zone->prefetch_node(hint.hash)) return false;
      const zones::HashedName& name = hint.of->query.name;
      if (++hint.up + hint.served->labels >= name.labels()) return false;
      hint.hash = name.hash(hint.up);
      hint.served->zone->prefetch(hint.hash);
      return true;
    });
  }
}

/// The steps, for one query. In one piece: the calls between them would cost a tenth of it.
[[gnu::flatten]] Answered answer_near(const ServedZone*& near, std::span<const std::uint8_t> octets,
                                      std::span<std::uint8_t> reply, const Serving& serving,
                                      Transport transport) noexcept {
  Pending pending;
  read(octets, pending);
  find_zone(pending, serving, near);
  look_up(pending, serving);
  return reply_to(pending, octets, reply, serving, transport);
}

/// The same for up to kInFlight queries, step by step, with what a step needs fetched before.
[[gnu::flatten]] void answer_in_stages(const ServedZone*& near, std::span<Exchange> batch,
                                       std::span<std::uint8_t>& room, const Serving& serving,
                                       Transport transport) noexcept {
  std::array<Pending, kInFlight> all;
  const std::span<Pending> pending(all.data(), batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) read(batch[i].query, pending[i]);
  prefetch(pending, serving);
  for (Pending& one : pending) {
    find_zone(one, serving, near);
    look_up(one, serving);
    if (one.served == nullptr || one.met.rrset.prebuilt == nullptr) continue;
    __builtin_prefetch(one.met.rrset.prebuilt);
    __builtin_prefetch(one.met.rrset.prebuilt + 64);
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i].answered = reply_to(pending[i], batch[i].query, room, serving, transport);
    batch[i].reply = room.first(batch[i].answered.size);
    room = room.subspan(batch[i].answered.size);
  }
}

}  // namespace

Answered answer(std::span<const std::uint8_t> octets, std::span<std::uint8_t> reply, const Serving& serving,
                Transport transport) noexcept {
  const ServedZone* near = nullptr;
  return answer_near(near, octets, reply, serving, transport);
}

void answer(std::span<Exchange> batch, std::span<std::uint8_t> room, const Serving& serving,
            Transport transport) noexcept {
  const ServedZone* near = nullptr;
  if (serving.zones.is_large()) {
    for (; !batch.empty(); batch = batch.subspan(std::min(batch.size(), kInFlight))) {
      answer_in_stages(near, batch.first(std::min(batch.size(), kInFlight)), room, serving, transport);
    }
    return;
  }
  for (Exchange& exchange : batch) {
    exchange.answered = answer_near(near, exchange.query, room, serving, transport);
    exchange.reply = room.first(exchange.answered.size);
    room = room.subspan(exchange.answered.size);
  }
}

}  // namespace holdfast::server
