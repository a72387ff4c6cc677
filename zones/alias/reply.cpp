#include "zones/alias/reply.h"

#include <ldns/ldns.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "zones/alias/reach.h"
#include "zones/dns/address.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::uint16_t kBadCookie = 23;

struct FreePacket {
  void operator()(ldns_pkt* packet) const noexcept { ldns_pkt_free(packet); }
};
using Packet = std::unique_ptr<ldns_pkt, FreePacket>;

std::span<const std::uint8_t> octets(const ldns_rdf* data) {
  return {ldns_rdf_data(data), ldns_rdf_size(data)};
}

std::optional<Name> read_name(const ldns_rdf* data) {
  Name name;
  if (data == nullptr || name.read(octets(data)) == 0) return std::nullopt;
  return name;
}

/// Id, QR, opcode, and the question as it was sent, which no compression pointer stands in for.
bool is_reply_to(std::span<const std::uint8_t> message, const Query& query) {
  if (message.size() < kHeader + query.asked.size()) return false;
  if ((message[0] << 8 | message[1]) != query.id) return false;
  if ((message[2] & 0xf8) != 0x80) return false;
  if (message[4] != 0 || message[5] != 1) return false;
  return std::equal(query.asked.begin(), query.asked.end(), message.begin() + kHeader);
}

/// Whether an option says of the client's network what we said (RFC 7871 7.3): but for the scope.
bool is_subnet_asked(std::span<const std::uint8_t> data, const ClientSubnet& subnet) {
  const auto echoed = [&](const auto& octets) {
    const std::size_t size = (std::min<std::size_t>(subnet.prefix, 8 * octets.size()) + 7) / 8;
    return data[0] == 0 && data[1] == (octets.size() == 4 ? 1 : 2) && data[2] == subnet.prefix &&
           data.size() == 4 + size && std::equal(data.begin() + 4, data.end(), octets.begin());
  };
  return subnet.address.is_v4() ? echoed(subnet.address.to_v4().to_bytes())
                                : echoed(subnet.address.to_v6().to_bytes());
}

/// What the options say. False: the client cookie, or the network, is not ours.
bool read_options(std::span<const std::uint8_t> options, const Query& query, Reply& reply) {
  while (options.size() >= 4) {
    const int code = options[0] << 8 | options[1];
    const auto size = static_cast<std::size_t>(options[2] << 8 | options[3]);
    if (size > options.size() - 4) return true;
    const auto data = options.subspan(4, size);
    options = options.subspan(4 + size);
    if (code == LDNS_EDNS_COOKIE) {
      const auto& ours = query.client_cookie;
      if (size < ours.size() || !std::equal(ours.begin(), ours.end(), data.begin())) return false;
      const auto theirs = data.subspan(ours.size());
      if (theirs.size() >= 8 && theirs.size() <= 32) reply.server_cookie.assign(theirs.begin(), theirs.end());
    } else if (code == LDNS_EDNS_CLIENT_SUBNET && query.question.subnet && size >= 4) {
      if (!is_subnet_asked(data, *query.question.subnet)) return false;
      reply.scope = data[3];
    }
  }
  return true;
}

/// The end of the CNAME chain, and the least TTL on the way to it.
struct Chain {
  Name end;
  std::uint32_t ttl = UINT32_MAX;
};

bool is_record(const ldns_rr* record, NameView owner, RrType type) {
  return ldns_rr_get_type(record) == static_cast<ldns_rr_type>(type) &&
         ldns_rr_get_class(record) == LDNS_RR_CLASS_IN && ldns_rr_rd_count(record) > 0 &&
         read_name(ldns_rr_owner(record)) == Name(owner);
}

std::optional<Chain> follow_chain(const ldns_rr_list* answer, const Name& from) {
  Chain chain{from};
  for (std::size_t steps = 0; steps <= kMaxChain; ++steps) {
    const ldns_rr* found = nullptr;
    for (std::size_t i = 0; i < ldns_rr_list_rr_count(answer) && found == nullptr; ++i) {
      const ldns_rr* record = ldns_rr_list_rr(answer, i);
      if (is_record(record, chain.end, RrType::CNAME)) found = record;
    }
    if (found == nullptr) return chain;
    const auto next = read_name(ldns_rr_rdf(found, 0));
    if (!next) return std::nullopt;
    chain.end = *next;
    chain.ttl = std::min(chain.ttl, ldns_rr_ttl(found));
  }
  return std::nullopt;
}

/// RFC 2308 5: the smaller of the SOA's TTL and its MINIMUM. Null where no SOA is above the name.
std::optional<std::uint32_t> negative_ttl(const ldns_rr_list* authority, NameView name) {
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(authority); ++i) {
    const ldns_rr* record = ldns_rr_list_rr(authority, i);
    if (ldns_rr_get_type(record) != LDNS_RR_TYPE_SOA || ldns_rr_rd_count(record) != 7) continue;
    const auto owner = read_name(ldns_rr_owner(record));
    if (!owner || !name.is_at_or_below(*owner)) continue;
    return std::min(ldns_rr_ttl(record), ldns_rdf2native_int32(ldns_rr_rdf(record, 6)));
  }
  return std::nullopt;
}

void take_addresses(const ldns_rr_list* answer, const Query& query, const Chain& chain, bool allow_private,
                    Reply& reply) {
  const std::size_t size = query.question.type == RrType::A ? 4 : 16;
  bool is_found = false;
  reply.ttl = chain.ttl;
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(answer); ++i) {
    const ldns_rr* record = ldns_rr_list_rr(answer, i);
    if (!is_record(record, chain.end, query.question.type)) continue;
    const auto data = octets(ldns_rr_rdf(record, 0));
    if (data.size() != size) continue;
    is_found = true;
    reply.ttl = std::min(reply.ttl, ldns_rr_ttl(record));
    const auto address = to_address({data.data(), data.size()});
    const Reach reached = reach(address);
    if (reached == Reach::nowhere || (reached == Reach::inside && !allow_private)) {
      reply.problem =
          "refused: " + address.to_string() +
          (reached == Reach::inside ? ", a private address" : ", an address that nobody can reach");
    } else {
      reply.addresses.push_back(address);
    }
  }
  std::sort(reply.addresses.begin(), reply.addresses.end());
  reply.addresses.erase(std::unique(reply.addresses.begin(), reply.addresses.end()), reply.addresses.end());
  if (reply.addresses.size() > kMaxAddresses) {
    reply.addresses.resize(kMaxAddresses);
    reply.problem = "more than " + std::to_string(kMaxAddresses) + " addresses: the others are left out";
  }
  if (!reply.addresses.empty()) {
    reply.kind = ReplyKind::addresses;
  } else if (is_found) {
    reply.kind = ReplyKind::failed;
  } else {
    reply.kind = ReplyKind::nodata;
  }
}

}  // namespace

Reply judge(std::span<const std::uint8_t> message, const Query& query, bool allow_private) {
  Reply reply;
  if (!is_reply_to(message, query)) {
    reply.kind = ReplyKind::mismatch;
    return reply;
  }
  ldns_pkt* read = nullptr;
  const ldns_status status = ldns_wire2pkt(&read, message.data(), message.size());
  const Packet packet(status == LDNS_STATUS_OK ? read : nullptr);
  if (!packet) {
    const bool is_cut = (message[2] & 0x02) != 0;
    reply.kind = is_cut ? ReplyKind::truncated : ReplyKind::failed;
    reply.problem = "a reply that cannot be read";
    return reply;
  }
  int rcode = static_cast<int>(ldns_pkt_get_rcode(packet.get()));
  if (ldns_pkt_edns(packet.get())) {
    rcode |= ldns_pkt_edns_extended_rcode(packet.get()) << 4;
    const ldns_rdf* options = ldns_pkt_edns_data(packet.get());
    if (options != nullptr && !read_options(octets(options), query, reply)) {
      reply.kind = ReplyKind::mismatch;
      return reply;
    }
  }
  reply.rcode = static_cast<Rcode>(rcode);
  if (rcode == kBadCookie) {
    reply.kind = reply.server_cookie.empty() ? ReplyKind::failed : ReplyKind::bad_cookie;
    reply.problem = "BADCOOKIE";
    return reply;
  }
  if (ldns_pkt_tc(packet.get())) {
    reply.kind = ReplyKind::truncated;
    return reply;
  }
  if (reply.rcode != Rcode::noerror && reply.rcode != Rcode::nxdomain) {
    reply.problem = text(reply.rcode);
    return reply;
  }
  const ldns_rr_list* answer = ldns_pkt_answer(packet.get());
  const auto chain = follow_chain(answer, query.question.name);
  if (!chain) {
    reply.problem = "a chain of more than " + std::to_string(kMaxChain) + " CNAMEs";
    return reply;
  }
  if (reply.rcode == Rcode::nxdomain) {
    reply.kind = ReplyKind::nxdomain;
  } else {
    take_addresses(answer, query, *chain, allow_private, reply);
  }
  if (reply.kind == ReplyKind::nxdomain || reply.kind == ReplyKind::nodata) {
    const auto told = negative_ttl(ldns_pkt_authority(packet.get()), chain->end);
    if (!told && reply.kind == ReplyKind::nodata && chain->end != query.question.name)
      reply.leads_to = chain->end;
    reply.ttl = std::min(chain->ttl, reply.leads_to ? chain->ttl : told.value_or(0));
  }
  return reply;
}

}  // namespace holdfast::zones
