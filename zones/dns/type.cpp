#include "zones/dns/type.h"

#include <ldns/ldns.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::zones {
namespace {

struct NamedType {
  std::string name;
  RrType type;
};

/// The types that have a name, by name. ldns goes through all of its own for each question.
std::vector<NamedType> named_types() {
  std::vector<NamedType> types = {{"IXFR", RrType::IXFR},
                                  {"AXFR", RrType::AXFR},
                                  {"MAILB", RrType::MAILB},
                                  {"MAILA", RrType::MAILA},
                                  {"ANY", RrType::ANY}};
  const auto add = [&](std::uint16_t number) {
    const ldns_rr_descriptor* described = ldns_rr_descript(number);
    const char* name = described->_name;
    if (name != nullptr && described->_type == number) types.push_back({name, static_cast<RrType>(number)});
  };
  for (std::uint16_t number = 1; number < 512; ++number) add(number);
  for (std::uint16_t number = 32768; number < 33024; ++number) add(number);  // TA and DLV
  std::sort(types.begin(), types.end(),
            [](const NamedType& a, const NamedType& b) { return a.name < b.name; });
  return types;
}

/// Up to eight octets as a number, so that they can be cases of a switch.
constexpr std::uint64_t packed(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

/// The types of nearly all records, without a search.
std::optional<RrType> common_type(std::string_view name) {
  if (name.size() > 8) return std::nullopt;
  switch (packed(name)) {
    case packed("A"): return RrType::A;
    case packed("NS"): return RrType::NS;
    case packed("AAAA"): return RrType::AAAA;
    case packed("CNAME"): return RrType::CNAME;
    case packed("MX"): return RrType::MX;
    case packed("TXT"): return RrType::TXT;
    case packed("PTR"): return RrType::PTR;
    case packed("SRV"): return RrType::SRV;
    case packed("DS"): return RrType::DS;
    case packed("RRSIG"): return RrType::RRSIG;
    case packed("NSEC"): return RrType::NSEC;
    case packed("NSEC3"): return RrType::NSEC3;
    default: return std::nullopt;
  }
}

}  // namespace

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
    case Rcode::yxrrset: return "YXRRSET";
    case Rcode::nxrrset: return "NXRRSET";
    case Rcode::notauth: return "NOTAUTH";
    case Rcode::notzone: return "NOTZONE";
    case Rcode::badvers: return "BADVERS";
  }
  return "RCODE" + std::to_string(static_cast<unsigned>(rcode));
}

std::optional<RrType> parse_type(std::string_view text) {
  constexpr std::size_t kLongest = 32;  // no name of a type is that long
  std::array<char, kLongest> octets;
  if (text.size() > kLongest) return std::nullopt;
  const auto upper = [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c & ~0x20 : c); };
  std::transform(text.begin(), text.end(), octets.begin(), upper);
  const std::string_view name(octets.data(), text.size());
  if (const auto type = common_type(name)) return type;

  // RFC 3597 5; ldns would take "TYPE70000" and cut it to 16 bits.
  if (name.starts_with("TYPE")) {
    std::uint16_t number = 0;
    const char* last = name.data() + name.size();
    const auto [end, error] = std::from_chars(name.data() + 4, last, number);
    if (error != std::errc() || end != last) return std::nullopt;
    return static_cast<RrType>(number);
  }
  static const std::vector<NamedType> types = named_types();
  const auto type = std::lower_bound(types.begin(), types.end(), name,
                                     [](const NamedType& t, std::string_view n) { return t.name < n; });
  if (type == types.end() || type->name != name) return std::nullopt;
  return type->type;
}

}  // namespace holdfast::zones
