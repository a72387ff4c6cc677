#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <utility>
#include <vector>

namespace holdfast::server {

using Labels = std::vector<prometheus::ClientMetric::Label>;

/// One metric with its series, as a scrape shows it.
class Family {
 public:
  Family(prometheus::MetricType type, std::string name, std::string help)
      : family_{std::move(name), std::move(help), type, {}} {}

  /// Adds the series with these labels; for counters and gauges.
  Family& add(Labels labels, double value) {
    prometheus::ClientMetric& metric = family_.metric.emplace_back();
    metric.label = std::move(labels);
    (family_.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    return *this;
  }
  Family& add(Labels labels, prometheus::ClientMetric::Histogram histogram) {
    prometheus::ClientMetric& metric = family_.metric.emplace_back();
    metric.label = std::move(labels);
    metric.histogram = std::move(histogram);
    return *this;
  }

  /// Hands the family over; one without series is left out.
  void move_to(std::vector<prometheus::MetricFamily>& families) {
    if (!family_.metric.empty()) families.push_back(std::move(family_));
  }

 private:
  prometheus::MetricFamily family_;
};

inline Family counter(std::string name, std::string help) {
  return {prometheus::MetricType::Counter, std::move(name), std::move(help)};
}
inline Family gauge(std::string name, std::string help) {
  return {prometheus::MetricType::Gauge, std::move(name), std::move(help)};
}
inline Family histogram(std::string name, std::string help) {
  return {prometheus::MetricType::Histogram, std::move(name), std::move(help)};
}

}  // namespace holdfast::server
