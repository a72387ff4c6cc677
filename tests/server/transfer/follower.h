#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/transfer/secondaries.h"
#include "zones/load/load.h"
#include "zones/replicate/accept.h"

namespace holdfast::server {

/// Limits that end soon.
inline PullLimits quick() {
  using std::chrono::milliseconds;
  return {.received = {.records = 2000, .octets = 1U << 20},
          .link = {.connect = milliseconds(1000),
                   .window = milliseconds(500),
                   .octets = 1024,
                   .whole = milliseconds(3000)},
          .first_reply = milliseconds(200),
          .second_reply = milliseconds(300),
          .soa = milliseconds(500)};
}

/// Limits for a primary that does all that it is to do, however slow the machine is.
inline PullLimits patient() {
  constexpr std::chrono::seconds kLong(30);
  PullLimits limits = quick();
  limits.link.connect = limits.link.window = limits.link.whole = kLong;
  limits.first_reply = limits.second_reply = limits.soa = kLong;
  return limits;
}

inline std::shared_ptr<const zones::Zone> zone_of(std::uint32_t serial, const std::string& records) {
  const auto loaded = zones::load_zone_text(*zones::Name::parse("example."),
                                            "$TTL 60\n@ SOA ns host " + std::to_string(serial) +
                                                " 7200 3600 1209600 300\n@ NS ns\nns A 192.0.2.1\n" + records,
                                            "zone", {});
  return loaded.zone;
}

/// "example.", which is kept as its primaries have it.
class Follower {
 public:
  explicit Follower(std::shared_ptr<const zones::Zone> zone,
                    Secondaries::Options options = {.limits = patient()})
      : zone_(std::move(zone)), secondaries_(host(), std::move(options)) {}

  Secondaries& secondaries() { return secondaries_; }
  void follow(std::vector<Peer> peers, std::optional<SecondaryZone::Time> expires = {}) {
    Secondaries::Followed one{.zone = name_, .expires = expires};
    for (const Peer& peer : peers) one.primaries.push_back(&peer);
    secondaries_.follow({one});
  }
  /// All of it, and the version that is there.
  void forget() {
    {
      const std::lock_guard lock(mutex_);
      zone_ = nullptr;
    }
    secondaries_.forget({name_});
  }
  void notify(std::optional<zones::Serial> serial = {}) { secondaries_.notified(name_, serial); }
  SecondaryZone status() const {
    const auto all = secondaries_.status();
    return all.empty() ? SecondaryZone{} : all.front();
  }
  std::shared_ptr<const zones::Zone> zone() const {
    const std::lock_guard lock(mutex_);
    return zone_;
  }
  bool is_expired() const {
    const std::lock_guard lock(mutex_);
    return is_expired_;
  }
  std::size_t delivered() const {
    const std::lock_guard lock(mutex_);
    return delivered_;
  }

  /// Waits until it is so. @return false when it is not so in 60 s
  template <class Condition>
  bool reaches(Condition condition) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }
  bool reaches_serial(std::uint32_t serial) const {
    return reaches([&] {
      const auto now = zone();
      return now != nullptr && now->serial() == serial;
    });
  }
  bool reaches_failure(const std::string& text) const {
    return reaches([&] { return status().failure.find(text) != std::string::npos; });
  }

 private:
  Secondaries::Host host() {
    return {.current = [this](const zones::Name&) { return zone(); },
            .deliver =
                [this](const zones::Name&, zones::Received received) {
                  const auto before = zone();
                  zones::Accepted accepted =
                      zones::accept(std::move(received), {.apex = name_, .before = before.get()});
                  const std::lock_guard lock(mutex_);
                  ++delivered_;
                  if (accepted.zone) zone_ = accepted.zone;
                  return accepted.problem;
                },
            .expired =
                [this](const zones::Name&, bool is_expired) {
                  const std::lock_guard lock(mutex_);
                  is_expired_ = is_expired;
                }};
  }

  const zones::Name name_ = *zones::Name::parse("example.");
  mutable std::mutex mutex_;
  std::shared_ptr<const zones::Zone> zone_;
  bool is_expired_ = false;
  std::size_t delivered_ = 0;
  Secondaries secondaries_;
};

}  // namespace holdfast::server
