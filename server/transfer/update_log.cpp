#include "server/transfer/update_log.h"

#include <fmt/format.h>

namespace holdfast::server {
namespace {

constexpr std::chrono::seconds kQuiet{1};  // from one time that something is said to the next

}  // namespace

UpdateLog::Sum& UpdateLog::sum_of(const zones::Name& zone, const std::string& sender) {
  const auto known = sums_.find({zone, sender});
  if (known != sums_.end()) return known->second;
  if (sums_.size() < kMaxSendersTold) return sums_[{zone, sender}];
  return others_;
}

void UpdateLog::changed(const zones::Name& zone, const std::string& sender, const zones::Updated& updated) {
  Sum& sum = sum_of(zone, sender);
  ++sum.changed;
  sum.added += updated.added.size();
  sum.removed += updated.removed.size();
  if (updated.soa) sum.has_soa = true;
}

void UpdateLog::refused(const zones::Name& zone, const std::string& sender, const std::string& why) {
  Sum& sum = sum_of(zone, sender);
  if (++sum.refused == 1) sum.why = why;
}

void UpdateLog::failed(const zones::Name& zone, const std::string& sender, const std::string& problem) {
  Sum& sum = sum_of(zone, sender);
  if (++sum.failed == 1) sum.problem = problem;
}

std::optional<UpdateLog::Time> UpdateLog::due() const {
  if (sums_.empty()) return std::nullopt;
  return quiet_until_;
}

std::vector<UpdateLog::Line> UpdateLog::take(Time now) {
  std::vector<Line> lines;
  if (sums_.empty() || now < quiet_until_) return lines;
  quiet_until_ = now + kQuiet;
  const auto tell = [&](const std::string& zone, const std::string& sender, const Sum& sum) {
    const auto add = [&](spdlog::level::level_enum level, std::uint64_t count, const std::string& what) {
      if (count == 0) return;
      const std::string updates = count == 1 ? "update" : fmt::format("{} updates", count);
      lines.push_back({level, fmt::format("{}{} by {}: {}", zone, updates, sender, what)});
    };
    add(spdlog::level::info, sum.changed,
        fmt::format("{} records added, {} removed{}", sum.added, sum.removed,
                    sum.has_soa ? ", another SOA" : ""));
    add(spdlog::level::warn, sum.refused, (sum.refused == 1 ? "" : "the first: ") + sum.why);
    add(spdlog::level::err, sum.failed, (sum.failed == 1 ? "failed: " : "failed, the first: ") + sum.problem);
  };
  for (const auto& [who, sum] : sums_) tell("zone " + who.first.text() + ": ", who.second, sum);
  tell("", "others", others_);
  sums_.clear();
  others_ = Sum();
  return lines;
}

}  // namespace holdfast::server
