#include "health/probe/combine.h"

#include "health/probe/detail.h"

namespace holdfast::health {
namespace {

std::size_t needed(const MonitorSettings& monitor) {
  switch (monitor.type) {
    case Protocol::any: return 1;
    case Protocol::at_least: return monitor.count;
    default: return monitor.parts.size();
  }
}

std::string in_parentheses(const std::string& detail) { return detail.empty() ? "" : " (" + detail + ')'; }

std::string text(const std::optional<ProbeResult>& found) {
  if (!found) return "not waited for";
  if (const auto* not_run = std::get_if<NotRun>(&*found))
    return "not run" + in_parentheses(printable(not_run->why));
  const auto& seen = std::get<Observation>(*found);
  return std::string(text(seen.outcome)) + (seen.passed() ? "" : in_parentheses(seen.detail));
}

std::string detail(const MonitorSettings& monitor, std::span<const std::optional<ProbeResult>> found) {
  std::string all;
  for (std::size_t i = 0; i < found.size(); ++i) {
    all += (i == 0 ? "" : "; ") + monitor.parts[i].name + ": " + text(found[i]);
  }
  return all;
}

}  // namespace

std::optional<std::variant<Finding, NotRun>> combine(const MonitorSettings& monitor,
                                                     std::span<const std::optional<ProbeResult>> found) {
  std::size_t open = 0;
  std::size_t passed = 0;
  std::size_t failed = 0;
  Outcome first = Outcome::passed;  // of the failures
  for (const auto& result : found) {
    const auto* const seen = result ? std::get_if<Observation>(&*result) : nullptr;
    if (!result) ++open;
    if (seen == nullptr) continue;
    ++(seen->passed() ? passed : failed);
    if (first == Outcome::passed) first = seen->outcome;
  }
  const std::size_t need = needed(monitor);
  if (passed >= need) return Finding{Outcome::passed, detail(monitor, found)};
  if (failed > found.size() - need) return Finding{first, detail(monitor, found)};
  if (open == 0) return NotRun{detail(monitor, found)};
  return std::nullopt;
}

}  // namespace holdfast::health
