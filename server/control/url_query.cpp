#include "server/control/url_query.h"

#include <algorithm>

namespace holdfast::server {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (text.size() - i < 3 || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0) return std::nullopt;
    result += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
    i += 2;
  }
  return result;
}

}  // namespace

std::optional<std::vector<Parameter>> parameters(std::string_view query) {
  std::vector<Parameter> result;
  while (!query.empty()) {
    const std::string_view item = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(item.size() + 1, query.size()));
    const std::size_t equals = item.find('=');
    if (equals == item.npos) return std::nullopt;
    auto name = decoded(item.substr(0, equals));
    auto value = decoded(item.substr(equals + 1));
    if (!name || !value) return std::nullopt;
    result.push_back({*std::move(name), *std::move(value)});
  }
  return result;
}

}  // namespace holdfast::server
