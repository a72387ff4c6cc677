#pragma once

#include <memory>
#include <vector>

#include "zones/alias/aliases.h"
#include "zones/live/wishes.h"

namespace holdfast::server {

/// Keeps what is known of the targets of ANAMEs, on a thread of its own. Thread-safe.
class Resolver {
 public:
  struct Listener {
    /// Other addresses of a target, or another state of what is known of them,
    zones::Aliases::Changed changed;
    /// or the same for longer. Both are called on our thread, and may not wait for us.
    zones::Aliases::Changed refreshed;
    /// What we answer to a query ourselves, where its name is ours: nobody else is asked then.
    zones::Lookups::Own own;
    /// The targets of a live name.
    std::function<std::vector<zones::Name>(zones::LiveIndex)> targets;
  };
  struct Status {
    std::vector<zones::AliasStatus> targets;  ///< by name, A before AAAA
    std::vector<zones::UpstreamStatus> upstreams;
  };

  explicit Resolver(Listener listener);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Others are asked from now on; what is known stays known.
  void configure(zones::ResolverSettings settings);
  /// As Aliases::remember() has it.
  void remember(std::vector<zones::Known> known);
  /// These targets are kept, and no others.
  void follow(std::vector<zones::Name> targets);
  /// What we serve ourselves is other now.
  void look_at_ours();
  /// From now on the wishes of clients that are answered elsewhere are heeded.
  void heed(std::vector<std::shared_ptr<zones::Wishes>> wishes);
  /// Waits until each target that is followed was answered, or failed, once; at most so long.
  void wait_for_first(std::chrono::milliseconds most) const;

  Status status() const;

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace holdfast::server
