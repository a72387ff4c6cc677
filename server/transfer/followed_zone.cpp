#include "server/transfer/followed_zone.h"

#include <spdlog/spdlog.h>

namespace holdfast::server {

using std::chrono::system_clock;

namespace {

constexpr std::chrono::hours kSayAgain{1};  // the same failure
constexpr std::size_t kMaxSaid = 20;

}  // namespace

FollowedZone::FollowedZone(const zones::Name& zone, std::vector<PrimaryAddress> addresses)
    : name(zone), primaries(std::move(addresses)), no_edns(primaries.size()), refresh(primaries.size()) {
  status.zone = zone;
}

void FollowedZone::succeeded(std::string what) {
  status.last_success = system_clock::now();
  status.success = std::move(what);
}

void FollowedZone::failed(std::string what) {
  status.last_failure = system_clock::now();
  status.failure = std::move(what);
  const auto now = std::chrono::steady_clock::now();
  if (said.size() >= kMaxSaid) said.clear();
  const auto [at, is_new] = said.try_emplace(status.failure, now);
  if (!is_new && now < at->second + kSayAgain) return;
  at->second = now;
  spdlog::warn("zone {}: {}", name.text(), status.failure);
}

void FollowedZone::describe(zones::BootTime now, system_clock::time_point wall_now) {
  const auto on_the_wall = [&](zones::BootTime time) {
    return std::chrono::time_point_cast<system_clock::duration>(wall_now + (time - now));
  };
  status.state = refresh.is_asking()         ? "asking"
                 : is_queued                 ? "queued"
                 : refresh.is_transferring() ? "transferring"
                                             : "waiting";
  if (const auto primary = refresh.primary()) status.primary = primaries[*primary].text();
  status.serial = refresh.have();
  status.failures = refresh.failures();
  const bool is_waiting = status.state == "waiting" && !primaries.empty();
  status.next = is_waiting ? std::optional(on_the_wall(*refresh.due())) : std::nullopt;
  status.expires.reset();
  if (const auto until = refresh.expires()) status.expires = on_the_wall(*until);
}

/// The data of the SOA of the version that was transferred.
std::vector<std::uint8_t> soa_of(const zones::Received& received) {
  zones::Rdata data{};
  if (const auto* const changes = std::get_if<zones::Changes>(&received)) {
    data = changes->deltas.back()->added.front().data;
  } else if (const auto* const zone = std::get_if<zones::WholeZone>(&received)) {
    for (const auto& entry : zone->records.entries()) {
      if (entry.type == zones::RrType::SOA) data = zone->records.data(entry);
    }
  }
  return {data.begin(), data.end()};
}

}  // namespace holdfast::server
