#include "zones/dns/type.h"

#include <ldns/ldns.h>

#include <memory>

namespace holdfast::zones {

std::string text(RrType type) {
  const auto number = static_cast<std::uint16_t>(type);
  const std::unique_ptr<char, void (*)(void*)> name(ldns_rr_type2str(static_cast<ldns_rr_type>(number)), ::free);
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
  const auto type = ldns_get_rr_type_by_name(std::string(text).c_str());
  if (type == 0 && text != "TYPE0") return std::nullopt;
  return static_cast<RrType>(type);
}

}  // namespace holdfast::zones
