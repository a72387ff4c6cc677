#include "zones/alias/aliases.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "zones/chance.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kMaxWishesAsked = 64;      // of all targets, in flight
constexpr std::chrono::milliseconds kTell{100};  // in which what is known of networks is collected

}  // namespace

/// Everything that handlers may find gone: the timer, and what is followed.
class Aliases::Watch : public std::enable_shared_from_this<Watch> {
 public:
  Watch(boost::asio::io_context& io, ResolverSettings settings, Changed changed)
      : io_(io),
        timer_(io),
        telling_(io),
        settings_(std::move(settings)),
        changed_(std::move(changed)),
        lookups_(std::make_shared<Lookups>(io, settings_)) {}

  void stop() {
    is_stopped_ = true;
    timer_.cancel();
    telling_.cancel();
    lookups_->stop();
  }

  void remember(std::vector<Known> known) {
    for (Known& one : known) remembered_.insert_or_assign(Key{one.target, one.type}, std::move(one));
  }

  void follow(std::vector<Name> targets) {
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    std::erase_if(followed_, [&](const auto& entry) {
      const bool stays = std::binary_search(targets.begin(), targets.end(), entry.first.first);
      if (!stays) planned_.erase({entry.second.planned, entry.first});
      return !stays;
    });
    // What is ours costs nobody anything.
    const double budget =
        static_cast<double>(settings_.budget) * static_cast<double>(settings_.upstreams.size());
    const std::chrono::duration<double> step(budget > 0 ? 2 / budget : 0);
    const AliasTime now = AliasClock::now();
    const auto wall_now = std::chrono::system_clock::now();
    AliasTime start = now;
    for (const Name& target : targets) {
      for (const RrType type : {RrType::A, RrType::AAAA}) {
        const auto [found, is_new] = followed_.try_emplace(Key{target, type});
        if (!is_new) continue;
        const bool is_ours = lookups_->is_ours(target);
        const auto known = remembered_.find(found->first);
        if (known != remembered_.end() && !is_ours)
          found->second.freshness.begin(known->second, now, wall_now, settings_);
        plan(found->first, found->second, start);
        if (!is_ours) start += std::chrono::duration_cast<AliasClock::duration>(step);
      }
    }
    remembered_.clear();
    arm();
  }

  void configure(ResolverSettings settings) {
    if (settings == settings_) return;
    settings_ = std::move(settings);
    begin_anew();
  }

  void look_at_ours() {
    for (auto& [key, target] : followed_) {
      const bool is_due = target.upstream == kOwn || lookups_->is_ours(key.first);
      if (is_due && !target.is_asked) plan(key, target, AliasClock::now());
    }
    arm();
  }

  void resume() {
    arm();
    arm_telling();
  }

  void on_refreshed(Changed refreshed) { refreshed_ = std::move(refreshed); }

  void ask_first(Lookups::Own own) {
    own_ = std::move(own);
    begin_anew();
  }

  void wish(const Name& name, RrType type, const ClientSubnet& network) {
    const auto found = followed_.find(Key{name, type});
    if (!settings_.client_subnet || found == followed_.end() || !has_room_for_wish()) return;
    const AliasTime now = AliasClock::now();
    if (!found->second.networks.wish(network, now)) return;
    wishes_ += 1;
    wishes_asked_ += 1;
    const auto done = [weak = weak_from_this(), key = found->first, network](const LookupResult& result) {
      const auto self = weak.lock();
      if (!self) return;
      self->wishes_asked_ -= 1;
      const auto target = self->followed_.find(key);
      if (self->is_stopped_ || target == self->followed_.end()) return;
      if (!target->second.networks.replied(network, result.reply, AliasClock::now(), self->settings_)) return;
      self->to_tell_.insert(key);
      self->arm_telling();
    };
    lookups_->ask({name, type, network}, done);
  }

  std::vector<AliasStatus> status() const {
    std::vector<AliasStatus> all;
    for (const auto& [key, target] : followed_) {
      all.push_back({key.first, key.second, served(target), target.asked_at, target.freshness.due(),
                     target.upstream, target.counters});
    }
    return all;
  }

  std::vector<UpstreamStatus> upstreams() const { return lookups_->upstreams(); }

 private:
  using Key = std::pair<Name, RrType>;
  struct Target {
    Freshness freshness;
    Networks networks;
    std::shared_ptr<const ClientNetworks> shared;  ///< what was known of them when that was told last
    AliasTime planned{};                           ///< its place in planned_
    bool is_asked = false;
    AliasTime ask_at{};
    AliasTime asked_at{};
    std::string upstream;
    LookupCounters counters;
  };

  /// Lookups begin anew: of those in flight nothing is heard any more.
  void begin_anew() {
    lookups_->stop();
    lookups_ = std::make_shared<Lookups>(io_, settings_, own_);
    wishes_asked_ = 0;
    for (auto& [key, target] : followed_) {
      target.networks = Networks();
      to_tell_.insert(key);
      if (!target.is_asked) continue;
      target.is_asked = false;
      plan(key, target, AliasClock::now());
    }
    arm();
    arm_telling();
  }

  /// Wishes of clients never keep what everybody gets from being asked for: they have a quarter of the budget, and only
  /// where nothing waits.
  bool has_room_for_wish() {
    const AliasTime now = AliasClock::now();
    if (now - wishes_since_ >= std::chrono::seconds(1)) {
      wishes_since_ = now;
      wishes_ = 0;
    }
    const std::size_t most = std::max<std::size_t>(1, settings_.budget * settings_.upstreams.size() / 4);
    return wishes_ < most && wishes_asked_ < kMaxWishesAsked && lookups_->waiting() == 0;
  }

  /// What is known of networks is told of together, now and then: there may be very many.
  void arm_telling() {
    if (is_stopped_ || is_telling_ || to_tell_.empty()) return;
    is_telling_ = true;
    telling_.expires_after(kTell);
    telling_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      self->is_telling_ = false;
      if (error || self->is_stopped_) return;
      const std::set<Key> keys = std::exchange(self->to_tell_, {});
      for (const Key& key : keys) {
        const auto found = self->followed_.find(key);
        if (found == self->followed_.end()) continue;
        self->refresh_networks(found->second);
        self->tell(self->refreshed_, key);
      }
    });
  }

  static void refresh_networks(Target& target) {
    const auto& known = target.networks.known();
    target.shared = known.empty() ? nullptr : std::make_shared<const ClientNetworks>(known);
  }

  Served served(const Target& target) const {
    Served all = target.freshness.served();
    all.dependence = settings_.client_subnet ? target.networks.dependence() : Dependence::no;
    if (all.dependence == Dependence::yes) all.networks = target.shared;
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
    const bool is_changed = target.freshness.replied(result.reply, now, settings_, draw_chance());
    if (target.networks.pass(now)) refresh_networks(target);
    const bool is_moved = target.freshness.served().expires != expired;
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
  boost::asio::steady_timer telling_;
  ResolverSettings settings_;
  Changed changed_;
  Changed refreshed_;
  Lookups::Own own_;
  std::shared_ptr<Lookups> lookups_;
  std::map<Key, Target> followed_;
  std::map<Key, Known> remembered_;  // until follow()
  std::set<std::pair<AliasTime, Key>> planned_;
  std::set<Key> to_tell_;
  bool is_telling_ = false;
  AliasTime wishes_since_{};
  std::size_t wishes_ = 0, wishes_asked_ = 0;  // within the last second; in flight
  bool is_stopped_ = false;
};

Aliases::Aliases(boost::asio::io_context& io, ResolverSettings settings, Changed changed)
    : watch_(std::make_shared<Watch>(io, std::move(settings), std::move(changed))) {}
Aliases::~Aliases() { watch_->stop(); }
void Aliases::look_at_ours() { watch_->look_at_ours(); }
void Aliases::resume() { watch_->resume(); }
void Aliases::wish(const Name& target, RrType type, const ClientSubnet& network) {
  watch_->wish(target, type, network);
}
void Aliases::on_refreshed(Changed refreshed) { watch_->on_refreshed(std::move(refreshed)); }
void Aliases::remember(std::vector<Known> known) { watch_->remember(std::move(known)); }
void Aliases::ask_first(Lookups::Own own) { watch_->ask_first(std::move(own)); }
void Aliases::follow(std::vector<Name> targets) { watch_->follow(std::move(targets)); }
void Aliases::configure(ResolverSettings settings) { watch_->configure(std::move(settings)); }
std::vector<AliasStatus> Aliases::status() const { return watch_->status(); }
std::vector<UpstreamStatus> Aliases::upstreams() const { return watch_->upstreams(); }

}  // namespace holdfast::zones
