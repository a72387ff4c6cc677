#include "server/cli/table.h"

#include <algorithm>

namespace holdfast::server {
namespace {

constexpr std::string_view kGap = "  ";
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

bool continues_character(char octet) { return (static_cast<unsigned char>(octet) & 0xc0U) == 0x80U; }

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char octet) { return !continues_character(octet); }));
}

std::string cut(const std::string& text, std::size_t width) {
  if (characters(text) <= width) return text;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    if (!continues_character(text[end]) && ++seen == width) break;
  }
  return text.substr(0, end).append(kEllipsis);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string clean;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    const bool c1 = octet == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (octet < 0x20 || octet == 0x7f || c1) {
      clean += '?';
      if (c1) ++i;
    } else {
      clean += text[i];
    }
  }
  return clean;
}

std::string Table::text(std::size_t width) const {
  if (rows_.empty()) return "";
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : columns_) lines.front().push_back(column.title);
  for (const auto& row : rows_) {
    auto& line = lines.emplace_back();
    for (const std::string& cell : row) line.push_back(printable(cell));
  }

  std::vector<std::size_t> widths(columns_.size());
  for (const auto& line : lines) {
    const std::size_t own =
        line.size() < columns_.size() ? line.size() - 1 : line.size();  // all but what runs over
    for (std::size_t i = 0; i < own; ++i) widths[i] = std::max(widths[i], characters(line[i]));
  }

  std::string all;
  for (const auto& line : lines) {
    std::string shown;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const bool last = i + 1 == line.size();
      const std::size_t used = characters(line[i]);
      const std::string padding(
          used < widths[i] && !(last && line.size() < columns_.size()) ? widths[i] - used : 0, ' ');
      if (i > 0) shown += kGap;
      shown += columns_[i].align == Align::right ? padding + line[i] : last ? line[i] : line[i] + padding;
    }
    all += (line.size() == 1 ? shown : cut(shown, width)) + "\n";
  }
  return all;
}

}  // namespace holdfast::server
