#include "server/control/probe_metrics.h"

#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

namespace holdfast::server {
namespace {

using health::Outcome;
using std::chrono::microseconds;

const health::TargetId kFirst{"web", boost::asio::ip::make_address("192.0.2.1")};
const health::TargetId kSecond{"web", boost::asio::ip::make_address("192.0.2.2")};
const health::TargetId kOther{"mail", boost::asio::ip::make_address("192.0.2.1")};

health::Observation seen(const health::TargetId& target, Outcome outcome, microseconds connect = {},
                         microseconds header = {}) {
  health::Observation observation;
  observation.target = target;
  observation.outcome = outcome;
  observation.connect = connect;
  observation.header = header;
  return observation;
}

std::string shown(ProbeMetrics& metrics, const std::vector<health::TargetId>& current) {
  return prometheus::TextSerializer().Serialize(metrics.collect(current));
}

TEST(ProbeMetrics, CountOutcomesByTarget) {
  ProbeMetrics metrics;
  metrics.observed(seen(kFirst, Outcome::passed));
  metrics.observed(seen(kFirst, Outcome::passed));
  metrics.observed(seen(kFirst, Outcome::refused));
  metrics.observed(seen(kOther, Outcome::expect_missing));
  EXPECT_EQ(shown(metrics, {kFirst, kOther}),
            R"(# HELP holdfast_probes_total Probes that ended, by how.
# TYPE holdfast_probes_total counter
holdfast_probes_total{monitor="mail",address="192.0.2.1",outcome="expect_missing"} 1
holdfast_probes_total{monitor="web",address="192.0.2.1",outcome="passed"} 2
holdfast_probes_total{monitor="web",address="192.0.2.1",outcome="refused"} 1
)");
}

TEST(ProbeMetrics, SpreadPhasesOverBuckets) {
  ProbeMetrics metrics;
  metrics.observed(seen(kFirst, Outcome::passed, microseconds(1000), microseconds(30000)));
  metrics.observed(seen(kSecond, Outcome::passed, microseconds(1001)));
  metrics.observed(seen(kSecond, Outcome::passed, microseconds(6000000)));
  const std::string text = shown(metrics, {kFirst, kSecond});
  EXPECT_NE(text.find(R"(holdfast_probe_phase_seconds_count{monitor="web",phase="connect"} 3
holdfast_probe_phase_seconds_sum{monitor="web",phase="connect"} 6.002001
holdfast_probe_phase_seconds_bucket{monitor="web",phase="connect",le="0.001"} 1
holdfast_probe_phase_seconds_bucket{monitor="web",phase="connect",le="0.002"} 2
)"),
            text.npos)
      << text;
  EXPECT_NE(text.find(R"(holdfast_probe_phase_seconds_bucket{monitor="web",phase="connect",le="5"} 2
holdfast_probe_phase_seconds_bucket{monitor="web",phase="connect",le="+Inf"} 3
)"),
            text.npos)
      << text;
  EXPECT_NE(text.find(R"({monitor="web",phase="header"} 1)"), text.npos) << text;
  EXPECT_EQ(text.find(R"(phase="tls")"), text.npos) << "no probe got there:\n" << text;
}

TEST(ProbeMetrics, ForgetTargetsThatAreGone) {
  ProbeMetrics metrics;
  metrics.observed(seen(kFirst, Outcome::passed, microseconds(1000)));
  metrics.observed(seen(kSecond, Outcome::passed, microseconds(1000)));
  EXPECT_EQ(shown(metrics, {kSecond}).find("192.0.2.1\""), std::string::npos);
  EXPECT_NE(shown(metrics, {kSecond}).find("phase=\"connect\""), std::string::npos)
      << "the monitor has a target left";
  EXPECT_EQ(shown(metrics, {}), "");
  metrics.observed(seen(kFirst, Outcome::passed));
  EXPECT_NE(shown(metrics, {kFirst}).find("outcome=\"passed\"} 1\n"), std::string::npos) << "counted anew";
}

}  // namespace
}  // namespace holdfast::server
