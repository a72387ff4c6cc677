#include "zones/dns/type.h"

#include <ldns/ldns.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace holdfast::zones {

std::string text(RrType type) {
  const auto number = static_cast<std::uint16_t>(type);
  const std::unique_ptr<char, void (*)(void*)> name(ldns_rr_type2str(static_cast<ldns_rr_type>(number)),
                                                    ::free);
  return name ? std::string(name.get()) : "TYPE" + std::to_string(number);
}

std::string text(Rcode rcode) {
  switch (rcode) {
    case Rcode::noerror: return "NOERROR";
    case Rcode::formerr: return "FORMERR";
    case Rcode::servfail: return "SERVFAIL";
    case Rcode::nxdomain: return "NXDOMAIN";
    case Rcode::notimp: return "NOTIMP";
    case Rcode::refused: return "REFUSED";
    case Rcode::yxdomain: return "YXDOMAIN";
    case Rcode::badvers: return "BADVERS";
  }
  return "RCODE" + std::to_string(static_cast<unsigned>(rcode));
}

std::optional<RrType> parse_type(std::string_view text) {
  // RFC 3597 5; ldns would take "TYPE70000" and cut it to 16 bits.
  constexpr std::string_view kPrefix = "type";
  const auto same_letter = [](char prefix, char c) { return prefix == (c | 0x20); };
  if (text.size() > 4 && std::equal(kPrefix.begin(), kPrefix.end(), text.begin(), same_letter)) {
    std::uint16_t number = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data() + 4, last, number);
    if (error != std::errc() || end != last) return std::nullopt;
    return static_cast<RrType>(number);
  }
  const auto type = ldns_get_rr_type_by_name(std::string(text).c_str());
  return type == 0 ? std::nullopt : std::optional(static_cast<RrType>(type));
}

}  // namespace holdfast::zones
