#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "server/control/state.h"

namespace holdfast::server {

inline constexpr std::chrono::sys_days kDay = std::chrono::year{2026} / 3 / 1;

/// `seconds` after midnight of the day of all samples.
inline std::chrono::system_clock::time_point at(double seconds) {
  return kDay + std::chrono::duration_cast<std::chrono::system_clock::duration>(
                    std::chrono::duration<double>(seconds));
}

inline boost::asio::ip::address address(const char* text) { return boost::asio::ip::make_address(text); }

inline ZoneStatus served_zone() {
  ZoneStatus zone;
  zone.name = "example.com.";
  zone.file = "example.com.zone";
  zone.serving = true;
  zone.serial = 2026030101;
  zone.records = 12;
  zone.memory = 4096;
  zone.loaded = at(1);
  return zone;
}

inline ZoneStatus broken_zone() {
  ZoneStatus zone;
  zone.name = "example.org.";
  zone.number = 1;
  zone.file = "example.org.zone";
  zone.refused = true;
  zone.problems = {"example.org.zone:3: no SOA record at the apex"};
  return zone;
}

inline LiveNameStatus live_name() {
  LiveNameStatus live;
  live.zone = "example.com.";
  live.name = "www.example.com.";
  live.pool = "shop";
  live.monitor = "web";
  live.policy = zones::Policy::failover;
  const auto member = [](const char* where, std::uint16_t tier, health::Verdict verdict, bool is_answering) {
    return MemberStatus{.address = address(where),
                        .tier = tier,
                        .verdict = verdict,
                        .answering = is_answering,
                        .pool = "shop",
                        .monitor = "web"};
  };
  live.members = {member("192.0.2.10", 1, health::Verdict::down, false),
                  member("2001:db8::20", 2, health::Verdict::up, true)};
  live.rule = "tier 2";
  live.ttl = 30;
  live.since = at(60);
  return live;
}

/// Of a server that is alone.
inline health::MergedStatus target(const char* where, health::Verdict verdict) {
  health::MergedStatus status;
  status.target.id = {"web", address(where)};
  status.verdict = verdict;
  status.basis = health::Basis::single;
  status.since = at(60);
  status.transitions = 1;
  status.own.emplace();
  status.own->target.id = status.target.id;
  status.own->verdict = verdict;
  return status;
}

inline health::Observation observation(const char* where, health::Outcome outcome, std::string detail) {
  health::Observation seen;
  seen.target = {"web", address(where)};
  seen.outcome = outcome;
  seen.detail = std::move(detail);
  seen.connect = std::chrono::microseconds(1500);
  seen.header = std::chrono::microseconds(30000);
  seen.total = std::chrono::microseconds(31500);
  seen.wall_time = at(70.25);
  return seen;
}

inline std::vector<health::MergedStatus> targets() {
  health::MergedStatus down = target("192.0.2.10", health::Verdict::down);
  down.own->last = observation("192.0.2.10", health::Outcome::bad_status, "503 Service Unavailable");
  return {down, target("2001:db8::20", health::Verdict::up)};
}

/// What two of three agents say is down, and the third is left out.
inline health::MergedStatus voted() {
  health::MergedStatus status = target("192.0.2.10", health::Verdict::down);
  status.basis = health::Basis::quorum;
  status.own.reset();
  const health::Evidence evidence{health::Outcome::bad_status, "503 Service Unavailable", at(70)};
  status.votes = {{"cork", "eu", health::Verdict::down, true, evidence},
                  {"tokyo", "asia", health::Verdict::up, false, {}},
                  {"virginia", "us", health::Verdict::down, true, {}}};
  return status;
}

/// Heard 2 s before `now`.
inline health::MeetingStatus meeting(
    std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now()) {
  health::MeetingStatus status;
  const auto heard = now - std::chrono::seconds(2);
  status.agents = {
      {"cork", "eu", health::Standing::counted, heard, 2, {address("192.0.2.1"), address("2001:db8::1")}},
      {"tokyo", "asia", health::Standing::suspect, heard, 1, {address("192.0.2.3")}},
      {"virginia", "us", health::Standing::absent, {}, 0, {}}};
  status.duties = 3;
  status.held = 1;
  status.store = {.state = health::Session::State::refused,
                  .problem = "the store went back, from revision 9 to 3",
                  .last_contact = heard,
                  .revision = 9,
                  .waiting_writes = 1,
                  .malformed = 4,
                  .servers = 1};
  return status;
}

/// One contact that was told once, and one that waits.
inline health::NotifyStatus notified() {
  health::NotifyStatus status;
  status.contacts = {
      {.contact = "chat", .type = "webhook", .waiting = 2, .is_sending = true, .retried = 3, .left_out = 1},
      {.contact = "ops", .type = "mail", .delivered = 1, .failed = 1, .last_success = at(80)}};
  status.deliveries = {{.id = "0192-ab",
                        .contact = "ops",
                        .subject = "web 192.0.2.10 down (shop)",
                        .events = {"0192-ab", "0192-cd"},
                        .time = at(70),
                        .changed = at(80),
                        .state = health::DeliveryState::delivered,
                        .attempts = 1}};
  return status;
}

/// From now on these are the zones.
inline void set_zones(ControlState& state, const std::vector<ZoneStatus>& zones) {
  state.each_zone = [zones](const Shown& shown, const ZoneVisitor& visit) {
    std::size_t visited = 0;
    for (const ZoneStatus& zone : zones) {
      const bool wrong = zone.refused || !zone.serving;
      if (visited < shown.most && (wrong || zones.size() <= shown.most)) visit(zone), ++visited;
    }
  };
  ZoneTotals totals;
  totals.zones = zones.size();
  for (const ZoneStatus& zone : zones) {
    totals.serving += zone.serving ? 1 : 0;
    totals.refused += zone.refused ? 1 : 0;
    totals.records += zone.records;
    totals.memory += zone.memory;
  }
  state.zone_totals = [totals] { return totals; };
}

/// One zone that is served and one that never was, one live name with a member down and one up.
inline ControlState sample_state() {
  ControlState state;
  set_zones(state, {served_zone(), broken_zone()});
  state.live_names = [] { return std::vector{live_name()}; };
  state.targets = targets;
  state.reload = [](std::span<const std::string>) {
    return ReloadReport{.zones_changed = 1, .problems = {}};
  };
  state.notifications = notified;
  state.test_contact = [](const std::string& contact) {
    return contact == "nobody"
               ? std::nullopt
               : std::optional(health::Delivery{.contact = contact,
                                                .kind = health::Notification::Kind::test,
                                                .state = contact == "ops" ? health::DeliveryState::delivered
                                                                          : health::DeliveryState::failed,
                                                .attempts = 1});
  };
  state.started = at(0);
  return state;
}

}  // namespace holdfast::server
