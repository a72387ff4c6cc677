#include "zones/replicate/data_fields.h"

#include "zones/load/svc_params.h"
#include "zones/replicate/expand_name.h"

namespace holdfast::zones {
namespace {

using Octets = std::span<const std::uint8_t>;

std::size_t number16(Octets octets) noexcept { return static_cast<std::size_t>(octets[0] << 8 | octets[1]); }

/// RFC 4034 4.1.2: windows of rising number, each of 1 to 32 octets.
bool are_type_bitmaps(Octets octets) noexcept {
  for (int before = -1; !octets.empty();) {
    if (octets.size() < 2 || octets[0] <= before) return false;
    before = octets[0];
    const std::size_t size = octets[1];
    if (size == 0 || size > 32 || size > octets.size() - 2) return false;
    octets = octets.subspan(2 + size);
  }
  return true;
}

/// RFC 3123 4
bool are_address_prefixes(Octets octets) noexcept {
  while (!octets.empty()) {
    if (octets.size() < 4) return false;
    const std::size_t size = octets[3] & 0x7fU;
    if (size > octets.size() - 4) return false;
    octets = octets.subspan(4 + size);
  }
  return true;
}

/// Whether a gateway of that type (RFC 4025 2.3, RFC 8777 4.2.3) begins the octets, or is all of them.
bool is_gateway(unsigned type, Octets octets, bool is_all) noexcept {
  std::size_t size = 0;
  switch (type) {
    case 0: break;
    case 1: size = 4; break;
    case 2: size = 16; break;
    case 3:
      size = plain_name_size(octets);
      if (size == 0) return false;
      break;
    default: return !is_all;
  }
  return is_all ? size == octets.size() : size <= octets.size();
}

/// Whether what is left of the data is such a field.
bool is_last_field(ldns_rdf_type field, Octets rest) {
  switch (field) {
    case LDNS_RDF_TYPE_NSEC: return are_type_bitmaps(rest);
    case LDNS_RDF_TYPE_APL: return are_address_prefixes(rest);
    case LDNS_RDF_TYPE_SVCPARAMS: return check_svc_params(rest).empty();
    case LDNS_RDF_TYPE_IPSECKEY:
      return rest.size() >= 3 && rest[1] <= 3 && is_gateway(rest[1], rest.subspan(3), false);
    case LDNS_RDF_TYPE_AMTRELAY:
      return rest.size() >= 2 && is_gateway(rest[1] & 0x7fU, rest.subspan(2), (rest[1] & 0x7f) <= 3);
    case LDNS_RDF_TYPE_LOC: return rest.size() == 16;                                 // RFC 1876 2
    case LDNS_RDF_TYPE_WKS: return rest.size() >= 5 && rest.size() <= 5 + 65536 / 8;  // RFC 1035 3.4.2
    default: return true;
  }
}

}  // namespace

bool are_strings(Octets octets) noexcept {
  if (octets.empty()) return false;
  std::size_t at = 0;
  while (at < octets.size()) at += octets[at] + 1U;
  return at == octets.size();
}

std::optional<std::size_t> field_size(ldns_rdf_type field, Octets rest) {
  const auto of = [&](std::size_t size) { return size <= rest.size() ? std::optional(size) : std::nullopt; };
  switch (field) {
    case LDNS_RDF_TYPE_INT8:
    case LDNS_RDF_TYPE_ALG:
    case LDNS_RDF_TYPE_CERTIFICATE_USAGE:
    case LDNS_RDF_TYPE_SELECTOR:
    case LDNS_RDF_TYPE_MATCHING_TYPE: return of(1);
    case LDNS_RDF_TYPE_INT16:
    case LDNS_RDF_TYPE_TYPE:
    case LDNS_RDF_TYPE_CLASS:
    case LDNS_RDF_TYPE_CERT_ALG: return of(2);
    case LDNS_RDF_TYPE_INT32:
    case LDNS_RDF_TYPE_A:
    case LDNS_RDF_TYPE_TIME:
    case LDNS_RDF_TYPE_PERIOD: return of(4);
    case LDNS_RDF_TYPE_TSIGTIME:
    case LDNS_RDF_TYPE_EUI48: return of(6);
    case LDNS_RDF_TYPE_ILNP64:
    case LDNS_RDF_TYPE_EUI64: return of(8);
    case LDNS_RDF_TYPE_AAAA: return of(16);
    case LDNS_RDF_TYPE_STR:
    case LDNS_RDF_TYPE_TAG:
    case LDNS_RDF_TYPE_NSEC3_SALT:
    case LDNS_RDF_TYPE_NSEC3_NEXT_OWNER:
    case LDNS_RDF_TYPE_B32_EXT: return rest.empty() ? std::nullopt : of(1U + rest[0]);
    case LDNS_RDF_TYPE_INT16_DATA: return rest.size() < 2 ? std::nullopt : of(2 + number16(rest));
    case LDNS_RDF_TYPE_HIP:
      return rest.size() < 4 ? std::nullopt : of(4U + rest[0] + number16(rest.subspan(2)));
    default: return is_last_field(field, rest) ? of(rest.size()) : std::nullopt;
  }
}

}  // namespace holdfast::zones
