#include "server/control/override_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <map>

#include "config/duration.h"
#include "server/control/url_query.h"

namespace holdfast::server {
namespace {

using Values = std::map<std::string, std::string>;

/// Each parameter by its name; those of `needed` are there.
std::variant<Values, std::string> values(std::string_view query,
                                         std::initializer_list<std::string_view> needed,
                                         std::initializer_list<std::string_view> others) {
  const auto given = parameters(query);
  if (!given) return kQueryForm;
  Values found;
  for (const Parameter& parameter : *given) {
    const auto is_it = [&](std::string_view name) { return name == parameter.name; };
    if (std::none_of(needed.begin(), needed.end(), is_it) &&
        std::none_of(others.begin(), others.end(), is_it))
      return fmt::format("\"{}\" is not known here", parameter.name);
    if (!found.emplace(parameter.name, parameter.value).second)
      return fmt::format("{} stands here twice", parameter.name);
  }
  for (const std::string_view name : needed) {
    if (found.count(std::string(name)) == 0) return fmt::format("{}=... is missing", name);
  }
  return found;
}

}  // namespace

std::variant<OverrideWish, std::string> override_wish(std::string_view query) {
  auto given = values(query, {"decision", "subject", "author", "reason"}, {"for", "force"});
  if (auto* wrong = std::get_if<std::string>(&given)) return std::move(*wrong);
  Values& found = std::get<Values>(given);
  OverrideWish wish{.subject = found["subject"], .author = found["author"], .reason = found["reason"]};
  const auto* const decision =
      std::find(std::begin(health::kDecisions), std::end(health::kDecisions), found["decision"]);
  if (decision == std::end(health::kDecisions)) return "decision is drain, force_up or force_down";
  wish.decision = static_cast<health::Decision>(decision - std::begin(health::kDecisions));
  if (const auto lasts = found.find("for"); lasts != found.end()) {
    wish.lasts = config::parse_duration(lasts->second);
    if (!wish.lasts) return "for is a time, such as 30m or 1h30m";
  }
  if (const auto force = found.find("force"); force != found.end()) {
    wish.force = force->second == "true";
    if (!wish.force && force->second != "false") return "force is true or false";
  }
  return wish;
}

std::variant<ReleaseWish, std::string> release_wish(std::string_view query) {
  auto given = values(query, {"subject", "author"}, {});
  if (auto* wrong = std::get_if<std::string>(&given)) return std::move(*wrong);
  Values& found = std::get<Values>(given);
  return ReleaseWish{found["subject"], found["author"]};
}

}  // namespace holdfast::server
