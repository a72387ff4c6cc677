#include "health/store/council.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

namespace holdfast::health {
namespace {

constexpr std::string_view kAgents = "agent/";
constexpr std::string_view kServers = "server/";
constexpr std::string_view kOverrides = "override/";
/// Time makes agents stale and verdicts due: looked at this often.
constexpr std::chrono::milliseconds kLookEvery{500};

template <class T>
void append(std::vector<T>& to, std::vector<T> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

Council::Council(Options options, Time now)
    : options_(std::move(options)),
      desk_(options_.self, options_.incarnation, options_.references),
      table_(options_.self),
      said_at_(now - kHeartbeat),
      told_at_(now - kHeartbeat),
      looked_at_(now),
      believed_at_(now - kHeartbeat) {
  if (options_.store) session_.emplace(*options_.store, now);
}

void Council::watch(Watchlist own, std::string published, const std::vector<KeptVerdict>& kept, Time now,
                    WallTime wall_time) {
  own_ = std::move(own);
  add(table_.watch(*own_, kept, now, wall_time));
  if (session_)
    session_->put(std::string(kServers) + options_.self, std::move(published), Session::Life::ours);
  looks_ = has_news_ = true;
}

void Council::voted(const TargetStatus& status) {
  has_news_ = desk_.vote(status) || has_news_;
  believe(status);
}

void Council::doubted(const TargetStatus& status) { believe(status); }

void Council::believe(const TargetStatus& status) {
  if (!desk_.probes(status.target.id)) return;
  table_.believe(status.target.id, status.verdict, status.doubt);
  has_beliefs_ = true;
}

/// Of what the own agent does not probe any more.
void Council::forget_beliefs() {
  if (!own_) return;
  for (const Target& target : own_->targets) {
    if (!desk_.probes(target.id)) table_.believe(target.id, Verdict::unknown, {});
  }
}

void Council::observed(const Observation& seen) { has_news_ = desk_.observed(seen) || has_news_; }

void Council::set_alive(bool alive) {
  alive_ = alive;
  if (session_) session_->set_alive(alive);
}

void Council::put_override(const std::string& id, std::string json) {
  session_->put(std::string(kOverrides) + id, std::move(json), Session::Life::shared);
}

void Council::drop_override(const std::string& id) { session_->erase(std::string(kOverrides) + id); }

Council::Time Council::ballot_due() const {
  const Time beat = said_at_ + kHeartbeat;
  return has_news_ ? std::min<Time>(beat, told_at_ + kBallotEvery) : beat;
}

void Council::tick(Time now, WallTime wall_time) {
  if (session_) take(session_->take_changes(), now);
  if (looks_ || now - looked_at_ >= kLookEvery) {
    if (desk_.look(view_, own_ ? &*own_ : nullptr, now)) {
      duties_changed_ = has_news_ = true;
      forget_beliefs();
    }
  }
  if (alive_ && now >= ballot_due()) {
    said_at_ = now;
    if (std::exchange(has_news_, false)) told_at_ = now;
    Ballot ballot = desk_.ballot(now);
    const bool is_shared =
        session_ && session_->state() == Session::State::following && session_->write_problem().empty();
    if (session_) session_->put(std::string(kAgents) + options_.self, write(ballot), Session::Life::leased);
    // All servers are to hear it at the same time; where there is nobody else to be heard, at once.
    if (!is_shared) {
      view_.hear_own(std::move(ballot), now);
      looks_ = true;
    }
  }
  if (looks_) add(table_.look(view_, now, wall_time));
  const bool is_time = looks_ || now - looked_at_ >= kLookEvery;
  const bool heeds = has_beliefs_ && now >= believed_at_ + kBallotEvery;
  if (is_time || heeds) add(table_.tick(now, wall_time));
  if (is_time) looked_at_ = now;
  if ((is_time || heeds) && std::exchange(has_beliefs_, false)) believed_at_ = now;
  looks_ = false;
  if (session_) append(actions_, session_->tick(now));
}

Council::Time Council::due(Time now) const {
  if (looks_) return now;
  Time next = looked_at_ + kLookEvery;
  if (alive_) next = std::min(next, ballot_due());
  if (has_beliefs_) next = std::min<Time>(next, believed_at_ + kBallotEvery);
  if (session_) next = std::min(next, session_->due(now));
  return std::max(next, now);
}

bool Council::speaks(Time now) const {
  if (!session_ || session_->state() != Session::State::following || !own_) return true;
  const auto& servers = view_.lists();
  return std::none_of(servers.begin(), servers.end(), [&](const auto& one) {
    const auto& [server, list] = one;
    const auto heard = view_.agents().find(server);
    return server < options_.self && list.digest == own_->digest && heard != view_.agents().end() &&
           heard->second.is_fresh(now);
  });
}

void Council::take(const std::vector<Session::Change>& changes, Time now) {
  std::map<std::string_view, const Session::Change*>
      last;  // a list takes long to read, and only the last one counts
  for (const Session::Change& one : changes) last[one.key] = &one;
  for (const Session::Change& change : changes) {
    const auto& [key, value] = change;
    looks_ = true;
    if (key.starts_with(kServers)) {
      if (last.at(key) != &change) continue;
      const std::string server = key.substr(kServers.size());
      if (server == options_.self) continue;
      auto list = value ? options_.read_list(*value) : std::nullopt;
      note(key, !value || list);
      if (list) {
        view_.set_list(server, *std::move(list));
      } else if (!value) {
        view_.drop_list(server);
      }
    } else if (key.starts_with(kAgents)) {
      const std::string agent = key.substr(kAgents.size());
      auto ballot = value ? read_ballot(*value) : std::nullopt;
      const bool is_right =
          ballot && ballot->agent == agent;  // who may write the key is who may have the name
      note(key, !value || is_right);
      if (is_right) {
        view_.hear(*std::move(ballot), now);
      } else if (!value && agent != options_.self) {
        view_.forget(agent);
      }
    } else if (key.starts_with(kOverrides)) {
      overrides_.push_back({key.substr(kOverrides.size()), value});
    }
  }
}

void Council::note(const std::string& key, bool is_readable) {
  if (is_readable) {
    unreadable_.erase(key);
  } else {
    ++malformed_;
    unreadable_.insert(key);
  }
}

void Council::add(VerdictTable::Moves moves) {
  if (!moves_.doubts.empty() && !moves.targets.empty()) {  // they are told after those, and are older
    std::set<TargetId> moved;
    for (const VerdictTable::Moved& one : moves.targets) moved.insert(one.now.target.id);
    std::erase_if(moves_.doubts, [&](const Doubted& one) { return moved.contains(one.target); });
  }
  append(moves_.targets, std::move(moves.targets));
  append(moves_.agents, std::move(moves.agents));
  append(moves_.doubts, std::move(moves.doubts));
}

std::optional<std::vector<Target>> Council::take_duties() {
  if (!std::exchange(duties_changed_, false)) return std::nullopt;
  return desk_.duties();
}

}  // namespace holdfast::health
