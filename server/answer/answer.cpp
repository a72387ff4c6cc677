#include "server/answer/answer.h"

#include <algorithm>

#include "server/answer/encode.h"
#include "zones/dns/names_in_data.h"
#include "zones/lookup.h"

namespace holdfast::server {
namespace {

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

/// An answer that needs no work but copying.
struct Ready {
  const zones::Prebuilt* prebuilt = nullptr;
  zones::RRset plain = {};
  Rcode rcode = Rcode::noerror;
  bool authoritative = true;
  zones::LiveIndex live = zones::kNotLive;

  explicit operator bool() const noexcept { return prebuilt != nullptr || !plain.empty(); }
};

/// What lookup meets, if that is ready to be copied; nearly everything that is asked is.
Ready look_up(const Query& query, const ServedZone& served, const zones::LiveTable& live) noexcept {
  const zones::Zone& zone = *served.zone;
  // DS may be the parent's to answer, ANY is made for the occasion.
  if (!zone.is_available() || query.type == RrType::DS || query.type == RrType::ANY) return {};
  const zones::Lookup met = zones::lookup(zone, live, query.name, query.type);
  if (const auto* found = std::get_if<zones::Found>(&met)) {
    if (zones::is_plain(query.type)) return {.plain = found->rrset, .live = found->live};
    return {.prebuilt = prebuilt(found->rrset, query.type), .live = found->live};
  }
  if (const auto* referral = std::get_if<zones::Referral>(&met)) {
    return {.prebuilt = prebuilt(referral->ns, RrType::NS), .authoritative = false};
  }
  if (const auto* alias = std::get_if<zones::Alias>(&met)) {
    // What it leads to is another zone's if that is deeper.
    if (served.has_zones_below) return {};
    return {.prebuilt = prebuilt(alias->cname, query.type)};
  }
  if (std::holds_alternative<zones::Redirect>(met)) return {};
  const bool exists = std::holds_alternative<zones::NoData>(met);
  return {.prebuilt = prebuilt(zone.negative_soa(), zones::Prebuilt::kNegative),

          .rcode = exists ? Rcode::noerror : Rcode::nxdomain};
}

std::size_t encode_ready(const Envelope& envelope, const Ready& ready) noexcept {
  if (ready.prebuilt == nullptr) return encode_plain(envelope, ready.plain);
  return encode_prebuilt(envelope, *ready.prebuilt, ready.rcode, ready.authoritative);
}

/// One query on its way through the steps.
struct Pending {
  Query query;
  const ServedZone* served;
  Ready ready;
};

bool is_ordinary(const Query& query) noexcept {
  return query.rcode == Rcode::noerror && query.rr_class == zones::RrClass::IN;
}

void find_zone(Pending& pending, const Serving& serving) noexcept {
  pending.served = is_ordinary(pending.query) ? serving.zones.find(pending.query.name) : nullptr;
}

void look_up(Pending& pending, const Serving& serving) noexcept {
  pending.ready = pending.served != nullptr ? look_up(pending.query, *pending.served, serving.live) : Ready();
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

Answered encode(const Pending& pending, std::span<const std::uint8_t> octets, std::span<std::uint8_t> reply,
                const Serving& serving, Transport transport) noexcept {
  const Query& query = pending.query;
  const Ready& ready = pending.ready;
  const Envelope envelope{octets, query, serving.identity, reply,
                          size_limit(query, serving.identity, reply.size(), transport)};
  const std::size_t size = ready ? encode_ready(envelope, ready) : 0;
  if (size == 0) return work_out(envelope, serving);
  return {.size = size,
          .rcode = ready.rcode,
          .type = query.type,
          .truncated = false,
          .zone = pending.served->number,
          .live = ready.live};
}

}  // namespace

Answered answer(std::span<const std::uint8_t> octets, std::span<std::uint8_t> reply, const Serving& serving,
                Transport transport) noexcept {
  Pending pending;
  if (!parse(octets, pending.query)) return {};
  find_zone(pending, serving);
  look_up(pending, serving);
  return encode(pending, octets, reply, serving, transport);
}

void answer(std::span<Exchange> batch, const Serving& serving, Transport transport) noexcept {
  for (Exchange& one : batch) one.answered = answer(one.query, one.reply, serving, transport);
}

}  // namespace holdfast::server
