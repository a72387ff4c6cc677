#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/deployment.h"

// What is to be in service: for the files that make up Deployment.

namespace holdfast::server {

/// One zone that is to be in service.
struct Deployment::Wanted {
  const zones::ServedZone* before = nullptr;      // null: a new zone
  std::size_t place_before = 0;                   // of that
  const zones::ZoneSettings* settings = nullptr;  // null: nothing but its file may have changed
  zones::ZoneNumber number = zones::kNoZone;
  bool begins_anew = false;  // a zone of that name was there, and what is kept is of that one

  zones::NameView apex() const {
    return settings != nullptr ? zones::NameView(settings->name) : before->zone->apex();
  }
};

/// All that is to be in service, before any zone file was looked at.
struct Deployment::Plan {
  std::shared_ptr<const Deployed> before;
  std::vector<Wanted> wanted;              // by name, where the zones may be others than before
  std::vector<std::size_t> removed;        // places of before
  std::shared_ptr<const ZoneFiles> files;  // beside what is wanted
  std::map<zones::ZoneNumber, LiveZone> live;
  std::optional<config::Config> config;  // null: the one in force
  Occasion occasion = Occasion::versions;
  // What catalogs say, where the zones may be others; `listed` has these where the configuration is the one in force:
  std::vector<zones::ZoneSettings> listed;
  std::vector<zones::ZoneSettings> configured;
  zones::Membership membership;
  std::vector<std::string> problems;

  /// The zones may be others than before.
  bool is_other() const { return occasion == Occasion::all; }
  std::span<const zones::ZoneSettings> zones() const { return config ? config->zones : listed; }
  /// The place of a zone among others than before.
  std::uint32_t place_of(zones::NameView zone) const {
    const auto found = std::partition_point(wanted.begin(), wanted.end(),
                                            [&](const Wanted& one) { return one.apex() < zone; });
    return static_cast<std::uint32_t>(found - wanted.begin());
  }
  /// How many zones there are to be, and one of them.
  std::size_t size() const { return is_other() ? wanted.size() : before->snapshot->zones().size(); }
  Wanted operator[](std::size_t at) const {
    if (is_other()) return wanted[at];
    const zones::ServedZone& same = before->snapshot->zones()[at];
    return {.before = &same, .place_before = at, .settings = nullptr, .number = same.number};
  }
};

/// A zone that was read.
struct Deployment::Brought {
  std::uint32_t at;  // its place in the plan
  zones::LoadedZone loaded;
};

}  // namespace holdfast::server
