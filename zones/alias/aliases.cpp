#include "zones/alias/aliases.h"

#include <openssl/rand.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <set>
#include <tuple>

namespace holdfast::zones {
namespace {

std::uint64_t draw_word() {
  std::uint64_t word = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&word), sizeof word);  // jitter: a failure costs only that
  return word;
}

}  // namespace

/// Everything that handlers may find gone: the timer, and what is followed.
class Aliases::Watch : public std::enable_shared_from_this<Watch> {
 public:
  Watch(boost::asio::io_context& io, ResolverSettings settings, Changed changed)
      : io_(io),
        timer_(io),
        settings_(std::move(settings)),
        changed_(std::move(changed)),
        lookups_(std::make_shared<Lookups>(io, settings_)) {}

  void stop() {
    is_stopped_ = true;
    timer_.cancel();
    lookups_->stop();
  }

  void follow(std::vector<Name> targets) {
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    std::erase_if(followed_, [&](const auto& entry) {
      const bool stays = std::binary_search(targets.begin(), targets.end(), entry.first.first);
      if (!stays) planned_.erase({entry.second.planned, entry.first});
      return !stays;
    });
    const std::chrono::duration<double> step(
        2.0 / static_cast<double>(std::max<std::uint64_t>(1, settings_.budget * settings_.upstreams.size())));
    AliasTime start = AliasClock::now();
    for (const Name& target : targets) {
      for (const RrType type : {RrType::A, RrType::AAAA}) {
        const auto [found, is_new] = followed_.try_emplace(Key{target, type});
        if (!is_new) continue;
        plan(found->first, found->second, start);
        start += std::chrono::duration_cast<AliasClock::duration>(step);
      }
    }
    arm();
  }

  void configure(ResolverSettings settings) {
    lookups_->stop();
    settings_ = std::move(settings);
    lookups_ = std::make_shared<Lookups>(io_, settings_, own_);
    for (auto& [key, target] : followed_) {
      target.networks = Networks();  // what was asked for is lost, and others may answer otherwise
      if (!target.is_asked) continue;
      target.is_asked = false;  // what was in flight says nothing any more
      plan(key, target, AliasClock::now());
    }
    arm();
  }

  void on_refreshed(Changed refreshed) { refreshed_ = std::move(refreshed); }

  void ask_first(Lookups::Own own) {
    own_ = std::move(own);
    configure(settings_);
  }

  void wish(const Name& name, RrType type, const ClientSubnet& network) {
    const auto found = followed_.find(Key{name, type});
    if (!settings_.client_subnet || found == followed_.end()) return;
    if (!found->second.networks.wish(network, AliasClock::now())) return;
    lookups_->ask({name, type, network}, [weak = weak_from_this(), key = found->first, network](const auto& result) {
      const auto self = weak.lock();
      if (!self || self->is_stopped_) return;
      const auto target = self->followed_.find(key);
      if (target == self->followed_.end()) return;
      if (target->second.networks.replied(network, result.reply, AliasClock::now(), self->settings_))
        self->tell(self->refreshed_, key);
    });
  }

  std::vector<AliasStatus> status() const {
    std::vector<AliasStatus> all;
    for (const auto& [key, target] : followed_) {
      all.push_back({key.first, key.second, served(target), target.asked_at,
                     target.freshness.due(), target.upstream, target.counters});
    }
    return all;
  }

  std::vector<UpstreamStatus> upstreams() const { return lookups_->upstreams(); }

 private:
  using Key = std::pair<Name, RrType>;
  struct Target {
    Freshness freshness;
    Networks networks;
    AliasTime planned{};  ///< its place in planned_
    bool is_asked = false;
    AliasTime ask_at{};
    AliasTime asked_at{};
    std::string upstream;
    LookupCounters counters;
  };

  Served served(const Target& target) const {
    Served all = target.freshness.served();
    all.dependence = settings_.client_subnet ? target.networks.dependence() : Dependence::no;
    if (all.dependence == Dependence::yes) all.networks = target.networks.served();
    return all;
  }

  /// Its next turn: the question, or before that a change that time alone makes.
  void plan(const Key& key, Target& target, AliasTime ask_at) {
    planned_.erase({target.planned, key});
    target.ask_at = ask_at;
    target.planned = target.is_asked ? AliasTime::max() : ask_at;
    if (const auto turns = target.freshness.turns(settings_))
      target.planned = std::min(target.planned, *turns);
    planned_.insert({target.planned, key});
  }

  void arm() {
    if (is_stopped_ || planned_.empty() || planned_.begin()->first == AliasTime::max()) return;
    timer_.expires_at(planned_.begin()->first);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error && !self->is_stopped_) self->turn();
    });
  }

  void turn() {
    const AliasTime now = AliasClock::now();
    std::vector<Key> turned;
    while (!planned_.empty() && planned_.begin()->first <= now) {
      const Key key = planned_.begin()->second;
      Target& target = followed_.at(key);
      if (target.freshness.pass(now, settings_)) turned.push_back(key);
      if (!target.is_asked && target.ask_at <= now) ask(key, target);
      plan(key, target, target.ask_at);
    }
    arm();
    for (const Key& key : turned) tell(changed_, key);
  }

  void ask(const Key& key, Target& target) {
    target.is_asked = true;
    lookups_->ask({key.first, key.second}, [weak = weak_from_this(), key](const LookupResult& result) {
      if (const auto self = weak.lock()) self->replied(key, result);
    });
  }

  void replied(const Key& key, const LookupResult& result) {
    const auto found = followed_.find(key);
    // One that was forgotten and followed anew is asked for itself.
    if (is_stopped_ || found == followed_.end() || !found->second.is_asked) return;
    Target& target = found->second;
    const AliasTime now = AliasClock::now();
    const AliasTime expired = target.freshness.served().expires;
    const bool is_changed = target.freshness.replied(result.reply, now, settings_, draw_word());
    const bool is_moved = target.networks.pass(now) || target.freshness.served().expires != expired;
    target.is_asked = false;
    target.asked_at = now;
    target.upstream = result.upstream;
    target.counters.asked += 1;
    target.counters.failed += is_failure(result.reply.kind);
    target.counters.mismatches += result.counters.mismatches;
    target.counters.tcp += result.counters.tcp;
    plan(key, target, target.freshness.due());
    arm();
    if (is_changed) {
      tell(changed_, key);
    } else if (is_moved) {
      tell(refreshed_, key);
    }
  }

  /// The last that a handler does: what is told may call us.
  void tell(const Changed& whom, const Key& key) {
    const auto found = followed_.find(key);
    if (is_stopped_ || !whom || found == followed_.end()) return;
    const Served now = served(found->second);
    whom(key.first, key.second, now);
  }

  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
  ResolverSettings settings_;
  Changed changed_;
  Changed refreshed_;
  Lookups::Own own_;
  std::shared_ptr<Lookups> lookups_;
  std::map<Key, Target> followed_;
  std::set<std::pair<AliasTime, Key>> planned_;
  bool is_stopped_ = false;
};

Aliases::Aliases(boost::asio::io_context& io, ResolverSettings settings, Changed changed)
    : watch_(std::make_shared<Watch>(io, std::move(settings), std::move(changed))) {}
Aliases::~Aliases() { watch_->stop(); }
void Aliases::wish(const Name& target, RrType type, const ClientSubnet& network) {
  watch_->wish(target, type, network);
}
void Aliases::on_refreshed(Changed refreshed) { watch_->on_refreshed(std::move(refreshed)); }
void Aliases::ask_first(Lookups::Own own) { watch_->ask_first(std::move(own)); }
void Aliases::follow(std::vector<Name> targets) { watch_->follow(std::move(targets)); }
void Aliases::configure(ResolverSettings settings) { watch_->configure(std::move(settings)); }
std::vector<AliasStatus> Aliases::status() const { return watch_->status(); }
std::vector<UpstreamStatus> Aliases::upstreams() const { return watch_->upstreams(); }

}  // namespace holdfast::zones
