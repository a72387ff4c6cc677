#include "zones/load/rdata.h"

#include <ldns/ldns.h>

#include <algorithm>

#include "zones/load/generic_rdata.h"
#include "zones/load/location.h"
#include "zones/load/rdata_writer.h"
#include "zones/load/svc_params.h"

namespace holdfast::zones {
namespace {

/// Octets of a digest (RFC 4034 5.1.4, RFC 4509, RFC 5933, RFC 6605); 0 where we do not know.
std::size_t digest_size(std::uint8_t digest_type) {
  switch (digest_type) {
    case 1: return 20;
    case 2:
    case 3: return 32;
    case 4: return 48;
    default: return 0;
  }
}

/// What the fields of a type say about each other; an empty string where nothing is wrong.
std::string check_fields(ldns_rr_type type, std::span<const std::uint8_t> wire) {
  if (type != LDNS_RR_TYPE_DS && type != LDNS_RR_TYPE_CDS) return {};
  const std::size_t size = digest_size(wire[3]);
  if (size == 0 || size == wire.size() - 4) return {};
  return "a digest of type " + std::to_string(wire[3]) + " has " + std::to_string(size) +
         " octets, here are " + std::to_string(wire.size() - 4);
}

/// Encodes the data of one record, field by field, in the order that ldns describes for its type.
class Encoder {
 public:
  Encoder(RrType type, std::span<const Token> tokens, NameView origin, std::vector<std::uint8_t>& wire)
      : type_(static_cast<ldns_rr_type>(type)),
        described_(ldns_rr_descript(static_cast<std::uint16_t>(type))),
        tokens_(tokens),
        origin_(origin),
        out_(wire) {}

  std::string encode() {
    if (!tokens_.empty() && !tokens_[0].quoted && tokens_[0].text == "\\#") {
      return encode_generic(static_cast<RrType>(type_), tokens_.subspan(1), out_.wire());
    }
    switch (type_) {
      case LDNS_RR_TYPE_A: return only(LDNS_RDF_TYPE_A);
      case LDNS_RR_TYPE_AAAA: return only(LDNS_RDF_TYPE_AAAA);
      case LDNS_RR_TYPE_NS:
      case LDNS_RR_TYPE_CNAME:
      case LDNS_RR_TYPE_PTR: return only(LDNS_RDF_TYPE_DNAME);
      case LDNS_RR_TYPE_SVCB:
      case LDNS_RR_TYPE_HTTPS: return service();
      case LDNS_RR_TYPE_IPSECKEY: return ipseckey();
      case LDNS_RR_TYPE_HIP: return hip();
      case LDNS_RR_TYPE_WKS: return wks();
      default: return described();
    }
  }

 private:
  std::string described() {
    const std::size_t least = ldns_rr_descriptor_minimum(described_);
    const std::size_t most = ldns_rr_descriptor_maximum(described_);
    if (ldns_rr_descriptor_field_type(described_, 0) == LDNS_RDF_TYPE_UNKNOWN) return only_generic();
    if (tokens_.size() < least) return too_few(least);
    for (std::size_t i = 0; i < most && !tokens_.empty(); ++i) {
      const ldns_rdf_type kind = ldns_rr_descriptor_field_type(described_, i);
      if (std::string wrong = field(kind, i + 1 == most); !wrong.empty()) return wrong;
    }
    return end();
  }

  /// What described() does for a type of one field: most records have one.
  std::string only(ldns_rdf_type kind) {
    if (tokens_.empty()) return too_few(1);
    if (std::string wrong = field(kind, true); !wrong.empty()) return wrong;
    return end();
  }

  /// One field; the last one may take all tokens that are left.
  std::string field(ldns_rdf_type kind, bool last) {
    switch (kind) {
      case LDNS_RDF_TYPE_DNAME: return name();
      case LDNS_RDF_TYPE_INT8: return out_.number(take(), 1);
      case LDNS_RDF_TYPE_INT16: return out_.number(take(), 2);
      case LDNS_RDF_TYPE_INT32: return out_.number(take(), 4);
      case LDNS_RDF_TYPE_PERIOD: return out_.period(take());
      case LDNS_RDF_TYPE_A: return out_.address4(take());
      case LDNS_RDF_TYPE_AAAA: return out_.address6(take());
      case LDNS_RDF_TYPE_STR:
        if (type_ == LDNS_RR_TYPE_NSAP_PTR) return name();  // ldns says string; it is a name (RFC 1348)
        return out_.character_string(take());
      case LDNS_RDF_TYPE_LONG_STR: return out_.octets(take());
      case LDNS_RDF_TYPE_TYPE: return covered_type();
      case LDNS_RDF_TYPE_NSEC: return out_.types(take_all());
      case LDNS_RDF_TYPE_HEX: return last ? out_.hex(take_all()) : out_.hex(take_one());
      case LDNS_RDF_TYPE_B64: return last ? out_.base64(take_all()) : out_.base64(take_one());
      case LDNS_RDF_TYPE_NSAP: return nsap();
      case LDNS_RDF_TYPE_LOC: return encode_location(take_all(), out_);
      case LDNS_RDF_TYPE_APL: return address_prefix();
      case LDNS_RDF_TYPE_ALG:
      case LDNS_RDF_TYPE_CERTIFICATE_USAGE:
      case LDNS_RDF_TYPE_SELECTOR:
      case LDNS_RDF_TYPE_MATCHING_TYPE: return mnemonic(kind, 1);
      case LDNS_RDF_TYPE_CERT_ALG: return mnemonic(kind, 2);
      case LDNS_RDF_TYPE_TIME:
        return tokens_[0].text.size() == 14 ? out_.by_ldns(kind, take()) : out_.number(take(), 4);
      case LDNS_RDF_TYPE_UNKNOWN: return only_generic();
      default: return out_.by_ldns(kind, take());
    }
  }

  std::string mnemonic(ldns_rdf_type kind, unsigned octets) {
    const std::string_view text = take();
    if (text.empty() || (text[0] >= '0' && text[0] <= '9') || text[0] == '-')
      return out_.number(text, octets);
    return out_.by_ldns(kind, text);
  }

  std::string name() { return out_.name(take(), origin_, !has_canonical_names(static_cast<RrType>(type_))); }

  std::string covered_type() {
    const std::string_view text = take();
    const auto type = parse_type(text);
    if (!type) return show(text) + " is not a record type";
    out_.put16(static_cast<std::uint16_t>(*type));
    return {};
  }

  std::string service() {
    if (tokens_.size() < 2) return too_few(2);
    if (std::string wrong = out_.number(take(), 2); !wrong.empty()) return wrong;
    if (std::string wrong = name(); !wrong.empty()) return wrong;
    return encode_svc_params(take_all(), out_.wire());
  }

  /// precedence, gateway type, algorithm, gateway, key (RFC 4025 3)
  std::string ipseckey() {
    if (tokens_.size() < 4) return too_few(4);
    for (int i = 0; i < 3; ++i) {
      if (std::string wrong = out_.number(take(), 1); !wrong.empty()) return wrong;
    }
    const std::uint8_t gateway = out_.wire()[1];
    std::string wrong;
    switch (gateway) {
      case 0:
        wrong = take() == "." ? "" : "without a gateway (type 0) the gateway field is \".\" (RFC 4025 3)";
        break;
      case 1: wrong = out_.address4(take()); break;
      case 2: wrong = out_.address6(take()); break;
      case 3: wrong = name(); break;
      default: wrong = "the gateway type is 0 to 3 (RFC 4025 2.3)";
    }
    if (!wrong.empty() || tokens_.empty()) return wrong;
    return out_.base64(take_all());
  }

  /// algorithm, HIT in hex, key in base64, rendezvous servers (RFC 8005 6)
  std::string hip() {
    if (tokens_.size() < 3) return too_few(3);
    std::vector<std::uint8_t>& wire = out_.wire();
    out_.put8(0);
    if (std::string wrong = out_.number(take(), 1); !wrong.empty()) return wrong;
    out_.put16(0);
    if (std::string wrong = out_.hex(take_one()); !wrong.empty()) return wrong;
    const std::size_t hit = wire.size() - 4;
    if (std::string wrong = out_.base64(take_one()); !wrong.empty()) return wrong;
    const std::size_t key = wire.size() - 4 - hit;
    if (hit == 0 || hit > 255 || key > kMaxRdata) return "the HIT has 1 to 255 octets, the key at most 65535";
    wire[0] = static_cast<std::uint8_t>(hit);
    wire[2] = static_cast<std::uint8_t>(key >> 8);
    wire[3] = static_cast<std::uint8_t>(key);
    while (!tokens_.empty()) {
      if (std::string wrong = name(); !wrong.empty()) return wrong;
    }
    return {};
  }

  /// address, protocol, ports (RFC 1035 3.4.2). Only by number: names would depend on /etc/services of the
  /// machine.
  std::string wks() {
    if (tokens_.size() < 2) return too_few(2);
    if (std::string wrong = out_.address4(take()); !wrong.empty()) return wrong;
    if (std::string wrong = out_.number(take(), 1); !wrong.empty())
      return wrong + " (write protocols as numbers)";
    std::vector<std::uint8_t>& wire = out_.wire();
    while (!tokens_.empty()) {
      const std::string_view text = take();
      const auto port = parse_number(text, 65535);
      if (!port) return show(text) + " is not a port of 0 to 65535 (write services as numbers)";
      const std::size_t octet = 5 + static_cast<std::size_t>(*port / 8);
      if (octet >= wire.size()) wire.resize(octet + 1);
      wire[octet] = static_cast<std::uint8_t>(wire[octet] | 0x80 >> (*port & 7));
    }
    return {};
  }

  std::string nsap() {
    std::string digits(take());
    if (!digits.starts_with("0x") && !digits.starts_with("0X"))
      return show(digits) + " does not begin with 0x (RFC 1706 7)";
    digits.erase(0, 2);
    std::erase(digits, '.');
    const Token token{digits};
    return out_.hex({&token, 1});
  }

  /// `[!]1:192.0.2.0/24`, `[!]2:2001:db8::/32` (RFC 3123 5); trailing zero octets are left out.
  std::string address_prefix() {
    const std::string_view text = take();
    const bool negated = text.starts_with('!');
    const std::string_view rest = text.substr(negated ? 1 : 0);
    const std::size_t slash = rest.find('/');
    const bool v4 = rest.starts_with("1:");
    if (slash == rest.npos || (!v4 && !rest.starts_with("2:"))) {
      return show(text) + " is not an address prefix, like 1:192.0.2.0/24 (RFC 3123 5)";
    }
    const auto length = parse_number(rest.substr(slash + 1), v4 ? 32 : 128);
    if (!length) return show(text) + " has no prefix length of 0 to " + (v4 ? "32" : "128");
    std::vector<std::uint8_t> address;
    RdataWriter part(address);
    const std::string_view number = rest.substr(2, slash - 2);
    if (std::string wrong = v4 ? part.address4(number) : part.address6(number); !wrong.empty()) return wrong;
    while (!address.empty() && address.back() == 0) address.pop_back();
    out_.put16(v4 ? 1 : 2);
    out_.put8(*length);
    out_.put8(address.size() | (negated ? 0x80 : 0));
    out_.put(address);
    return {};
  }

  static std::string only_generic() {
    return "this type is read only in the form \\# LENGTH HEX (RFC 3597 5)";
  }
  std::string end() const {
    return tokens_.empty() ? std::string() : show(tokens_[0].text) + " is more than this type has";
  }
  std::string too_few(std::size_t least) const {
    return "this type has at least " + std::to_string(least) + " fields, here are " +
           std::to_string(tokens_.size());
  }

  std::span<const Token> take_one() {
    const auto one = tokens_.first(std::min<std::size_t>(1, tokens_.size()));
    tokens_ = tokens_.subspan(one.size());
    return one;
  }
  std::string_view take() { return take_one()[0].text; }
  std::span<const Token> take_all() {
    const auto all = tokens_;
    tokens_ = {};
    return all;
  }

  ldns_rr_type type_;
  const ldns_rr_descriptor* described_;
  std::span<const Token> tokens_;
  NameView origin_;
  RdataWriter out_;
};

}  // namespace

std::string encode_rdata(RrType type, std::span<const Token> fields, NameView origin,
                         std::vector<std::uint8_t>& wire) {
  wire.clear();
  std::string wrong = Encoder(type, fields, origin, wire).encode();
  if (!wrong.empty()) return wrong;
  if (wire.size() > kMaxRdata) {
    return "data of " + std::to_string(wire.size()) + " octets; a record holds at most " +
           std::to_string(kMaxRdata);
  }
  return check_fields(static_cast<ldns_rr_type>(type), wire);
}

}  // namespace holdfast::zones
