#include "tests/bench/endpoints/visits.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace holdfast::bench {
namespace {

using Seconds = std::chrono::duration<double>;

double quantile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

void Visits::begin() {
  for (auto& times : times_) times.clear();
  begun_ = Clock::now();
}

void Visits::add(std::uint32_t address, Clock::time_point now) {
  const std::uint32_t endpoint = address - first_;
  if (endpoint < times_.size()) times_[endpoint].push_back(now);
}

std::string Visits::report(Seconds interval) const {
  const Seconds window = Clock::now() - begun_;
  std::vector<double> spacing;
  std::vector<std::size_t> per_second(
      static_cast<std::size_t>(window.count()));  // the last, begun one is left out
  std::size_t seen = 0, unseen = 0;
  double missed = 0;
  for (const auto& times : times_) {
    seen += times.size();
    if (times.empty()) {
      ++unseen;
      missed += std::floor(window / interval);
    }
    for (std::size_t i = 0; i < times.size(); ++i) {
      const auto second = static_cast<std::size_t>(Seconds(times[i] - begun_).count());
      if (second < per_second.size()) ++per_second[second];
      if (i == 0) continue;
      spacing.push_back(Seconds(times[i] - times[i - 1]) / interval);
      missed += std::max(0.0, std::round(spacing.back()) - 1);
    }
  }
  std::sort(spacing.begin(), spacing.end());
  const double mean = static_cast<double>(seen) / std::max(window.count(), 1e-9);
  const double busiest =
      per_second.empty() ? 0 : static_cast<double>(*std::max_element(per_second.begin(), per_second.end()));

  std::ostringstream out;
  out << "{\"seconds\": " << window.count() << ", \"visits\": " << seen << ", \"unseen\": " << unseen
      << ", \"missed\": " << missed / std::max(1.0, missed + static_cast<double>(seen))
      << ", \"busiest_second\": " << busiest / std::max(mean, 1e-9);
  for (const auto& [name, share] :
       {std::pair("min", 0.0), std::pair("p1", 0.01), std::pair("p99", 0.99), std::pair("max", 1.0)}) {
    out << ", \"" << name << "\": " << quantile(spacing, share);
  }
  out << '}';
  return out.str();
}

}  // namespace holdfast::bench
