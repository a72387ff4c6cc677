#include "zones/load/rdata_writer.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "zones/dns/type.h"
#include "zones/load/ttl.h"

namespace holdfast::zones {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Four numbers up to 255 without leading zeros.
bool read_address4(std::string_view text, std::array<std::uint8_t, 4>& address) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < address.size(); ++i) {
    if (i != 0 && (at == text.size() || text[at++] != '.')) return false;
    const std::size_t first = at;
    unsigned value = 0;
    for (; at < text.size() && at < first + 3 && is_digit(text[at]); ++at) {
      value = value * 10 + static_cast<unsigned>(text[at] - '0');
    }
    if (at == first || value > 255 || (text[first] == '0' && at != first + 1)) return false;
    address[i] = static_cast<std::uint8_t>(value);
  }
  return at == text.size();
}

std::string joined(std::span<const Token> tokens) {
  std::string text;
  for (const Token& token : tokens) text += token.text;
  return text;
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

std::optional<std::vector<std::uint8_t>> unescape(std::string_view text) {
  std::vector<std::uint8_t> octets;
  octets.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (++i == text.size()) return std::nullopt;
      if (is_digit(text[i])) {
        const auto value = text.size() - i < 3 ? std::nullopt : parse_number(text.substr(i, 3), 255);
        if (!value) return std::nullopt;
        octets.push_back(static_cast<std::uint8_t>(*value));
        i += 2;
        continue;
      }
    }
    octets.push_back(static_cast<std::uint8_t>(text[i]));
  }
  return octets;
}

std::string RdataWriter::number(std::string_view text, unsigned octets) {
  const std::uint64_t most = (std::uint64_t{1} << (8 * octets)) - 1;
  const auto value = parse_number(text, most);
  if (!value) return show(text) + " is not a number of 0 to " + std::to_string(most);
  for (unsigned i = octets; i-- > 0;) put8(*value >> (8 * i) & 0xff);
  return {};
}

std::string RdataWriter::period(std::string_view text) {
  const auto seconds = parse_ttl(text);
  if (!seconds || *seconds > std::numeric_limits<std::uint32_t>::max()) {
    return show(text) + " is not a time of 0 to 4294967295 seconds, like 3600 or 1h30m";
  }
  put16(*seconds >> 16);
  put16(*seconds & 0xffff);
  return {};
}

std::string RdataWriter::name(std::string_view text, NameView origin, bool keep_case) {
  std::array<std::uint8_t, kMaxName> name;
  const std::size_t size = write_name(text, origin, keep_case, name.data());
  if (size == 0) return show(text) + " is not a domain name (RFC 1035 2.3.4, 5.1)";
  put(std::span(name).first(size));
  return {};
}

std::string RdataWriter::address4(std::string_view text) {
  std::array<std::uint8_t, 4> address;
  if (!read_address4(text, address)) return show(text) + " is not an IPv4 address, like 192.0.2.1";
  put(address);
  return {};
}

std::string RdataWriter::address6(std::string_view text) {
  in6_addr address{};
  char copy[INET6_ADDRSTRLEN] = {};
  if (text.size() < sizeof copy) std::copy(text.begin(), text.end(), copy);
  if (inet_pton(AF_INET6, copy, &address) != 1)
    return show(text) + " is not an IPv6 address, like 2001:db8::1";
  put({address.s6_addr, sizeof address.s6_addr});
  return {};
}

std::string RdataWriter::character_string(std::string_view text) {
  const std::size_t length_at = wire_.size();
  put8(0);
  if (std::string wrong = octets(text); !wrong.empty()) return wrong;
  const std::size_t length = wire_.size() - length_at - 1;
  if (length > 255) {
    return "a string of " + std::to_string(length) +
           " octets: split it into strings of at most 255 (RFC 1035 3.3)";
  }
  wire_[length_at] = static_cast<std::uint8_t>(length);
  return {};
}

std::string RdataWriter::octets(std::string_view text) {
  if (text.find('\\') == text.npos) {
    wire_.insert(wire_.end(), text.begin(), text.end());
    return {};
  }
  const auto octets = unescape(text);
  if (!octets) return show(text) + " has a broken escape: write \\X, or \\DDD up to \\255 (RFC 1035 5.1)";
  put(*octets);
  return {};
}

std::string RdataWriter::hex(std::span<const Token> tokens) {
  int high = -1;
  for (const Token& token : tokens) {
    for (const char c : token.text) {
      const int digit = hex_digit(c);
      if (digit < 0) return show(token.text) + " is not hexadecimal";
      if (high < 0) {
        high = digit;
      } else {
        put8(static_cast<std::size_t>(high << 4 | digit));
        high = -1;
      }
    }
  }
  return high < 0 ? std::string() : "an odd number of hexadecimal digits";
}

std::string RdataWriter::base64(std::span<const Token> tokens) {
  const std::string text = joined(tokens);
  if (text.size() / 4 * 3 > kMaxRdata) return "more base64 than a record holds";  // ldns would cut the size
  ldns_rdf* read = nullptr;
  if (text.empty() || text.size() % 4 != 0 || ldns_str2rdf_b64(&read, text.c_str()) != LDNS_STATUS_OK) {
    return show(text) + " is not base64";
  }
  put({ldns_rdf_data(read), ldns_rdf_size(read)});
  ldns_rdf_deep_free(read);
  return {};
}

std::string RdataWriter::by_ldns(ldns_rdf_type kind, std::string_view text) {
  if (text.empty()) return "an empty field";
  ldns_rdf* read = ldns_rdf_new_frm_str(kind, std::string(text).c_str());
  if (read == nullptr) return show(text) + " cannot be read";
  put({ldns_rdf_data(read), ldns_rdf_size(read)});
  ldns_rdf_deep_free(read);
  return {};
}

std::string RdataWriter::types(std::span<const Token> tokens) {
  std::vector<std::uint16_t> types;
  for (const Token& token : tokens) {
    const auto type = parse_type(token.text);
    if (!type) return show(token.text) + " is not a record type";
    types.push_back(static_cast<std::uint16_t>(*type));
  }
  std::sort(types.begin(), types.end());
  for (std::size_t i = 0; i < types.size();) {
    const unsigned window = types[i] >> 8;
    const std::size_t header = wire_.size();
    put8(window);
    put8(0);
    for (; i < types.size() && types[i] >> 8 == window; ++i) {
      const std::size_t octet = header + 2 + (types[i] & 0xff) / 8;
      if (octet >= wire_.size()) wire_.resize(octet + 1);
      wire_[octet] = static_cast<std::uint8_t>(wire_[octet] | 0x80 >> (types[i] & 7));
    }
    wire_[header + 1] = static_cast<std::uint8_t>(wire_.size() - header - 2);
  }
  return {};
}

}  // namespace holdfast::zones
