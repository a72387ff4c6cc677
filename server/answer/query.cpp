#include "server/answer/query.h"

#include <algorithm>

namespace holdfast::server {
namespace {

using zones::Opcode;
using zones::Rcode;
using zones::RrType;

/// Reads forward within its bounds; whatever does not fit makes it fail, and it stays failed.
class Cursor {
 public:
  explicit Cursor(std::span<const std::uint8_t> octets) noexcept : octets_(octets) {}

  bool failed() const noexcept { return failed_; }
  std::size_t left() const noexcept { return octets_.size(); }
  std::span<const std::uint8_t> rest() const noexcept { return octets_; }

  std::span<const std::uint8_t> take(std::size_t size) noexcept {
    if (size > octets_.size()) {
      failed_ = true;
      octets_ = {};
      return {};
    }
    const auto taken = octets_.first(size);
    octets_ = octets_.subspan(size);
    return taken;
  }
  std::uint16_t take16() noexcept {
    const auto two = take(2);
    return two.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(two[0] << 8 | two[1]);
  }
  std::uint32_t take32() noexcept {
    const std::uint32_t high = take16();
    return high << 16 | take16();
  }
  /// Steps over a name; a pointer ends it and is not followed. @return whether it was the root.
  bool skip_name() noexcept {
    for (std::size_t at = 0; at < std::min(octets_.size(), zones::kMaxName);) {
      const std::size_t length = octets_[at];
      if (length == 0) {
        take(at + 1);
        return at == 0;
      }
      if ((length & 0xc0) == 0xc0) {
        take(at + 2);
        return false;
      }
      if (length > zones::kMaxLabel) break;
      at += length + 1;
    }
    failed_ = true;
    return false;
  }

 private:
  std::span<const std::uint8_t> octets_;
  bool failed_ = false;
};

void read_options(Cursor options, Edns& edns, Rcode& rcode) noexcept {
  while (options.left() > 0) {
    const std::uint16_t code = options.take16();
    const std::uint16_t size = options.take16();
    options.take(size);
    if (options.failed()) {
      rcode = Rcode::formerr;
      return;
    }
    if (code == kOptionNsid) edns.nsid = true;
  }
}

/// The records behind the question: all are stepped over but OPT, of which there may be one (RFC 6891 6.1.1).
void read_records(Cursor& cursor, std::size_t before_additional, std::size_t additional,
                  Query& query) noexcept {
  for (std::size_t i = 0; i < before_additional + additional; ++i) {
    const bool root = cursor.skip_name();
    const auto type = static_cast<RrType>(cursor.take16());
    const std::uint16_t rr_class = cursor.take16();
    const std::uint32_t ttl = cursor.take32();
    const auto data = cursor.take(cursor.take16());
    if (cursor.failed()) {
      query.rcode = Rcode::formerr;
      return;
    }
    if (type != RrType::OPT) continue;
    if (i < before_additional || !root || query.edns) {
      query.rcode = Rcode::formerr;
      return;
    }
    query.edns = Edns{.size = std::max<std::uint16_t>(rr_class, 512),
                      .version = static_cast<std::uint8_t>(ttl >> 16),
                      .dnssec_ok = (ttl & kDnssecOk) != 0};
    if (query.edns->version != 0) {
      query.rcode = Rcode::badvers;  // its options are not for us to read (RFC 6891 6.1.3)
    } else {
      read_options(Cursor(data), *query.edns, query.rcode);
    }
  }
}

/// Types that can be asked but never held, other than ANY.
Rcode judge_type(RrType type) noexcept {
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

bool parse(std::span<const std::uint8_t> octets, Query& query) noexcept {
  if (octets.size() < kHeader) return false;
  Cursor cursor(octets);
  query.id = cursor.take16();
  query.flags = cursor.take16();
  if ((query.flags & kFlagQr) != 0) return false;
  query.opcode = static_cast<Opcode>(query.flags >> 11 & 0xf);
  const std::size_t questions = cursor.take16();
  const std::size_t answers = cursor.take16();
  const std::size_t authorities = cursor.take16();
  const std::size_t additional = cursor.take16();

  if (query.opcode != Opcode::query) {
    query.rcode = Rcode::notimp;
    return true;
  }
  if (questions != 1) {  // RFC 9619
    query.rcode = Rcode::formerr;
    return true;
  }
  const std::size_t name_size = query.name.read(cursor.rest());
  cursor.take(name_size);
  query.type = static_cast<RrType>(cursor.take16());
  query.rr_class = static_cast<zones::RrClass>(cursor.take16());
  if (name_size == 0 || cursor.failed()) {
    query.rcode = Rcode::formerr;
    return true;
  }
  query.question_size = name_size + 4;
  read_records(cursor, answers + authorities, additional, query);
  if (query.rcode == Rcode::noerror) query.rcode = judge_type(query.type);
  return true;
}

}  // namespace holdfast::server
