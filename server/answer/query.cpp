#include "server/answer/query.h"

#include <algorithm>
#include <cstring>

namespace holdfast::server {
namespace {

using zones::Opcode;
using zones::Rcode;
using zones::RrType;

// Octets.
constexpr std::size_t kTypeAndClass = 4;
constexpr std::size_t kRecordHeader = 10;  // behind the owner: type, class, TTL, length of the data
constexpr std::size_t kOptionHeader = 4;   // code and length (RFC 6891 6.1.2)

/// Reads forward. Whether there is anything left to read is asked before.
class Cursor {
 public:
  Cursor(const std::uint8_t* at, std::size_t size) noexcept : at_(at), end_(at + size) {}

  std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
  const std::uint8_t* here() const noexcept { return at_; }
  void skip(std::size_t size) noexcept { at_ += size; }

  std::uint16_t take16() noexcept {
    std::uint16_t value;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return __builtin_bswap16(value);
  }
  std::uint32_t take32() noexcept {
    std::uint32_t value;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return __builtin_bswap32(value);
  }
  /// Steps over a name; a pointer ends it and is not followed. False: there is none.
  bool skip_name() noexcept {
    const std::uint8_t* const end = at_ + std::min(left(), zones::kMaxName);
    while (at_ < end) {
      const std::size_t length = *at_;
      const bool last = length == 0 || (length & 0xc0) == 0xc0;
      if (!last && length > zones::kMaxLabel) return false;
      const std::size_t size = length == 0 ? 1 : last ? 2 : length + 1;
      if (size > left()) return false;
      at_ += size;
      if (last) return true;
    }
    return false;
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

// Octets in front of the address (RFC 7871 6), and the numbers of address families.
constexpr std::size_t kSubnetHeader = 4;
constexpr std::uint16_t kFamilyV4 = 1, kFamilyV6 = 2;

/// @return false: it is not as RFC 7871 6 wants it
bool read_subnet(Cursor cursor, Edns& edns) noexcept {
  if (cursor.left() < kSubnetHeader) return false;
  ClientSubnet subnet;
  subnet.option = {cursor.here(), cursor.left()};
  const std::uint16_t family = cursor.take16();
  subnet.bits = cursor.here()[0];
  const std::uint8_t scope = cursor.here()[1];
  cursor.skip(2);
  subnet.is_v6 = family == kFamilyV6;
  subnet.address = {cursor.here(), cursor.left()};
  // Some that want to say nothing say so of no family.
  if (family == 0 && subnet.bits == 0 && subnet.address.empty()) return true;
  if ((family != kFamilyV4 && family != kFamilyV6) || scope != 0) return false;
  if (subnet.bits > (subnet.is_v6 ? 128 : 32) || subnet.address.size() != (subnet.bits + 7U) / 8)
    return false;
  const unsigned unused = (8U - subnet.bits % 8U) % 8U;
  if (unused != 0 && (subnet.address.back() & ((1U << unused) - 1)) != 0) return false;
  edns.subnet = subnet;
  return true;
}

bool read_options(Cursor options, Edns& edns) noexcept {
  while (options.left() > 0) {
    if (options.left() < kOptionHeader) return false;
    const std::uint16_t code = options.take16();
    const std::uint16_t size = options.take16();
    if (options.left() < size) return false;
    const Cursor data(options.here(), size);
    options.skip(size);
    if (code == kOptionNsid) edns.nsid = true;
    if (code == kOptionSubnet && !read_subnet(data, edns)) return false;
  }
  return true;
}

/// The records behind the question: all are stepped over but OPT, of which there may be one (RFC 6891 6.1.1).
Rcode read_records(Cursor& cursor, std::size_t before_additional, std::size_t additional,
                   Query& query) noexcept {
  for (std::size_t i = 0; i < before_additional + additional; ++i) {
    const bool root = cursor.left() > 0 && *cursor.here() == 0;
    if (!cursor.skip_name() || cursor.left() < kRecordHeader) return Rcode::formerr;
    const auto type = static_cast<RrType>(cursor.take16());
    const std::uint16_t rr_class = cursor.take16();
    const std::uint32_t ttl = cursor.take32();
    const std::size_t size = cursor.take16();
    if (cursor.left() < size) return Rcode::formerr;
    const Cursor data(cursor.here(), size);
    cursor.skip(size);
    if (type != RrType::OPT) {
      query.is_signed = query.is_signed || type == RrType::TSIG;
      continue;
    }
    if (i < before_additional || !root || query.edns) return Rcode::formerr;
    query.edns = Edns{.size = std::max<std::uint16_t>(rr_class, 512),
                      .version = static_cast<std::uint8_t>(ttl >> 16),
                      .dnssec_ok = (ttl & kDnssecOk) != 0};
    if (query.edns->version != 0) {
      query.rcode = Rcode::badvers;  // its options are not for us to read (RFC 6891 6.1.3)
    } else if (!read_options(data, *query.edns)) {
      query.rcode = Rcode::formerr;
    }
  }
  return query.rcode;
}

/// Types that can be asked but never held, other than ANY.
Rcode judge_type(RrType type) noexcept {
  if (type < RrType::TKEY && type != RrType::OPT) return Rcode::noerror;  // nearly all
  switch (type) {
    case RrType::AXFR:
    case RrType::IXFR: return Rcode::refused;
    case RrType::MAILA:
    case RrType::MAILB: return Rcode::notimp;
    case RrType::OPT:
    case RrType::TSIG:
    case RrType::TKEY: return Rcode::formerr;
    default: return Rcode::noerror;
  }
}

}  // namespace

namespace {

/// @param any_opcode  the question is read whatever the opcode is
bool parse(std::span<const std::uint8_t> octets, Query& query, bool any_opcode) noexcept {
  if (octets.size() < kHeader) return false;
  Cursor cursor(octets.data(), octets.size());
  query.id = cursor.take16();
  query.flags = cursor.take16();
  if ((query.flags & kFlagQr) != 0) return false;
  query.opcode = static_cast<Opcode>(query.flags >> 11 & 0xf);
  const std::size_t questions = cursor.take16();
  const std::size_t answers = cursor.take16();
  const std::size_t authorities = cursor.take16();
  const std::size_t additional = cursor.take16();

  if (query.opcode != Opcode::query && !any_opcode) {
    query.rcode = Rcode::notimp;
    return true;
  }
  const std::size_t name_size =
      questions == 1 ? query.name.read({cursor.here(), cursor.left()}) : 0;  // RFC 9619
  if (name_size == 0 || cursor.left() - name_size < kTypeAndClass) {
    query.rcode = Rcode::formerr;
    return true;
  }
  cursor.skip(name_size);
  query.type = static_cast<RrType>(cursor.take16());
  query.rr_class = static_cast<zones::RrClass>(cursor.take16());
  query.question_size = name_size + kTypeAndClass;
  query.rcode = read_records(cursor, answers + authorities, additional, query);
  if (query.rcode == Rcode::noerror) query.rcode = judge_type(query.type);
  return true;
}

}  // namespace

bool parse(std::span<const std::uint8_t> octets, Query& query) noexcept {
  return parse(octets, query, false);
}
bool parse_any(std::span<const std::uint8_t> octets, Query& query) noexcept {
  return parse(octets, query, true);
}

}  // namespace holdfast::server
