#include "zones/text/data_text.h"

#include <arpa/inet.h>
#include <ldns/ldns.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "zones/load/lines.h"
#include "zones/load/rdata.h"

namespace holdfast::zones {
namespace {

using Rr = std::unique_ptr<ldns_rr, void (*)(ldns_rr*)>;
using Text = std::unique_ptr<char, void (*)(void*)>;

Rdata octets_of(const ldns_rdf* field) { return {ldns_rdf_data(field), ldns_rdf_size(field)}; }

/// 0 to 15.
char digit(unsigned value) { return "0123456789abcdef"[value]; }

void append_address(std::string& text, int family, Rdata data) {
  char printed[INET6_ADDRSTRLEN];
  inet_ntop(family, data.data(), printed, sizeof printed);
  text += printed;
}

void append_quoted(std::string& text, Rdata octets) {
  text += '"';
  for (const std::uint8_t octet : octets) {
    if (octet < ' ' || octet >= 0x7f) {
      text += {'\\', digit(octet / 100), digit(octet / 10 % 10), digit(octet % 10)};
      continue;
    }
    if (octet == '"' || octet == '\\') text += '\\';
    text += static_cast<char>(octet);
  }
  text += '"';
}

/// The fields of the data, as ldns describes the type; null when the octets do not fit.
Rr read_fields(RrType type, Rdata data) {
  std::vector<std::uint8_t> sized{static_cast<std::uint8_t>(data.size() >> 8),
                                  static_cast<std::uint8_t>(data.size())};
  sized.insert(sized.end(), data.begin(), data.end());
  Rr rr(ldns_rr_new(), ldns_rr_free);
  ldns_rr_set_type(rr.get(), static_cast<ldns_rr_type>(type));
  std::size_t at = 0;
  const ldns_status status = ldns_wire2rdf(rr.get(), sized.data(), sized.size(), &at);
  if (status != LDNS_STATUS_OK || at != sized.size()) rr.reset();
  return rr;
}

bool append_field(std::string& text, const ldns_rdf* field) {
  switch (ldns_rdf_get_type(field)) {
    // ldns leaves in names what begins a string or a comment elsewhere.
    case LDNS_RDF_TYPE_DNAME:
      text += NameView(ldns_rdf_data(field), ldns_rdf_size(field)).text();
      return true;
    case LDNS_RDF_TYPE_STR: append_quoted(text, octets_of(field).subspan(1)); return true;
    case LDNS_RDF_TYPE_LONG_STR: append_quoted(text, octets_of(field)); return true;
    default: break;
  }
  const Text printed(ldns_rdf2str(field), std::free);
  if (printed == nullptr) return false;
  text += printed.get();
  return true;
}

bool append_fields(std::string& text, RrType type, Rdata data) {
  const Rr rr = read_fields(type, data);
  if (!rr) return false;
  for (std::size_t i = 0; i < ldns_rr_rd_count(rr.get()); ++i) {
    if (i != 0) text += ' ';
    if (!append_field(text, ldns_rr_rdf(rr.get(), i))) return false;
  }
  while (text.ends_with(' ')) text.pop_back();  // behind the last item of a list
  return true;
}

bool reads_back(std::string_view text, RrType type, Rdata data) {
  LineReader lines(text);
  Line line;
  std::vector<std::uint8_t> read;
  return lines.next(line) && line.error.empty() && !line.indented &&
         encode_rdata(type, line.tokens, NameView(), read).empty() && std::ranges::equal(read, data) &&
         !lines.next(line);
}

bool is_one_name(RrType type) {
  return type == RrType::NS || type == RrType::CNAME || type == RrType::PTR || type == RrType::DNAME ||
         static_cast<ldns_rr_type>(type) == LDNS_RR_TYPE_NSAP_PTR;  // ldns says string (RFC 1348)
}

/// Of nearly all records, without ldns.
bool append_common(std::string& text, RrType type, Rdata data) {
  if (type == RrType::A && data.size() == 4) {
    append_address(text, AF_INET, data);
  } else if (type == RrType::AAAA && data.size() == 16) {
    append_address(text, AF_INET6, data);
  } else if (Name name; is_one_name(type) && name.read(data) == data.size() && !data.empty()) {
    text += NameView(data.data(), data.size()).text();
  } else {
    return false;
  }
  return true;
}

}  // namespace

void append_generic(std::string& text, Rdata data) {
  text += "\\# " + std::to_string(data.size());
  if (!data.empty()) text += ' ';
  for (const std::uint8_t octet : data) text += {digit(octet >> 4U), digit(octet & 0xfU)};
}

void append_data(std::string& text, RrType type, Rdata data) {
  if (append_common(text, type, data)) return;
  const std::size_t begin = text.size();
  if (!data.empty() && append_fields(text, type, data) &&
      reads_back(std::string_view(text).substr(begin), type, data))
    return;
  text.resize(begin);
  append_generic(text, data);
}

}  // namespace holdfast::zones
