#include "config/geo_kinds.h"

#include <fmt/format.h>

namespace holdfast::config {
namespace {

std::optional<std::string> read_text(const toml::node& node, const Scope& scope, std::string_view such_as) {
  const auto text = node.value<std::string>();
  if (!text) scope.error(node, fmt::format("expected {}, found {}", such_as, found(node)));
  return text;
}

}  // namespace

std::optional<zones::Country> CountryCode::read(const toml::node& node, const Scope& scope) {
  const auto text = read_text(node, scope, "a country code such as \"IE\"");
  if (!text) return std::nullopt;
  if (const std::string wrong = zones::wrong_country(*text); !wrong.empty()) {
    scope.error(node, printed(wrong));
    return std::nullopt;
  }
  return zones::Country::parse(*text);
}

std::optional<zones::Continent> ContinentCode::read(const toml::node& node, const Scope& scope) {
  const auto text = read_text(node, scope, "a continent such as \"EU\"");
  if (!text) return std::nullopt;
  if (const std::string wrong = zones::wrong_continent(*text); !wrong.empty()) {
    scope.error(node, printed(wrong));
    return std::nullopt;
  }
  return zones::parse_continent(*text);
}

std::string ContinentCode::range() { return choice_range(zones::kContinents); }

std::optional<zones::Prefix> Network::read(const toml::node& node, const Scope& scope) {
  const auto text = read_text(node, scope, "a network such as \"192.0.2.0/24\"");
  if (!text) return std::nullopt;
  auto parsed = zones::Prefix::parse(*text);
  if (!parsed.prefix) scope.error(node, printed(parsed.error));
  return parsed.prefix;
}

}  // namespace holdfast::config
