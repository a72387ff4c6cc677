#include <fmt/format.h>

#include "config/config.h"
#include "config/options.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kWidth = 40;  // of "key = value", before its comment

/// `key = value   # help`, as a comment when the value is only the default or a suggestion.
std::string line(const OptionText& option) {
  const std::string_view value = option.sample.empty() ? std::string_view(option.initial) : option.sample;
  const std::string setting = fmt::format("{}{} = {}", option.is_set ? "" : "# ", option.name, value);
  return fmt::format("{:<{}}  # {}\n", setting, kWidth, option.help);
}

/// A list of tables: what its tables may say, then the list.
std::string list(const OptionText& option) {
  std::string text = fmt::format("# {}\n", option.help);
  for (const OptionText& column : option.columns) {
    const std::string setting =
        fmt::format("#   {}{}", column.name, column.initial.empty() ? "" : " = " + column.initial);
    text += fmt::format("{:<{}}  # {}\n", setting, kWidth, column.help);
  }
  return text + fmt::format("{} = {}\n", option.name, option.sample);
}

}  // namespace

std::string sample() {
  std::string text =
      "# A configuration of holdfast. Lines that begin with \"#\" show defaults, or what could be said.\n"
      "# All options: holdfast config --reference. Is this file right: holdfast check FILE\n";
  for (const SectionText& section : sections()) {
    text += fmt::format("\n# {}\n{}\n", section.help, section.sample);
    for (const OptionText& option : section.options)
      text += option.columns.empty() ? line(option) : list(option);
  }
  return text;
}

}  // namespace holdfast::config
