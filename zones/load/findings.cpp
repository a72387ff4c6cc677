#include "zones/load/findings.h"

#include <algorithm>
#include <tuple>

namespace holdfast::zones {

std::string Problem::text() const {
  std::string text = file;
  if (line != 0) text += ':' + std::to_string(line);
  text += severity == Severity::warning ? ": warning: " : ": ";
  return text + what;
}

void Findings::Kind::add(Place place, std::string what) {
  ++total;
  if (kept.size() < kMaxProblems) kept.push_back({place, severity, std::move(what)});
}

void Findings::Kind::append(Kind&& later, std::uint32_t lines) {
  total += later.total;
  for (Finding& finding : later.kept) {
    if (kept.size() == kMaxProblems) break;
    finding.place.line += lines;
    kept.push_back(std::move(finding));
  }
}

void Findings::append(Findings&& later, std::uint32_t lines) {
  errors_.append(std::move(later.errors_), lines);
  warnings_.append(std::move(later.warnings_), lines);
}

std::vector<Problem> Findings::problems(std::span<const std::string> files) const {
  const std::size_t total = errors_.total + warnings_.total;
  if (total == 0) return {};
  const std::size_t shown = total > kMaxProblems ? kMaxProblems - 1 : total;
  std::vector<Finding> findings = errors_.kept;
  findings.insert(findings.end(), warnings_.kept.begin(), warnings_.kept.end());
  findings.resize(shown);
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.place.file, a.place.line) < std::tie(b.place.file, b.place.line);
  });

  std::vector<Problem> problems;
  problems.reserve(std::min(total, kMaxProblems));
  for (const Finding& finding : findings) {
    problems.push_back({files[finding.place.file], finding.place.line, finding.severity, finding.what});
  }
  if (shown < total) {
    const bool errors_left = errors_.total > shown;
    problems.push_back({files[0], 0, errors_left ? Problem::Severity::error : Problem::Severity::warning,
                        std::to_string(total - shown) + " more problems are not shown"});
  }
  return problems;
}

}  // namespace holdfast::zones
