#include "config/agent_kinds.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/contact_kinds.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxUrl = 512;                               // octets
constexpr std::string_view kRules[] = {"majority", "any", "all"};  // by Quorum::Rule
constexpr std::string_view kSchemes[] = {"https://", "http://"};

}  // namespace

std::optional<Degrees::Value> Degrees::read(const toml::node& node, const Scope& scope) const {
  const std::optional<double> number = node.is_number() ? node.value<double>() : std::nullopt;
  if (!number) {
    scope.error(node, fmt::format("expected degrees from {} to {}, found {}", -most, most, found(node)));
    return std::nullopt;
  }
  if (*number >= -most && *number <= most) return Value(*number);
  scope.error(node, fmt::format("{} is outside {} .. {}", *number, -most, most));
  return std::nullopt;
}

std::string Degrees::toml(const Value& value) { return value ? fmt::format("{}", *value) : ""; }

std::string Degrees::range() const { return fmt::format("{} .. {}", -most, most); }

std::optional<health::Quorum> QuorumRule::read(const toml::node& node, const Scope& scope) const {
  using Rule = health::Quorum::Rule;
  if (node.is_integer()) {
    const auto number = read_integer(node, scope, 1, most);
    if (!number) return std::nullopt;
    return health::Quorum{Rule::number, static_cast<unsigned>(*number)};
  }
  if (!node.is_string()) {
    scope.error(node,
                fmt::format("expected one of {}, or a number, found {}", choice_range(kRules), found(node)));
    return std::nullopt;
  }
  const auto rule = read_choice(node, scope, kRules);
  return rule ? std::optional(health::Quorum{static_cast<Rule>(*rule), 0}) : std::nullopt;
}

std::string QuorumRule::toml(const health::Quorum& value) {
  return value.rule == health::Quorum::Rule::number
             ? std::to_string(value.number)
             : toml_string(kRules[static_cast<std::size_t>(value.rule)]);
}

std::string QuorumRule::range() const { return fmt::format("{}, or 1 .. {}", choice_range(kRules), most); }

std::optional<std::string> StoreUrl::read(const toml::node& node, const Scope& scope) {
  const toml::value<std::string>* text = node.as_string();
  if (text == nullptr) {
    scope.error(node, "expected a URL such as \"https://192.0.2.10:2379\", found " + found(node));
    return std::nullopt;
  }
  std::string url = text->get();
  if (url.find('@') != url.npos) {  // not shown: there may be a password before it
    scope.error(
        node, "has a user before the host; only a URL without is taken, give user and password_file instead");
    return std::nullopt;
  }
  if (url.ends_with('/')) url.pop_back();
  for (const std::string_view scheme : kSchemes) {
    if (!url.starts_with(scheme) || url.size() > kMaxUrl) continue;
    const std::string_view host = std::string_view(url).substr(scheme.size());
    const bool has_port = host.substr(host.rfind(']') + 1).find(':') != host.npos;
    if (is_host_and_port(host) && has_port) return url;
  }
  scope.error(node,
              in_quotes(url) +
                  " is no URL of a store; write one such as \"https://192.0.2.10:2379\", with its port and "
                  "without a path");
  return std::nullopt;
}

std::optional<std::string> KeyPrefix::read(const toml::node& node, const Scope& scope) const {
  const auto text = Text{most}.read(node, scope);
  if (!text || (text->starts_with('/') && text->ends_with('/'))) return text;
  scope.error(node,
              in_quotes(*text) + " does not begin and end with \"/\"; write one such as \"/holdfast/\"");
  return std::nullopt;
}

std::string KeyPrefix::range() const {
  return fmt::format("text of at most {} octets that begins and ends with `/`", most);
}

}  // namespace holdfast::config
