#include "zones/replicate/received_data.h"

#include <array>
#include <cstring>

#include "zones/load/generic_rdata.h"
#include "zones/replicate/data_fields.h"
#include "zones/replicate/expand_name.h"

namespace holdfast::zones {
namespace {

/// Goes through the fields of one record's data and copies them.
class Fields {
 public:
  Fields(std::span<const std::uint8_t> message, std::size_t at, std::span<std::uint8_t> room) noexcept
      : message_(message), at_(at), room_(room) {}

  bool copy(std::size_t size) noexcept {
    if (size > message_.size() - at_ || size > room_.size() - size_) return false;
    if (size != 0) std::memcpy(room_.data() + size_, message_.data() + at_, size);
    at_ += size;
    size_ += size;
    return true;
  }
  bool name() noexcept {
    if (room_.size() - size_ >= kMaxName) return name(room_.data() + size_);
    std::array<std::uint8_t, kMaxName> octets;
    const std::size_t before = size_;
    if (!name(octets.data()) || size_ > room_.size()) return false;
    std::memcpy(room_.data() + before, octets.data(), size_ - before);
    return true;
  }
  /// Octet for octet: no compression, any case.
  bool plain_name() noexcept {
    const std::size_t size = plain_name_size(rest());
    return size != 0 && copy(size);
  }
  bool is_at_end() const noexcept { return at_ == message_.size(); }
  std::span<const std::uint8_t> rest() const noexcept { return message_.subspan(at_); }
  Rdata written() const noexcept { return {room_.data(), size_}; }

 private:
  bool name(std::uint8_t* out) noexcept {
    const ExpandedName name = expand_name(message_, at_, out);
    at_ += name.taken;
    size_ += name.size;
    return name.taken != 0;
  }

  std::span<const std::uint8_t> message_;
  std::size_t at_;
  std::span<std::uint8_t> room_;
  std::size_t size_ = 0;
};

/// Fields that take what is left, which may be nothing.
bool may_be_empty(ldns_rdf_type field) {
  return field == LDNS_RDF_TYPE_B64 || field == LDNS_RDF_TYPE_HEX || field == LDNS_RDF_TYPE_NSEC ||
         field == LDNS_RDF_TYPE_LONG_STR;
}

bool read_described(RrType type, Fields& fields) {
  const ldns_rr_descriptor* described = ldns_rr_descript(static_cast<std::uint16_t>(type));
  const bool canonical = has_canonical_names(type);
  const std::size_t most = ldns_rr_descriptor_maximum(described);
  std::size_t count = 0;
  for (; count < most && !fields.is_at_end(); ++count) {
    const ldns_rdf_type field = ldns_rr_descriptor_field_type(described, count);
    // ldns says string; it is a name (RFC 1348).
    const bool is_name =
        field == LDNS_RDF_TYPE_DNAME || static_cast<ldns_rr_type>(type) == LDNS_RR_TYPE_NSAP_PTR;
    if (is_name) {
      if (!(canonical ? fields.name() : fields.plain_name())) return false;
    } else {
      const auto size = field_size(field, fields.rest());
      if (!size || !fields.copy(*size)) return false;
    }
  }
  std::size_t least = ldns_rr_descriptor_minimum(described);
  if (least > 0 && may_be_empty(ldns_rr_descriptor_field_type(described, least - 1))) --least;
  return count >= least && fields.is_at_end();
}

}  // namespace

std::optional<Rdata> received_data(RrType type, std::span<const std::uint8_t> message, std::size_t at,
                                   std::span<std::uint8_t> room) {
  const Rdata data = message.subspan(at);
  const auto data_if = [&](bool is_right) { return is_right ? std::optional(data) : std::nullopt; };
  Fields fields(message, at, room);
  bool is_right = false;
  switch (type) {
    case RrType::A: return data_if(data.size() == 4);
    case RrType::AAAA: return data_if(data.size() == 16);
    case RrType::TXT: return data_if(are_strings(data));
    case RrType::NS:
    case RrType::CNAME:
    case RrType::PTR: is_right = fields.name() && fields.is_at_end(); break;
    case RrType::MX: is_right = fields.copy(2) && fields.name() && fields.is_at_end(); break;
    case RrType::SRV: is_right = fields.copy(6) && fields.name() && fields.is_at_end(); break;
    case RrType::SOA:
      is_right = fields.name() && fields.name() && fields.copy(20) && fields.is_at_end();
      break;
    default:
      if (ldns_rr_descriptor_field_type(ldns_rr_descript(static_cast<std::uint16_t>(type)), 0) ==
          LDNS_RDF_TYPE_UNKNOWN) {
        return data;
      }
      is_right = read_described(type, fields);
  }
  return is_right ? std::optional(fields.written()) : std::nullopt;
}

}  // namespace holdfast::zones
