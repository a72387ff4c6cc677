#include "zones/text/known_type.h"

#include <ldns/ldns.h>

namespace holdfast::zones {

bool is_known_type(RrType type) noexcept {
  switch (static_cast<ldns_rr_type>(type)) {
    case LDNS_RR_TYPE_A:
    case LDNS_RR_TYPE_NS:
    case LDNS_RR_TYPE_CNAME:
    case LDNS_RR_TYPE_SOA:
    case LDNS_RR_TYPE_MINFO:
    case LDNS_RR_TYPE_PTR:
    case LDNS_RR_TYPE_HINFO:
    case LDNS_RR_TYPE_MX:
    case LDNS_RR_TYPE_TXT:
    case LDNS_RR_TYPE_RP:
    case LDNS_RR_TYPE_AFSDB:
    case LDNS_RR_TYPE_RT:
    case LDNS_RR_TYPE_KEY:
    case LDNS_RR_TYPE_AAAA:
    case LDNS_RR_TYPE_LOC:
    case LDNS_RR_TYPE_SRV:
    case LDNS_RR_TYPE_NAPTR:
    case LDNS_RR_TYPE_KX:
    case LDNS_RR_TYPE_CERT:
    case LDNS_RR_TYPE_DNAME:
    case LDNS_RR_TYPE_APL:
    case LDNS_RR_TYPE_DS:
    case LDNS_RR_TYPE_SSHFP:
    case LDNS_RR_TYPE_IPSECKEY:
    case LDNS_RR_TYPE_RRSIG:
    case LDNS_RR_TYPE_NSEC:
    case LDNS_RR_TYPE_DNSKEY:
    case LDNS_RR_TYPE_DHCID:
    case LDNS_RR_TYPE_NSEC3:
    case LDNS_RR_TYPE_NSEC3PARAM:
    case LDNS_RR_TYPE_TLSA:
    case LDNS_RR_TYPE_SMIMEA:
    case LDNS_RR_TYPE_CDS:
    case LDNS_RR_TYPE_CDNSKEY:
    case LDNS_RR_TYPE_OPENPGPKEY:
    case LDNS_RR_TYPE_CSYNC:
    case LDNS_RR_TYPE_ZONEMD:
    case LDNS_RR_TYPE_SVCB:
    case LDNS_RR_TYPE_HTTPS:
    case LDNS_RR_TYPE_SPF:
    case LDNS_RR_TYPE_NID:
    case LDNS_RR_TYPE_L32:
    case LDNS_RR_TYPE_L64:
    case LDNS_RR_TYPE_LP:
    case LDNS_RR_TYPE_EUI48:
    case LDNS_RR_TYPE_EUI64:
    case LDNS_RR_TYPE_URI:
    case LDNS_RR_TYPE_CAA:
    case LDNS_RR_TYPE_NSAP_PTR: return true;  // not Knot; but of us it has to be read so
    default: return false;
  }
}

}  // namespace holdfast::zones
