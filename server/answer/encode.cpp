#include "server/answer/encode.h"

#include "server/answer/writer.h"

namespace holdfast::server {
namespace {

constexpr std::size_t kAnswerCount = 6, kAuthorityCount = 8, kAdditionalCount = 10;  // offsets in the header
constexpr std::size_t kOpt = 11;          // octets of an OPT record without options
constexpr std::size_t kOptionHeader = 4;  // code and length

bool tells_nsid(const Query& query, const Identity& identity) noexcept {
  return query.edns && query.edns->nsid && !identity.nsid.empty();
}

std::size_t opt_size(const Query& query, const Identity& identity) noexcept {
  if (!query.edns) return 0;
  return kOpt + (tells_nsid(query, identity) ? kOptionHeader + identity.nsid.size() : 0);
}

void put_opt(const Query& query, zones::Rcode rcode, const Identity& identity, Writer& writer) noexcept {
  constexpr std::uint8_t kRoot[] = {0};
  writer.put(kRoot);
  writer.put16(static_cast<std::uint16_t>(zones::RrType::OPT));
  writer.put16(identity.edns_size);
  const std::uint32_t extended = static_cast<std::uint32_t>(rcode) >> 4;
  writer.put32(extended << 24 | (query.edns->dnssec_ok ? kDnssecOk : 0));
  if (!tells_nsid(query, identity)) {
    writer.put16(0);
    return;
  }
  const auto size = static_cast<std::uint32_t>(identity.nsid.size());
  writer.put16(kOptionHeader + size);
  writer.put16(kOptionNsid);
  writer.put16(size);
  writer.put({reinterpret_cast<const std::uint8_t*>(identity.nsid.data()), size});
}

bool put_rrset(const Response::Item& item, Writer& writer) noexcept {
  for (const zones::Rdata data : item.rrset) {
    if (!writer.put_record(item.owner, item.rrset, data)) return false;
  }
  return true;
}

/// @return false when something required did not fit: the reply ends there, with TC.
bool put_section(std::span<const Response::Item> items, std::size_t count_at, std::size_t& count,
                 Writer& writer) noexcept {
  bool complete = true;
  for (const Response::Item& item : items) {
    const Writer::Mark before = writer.mark();
    if (put_rrset(item, writer)) {
      count += item.rrset.count;
      continue;
    }
    writer.cut_back(before);
    if (item.required) {
      complete = false;
      break;
    }
  }
  writer.patch16(count_at, count);
  return complete;
}

}  // namespace

std::size_t encode(std::span<const std::uint8_t> octets, const Query& query, const Response& response,
                   const Identity& identity, std::span<std::uint8_t> reply, std::size_t limit) noexcept {
  // OPT goes last but must fit whatever else does, so its room is kept from the start.
  Writer writer(reply, limit - opt_size(query, identity), query.rr_class);
  writer.put16(query.id);
  writer.put16(0);
  writer.put16(query.question_size != 0 ? 1 : 0);
  writer.put16(0);
  writer.put32(0);
  if (query.question_size != 0) {
    writer.put(octets.subspan(kHeader, query.question_size));
    writer.know(query.name, kHeader);
  }

  std::size_t answers = 0, authorities = 0, additional = 0;
  const bool complete = put_section(response.answers(), kAnswerCount, answers, writer) &&
                        put_section(response.authorities(), kAuthorityCount, authorities, writer) &&
                        put_section(response.additional(), kAdditionalCount, additional, writer);

  if (query.edns) {
    writer.set_limit(limit);
    put_opt(query, response.rcode, identity, writer);
    writer.patch16(kAdditionalCount, additional + 1);
  }
  const auto kept = static_cast<std::uint16_t>(query.flags & (kFlagRd | kFlagCd));
  const auto opcode = static_cast<std::uint16_t>(static_cast<unsigned>(query.opcode) << 11);
  const auto low_rcode = static_cast<std::uint16_t>(static_cast<unsigned>(response.rcode) & 0xf);
  writer.patch16(2,
                 static_cast<std::size_t>(kFlagQr | opcode | kept | (response.authoritative ? kFlagAa : 0) |
                                          (complete ? 0 : kFlagTc) | low_rcode));
  return writer.size();
}

}  // namespace holdfast::server
