#include "zones/load/generic_rdata.h"

#include <ldns/ldns.h>

#include <memory>

#include "zones/load/rdata_writer.h"
#include "zones/load/svc_params.h"

namespace holdfast::zones {
namespace {

using Rr = std::unique_ptr<ldns_rr, void (*)(ldns_rr*)>;

/// Fields that take what is left, which may be nothing.
bool may_be_empty(ldns_rdf_type field) {
  switch (field) {
    case LDNS_RDF_TYPE_B64:
    case LDNS_RDF_TYPE_HEX:
    case LDNS_RDF_TYPE_NSEC:
    case LDNS_RDF_TYPE_LONG_STR: return true;
    default: return false;
  }
}

/// Reads the octets as ldns describes the type; null when they do not fit.
Rr read_wire(RrType type, std::span<const std::uint8_t> wire) {
  const ldns_rr_descriptor* described = ldns_rr_descript(static_cast<std::uint16_t>(type));
  std::vector<std::uint8_t> sized;
  RdataWriter out(sized);
  out.put16(wire.size());
  out.put(wire);
  Rr rr(ldns_rr_new(), ldns_rr_free);
  ldns_rr_set_type(rr.get(), static_cast<ldns_rr_type>(type));
  std::size_t at = 0;
  const ldns_status status = ldns_wire2rdf(rr.get(), sized.data(), sized.size(), &at);
  std::size_t least = ldns_rr_descriptor_minimum(described);
  if (least > 0 && may_be_empty(ldns_rr_descriptor_field_type(described, least - 1))) --least;
  if (status != LDNS_STATUS_OK || at != sized.size() || ldns_rr_rd_count(rr.get()) < least) rr.reset();
  return rr;
}

std::string check_known(RrType type, std::vector<std::uint8_t>& wire) {
  const Rr rr = read_wire(type, wire);
  if (!rr) return "these octets are not the data of this type";
  std::vector<std::uint8_t> read;  // as ldns understood it: names are not compressed any more
  for (std::size_t i = 0; i < ldns_rr_rd_count(rr.get()); ++i) {
    const ldns_rdf* field = ldns_rr_rdf(rr.get(), i);
    const std::span octets(ldns_rdf_data(field), ldns_rdf_size(field));
    const bool fold = ldns_rdf_get_type(field) == LDNS_RDF_TYPE_DNAME && has_canonical_names(type);
    for (const std::uint8_t octet : octets) read.push_back(fold ? lower(octet) : octet);
    if (ldns_rdf_get_type(field) != LDNS_RDF_TYPE_SVCPARAMS) continue;
    if (std::string wrong = check_svc_params(octets); !wrong.empty()) return wrong;
  }
  if (read.size() != wire.size()) return "a compressed name (RFC 3597 4)";
  wire = std::move(read);
  return {};
}

}  // namespace

std::string encode_generic(RrType type, std::span<const Token> tokens, std::vector<std::uint8_t>& wire) {
  if (tokens.empty()) return "\\# needs a length and that many octets in hex (RFC 3597 5)";
  const auto length = parse_number(tokens[0].text, kMaxRdata);
  if (!length)
    return show(tokens[0].text) + " is not a length of 0 to " + std::to_string(kMaxRdata) + " octets";
  if (std::string wrong = RdataWriter(wire).hex(tokens.subspan(1)); !wrong.empty()) return wrong;
  if (wire.size() != *length) {
    return "\\# announces " + std::to_string(*length) + " octets, but " + std::to_string(wire.size()) +
           " follow";
  }
  const ldns_rr_descriptor* described = ldns_rr_descript(static_cast<std::uint16_t>(type));
  const bool known = ldns_rr_descriptor_field_type(described, 0) != LDNS_RDF_TYPE_UNKNOWN;
  return known ? check_known(type, wire) : std::string();
}

bool has_canonical_names(RrType type) noexcept {
  switch (static_cast<ldns_rr_type>(type)) {
    case LDNS_RR_TYPE_NS:
    case LDNS_RR_TYPE_MD:
    case LDNS_RR_TYPE_MF:
    case LDNS_RR_TYPE_CNAME:
    case LDNS_RR_TYPE_SOA:
    case LDNS_RR_TYPE_MB:
    case LDNS_RR_TYPE_MG:
    case LDNS_RR_TYPE_MR:
    case LDNS_RR_TYPE_PTR:
    case LDNS_RR_TYPE_MINFO:
    case LDNS_RR_TYPE_MX:
    case LDNS_RR_TYPE_RP:
    case LDNS_RR_TYPE_AFSDB:
    case LDNS_RR_TYPE_RT:
    case LDNS_RR_TYPE_SIG:
    case LDNS_RR_TYPE_PX:
    case LDNS_RR_TYPE_NXT:
    case LDNS_RR_TYPE_NAPTR:
    case LDNS_RR_TYPE_KX:
    case LDNS_RR_TYPE_SRV:
    case LDNS_RR_TYPE_DNAME:
    case LDNS_RR_TYPE_A6:
    case LDNS_RR_TYPE_RRSIG: return true;
    default: return false;
  }
}

}  // namespace holdfast::zones
