#include "zones/load/rdata.h"

#include <ldns/ldns.h>

#include <algorithm>
#include <memory>

#include "zones/load/rdata_writer.h"
#include "zones/load/svc_params.h"

namespace holdfast::zones {
namespace {

using Rr = std::unique_ptr<ldns_rr, void (*)(ldns_rr*)>;
using Rdf = std::unique_ptr<ldns_rdf, void (*)(ldns_rdf*)>;

std::span<const std::uint8_t> octets_of(const ldns_rdf* rdf) {
  return {ldns_rdf_data(rdf), ldns_rdf_size(rdf)};
}

/// The types whose names are in lower case in canonical form (RFC 4034 6.2 as of RFC 6840 5.1).
bool has_canonical_names(ldns_rr_type type) {
  switch (type) {
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

bool is_rest(ldns_rdf_type field) {
  switch (field) {
    case LDNS_RDF_TYPE_B64:
    case LDNS_RDF_TYPE_HEX:
    case LDNS_RDF_TYPE_NSEC:
    case LDNS_RDF_TYPE_LONG_STR: return true;
    default: return false;
  }
}

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
    if (!tokens_.empty() && !tokens_[0].quoted && tokens_[0].text == "\\#") return generic();
    switch (type_) {
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
      case LDNS_RDF_TYPE_LOC: return location();
      case LDNS_RDF_TYPE_APL: return address_prefix();
      case LDNS_RDF_TYPE_ALG: return mnemonic(kind, 1);
      case LDNS_RDF_TYPE_CERTIFICATE_USAGE: return mnemonic(kind, 1);
      case LDNS_RDF_TYPE_SELECTOR: return mnemonic(kind, 1);
      case LDNS_RDF_TYPE_MATCHING_TYPE: return mnemonic(kind, 1);
      case LDNS_RDF_TYPE_CERT_ALG: return mnemonic(kind, 2);
      case LDNS_RDF_TYPE_TIME:
        return tokens_[0].text.size() == 14 ? by_ldns(kind, take()) : out_.number(take(), 4);
      case LDNS_RDF_TYPE_UNKNOWN: return only_generic();
      default: return by_ldns(kind, take());
    }
  }

  std::string by_ldns(ldns_rdf_type kind, std::string_view text) {
    if (text.empty()) return "an empty field";
    const Rdf rdf(ldns_rdf_new_frm_str(kind, std::string(text).c_str()), ldns_rdf_deep_free);
    if (!rdf) return show(text) + " cannot be read";
    out_.put(octets_of(rdf.get()));
    return {};
  }

  std::string mnemonic(ldns_rdf_type kind, unsigned octets) {
    const std::string_view text = take();
    if (text.empty() || (text[0] >= '0' && text[0] <= '9') || text[0] == '-')
      return out_.number(text, octets);
    return by_ldns(kind, text);
  }

  std::string name() { return out_.name(take(), origin_, !has_canonical_names(type_)); }

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

  /// Coordinates, altitude, size, precisions (RFC 1876 3). ldns skips over what it does not understand, and
  /// carries the minutes of one coordinate to the next, so it gets a checked and complete text.
  std::string location() {
    std::string text;
    if (std::string wrong = coordinate("NS", 90, text); !wrong.empty()) return wrong;
    if (std::string wrong = coordinate("EW", 180, text); !wrong.empty()) return wrong;
    if (tokens_.empty() || tokens_.size() > 4)
      return "a location ends in altitude, size and two precisions (RFC 1876 3)";
    for (const Token& token : take_all()) {
      std::string_view metres = token.text;
      if (metres.ends_with('m') || metres.ends_with('M')) metres.remove_suffix(1);
      const bool negative = metres.starts_with('-');
      if (!is_decimal(metres.substr(negative ? 1 : 0), negative ? 100'000 : 90'000'000)) {
        return show(token.text) + " is not a length in metres, like -24.5m (RFC 1876 3)";
      }
      text += std::string(metres) + "m ";
    }
    text.pop_back();
    return by_ldns(LDNS_RDF_TYPE_LOC, text);
  }

  /// Degrees, minutes, seconds and a hemisphere, of which minutes and seconds may be missing.
  std::string coordinate(std::string_view hemispheres, unsigned most_degrees, std::string& text) {
    const unsigned most[] = {most_degrees, 59, 59};
    std::size_t numbers = 0;
    for (; !tokens_.empty(); take()) {
      const std::string_view item = tokens_[0].text;
      const auto letter = static_cast<char>(item.size() == 1 ? item[0] & ~0x20 : 0);
      if (letter != 0 && numbers > 0 && hemispheres.find(letter) != hemispheres.npos) {
        for (; numbers < 3; ++numbers) text += "0 ";
        text += std::string(1, letter) + " ";
        take();
        return {};
      }
      if (numbers == 3 ||
          !(numbers == 2 ? is_decimal(item, 59) : parse_number(item, most[numbers]).has_value())) {
        return show(item) + " is not part of a coordinate, like 52 22 23.5 N (RFC 1876 3)";
      }
      text += std::string(item) + " ";
      ++numbers;
    }
    return "a coordinate is missing (RFC 1876 3)";
  }

  /// Digits, perhaps with a fraction; the whole part at most `most`.
  static bool is_decimal(std::string_view text, std::uint64_t most) {
    const std::size_t dot = text.find('.');
    if (dot != text.npos && text.find_first_not_of("0123456789", dot + 1) != text.npos) return false;
    return parse_number(text.substr(0, dot), most).has_value();
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

  std::string generic() {
    take();
    if (tokens_.empty()) return "\\# needs a length and that many octets in hex (RFC 3597 5)";
    const std::string_view text = take();
    const auto length = parse_number(text, kMaxRdata);
    if (!length) return show(text) + " is not a length of 0 to " + std::to_string(kMaxRdata) + " octets";
    if (std::string wrong = out_.hex(take_all()); !wrong.empty()) return wrong;
    if (out_.wire().size() != *length) {
      return "\\# announces " + std::to_string(*length) + " octets, but " +
             std::to_string(out_.wire().size()) + " follow";
    }
    return check_generic();
  }

  /// Data of a type that we know has to be right also in this form: we look into it later.
  std::string check_generic() {
    if (ldns_rr_descriptor_field_type(described_, 0) == LDNS_RDF_TYPE_UNKNOWN) return {};
    const std::string not_this_type = "these octets are not the data of this type";
    std::vector<std::uint8_t>& wire = out_.wire();
    std::vector<std::uint8_t> sized;
    RdataWriter(sized).put16(wire.size());
    sized.insert(sized.end(), wire.begin(), wire.end());
    const Rr rr(ldns_rr_new(), ldns_rr_free);
    ldns_rr_set_type(rr.get(), type_);
    std::size_t at = 0;
    if (ldns_wire2rdf(rr.get(), sized.data(), sized.size(), &at) != LDNS_STATUS_OK || at != sized.size())
      return not_this_type;

    const std::size_t least = ldns_rr_descriptor_minimum(described_);
    const bool last_may_be_empty = least > 0 && is_rest(ldns_rr_descriptor_field_type(described_, least - 1));
    if (ldns_rr_rd_count(rr.get()) + (last_may_be_empty ? 1 : 0) < least) return not_this_type;
    std::vector<std::uint8_t>
        read;  // as ldns understood it; names uncompressed, and in lower case where wanted
    for (std::size_t i = 0; i < ldns_rr_rd_count(rr.get()); ++i) {
      const ldns_rdf* rdf = ldns_rr_rdf(rr.get(), i);
      const auto octets = octets_of(rdf);
      if (ldns_rdf_get_type(rdf) == LDNS_RDF_TYPE_SVCPARAMS) {
        if (std::string wrong = check_svc_params(octets); !wrong.empty()) return wrong;
      }
      const bool fold = ldns_rdf_get_type(rdf) == LDNS_RDF_TYPE_DNAME && has_canonical_names(type_);
      for (const std::uint8_t octet : octets) read.push_back(fold ? lower(octet) : octet);
    }
    if (read.size() != wire.size()) return "a compressed name (RFC 3597 4)";
    wire = std::move(read);
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
