#include "server/control/metrics.h"

#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>

#include "tests/health/log/scratch.h"
#include "tests/server/control/sample_state.h"

namespace holdfast::server {
namespace {

/// What a scrape shows, without HELP and TYPE.
std::string series(const std::vector<prometheus::MetricFamily>& families, std::string_view prefix) {
  std::istringstream lines(prometheus::TextSerializer().Serialize(families));
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(prefix)) kept += line + "\n";
  }
  return kept;
}

Answered answered(zones::RrType type, zones::Rcode rcode, zones::ZoneNumber zone = zones::kNoZone,
                  zones::LiveIndex live = zones::kNotLive) {
  return {.size = 100, .rcode = rcode, .type = type, .truncated = false, .zone = zone, .live = live};
}

using zones::Rcode;
using zones::RrType;

TEST(Metrics, SumUpTheWorkersByTransport) {
  Counters first(Transport::udp), second(Transport::udp), tcp(Transport::tcp);
  first.count(answered(RrType::A, Rcode::noerror));
  second.count(answered(RrType::A, Rcode::noerror));
  second.count(answered(RrType::AAAA, Rcode::nxdomain));
  second.count(answered(static_cast<RrType>(65280), Rcode::badvers));
  second.count(answered(RrType{}, Rcode::formerr));
  second.count({});
  second.unsent.add(3);
  Answered truncated = answered(RrType::TXT, Rcode::noerror);
  truncated.truncated = true;
  tcp.count(truncated);
  ControlState state = sample_state();
  state.counters = {&first, &second, &tcp};
  const auto families = collect(state, {});
  EXPECT_EQ(series(families, "holdfast_queries"),
            R"(holdfast_queries_total{transport="udp",type="none",rcode="FORMERR"} 1
holdfast_queries_total{transport="udp",type="A",rcode="NOERROR"} 2
holdfast_queries_total{transport="udp",type="AAAA",rcode="NXDOMAIN"} 1
holdfast_queries_total{transport="udp",type="other",rcode="BADVERS"} 1
holdfast_queries_total{transport="tcp",type="TXT",rcode="NOERROR"} 1
holdfast_queries_dropped_total{transport="udp"} 1
holdfast_queries_dropped_total{transport="tcp"} 0
)");
  EXPECT_EQ(series(families, "holdfast_answers"),
            R"(holdfast_answers_truncated_total{transport="udp"} 0
holdfast_answers_truncated_total{transport="tcp"} 1
holdfast_answers_unsent_total{transport="udp"} 3
holdfast_answers_unsent_total{transport="tcp"} 0
)");
}

TEST(Metrics, TellConnectionsOverTlsApart) {
  TcpCounters tcp, tls;
  tcp.accepted.add(3);
  tls.accepted.add(5);
  tls.closed.add(1);
  tls.bad_handshakes.add(1);
  ControlState state = sample_state();
  state.connections = {&tcp};
  state.tls_connections = {&tls};
  const auto families = collect(state, {});
  EXPECT_NE(series(families, "holdfast_tcp_").find("holdfast_tcp_connections 3\n"), std::string::npos);
  EXPECT_EQ(series(families, "holdfast_tls_"), R"(holdfast_tls_connections 4
holdfast_tls_connections_accepted_total 5
holdfast_tls_connections_evicted_total 0
holdfast_tls_connections_timed_out_total 0
holdfast_tls_accept_errors_total 0
holdfast_tls_handshakes_failed_total 1
)");
}

TEST(Metrics, ShowZones) {
  Counters worker(Transport::udp), idle(Transport::tcp);
  worker.zones.reserve(1);
  worker.count(answered(RrType::A, Rcode::noerror, 0));
  worker.count(answered(RrType::A, Rcode::nxdomain, 0));
  worker.count(answered(RrType::A, Rcode::nxdomain, 0));
  worker.count(answered(RrType::A, Rcode::servfail, 0));
  ControlState state = sample_state();
  state.counters = {&worker, &idle};
  EXPECT_EQ(series(collect(state, {}), "holdfast_zone_"),
            R"(holdfast_zone_queries_total{zone="example.com.",rcode="NOERROR"} 1
holdfast_zone_queries_total{zone="example.com.",rcode="NXDOMAIN"} 2
holdfast_zone_queries_total{zone="example.com.",rcode="other"} 1
holdfast_zone_queries_total{zone="example.org.",rcode="NOERROR"} 0
holdfast_zone_queries_total{zone="example.org.",rcode="NXDOMAIN"} 0
holdfast_zone_queries_total{zone="example.org.",rcode="other"} 0
holdfast_zone_serving{zone="example.com."} 1
holdfast_zone_serving{zone="example.org."} 0
holdfast_zone_refused{zone="example.com."} 0
holdfast_zone_refused{zone="example.org."} 1
holdfast_zone_serial{zone="example.com."} 2026030101
holdfast_zone_records{zone="example.com."} 12
holdfast_zone_memory_bytes{zone="example.com."} 4096
holdfast_zone_loaded_timestamp_seconds{zone="example.com."} 1772323201
)");
}

TEST(Metrics, ShowLiveNames) {
  Counters worker(Transport::udp);
  worker.live.reserve(1);
  worker.count(answered(RrType::A, Rcode::noerror, 0, 0));
  ControlState state = sample_state();
  state.counters = {&worker};
  EXPECT_EQ(series(collect(state, {}), "holdfast_live"),
            R"(holdfast_live_answers_total{zone="example.com.",name="www.example.com."} 1
holdfast_live_members{zone="example.com.",name="www.example.com.",verdict="unknown"} 0
holdfast_live_members{zone="example.com.",name="www.example.com.",verdict="up"} 1
holdfast_live_members{zone="example.com.",name="www.example.com.",verdict="down"} 1
holdfast_live_members_answering{zone="example.com.",name="www.example.com."} 1
holdfast_live_ttl_seconds{zone="example.com.",name="www.example.com."} 30
)");
}

TEST(Metrics, ShowALiveNameOfSeveralTypes) {
  ControlState state = sample_state();
  LiveNameStatus mail = live_name();
  mail.type = RrType::MX;
  mail.members = {
      {.name = "mx1.example.com.", .verdict = health::Verdict::up, .answering = true},
      {.address = address("192.0.2.30"), .of = "mx1.example.com.", .verdict = health::Verdict::up},
      {.name = "eu", .is_pool = true, .verdict = health::Verdict::up, .answering = true}};
  state.live_names = [mail] { return std::vector{live_name(), mail}; };
  const std::string shown = series(collect(state, {}), "holdfast_live");
  const std::string_view answers = "holdfast_live_answers_total";
  EXPECT_EQ(shown.find(answers), shown.rfind(answers)) << "one series for both";
  EXPECT_NE(
      shown.find(
          R"(holdfast_live_members{zone="example.com.",name="www.example.com.",type="MX",verdict="up"} 1)"),
      std::string::npos)
      << shown;
  EXPECT_NE(
      shown.find(
          R"(holdfast_live_members_answering{zone="example.com.",name="www.example.com.",type="MX"} 1)"),
      std::string::npos);
}

TEST(Metrics, ShowTargets) {
  const auto families = collect(sample_state(), {});
  EXPECT_EQ(series(families, "holdfast_target_verdict") + series(families, "holdfast_target_transitions") +
                series(families, "holdfast_target_last"),
            R"(holdfast_target_verdict{monitor="web",address="192.0.2.10",verdict="up"} 0
holdfast_target_verdict{monitor="web",address="192.0.2.10",verdict="down"} 1
holdfast_target_verdict{monitor="web",address="192.0.2.10",verdict="unknown"} 0
holdfast_target_verdict{monitor="web",address="2001:db8::20",verdict="up"} 1
holdfast_target_verdict{monitor="web",address="2001:db8::20",verdict="down"} 0
holdfast_target_verdict{monitor="web",address="2001:db8::20",verdict="unknown"} 0
holdfast_target_transitions_total{monitor="web",address="192.0.2.10"} 1
holdfast_target_transitions_total{monitor="web",address="2001:db8::20"} 1
holdfast_target_last_change_timestamp_seconds{monitor="web",address="192.0.2.10"} 1772323260
holdfast_target_last_change_timestamp_seconds{monitor="web",address="2001:db8::20"} 1772323260
)");
}

TEST(Metrics, ShowHowLongEachVerdictHeld) {
  ControlState state = sample_state();
  state.targets = [] {
    const auto now = std::chrono::steady_clock::now();
    health::MergedStatus one = target("192.0.2.10", health::Verdict::down);
    one.time = health::TimeInVerdict(now - std::chrono::hours(1));
    one.time.change(health::Verdict::unknown, now - std::chrono::minutes(59));
    one.time.change(health::Verdict::up, now);
    return std::vector{one};
  };
  const std::string shown = series(collect(state, {}), "holdfast_target_seconds_total");
  EXPECT_NE(shown.find("verdict=\"unknown\"} 60\n"), shown.npos) << shown;
  EXPECT_NE(shown.find("verdict=\"up\"} 3540\n"), shown.npos) << shown;
  EXPECT_NE(shown.find("verdict=\"down\"} "), shown.npos) << shown;
}

TEST(Metrics, ShowWhetherTheChecksKeepUp) {
  ControlState state = sample_state();
  state.pace = [] {
    health::Pace pace{.in_flight = 3, .waiting = 2, .late = 1, .not_run = 7, .lag = {}, .longest = {}};
    pace.lag.add(std::chrono::milliseconds(4));
    pace.lag.add(std::chrono::milliseconds(40));
    pace.lag.add(std::chrono::seconds(40));
    return pace;
  };
  const auto families = collect(state, {});
  EXPECT_NE(series(families, "holdfast_targets_late 1").size(), 0U);
  EXPECT_EQ(series(families, "holdfast_probe"), R"(holdfast_probes_in_flight 3
holdfast_probes_waiting 2
holdfast_probes_not_run_total 7
holdfast_probe_lag_seconds_count 3
holdfast_probe_lag_seconds_sum 40.044
holdfast_probe_lag_seconds_bucket{le="0.01"} 1
holdfast_probe_lag_seconds_bucket{le="0.02"} 1
holdfast_probe_lag_seconds_bucket{le="0.05"} 2
holdfast_probe_lag_seconds_bucket{le="0.1"} 2
holdfast_probe_lag_seconds_bucket{le="0.2"} 2
holdfast_probe_lag_seconds_bucket{le="0.5"} 2
holdfast_probe_lag_seconds_bucket{le="1"} 2
holdfast_probe_lag_seconds_bucket{le="2"} 2
holdfast_probe_lag_seconds_bucket{le="5"} 2
holdfast_probe_lag_seconds_bucket{le="10"} 2
holdfast_probe_lag_seconds_bucket{le="+Inf"} 3
)");
}

TEST(Metrics, ShowTcpConnections) {
  TcpCounters one, other;
  one.accepted.add(5);
  one.closed.add(2);
  one.evicted.add();
  other.accepted.add(1);
  other.timed_out.add(4);
  other.accept_errors.add(7);
  ControlState state = sample_state();
  state.connections = {&one, &other};
  EXPECT_EQ(series(collect(state, {}), "holdfast_tcp"),
            R"(holdfast_tcp_connections 4
holdfast_tcp_connections_accepted_total 6
holdfast_tcp_connections_evicted_total 1
holdfast_tcp_connections_timed_out_total 4
holdfast_tcp_accept_errors_total 7
)");
}

TEST(Metrics, ShowReloads) {
  ReloadMetrics reloads;
  ControlState state = sample_state();
  state.reloads = &reloads;
  const std::string_view reload = "holdfast_reloads", last = "holdfast_last_reload";
  EXPECT_EQ(series(collect(state, {}), last), "holdfast_last_reload_successful 1\n");
  reloads.reloaded({}, at(60));
  reloads.reloaded({.zones_refused = 1, .problems = {}}, at(70));
  EXPECT_EQ(series(collect(state, {}), reload),
            "holdfast_reloads_total{result=\"accepted\"} 1\nholdfast_reloads_total{result=\"refused\"} 1\n");
  EXPECT_EQ(series(collect(state, {}), last),
            "holdfast_last_reload_successful 0\nholdfast_last_reload_success_timestamp_seconds 1772323260\n");
}

TEST(Metrics, ShowTheLog) {
  ControlState state = sample_state();
  EXPECT_EQ(series(collect(state, {}), "holdfast_log_"), "");
  state.log_figures = [] { return health::LogFigures{1, 2, 3, 4, 5, 6, 7, true}; };
  EXPECT_EQ(series(collect(state, {}), "holdfast_log_"),
            "holdfast_log_written_total{kind=\"probe\"} 1\n"
            "holdfast_log_written_total{kind=\"event\"} 2\n"
            "holdfast_log_dropped_total{kind=\"probe\"} 3\n"
            "holdfast_log_dropped_total{kind=\"event\"} 4\n"
            "holdfast_log_failures_total 5\n"
            "holdfast_log_damaged_total 6\n"
            "holdfast_log_failing 1\n"
            "holdfast_log_size_bytes 7\n");
}

TEST(Metrics, ShowWhetherVerdictsAreKept) {
  ControlState state = sample_state();
  EXPECT_EQ(series(collect(state, {}), "holdfast_state_"), "");
  const health::Scratch scratch;
  const health::KeptState kept(scratch.path() / "no such directory");
  state.kept = &kept;
  EXPECT_EQ(series(collect(state, {}), "holdfast_state_"),
            "holdfast_state_failures_total 1\nholdfast_state_failing 1\n");
}

TEST(Metrics, ShowTheProgramAndTheDoor) {
  DoorCounters door;
  door.requests = 9;
  door.open = 2;
  door.refuse(Refusal::origin);
  const auto families = collect(sample_state(), door);
  EXPECT_EQ(series(families, "holdfast_build"), "holdfast_build_info{version=\"" HOLDFAST_VERSION "\"} 1\n");
  EXPECT_EQ(series(families, "process"), "process_start_time_seconds 1772323200\n");
  const std::string shown = series(families, "holdfast_control");
  EXPECT_NE(shown.find("holdfast_control_requests_total 9\nholdfast_control_connections 2\n"), shown.npos)
      << shown;
  EXPECT_NE(shown.find("holdfast_control_refused_total{reason=\"origin\"} 1\n"), shown.npos) << shown;
}

TEST(Metrics, ShowOnlyTotalsAndWhatIsWrongOfManyZones) {
  ControlState state = sample_state();
  set_zones(state, {served_zone(), broken_zone(), served_zone()});
  state.zone_series = 2;
  const auto families = collect(state, {});
  EXPECT_EQ(series(families, "holdfast_zone_serving"), "holdfast_zone_serving{zone=\"example.org.\"} 0\n");
  EXPECT_EQ(series(families, "holdfast_zones"),
            "holdfast_zones 3\nholdfast_zones_serving 2\nholdfast_zones_refused 1\n");
  EXPECT_EQ(series(families, "holdfast_records"), "holdfast_records 24\n");
  state.zone_series = 0;
  EXPECT_EQ(series(collect(state, {}), "holdfast_zone_"), "");
}

TEST(Metrics, ShowAgentsVotesAndStore) {
  ControlState state = sample_state();
  state.targets = [] { return std::vector{voted()}; };
  state.meeting = [] { return meeting(); };
  const auto families = collect(state, {});
  EXPECT_EQ(series(families, "holdfast_target_vote"),
            R"(holdfast_target_vote{monitor="web",address="192.0.2.10",agent="cork",location="eu"} 0
holdfast_target_vote{monitor="web",address="192.0.2.10",agent="tokyo",location="asia"} 1
holdfast_target_vote{monitor="web",address="192.0.2.10",agent="virginia",location="us"} 0
)");
  EXPECT_EQ(series(families, "holdfast_agent_targets"),
            R"(holdfast_agent_targets{agent="cork",location="eu"} 2
holdfast_agent_targets{agent="tokyo",location="asia"} 1
holdfast_agent_targets{agent="virginia",location="us"} 0
)");
  const std::string standing = series(families, "holdfast_agent_standing");
  EXPECT_NE(standing.find(R"(agent="tokyo",location="asia",standing="suspect"} 1)"), standing.npos);
  EXPECT_NE(standing.find(R"(agent="tokyo",location="asia",standing="counted"} 0)"), standing.npos);
  EXPECT_EQ(series(families, "holdfast_targets_held"), "holdfast_targets_held 1\n");
  EXPECT_EQ(series(families, "holdfast_store_state"), R"(holdfast_store_state{state="connecting"} 0
holdfast_store_state{state="following"} 0
holdfast_store_state{state="refused"} 1
)");
  EXPECT_EQ(series(families, "holdfast_store_malformed"), "holdfast_store_malformed_total 4\n");
}

TEST(Metrics, HaveNoSeriesOfWhatIsGone) {
  ProbeMetrics probes;
  probes.observed(observation("192.0.2.10", health::Outcome::passed, ""));
  ControlState state = sample_state();
  state.probes = &probes;
  EXPECT_NE(series(collect(state, {}), "holdfast_probe"), "");
  set_zones(state, {});
  state.live_names = [] { return std::vector<LiveNameStatus>(); };
  state.targets = [] { return std::vector<health::MergedStatus>(); };
  const auto families = collect(state, {});
  for (const char* prefix : {"holdfast_probe", "holdfast_zone_", "holdfast_live", "holdfast_target"}) {
    EXPECT_EQ(series(families, prefix), "");
  }
}

// promtool is Prometheus' own: it knows the conventions, and what cannot be read at all.
TEST(Metrics, PleasePromtool) {
  Counters worker(Transport::udp);
  worker.zones.reserve(2);
  worker.live.reserve(1);
  worker.count(answered(RrType::A, Rcode::noerror, 0, 0));
  const TcpCounters connections;
  ProbeMetrics probes;
  probes.observed(observation("192.0.2.10", health::Outcome::bad_status, "\n\""));
  ReloadMetrics reloads;
  reloads.reloaded({}, at(60));
  ControlState state = sample_state();
  state.counters = {&worker};
  state.connections = {&connections};
  state.probes = &probes;
  state.reloads = &reloads;
  state.log_figures = [] { return health::LogFigures{}; };
  ZoneStatus odd = served_zone();
  odd.name = "odd\\032\\\"name\\\\.example.";
  set_zones(state, {served_zone(), odd});
  const std::string file = testing::TempDir() + "metrics." + std::to_string(getpid());
  std::ofstream(file) << prometheus::TextSerializer().Serialize(collect(state, {}));
  EXPECT_EQ(std::system(("promtool check metrics < " + file).c_str()), 0) << "see what promtool says above";
}

// docker/alerts.yml is for everybody's Prometheus; a name in it that we do not export would never fire.
TEST(Metrics, HaveAllThatTheAlertsAskFor) {
  const std::string file = HOLDFAST_SOURCE_DIR "/docker/alerts.yml";
  EXPECT_EQ(std::system(("promtool check rules " + file).c_str()), 0) << "see what promtool says above";
  const health::Scratch scratch;
  health::KeptState kept(scratch.path());
  const ReloadMetrics reloads;
  ControlState state = sample_state();
  state.meeting = [] { return meeting(); };
  state.pace = [] { return health::Pace(); };
  state.reloads = &reloads;
  state.kept = &kept;
  state.log_figures = [] { return health::LogFigures{}; };
  state.aliases = [] { return AliasReport{.targets = {{}}, .upstreams = {{}}}; };
  std::set<std::string> exported;
  for (const auto& family : collect(state, {})) exported.insert(family.name);
  std::ifstream lines(file);
  std::size_t found = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("expr: ") == line.npos) continue;
    static const std::regex kName("holdfast_[a-z_]+");
    for (std::sregex_iterator name(line.begin(), line.end(), kName), end; name != end; ++name, ++found)
      EXPECT_TRUE(exported.contains(name->str())) << name->str();
  }
  EXPECT_GE(found, 10U);
}

TEST(Metrics, ShowNotificationsByContact) {
  EXPECT_EQ(series(collect(sample_state(), {}), "holdfast_notification"),
            R"(holdfast_notifications_total{contact="chat",result="delivered"} 0
holdfast_notifications_total{contact="chat",result="retried"} 3
holdfast_notifications_total{contact="chat",result="failed"} 0
holdfast_notifications_total{contact="chat",result="elsewhere"} 0
holdfast_notifications_total{contact="ops",result="delivered"} 1
holdfast_notifications_total{contact="ops",result="retried"} 0
holdfast_notifications_total{contact="ops",result="failed"} 1
holdfast_notifications_total{contact="ops",result="elsewhere"} 0
holdfast_notifications_pending{contact="chat"} 1
holdfast_notifications_pending{contact="ops"} 0
holdfast_notification_events_waiting{contact="chat"} 2
holdfast_notification_events_waiting{contact="ops"} 0
holdfast_notification_events_left_out_total{contact="chat"} 1
holdfast_notification_events_left_out_total{contact="ops"} 0
holdfast_notification_last_success_timestamp_seconds{contact="ops"} 1772323280
)");
}

}  // namespace
}  // namespace holdfast::server
