#pragma once

#include <string>
#include <vector>

#include "server/live_names.h"
#include "server/resolver.h"

namespace holdfast::server {

/// What is known of the targets of ANAMEs, and of who is asked, as of one moment. A value.
struct AliasReport {
  struct Target {
    zones::AliasStatus status;
    std::vector<std::string> used_by{};  ///< live names, with the final dot
  };
  std::vector<Target> targets{};  ///< by name, A before AAAA
  std::vector<zones::UpstreamStatus> upstreams{};
  zones::AliasTime now{};
};

inline AliasReport alias_report(Resolver::Status status, const LiveNames& live) {
  AliasReport report{
      .targets = {}, .upstreams = std::move(status.upstreams), .now = zones::AliasClock::now()};
  for (zones::AliasStatus& one : status.targets) {
    std::vector<std::string> users = live.used_by(one.target);
    report.targets.push_back({std::move(one), std::move(users)});
  }
  return report;
}

}  // namespace holdfast::server
