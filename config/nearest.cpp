#include "config/nearest.h"

#include <algorithm>
#include <vector>

namespace holdfast::config {
namespace {

bool same(char a, char b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return lower(a) == lower(b);
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the usual table: to the empty prefix of a, to the one before, to this one.
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string_view nearest(std::string_view wrong, std::span<const std::string_view> words) {
  std::size_t best_distance = std::max<std::size_t>(wrong.size() / 3, 1) + 1;
  std::string_view best;
  for (const std::string_view word : words) {
    const std::size_t least =
        word.size() > wrong.size() ? word.size() - wrong.size() : wrong.size() - word.size();
    if (least >= best_distance) continue;
    const std::size_t distance = edit_distance(wrong, word);
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = word;
  }
  return best;
}

}  // namespace holdfast::config
