#include "server/answer/encode.h"

namespace holdfast::server {
namespace {

constexpr std::size_t kOpt = 11;           // octets of an OPT record without options
constexpr std::size_t kOptionHeader = 4;   // code and length
constexpr std::size_t kRecordHeader = 10;  // type, class, TTL, length

std::uint8_t* put16(std::uint8_t* at, std::size_t value) noexcept {
  zones::store(at, __builtin_bswap16(static_cast<std::uint16_t>(value)));
  return at + 2;
}

std::uint8_t* put32(std::uint8_t* at, std::uint32_t value) noexcept {
  zones::store(at, __builtin_bswap32(value));
  return at + 4;
}

std::uint8_t* put64(std::uint8_t* at, std::uint64_t value) noexcept {
  zones::store(at, __builtin_bswap64(value));
  return at + 8;
}

std::uint8_t* put(std::uint8_t* at, std::span<const std::uint8_t> octets) noexcept {
  std::memcpy(at, octets.data(), octets.size());
  return at + octets.size();
}

bool tells_nsid(const Envelope& envelope) noexcept {
  return envelope.query.edns && envelope.query.edns->nsid && !envelope.identity.nsid.empty();
}

/// Also that nothing of it counted: else a resolver takes us for somebody who does not know the option.
bool tells_scope(const Envelope& envelope) noexcept {
  return envelope.query.edns && envelope.query.edns->subnet;
}

bool tells_error(const Envelope& envelope) noexcept {
  return envelope.query.edns && envelope.error != zones::ExtendedError::none;
}

std::size_t opt_size(const Envelope& envelope) noexcept {
  if (!envelope.query.edns) return 0;
  std::size_t size = kOpt;
  if (tells_nsid(envelope)) size += kOptionHeader + envelope.identity.nsid.size();
  if (tells_scope(envelope)) size += kOptionHeader + envelope.query.edns->subnet->option.size();
  if (tells_error(envelope)) size += kOptionHeader + sizeof envelope.error + envelope.error_text.size();
  return size;
}

/// The option of the query, with how much of it counted (RFC 7871 7.2.1).
std::uint8_t* put_subnet(const Envelope& envelope, std::uint8_t* at) noexcept {
  constexpr std::size_t kScope = 3;  // its place in the option
  const ClientSubnet& subnet = *envelope.query.edns->subnet;
  at = put16(at, kOptionSubnet);
  at = put16(at, subnet.option.size());
  std::uint8_t* const end = put(at, subnet.option);
  at[kScope] = subnet.bits == 0 ? std::uint8_t{0} : envelope.scope;
  return end;
}

std::uint8_t* put_opt(const Envelope& envelope, zones::Rcode rcode, std::uint8_t* at) noexcept {
  // The root, type, size, extended RCODE, version, half of the flags; then the other half.
  const std::uint64_t extended = static_cast<std::uint64_t>(rcode) >> 4;
  const std::uint64_t flags = envelope.query.edns->dnssec_ok ? kDnssecOk : 0;
  at = put64(at, std::uint64_t{static_cast<std::uint16_t>(zones::RrType::OPT)} << 40 |
                     std::uint64_t{envelope.identity.edns_size} << 24 | extended << 16 | flags >> 8);
  *at++ = 0;
  at = put16(at, opt_size(envelope) - kOpt);
  if (tells_nsid(envelope)) {
    const std::string& nsid = envelope.identity.nsid;
    at = put16(at, kOptionNsid);
    at = put16(at, nsid.size());
    at = put(at, {reinterpret_cast<const std::uint8_t*>(nsid.data()), nsid.size()});
  }
  if (tells_error(envelope)) {
    at = put16(at, kOptionError);
    const std::string_view text = envelope.error_text;
    at = put16(at, sizeof envelope.error + text.size());
    at = put16(at, static_cast<std::size_t>(envelope.error));
    if (!text.empty()) at = put(at, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
  return tells_scope(envelope) ? put_subnet(envelope, at) : at;
}

/// For few octets; put() for many.
std::uint8_t* put_short(std::uint8_t* at, const std::uint8_t* from, std::size_t size) noexcept {
  zones::copy_octets(from, size, at);
  return at + size;
}

std::uint8_t* put_question(const Envelope& envelope) noexcept {
  return put_short(envelope.reply.data() + kHeader, envelope.octets.data() + kHeader,
                   envelope.query.question_size);
}

/// Puts OPT behind the sections, which end at `end`, and the header in front. @return octets of the whole
std::size_t finish(const Envelope& envelope, const Counts& counts, zones::Rcode rcode, std::uint16_t flags,
                   std::uint8_t* end) noexcept {
  const Query& query = envelope.query;
  if (query.edns) end = put_opt(envelope, rcode, end);
  const auto kept = static_cast<unsigned>(query.flags & (kFlagRd | kFlagCd));
  const auto opcode = static_cast<unsigned>(query.opcode) << 11;
  const std::uint64_t second = kFlagQr | opcode | kept | flags | (static_cast<unsigned>(rcode) & 0xf);
  const std::uint64_t questions = query.question_size != 0 ? 1 : 0;
  std::uint8_t* const at = put64(
      envelope.reply.data(), std::uint64_t{query.id} << 48 | second << 32 | questions << 16 | counts.answers);
  put32(at,
        static_cast<std::uint32_t>(counts.authorities << 16 | (counts.additional + (query.edns ? 1 : 0))));
  return static_cast<std::size_t>(end - envelope.reply.data());
}

/// Into the SOA that ends at `end`: behind the serial are four more numbers (RFC 1035 3.3.13).
void put_serial(std::uint8_t* end, zones::Serial serial) noexcept { put32(end - 20, serial.value()); }

bool put_rrset(const Response::Item& item, Writer& writer) noexcept {
  for (const zones::Rdata data : item.rrset) {
    if (!writer.put_record(item.owner, item.rrset, data)) return false;
  }
  return true;
}

/// @return false when something required did not fit: the reply ends there, with TC.
bool put_section(std::span<const Response::Item> items, std::size_t& count, Writer& writer) noexcept {
  for (const Response::Item& item : items) {
    const Writer::Mark before = writer.mark();
    if (put_rrset(item, writer)) {
      count += item.rrset.count;
      continue;
    }
    writer.cut_back(before);
    if (item.required) return false;
  }
  return true;
}

}  // namespace

std::size_t encode_stored(const Envelope& envelope, const zones::RRset& rrset) noexcept {
  constexpr std::uint64_t kOwner = 0xc000 | kHeader;  // a pointer to the name asked
  // The owner, type, class, the upper half of the TTL.
  const std::uint64_t head = kOwner << 48 | std::uint64_t{static_cast<std::uint16_t>(rrset.type)} << 32 |
                             std::uint64_t{static_cast<std::uint16_t>(zones::RrClass::IN)} << 16 |
                             rrset.ttl >> 16;
  std::uint8_t* at = put_question(envelope);
  const std::uint8_t* const end = envelope.reply.data() + envelope.limit - opt_size(envelope);
  const std::uint8_t* from = rrset.data;
  for (std::size_t i = 0; i < rrset.count; ++i) {
    const std::size_t size = 2 + static_cast<std::size_t>(from[0] << 8 | from[1]);
    if (static_cast<std::size_t>(end - at) < kRecordHeader + size) return 0;
    at = put64(at, head);
    at = put16(at, rrset.ttl & 0xffff);
    at = put_short(at, from, size);
    from += size;
  }
  if (envelope.serial && rrset.type == zones::RrType::SOA) put_serial(at, *envelope.serial);
  return finish(envelope, {.answers = rrset.count}, zones::Rcode::noerror, kFlagAa, at);
}

std::size_t encode_prebuilt(const Envelope& envelope, const zones::Prebuilt& prebuilt, zones::Rcode rcode,
                            bool authoritative) noexcept {
  const std::size_t question = kHeader + envelope.query.question_size;
  if (question + prebuilt.size + opt_size(envelope) > envelope.limit) return 0;
  std::uint8_t* const body = put_question(envelope);
  std::uint8_t* const end = put(body, prebuilt.octets());
  // Never less: names that are asked end with that of the node, or of a wildcard as short as can be.
  const std::size_t further = envelope.query.name.name().size() - prebuilt.name_size;
  if (further != 0) {
    for (std::size_t i = 0; i < prebuilt.place_count; ++i) {
      std::uint8_t* const pointer = body + prebuilt.place(i);
      put16(pointer, (static_cast<std::size_t>(pointer[0]) << 8 | pointer[1]) + further);
    }
  }
  if (envelope.serial && authoritative && prebuilt.authorities != 0) put_serial(end, *envelope.serial);
  const Counts counts{prebuilt.answers, prebuilt.authorities, prebuilt.additional};
  return finish(envelope, counts, rcode, authoritative ? kFlagAa : std::uint16_t{0}, end);
}

bool put_sections(const Response& response, Writer& writer, Counts& counts) noexcept {
  return put_section(response.answers(), counts.answers, writer) &&
         put_section(response.authorities(), counts.authorities, writer) &&
         put_section(response.additional(), counts.additional, writer);
}

std::size_t encode(const Envelope& envelope, const Response& response) noexcept {
  const Query& query = envelope.query;
  // OPT goes last but must fit whatever else does, so its room is kept from the start.
  Writer writer(envelope.reply, kHeader, envelope.limit - opt_size(envelope), query.rr_class);
  if (query.question_size != 0) {
    writer.put(envelope.octets.subspan(kHeader, query.question_size));
    writer.know(query.name.name(), kHeader);
  }
  Counts counts;
  const bool complete = put_sections(response, writer, counts);
  if (complete && envelope.serial) put_serial(envelope.reply.data() + writer.size(), *envelope.serial);
  const unsigned flags = (response.authoritative ? kFlagAa : 0U) | (complete ? 0U : kFlagTc);
  return finish(envelope, counts, response.rcode, static_cast<std::uint16_t>(flags),
                envelope.reply.data() + writer.size());
}

}  // namespace holdfast::server
