#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "config/config.h"
#include "config/options.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kWidth = 20;  // of "key = value" before its help, within a list of tables

/// The help, then `key = value`, as a comment when the value is only the default or a suggestion; within its sentence
/// when it is not for `type`, the one that the sample has, or not beside another option.
std::string setting(const OptionText& option, std::string_view type) {
  std::string text = fmt::format("# {}\n", option.help);
  for (const OptionText& column : option.columns) {
    const std::string initial = column.initial.empty() ? "" : " = " + column.initial;
    text += fmt::format("#   {:<{}}  {}\n", std::string(column.name) + initial, kWidth, column.help);
  }
  const std::string_view value = option.sample.empty() ? std::string_view(option.initial) : option.sample;
  const auto& only = option.only;
  if (!only.empty() && std::find(only.begin(), only.end(), type) == only.end()) {
    return text + fmt::format("# With type {}: {} = {}\n", choice_range(only), option.name, value);
  }
  if (!option.instead_of.empty())
    return text + fmt::format("# Instead of {}: {} = {}\n", option.instead_of, option.name, value);
  return text + fmt::format("{}{} = {}\n", option.is_set ? "" : "#", option.name, value);
}

}  // namespace

std::string sample() {
  std::string text =
      "# A configuration of holdfast. \"#key = value\" shows a default, or what could be said instead.\n"
      "# Every option: holdfast config --reference. Whether a file is right: holdfast check FILE\n";
  for (const SectionText& section : sections()) {
    text += fmt::format("\n\n# {}\n", section.help);
    std::istringstream headers{std::string(section.sample)};
    for (std::string line; std::getline(headers, line);)
      text += (section.is_set || line.empty() ? "" : "#") + line + '\n';
    for (const OptionText& option : section.options) text += '\n' + setting(option, section.type);
  }
  return text;
}

}  // namespace holdfast::config
