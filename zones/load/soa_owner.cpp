#include "zones/load/soa_owner.h"

#include <algorithm>

#include "zones/dns/type.h"
#include "zones/load/lines.h"

namespace holdfast::zones {
namespace {

/// Null also for what is relative to an origin that nobody has said.
std::optional<Name> parse(std::string_view text, const std::optional<Name>& origin) {
  if (origin) return Name::parse(text, *origin);
  static const Name kSomewhere = Name::parse("somewhere.").value();
  const std::optional<Name> name = Name::parse(text, NameView());
  return name == Name::parse(text, kSomewhere) ? name : std::nullopt;  // else it depends on the origin
}

bool is_origin(std::string_view text) {
  constexpr std::string_view kOrigin = "$ORIGIN";
  return std::ranges::equal(text, kOrigin, {}, [](char c) { return c >= 'a' && c <= 'z' ? c & ~0x20 : c; });
}

}  // namespace

std::optional<Name> soa_owner(std::string_view text) {
  std::optional<Name> origin, owner;
  LineReader lines(text);
  for (Line line; lines.next(line);) {
    if (line.tokens.empty()) continue;
    const std::string_view first = line.tokens[0].text;
    if (!line.indented && is_origin(first)) {
      origin = line.tokens.size() > 1 ? parse(line.tokens[1].text, origin) : std::nullopt;
      continue;
    }
    if (!line.indented) owner = parse(first, origin);
    for (std::size_t i = line.indented ? 0 : 1; i < line.tokens.size(); ++i) {  // behind TTL and class
      const auto type = parse_type(line.tokens[i].text);
      if (type == RrType::SOA) return owner;
      if (type) break;
    }
  }
  return std::nullopt;
}

}  // namespace holdfast::zones
