#include "zones/replicate/refresh.h"

#include <algorithm>

#include "zones/replicate/soa.h"

namespace holdfast::zones {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// 0 to 1
double fraction(std::uint64_t random) noexcept {
  return static_cast<double>(random >> 11) / static_cast<double>(std::uint64_t{1} << 53);
}

milliseconds part_of(seconds time, double factor) noexcept {
  return milliseconds(
      static_cast<milliseconds::rep>(static_cast<double>(milliseconds(time).count()) * factor + 0.5));
}

}  // namespace

SoaTimers timers_of(Rdata soa) noexcept {
  const auto number = [&](std::size_t which, seconds least, seconds most) {
    return std::clamp(seconds(soa_number(soa, which)), least, most);
  };
  return {number(1, kMinSoaRefresh, kMaxSoaRefresh), number(2, kMinSoaRetry, kMaxSoaRetry),
          number(3, kMinSoaExpire, kMaxSoaExpire)};
}

void Refresh::begin(BootTime now) { due_ = now; }

void Refresh::begin(Serial serial, SoaTimers timers, std::chrono::system_clock::time_point expires,
                    BootTime now, std::chrono::system_clock::time_point wall_now, std::uint64_t random) {
  have_ = serial;
  timers_ = timers;
  // Somebody may have set that clock meanwhile.
  const auto left = std::chrono::duration_cast<milliseconds>(expires - wall_now);
  expires_ = now + std::clamp(left, milliseconds(0), milliseconds(timers.expire));
  due_ = now + part_of(kStartSpread, fraction(random));
}

bool Refresh::is_newer(const Primary& primary) const noexcept {
  return primary.serial && (!have_ || primary.serial->is_after(*have_));
}

std::optional<std::size_t> Refresh::best(BootTime now) const noexcept {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < primaries_.size(); ++i) {
    const Primary& one = primaries_[i];
    const bool is_refused = one.refused == one.serial && now < one.refused_until;
    if (!is_newer(one) || one.has_failed || is_refused) continue;
    const bool is_as_good = best && one.serial == primaries_[*best].serial;
    if (!best || one.serial->is_after(*primaries_[*best].serial) || (is_as_good && current_ == i)) best = i;
  }
  return best;
}

Refresh::Todo Refresh::todo(BootTime now, std::uint64_t random) {
  if (state_ == State::idle && now >= due_) {
    state_ = State::asking;
    last_round_ = now;
    is_late_ = again_ = false;
    for (Primary& one : primaries_) one.is_open = true, one.has_failed = false, one.serial.reset();
    return {Kind::ask};
  }
  if (state_ != State::asking) return {};
  is_late_ = is_late_ || now >= last_round_ + kDecision;
  decide(now, random);
  return state_ == State::transferring ? Todo{Kind::transfer, *current_} : Todo{};
}

std::optional<BootTime> Refresh::due() const noexcept {
  switch (state_) {
    case State::idle: return due_;
    case State::asking: return is_late_ ? std::nullopt : std::optional(last_round_ + kDecision);
    case State::transferring: break;
  }
  return std::nullopt;
}

void Refresh::decide(BootTime now, std::uint64_t random) {
  const auto all = [&](auto is) { return std::all_of(primaries_.begin(), primaries_.end(), is); };
  const auto any = [&](auto is) { return std::any_of(primaries_.begin(), primaries_.end(), is); };
  const bool is_open = any([](const Primary& one) { return one.is_open; });
  if (is_open && !is_late_) return;
  if (const auto chosen = best(now)) {
    state_ = State::transferring;
    current_ = chosen;
    return;
  }
  if (is_open) return;
  const bool has_failed = any([](const Primary& one) { return one.has_failed; });
  if (has_failed || all([](const Primary& one) { return !one.serial; })) return fail(now, random);
  if (!any([&](const Primary& one) { return is_newer(one); })) return succeed(now, random);
  // All that is newer was refused before: its time will come.
  BootTime until = BootTime::max();
  for (const Primary& one : primaries_) {
    if (is_newer(one)) until = std::min(until, one.refused_until);
  }
  state_ = State::idle;
  due_ = again_ ? std::min(until, std::max(now, last_round_ + kBetweenRounds)) : until;
}

void Refresh::notified(std::optional<Serial> serial, BootTime now) {
  if (serial && have_ && !serial->is_after(*have_)) return;
  if (state_ != State::idle) {
    again_ = true;
    return;
  }
  is_urgent_ = true;
  const bool any_refused = std::any_of(primaries_.begin(), primaries_.end(),
                                       [](const Primary& one) { return one.refused.has_value(); });
  if (!any_refused) failures_ = 0;
  const BootTime soonest = last_round_ == BootTime::min() ? now : std::max(now, last_round_ + kBetweenRounds);
  due_ = std::min(due_, soonest);
}

void Refresh::retry(BootTime now) {
  for (Primary& one : primaries_) one.refused.reset();
  notified({}, now);
}

void Refresh::answered(std::size_t primary, Serial serial, std::optional<seconds> expire, BootTime now) {
  Primary& one = primaries_[primary];
  if (!one.is_open) return;
  one.is_open = false;
  one.serial = serial;
  if (have_ && !is_newer(one)) is_good_until(expire, now, false);
}

void Refresh::unanswered(std::size_t primary) { primaries_[primary].is_open = false; }

void Refresh::took(Serial serial, SoaTimers timers, std::optional<seconds> expire, BootTime now,
                   std::uint64_t random) {
  have_ = serial;
  timers_ = timers;
  is_good_until(expire, now, true);
  succeed(now, random);
}

void Refresh::was_up_to_date(std::optional<seconds> expire, BootTime now, std::uint64_t random) {
  is_good_until(expire, now, false);
  succeed(now, random);
}

void Refresh::failed() {
  Primary& one = primaries_[*current_];
  one.has_failed = true;
  one.refused = one.serial;
  one.refused_until = BootTime::max();  // until fail() knows
  is_urgent_ = true;
  state_ = State::asking;
}

/// RFC 7314 4: a primary that is a secondary itself has the version for less than the SOA says.
void Refresh::is_good_until(std::optional<seconds> expire, BootTime now, bool is_new) {
  const BootTime until = now + std::min(timers_.expire, expire.value_or(timers_.expire));
  expires_ = is_new ? until : std::max(expires_, until);
}

void Refresh::wait(seconds time, BootTime now, std::uint64_t random) {
  due_ = now + part_of(time, 0.9 + 0.2 * fraction(random));
}

void Refresh::succeed(BootTime now, std::uint64_t random) {
  failures_ = 0;
  is_urgent_ = false;
  for (Primary& one : primaries_) one.refused.reset();
  state_ = State::idle;
  wait(timers_.refresh, now, random);
  if (again_) notified({}, now);
}

void Refresh::fail(BootTime now, std::uint64_t random) {
  ++failures_;
  seconds pause = timers_.retry;
  if ((is_urgent_ || !have_) && failures_ <= kQuickRetries) {
    pause = std::min(seconds(1 << (failures_ - 1)), kLastQuickRetry);
  }
  state_ = State::idle;
  wait(pause, now, random);
  for (Primary& one : primaries_) {
    if (one.has_failed) one.refused_until = due_;
  }
  if (again_) notified({}, now);
}

}  // namespace holdfast::zones
