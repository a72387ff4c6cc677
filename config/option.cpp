#include "config/option.h"

#include <fmt/format.h>

#include "config/nearest.h"

namespace holdfast::config {

std::vector<std::string_view> report_unknown(const toml::table& table, const Scope& scope,
                                             std::span<const std::string_view> known) {
  std::vector<std::string_view> meant;
  for (const auto& [key, value] : table) {
    if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
    meant.push_back(nearest(key.str(), known));
    scope.error(key.source().begin,
                scope.report.full()
                    ? ""
                    : fmt::format("unknown key {}; {}", in_quotes(key.str()), suggest(key.str(), known)));
  }
  return meant;
}

}  // namespace holdfast::config
