#include <fmt/format.h>

#include "config/config.h"
#include "config/options.h"

namespace holdfast::config {
namespace {

std::string code(std::string_view text) { return fmt::format("`{}`", text); }

std::string rows(const std::vector<OptionText>& options) {
  std::string page = "| key | value | default | |\n|---|---|---|---|\n";
  for (const OptionText& option : options) {
    const std::string initial = option.is_required       ? "required"
                                : option.initial.empty() ? "none"
                                                         : code(option.initial);
    const std::string only =
        option.only.empty() ? "" : fmt::format(" Only for {}.", choice_range(option.only));
    page += fmt::format("| `{}` | {} | {} | {}{} |\n", option.name, option.range, initial, option.help, only);
  }
  return page;
}

}  // namespace

std::string reference() {
  std::string page =
      "# Configuration\n\n"
      "A configuration file is TOML. `holdfast check FILE` tells every problem of one with its place,\n"
      "`holdfast config --sample` prints a file to start from, and `holdfast config --reference` this "
      "page.\n\n"
      "Durations are text with the units `d`, `h`, `m`, `s` and `ms`, such as `\"10s\"`, `\"500ms\"` or "
      "`\"1h30m\"`.\n"
      "Paths are relative to the file's directory. Names of monitors and pools are 1 to 63 letters, digits,\n"
      "`-`, `_` or `.`.\n";
  for (const SectionText& section : sections()) {
    page += fmt::format("\n## {}\n\n{}\n\n{}", code(section.header), section.help, rows(section.options));
    for (const OptionText& option : section.options) {
      if (option.columns.empty()) continue;
      page +=
          fmt::format("\n### {} of {}\n\n{}", code(option.name), code(section.header), rows(option.columns));
    }
  }
  return page;
}

}  // namespace holdfast::config
