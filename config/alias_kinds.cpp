#include "config/alias_kinds.h"

#include <fmt/format.h>

namespace holdfast::config {
namespace {

constexpr std::string_view kWatched[] = {"A", "MX", "SRV"};

}  // namespace

std::optional<zones::Name> WholeName::read(const toml::node& node, const Scope& scope) {
  Scope anywhere = scope;
  anywhere.origin = {};
  if (node.value<std::string_view>() == "@") {
    scope.error(node, "\"@\" would lead to the zone itself; write the whole name that it leads to");
    return std::nullopt;
  }
  const auto name = DomainName::read(node, anywhere);
  if (name && name->view().labels() < 2) {
    scope.error(node,
                fmt::format("{} is taken as a whole name, and has only one label; write the whole, such as "
                            "\"www.example.com\"",
                            in_quotes(name->text())));
    return std::nullopt;
  }
  return name;
}

std::optional<zones::RrType> WatchedType::read(const toml::node& node, const Scope& scope) {
  const auto place = read_choice(node, scope, kWatched);
  return place ? zones::parse_type(kWatched[*place]) : std::nullopt;
}

std::string WatchedType::range() { return choice_range(kWatched); }

std::optional<zones::RrType> DataType::read(const toml::node& node, const Scope& scope) {
  const auto text = TypeName::read(node, scope);
  const auto type = text ? zones::parse_type(*text) : std::nullopt;
  if (!type || zones::is_data_type(*type)) return type;
  scope.error(node, fmt::format("{} is no type of records in a zone", in_quotes(*text)));
  return std::nullopt;
}

std::optional<AliasTargets::Value> AliasTargets::read(const toml::node& node, const Scope& scope) const {
  if (node.is_array()) return ListOf<WholeName>{{}, most}.read(node, scope);
  const auto name = WholeName::read(node, scope);
  return name ? std::optional(Value{*name}) : std::nullopt;
}

std::string AliasTargets::toml(const Value& names) {
  return names.size() == 1 ? WholeName::toml(names.front()) : ListOf<WholeName>{{}, names.size()}.toml(names);
}

}  // namespace holdfast::config
