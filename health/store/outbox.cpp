#include "health/store/outbox.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace holdfast::health {

void Outbox::put(const std::string& key, std::string value, Life life) {
  Wanted& wanted = wanted_[key];
  if (wanted.value == value && wanted.life == life) return;
  const auto was = wanted.state == Wanted::State::writing ? taken_from_ : wanted.state;
  // Where that was refused, this one waits as well.
  wanted = {std::move(value), life, is_alone(was) ? was : Wanted::State::waiting, wanted.again};
}

void Outbox::erase(const std::string& key) {
  wanted_.insert_or_assign(key, Wanted{.value = {}, .life = Life::shared});
}

bool Outbox::has_leased() const noexcept {
  return std::any_of(wanted_.begin(), wanted_.end(),
                     [](const auto& one) { return one.second.life == Life::leased; });
}

bool Outbox::has_refused() const noexcept {
  return std::any_of(wanted_.begin(), wanted_.end(),
                     [](const auto& one) { return is_alone(one.second.state); });
}

std::size_t Outbox::waiting() const noexcept {
  return static_cast<std::size_t>(std::count_if(wanted_.begin(), wanted_.end(), [](const auto& one) {
    return one.second.state != Wanted::State::there;
  }));
}

bool Outbox::is_alone(Wanted::State state) noexcept {
  return state == Wanted::State::doubted || state == Wanted::State::refused;
}

bool Outbox::may_write(const Wanted& wanted, bool has_lease) noexcept {
  const bool is_to_do = wanted.state == Wanted::State::waiting || is_alone(wanted.state);
  return is_to_do && (wanted.life != Life::leased || has_lease);
}

Outbox::Time Outbox::due(bool has_lease) const noexcept {
  Time next = Time::max();
  for (const auto& [key, wanted] : wanted_) {
    if (may_write(wanted, has_lease))
      next = std::min(next, is_alone(wanted.state) ? wanted.again : Time::min());
  }
  return next;
}

/// What goes alone: our ballot before the rest, for others count on it, then the longest ago first.
std::vector<Outbox::Place> Outbox::choose(Time now, bool has_lease) {
  std::vector<Place> together;
  auto alone = wanted_.end();
  const auto rank = [](const Wanted& wanted) { return std::pair(wanted.life != Life::leased, wanted.again); };
  std::size_t octets = 0;
  for (auto one = wanted_.begin(); one != wanted_.end(); ++one) {
    const Wanted& wanted = one->second;
    if (!may_write(wanted, has_lease)) continue;
    if (is_alone(wanted.state)) {
      const bool is_first = alone == wanted_.end() || rank(wanted) < rank(alone->second);
      if (wanted.again <= now && is_first) alone = one;
    } else if (together.size() < kMaxOperations && octets < kMaxWrite) {
      together.push_back(one);
      octets += wanted.value ? wanted.value->size() : 0;
    }
  }
  const bool is_its_turn = together.empty() || !is_alone(taken_from_);
  if (alone != wanted_.end() && is_its_turn) return {alone};
  return together;
}

std::vector<Outbox::Write> Outbox::take(Time now, bool has_lease) {
  std::vector<Write> writes;
  for (const Place& one : choose(now, has_lease)) {
    auto& [key, wanted] = *one;
    taken_from_ = std::exchange(wanted.state, Wanted::State::writing);
    writes.push_back({key, wanted.value, wanted.life == Life::leased});
  }
  if (!writes.empty()) taken_ = writes.size();
  return writes;
}

void Outbox::wrote() {
  for (auto one = wanted_.begin(); one != wanted_.end();) {
    Wanted& wanted = one->second;
    if (wanted.state == Wanted::State::writing) wanted.state = Wanted::State::there;
    // What one was refused for is over: perhaps so it is for the others.
    if (wanted.state == Wanted::State::refused && taken_from_ == Wanted::State::refused)
      wanted.state = Wanted::State::waiting;
    const bool is_done = wanted.state == Wanted::State::there && wanted.life == Life::shared;
    one = is_done ? wanted_.erase(one) : std::next(one);
  }
}

void Outbox::not_written() {
  for (auto& [key, wanted] : wanted_) {
    if (wanted.state == Wanted::State::writing) wanted.state = taken_from_;
  }
}

void Outbox::refused(Time now) {
  const bool is_only_one = taken_ == 1;
  for (auto& [key, wanted] : wanted_) {
    if (wanted.state != Wanted::State::writing) continue;
    wanted.state = is_only_one ? Wanted::State::refused : Wanted::State::doubted;
    wanted.again = is_only_one ? now + kTryAgain : now;
  }
}

void Outbox::lease_is_new() {
  for (auto& [key, wanted] : wanted_) {
    if (wanted.life == Life::leased && wanted.state == Wanted::State::there)
      wanted.state = Wanted::State::waiting;
  }
}

void Outbox::stands(const std::string& key, std::optional<std::string_view> value) {
  const auto known = wanted_.find(key);
  if (known == wanted_.end() || known->second.state != Wanted::State::there) return;
  if (!value || known->second.value != *value) known->second.state = Wanted::State::waiting;
}

}  // namespace holdfast::health
