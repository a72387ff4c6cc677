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
  // Null: not ordinary, or we serve no such zone, or cannot. Else `met` says what is there.
  const ServedZone* served = nullptr;
  zones::Lookup met;
};

// DS may be the parent's to answer, ANY is made for the occasion.
bool is_ordinary(const Query& query) noexcept {
  return query.rcode == Rcode::noerror && query.rr_class == zones::RrClass::IN && query.type != RrType::DS &&
         query.type != RrType::ANY;
}

void find_zone(Pending& pending, const Serving& serving) noexcept {
  if (!is_ordinary(pending.query)) return;
  pending.served = serving.zones.find(pending.query.name);
  if (pending.served != nullptr && !pending.served->zone->is_available()) pending.served = nullptr;
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
      if (zones::is_plain(type)) return encode_plain(envelope, pending.met.rrset);
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

/// Brings what find_zone() and look_up() will need into the cache, for all queries side by side: the bucket of the zone,
/// the zone, the bucket of the name, its node. Only hints: nothing depends on them but time.
void prefetch(std::span<const Pending> pending, const std::array<bool, kMaxBatch>& is_query,
              const Serving& serving) noexcept {
  std::array<zones::NameHash, kMaxBatch> apex_hashes;
  std::array<const zones::Zone*, kMaxBatch> likely{};
  const auto each = [&](auto step) {
    for (std::size_t i = 0; i < pending.size(); ++i) {
      if (is_query[i] && is_ordinary(pending[i].query)) step(i);
    }
  };
  each([&](std::size_t i) { apex_hashes[i] = serving.zones.prefetch(pending[i].query.name); });
  each([&](std::size_t i) {
    likely[i] = serving.zones.guess(apex_hashes[i]);
    __builtin_prefetch(likely[i]);
  });
  each([&](std::size_t i) {
    if (likely[i] != nullptr) likely[i]->prefetch(pending[i].query.name.hash());
  });
  each([&](std::size_t i) {
    if (likely[i] != nullptr) likely[i]->prefetch_node(pending[i].query.name.hash());
  });
}

}  // namespace

Answered answer(std::span<const std::uint8_t> octets, std::span<std::uint8_t> reply, const Serving& serving,
                Transport transport) noexcept {
  Pending pending;
  if (!parse(octets, pending.query)) return {};
  find_zone(pending, serving);
  look_up(pending, serving);
  return reply_to(pending, octets, reply, serving, transport);
}

void answer(std::span<Exchange> batch, const Serving& serving, Transport transport) noexcept {
  std::array<Pending, kMaxBatch> pending;
  std::array<bool, kMaxBatch> is_query;
  for (std::size_t i = 0; i < batch.size(); ++i) is_query[i] = parse(batch[i].query, pending[i].query);
  if (serving.zones.is_large()) prefetch({pending.data(), batch.size()}, is_query, serving);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i].answered = Answered();
    if (!is_query[i]) continue;
    find_zone(pending[i], serving);
    look_up(pending[i], serving);
    if (pending[i].served != nullptr) __builtin_prefetch(pending[i].met.rrset.prebuilt);
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (is_query[i])
      batch[i].answered = reply_to(pending[i], batch[i].query, batch[i].reply, serving, transport);
  }
}

}  // namespace holdfast::server
