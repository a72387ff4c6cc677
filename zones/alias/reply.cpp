#include "zones/alias/reply.h"

#include <algorithm>
#include <optional>

#include "zones/alias/reach.h"
#include "zones/dns/address.h"
#include "zones/replicate/message.h"
#include "zones/replicate/soa.h"

namespace holdfast::zones {
namespace {

constexpr std::uint16_t kBadCookie = 23;

/// Id, QR, opcode, and the question as it was sent, which no compression pointer stands in for.
bool is_reply_to(std::span<const std::uint8_t> message, const Query& query) {
  if (message.size() < kMessageHeader + query.asked.size()) return false;
  if ((message[0] << 8 | message[1]) != query.id) return false;
  if ((message[2] & 0xf8) != 0x80) return false;
  if (message[4] != 0 || message[5] != 1) return false;
  return std::equal(query.asked.begin(), query.asked.end(), message.begin() + kMessageHeader);
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
    if (code == kCookieOption) {
      const auto& ours = query.client_cookie;
      if (size < ours.size() || !std::equal(ours.begin(), ours.end(), data.begin())) return false;
      const auto theirs = data.subspan(ours.size());
      if (theirs.size() >= 8 && theirs.size() <= 32) reply.server_cookie.assign(theirs.begin(), theirs.end());
    } else if (code == kSubnetOption && query.question.subnet && size >= 4) {
      if (!is_subnet_asked(data, *query.question.subnet)) return false;
      reply.scope = data[3];
    }
  }
  return true;
}

/// Those records that can count, as they came.
struct Records {
  struct Alias {
    Name owner, target;
    std::uint32_t ttl = 0;
  };
  struct Host {
    Name owner;
    boost::asio::ip::address address;
    std::uint32_t ttl = 0;
  };
  struct Negative {
    Name zone;
    std::uint32_t ttl = 0;  // RFC 2308 5: the smaller of the SOA's TTL and its MINIMUM
  };
  std::vector<Alias> aliases;
  std::vector<Host> hosts;
  std::vector<Negative> negatives;
};

void take(const MessageRecord& found, RrType asked, Records& records) {
  const RecordView& record = found.record;
  if (found.rr_class != RrClass::IN) return;
  if (found.section == Section::authority && record.type == RrType::SOA) {
    records.negatives.push_back({Name(record.owner), std::min(record.ttl, soa_number(record.data, 4))});
  }
  if (found.section != Section::answer) return;
  if (record.type == RrType::CNAME) {
    records.aliases.push_back(
        {Name(record.owner), Name(NameView(record.data.data(), record.data.size())), record.ttl});
  } else if (record.type == asked) {
    records.hosts.push_back({Name(record.owner), to_address(record.data), record.ttl});
  }
}

/// The end of the CNAME chain, and the least TTL on the way to it.
struct Chain {
  Name end;
  std::uint32_t ttl = UINT32_MAX;
};

std::optional<Chain> follow_chain(const std::vector<Records::Alias>& aliases, const Name& from) {
  Chain chain{from};
  for (std::size_t steps = 0; steps <= kMaxChain; ++steps) {
    const auto found = std::find_if(aliases.begin(), aliases.end(),
                                    [&](const auto& alias) { return alias.owner == chain.end; });
    if (found == aliases.end()) return chain;
    chain.end = found->target;
    chain.ttl = std::min(chain.ttl, found->ttl);
  }
  return std::nullopt;
}

/// Null where no SOA is above the name.
std::optional<std::uint32_t> negative_ttl(const std::vector<Records::Negative>& negatives, NameView name) {
  for (const auto& negative : negatives) {
    if (name.is_at_or_below(negative.zone)) return negative.ttl;
  }
  return std::nullopt;
}

void take_addresses(const std::vector<Records::Host>& hosts, const Chain& chain, bool allow_private,
                    Reply& reply) {
  bool is_found = false;
  reply.ttl = chain.ttl;
  for (const auto& [owner, address, ttl] : hosts) {
    if (owner != chain.end) continue;
    is_found = true;
    reply.ttl = std::min(reply.ttl, ttl);
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
  MessageReader reader;
  Records records;
  int rcode = 0;
  bool is_ours = true;
  if (reader.open(message)) {
    rcode = reader.header().rcode;
    while (const MessageRecord* found = reader.next()) {
      const RecordView& record = found->record;
      if (found->section == Section::additional && record.type == RrType::OPT) {
        rcode = reader.header().rcode | static_cast<int>(record.ttl >> 24) << 4;  // RFC 6891 6.1.3
        is_ours = is_ours && read_options(record.data, query, reply);
      } else {
        take(*found, query.question.type, records);
      }
    }
  }
  if (!reader.problem().empty()) {
    reply.kind = reader.header().is_truncated ? ReplyKind::truncated : ReplyKind::failed;
    reply.problem = "a reply that " + reader.problem();
    return reply;
  }
  if (!is_ours) {
    reply.kind = ReplyKind::mismatch;
    return reply;
  }
  reply.rcode = static_cast<Rcode>(rcode);
  if (rcode == kBadCookie) {
    reply.kind = reply.server_cookie.empty() ? ReplyKind::failed : ReplyKind::bad_cookie;
    reply.problem = "BADCOOKIE";
    return reply;
  }
  if (reader.header().is_truncated) {
    reply.kind = ReplyKind::truncated;
    return reply;
  }
  if (reply.rcode != Rcode::noerror && reply.rcode != Rcode::nxdomain) {
    reply.problem = text(reply.rcode);
    return reply;
  }
  const auto chain = follow_chain(records.aliases, query.question.name);
  if (!chain) {
    reply.problem = "a chain of more than " + std::to_string(kMaxChain) + " CNAMEs";
    return reply;
  }
  if (reply.rcode == Rcode::nxdomain) {
    reply.kind = ReplyKind::nxdomain;
  } else {
    take_addresses(records.hosts, *chain, allow_private, reply);
  }
  if (reply.kind == ReplyKind::nxdomain || reply.kind == ReplyKind::nodata) {
    const auto told = negative_ttl(records.negatives, chain->end);
    if (!told && reply.kind == ReplyKind::nodata && chain->end != query.question.name)
      reply.leads_to = chain->end;
    reply.ttl = std::min(chain->ttl, reply.leads_to ? chain->ttl : told.value_or(0));
  }
  return reply;
}

}  // namespace holdfast::zones
