#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "zones/alias/freshness.h"
#include "zones/alias/lookup.h"
#include "zones/alias/settings.h"
#include "zones/dns/name.h"

namespace holdfast::zones {

struct AliasStatus {
  Name target;
  RrType type = RrType::A;
  Served served;         ///< addresses, state, expiry, last error
  AliasTime asked_at{};  ///< the last question's answer or failure came then; the epoch: not yet
  AliasTime due{};       ///< when it is asked again
  std::string upstream;  ///< who answered last
  LookupCounters counters;
};

/// The addresses behind ANAME targets, kept fresh in the background. Never in the path of a query.
///
/// Belongs to the thread that runs `io`: only one may, and only it calls, unless `io` does not run yet. Times are those
/// of AliasClock. It starts no thread and may end at any time; questions in flight then say nothing.
class Aliases {
 public:
  /// `changed(target, type, served)`: the addresses or the state became others. Called from `io`, never from within a
  /// call of ours. A refresh with the same set is no change, though it moves `expires`: see `refreshed`.
  using Changed = std::function<void(const Name&, RrType, const Served&)>;

  Aliases(boost::asio::io_context& io, ResolverSettings settings, Changed changed);
  ~Aliases();
  Aliases(const Aliases&) = delete;
  Aliases& operator=(const Aliases&) = delete;

  /// Called as `changed` is, when an answer moved `expires` and changed nothing else: for a TTL that counts down.
  void on_refreshed(Changed refreshed);

  /// Before all upstreams; before follow().
  void ask_first(Lookups::Own own);

  /// What was known before a restart: the first follow() begins with that, and does not tell of it. Not of what is ours: that
  /// is there at once, perhaps as another.
  void remember(std::vector<Known> known);

  /// A and AAAA of these are kept from now on; of others they are forgotten. What is known of one that stays is kept. New
  /// ones are asked spread over time: at half the budget of all upstreams together.
  void follow(std::vector<Name> targets);
  /// What is known is kept; counters of upstreams begin anew. Everything is asked again when it is due.
  void configure(ResolverSettings settings);

  /// What we serve ourselves is other now: what is ours, or was, is looked at at once.
  void look_at_ours();
  /// Goes on after a handler of `io` threw.
  void resume();

  /// Clients of this network asked for the target: where it may have something else for them, that is found out.
  void wish(const Name& target, RrType type, const ClientSubnet& network);

  /// By target, A before AAAA.
  std::vector<AliasStatus> status() const;
  std::vector<UpstreamStatus> upstreams() const;

 private:
  class Watch;
  std::shared_ptr<Watch> watch_;  ///< shared with handlers that are still to run
};

}  // namespace holdfast::zones
