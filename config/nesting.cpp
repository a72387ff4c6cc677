#include "config/nesting.h"

#include <algorithm>

#include "config/config.h"

namespace holdfast::config {
namespace {

/// The octets of the comment or string at the start of `text`, 0 when there is neither. What is not closed
/// goes to the end of its line, or of the text when it may have several lines.
std::size_t opaque_length(std::string_view text) {
  const auto up_to = [text](std::size_t end, std::size_t closing) {
    return end == std::string_view::npos ? text.size() : end + closing;
  };
  if (text[0] == '#') return up_to(text.find('\n'), 0);
  if (text[0] != '"' && text[0] != '\'') return 0;
  const bool has_escapes = text[0] == '"';
  const std::string_view quotes = text.substr(0, 3);
  const bool has_lines = quotes == "\"\"\"" || quotes == "'''";
  const std::string_view closing = has_lines ? quotes : quotes.substr(0, 1);
  for (std::size_t i = closing.size(); i < text.size(); ++i) {
    if (text[i] == '\\' && has_escapes) {
      ++i;
    } else if (text[i] == '\n' && !has_lines) {
      return i;
    } else if (text.substr(i).starts_with(closing)) {
      // Up to two quotes before the closing three belong to the string: """a"""" is one (TOML 1.0, "String").
      std::size_t end = i + closing.size();
      while (has_lines && end < std::min(i + 5, text.size()) && text[end] == closing[0]) ++end;
      return end;
    }
  }
  return text.size();
}

}  // namespace

std::optional<toml::source_position> too_deep(std::string_view text) {
  std::size_t brackets = 0;
  std::size_t dots = 0;  // since the last sign that ends a key; those of numbers do no harm
  std::size_t line = 0;  // where it starts
  toml::source_index line_number = 1;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = i + opaque_length(text.substr(i));
    if (end > i) {
      for (; i < end; ++i) {
        if (text[i] != '\n') continue;
        ++line_number;
        line = i + 1;
      }
      continue;
    }
    switch (text[i]) {
      case '[':
      case '{':
        ++brackets;
        dots = 0;
        break;
      case ']':
      case '}': brackets -= brackets == 0 ? 0 : 1; break;
      case '.': ++dots; break;
      case '=':
      case ',': dots = 0; break;
      case '\n':
        dots = 0;
        ++line_number;
        line = i + 1;
        break;
      default: break;
    }
    if (brackets > kMaxNesting || dots >= kMaxNesting) {
      return toml::source_position{line_number, static_cast<toml::source_index>(i - line + 1)};
    }
    ++i;
  }
  return std::nullopt;
}

}  // namespace holdfast::config
