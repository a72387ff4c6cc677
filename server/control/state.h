#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "health/checks.h"
#include "health/log/log.h"
#include "health/notify/delivery.h"
#include "health/verdict/kept_state.h"
#include "server/alias_report.h"
#include "server/control/probe_metrics.h"
#include "server/control/reload_metrics.h"
#include "server/explanation.h"
#include "server/listen/counters.h"
#include "server/listen/tcp.h"
#include "server/overrides.h"
#include "server/replay.h"
#include "server/status.h"
#include "server/transfer/report.h"
#include "server/zone_contents.h"

namespace holdfast::server {

/// What the control door sees of the program, and the few things that it can do to it. The functions are called on the
/// door's threads at any time and must not block, except for `reload`, `test_contact` and `read_log`, and `explain` and `course`
/// through a past: these may take seconds and are called on threads of their own, none twice at once. Everything pointed to outlives the door.
struct ControlState {
  /// Calls the visitor for each zone, by name; the status is valid during that call.
  std::function<void(const Shown&, const ZoneVisitor&)> each_zone;
  std::function<ZoneTotals()> zone_totals;
  std::function<std::vector<LiveNameStatus>()> live_names;
  /// Why a live name answers as it does, or did, see LiveNames; empty: there are none.
  std::function<std::variant<std::vector<Explanation>, std::string>(const ExplainWish&, const Past*,
                                                                    const GoOn&)>
      explain = {};
  /// What a live name would have answered, see LiveNames.
  std::function<std::variant<std::vector<Course>, std::string>(
      const std::string& name, std::optional<zones::RrType> type, const Past&, const GoOn&)>
      course = {};
  std::function<TransferReport()> transfers = {};  ///< empty: none, as in an agent
  /// See contents_of(); empty: there are no zones.
  std::function<std::variant<zones::Contents, NoContents>(zones::NameView zone, bool with_live)> contents =
      {};
  std::function<AliasReport()> aliases = {};  ///< empty: there are no ANAMEs here
  std::function<std::vector<health::MergedStatus>()> targets;
  std::function<health::Pace()> pace;              ///< empty: no figures of the checks' pace
  std::function<health::MeetingStatus()> meeting;  ///< empty: nothing of agents and store
  /// An operator says that the store is right. False: there is none, or nothing was refused.
  std::function<bool()> accept_store;
  bool serves = true;  ///< zones; an agent does not
  /// Of these zones only; of everything when there are none.
  std::function<ReloadReport(std::span<const std::string> zones)> reload;
  std::function<health::NotifyStatus()> notifications;  ///< null: nobody is notified
  /// Sends a test to a contact; null when there is none of that name.
  std::function<std::optional<health::Delivery>(const std::string& contact)> test_contact;
  std::vector<const Counters*> counters;                 ///< of every worker
  std::vector<const TcpCounters*> connections;           ///< of every TCP worker
  std::vector<const TcpCounters*> tls_connections = {};  ///< of every one for TLS
  ProbeMetrics* probes = nullptr;                        ///< null: no figures of probes
  const ReloadMetrics* reloads = nullptr;                ///< null: no figures of reloads
  Overrides* overrides = nullptr;                        ///< null: nobody can decide anything
  /// Entries of the log; empty: there is none. May throw health::DatabaseError.
  std::function<health::LogPage(const health::LogQuery&)> read_log = {};
  std::function<health::LogFigures()> log_figures = {};  ///< empty: there is no log
  std::function<std::chrono::seconds()> passes_every =
      {};                                   ///< how often those of a target are logged; empty: likewise
  const health::KeptState* kept = nullptr;  ///< null: nothing is kept over a restart
  std::size_t zone_series = 1000;           ///< zones with series of their own in the metrics, at most
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();  ///< of the program
};

}  // namespace holdfast::server
