#include "server/overrides.h"

#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "config/duration.h"
#include "server/subjects.h"

namespace holdfast::server {
namespace {

using health::Decision;
using health::Override;
using health::OverrideEnd;
using health::OverrideSet;
using health::Subject;
using Result = OverrideAnswer::Result;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr std::chrono::hours kLongestSleep{1};  // so that old ends go
constexpr milliseconds kShortest{1000};
constexpr std::size_t kListed = 5;

/// As the store has it.
system_clock::time_point now_in_ms() { return std::chrono::floor<milliseconds>(system_clock::now()); }

OverrideAnswer no(Result result, std::string error) { return {.result = result, .error = std::move(error)}; }

std::string wrong_with(const OverrideWish& wish) {
  if (const auto why = health::unfit(wish.reason, health::kMaxReason); !why.empty()) {
    return fmt::format("the reason {}; say in at most {} octets what a colleague should know", why,
                       health::kMaxReason);
  }
  if (const auto why = health::unfit(wish.author, health::kMaxAuthor); !why.empty())
    return fmt::format("the author {}; say who you are, in at most {} octets", why, health::kMaxAuthor);
  if (wish.lasts && (*wish.lasts < kShortest || *wish.lasts > health::kLongestOverride)) {
    return fmt::format("{} is outside {} .. {}; without a time it lasts until it is released",
                       config::text(*wish.lasts), config::text(kShortest),
                       config::text(health::kLongestOverride));
  }
  return "";
}

/// "drain of shop/192.0.2.10 by alice (kernel update)"
std::string short_report(const Override& override_) {
  return fmt::format("{} of {} by {} ({})", text(override_.decision), text(override_.subject),
                     override_.author, override_.reason);
}

}  // namespace

Overrides::Overrides(LiveNames& live, health::KeptState* kept,
                     std::function<void(const health::Event&)> happened)
    : live_(live), kept_(kept), happened_(std::move(happened)) {
  restore();
  expiring_ = std::thread([this] { run(); });
  pthread_setname_np(expiring_.native_handle(), "hf-overrides");
}

Overrides::~Overrides() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  came_.notify_one();
  expiring_.join();
}

void Overrides::restore() {
  if (kept_ == nullptr) return;
  const std::lock_guard lock(mutex_);
  for (const health::KeptOverride& kept : kept_->at_start().overrides) {
    const auto read = health::from_kept(kept);
    if (!read) {
      spdlog::error("state: an override (id {}) cannot be read, and is left out", kept.id);
      continue;
    }
    const auto put = set_.put(*read, steady_clock::now(), system_clock::now());
    if (put == OverrideSet::Put::done) {
      spdlog::warn("in force since before the start: {}", report(*read));
      continue;
    }
    kept_->forget_override(read->id);
    if (put != OverrideSet::Put::over) continue;
    ++figures_.expired;
    happened(*read, read->id + "-end", short_report(*read) + " ended while holdfast did not run");
  }
  live_.decide(set_);
}

void Overrides::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto longest = steady_clock::now() + kLongestSleep;
    came_.wait_until(lock, std::min(set_.next_expiry().value_or(longest), longest));
    if (stopping_) return;
    const auto expired = set_.take_expired(steady_clock::now());
    if (!expired.empty()) publish();
    for (const Override& one : expired) {
      ++figures_.expired;
      if (kept_ != nullptr) kept_->forget_override(one.id);
      tell_store(one.id, std::nullopt);  // it says itself when it ends: nobody believes it any longer
      happened(one, one.id + "-end", short_report(one) + " ended: its time is over");
    }
    forget_old_ends(system_clock::now());
  }
}

void Overrides::configure(const std::vector<health::LocationSettings>& locations) {
  const std::lock_guard lock(mutex_);
  locations_ = health::Locations(locations);
  live_.place(locations_);
}

void Overrides::share(Shared shared) {
  const std::lock_guard lock(mutex_);
  shared_ = std::move(shared);
  for (const Override& one : set_.all()) tell_store(one.id, write(one));
  for (const auto& [id, end] : ended_) tell_store(id, write(end));
}

OverrideAnswer Overrides::decide(const OverrideWish& wish) {
  if (std::string wrong = wrong_with(wish); !wrong.empty()) return no(Result::unfit, std::move(wrong));
  const std::lock_guard lock(mutex_);
  auto subject = health::read_subject(wish.subject);
  if (!subject || !live_.has(*subject)) {  // it may be spelt otherwise, or what is alike should be told
    const auto found = find_subject(wish.subject, live_.status(), locations_);
    if (const auto* unknown = std::get_if<std::string>(&found))
      return no(subject ? Result::unknown : Result::unfit, *unknown);
    subject = std::get<Subject>(found);
  }

  const auto now = now_in_ms();
  Override made{.id = health::make_event_id(now),
                .subject = *subject,
                .decision = wish.decision,
                .author = wish.author,
                .reason = wish.reason,
                .created = now};
  // Newer than what it replaces, also when the clock went back.
  if (const Override* before = set_.find(made.subject))
    made.created = std::max(now, before->created + milliseconds(1));
  if (wish.lasts) made.expires = made.created + *wish.lasts;

  OverrideSet changed = set_;
  std::optional<std::string> replaced;
  if (changed.put(made, steady_clock::now(), made.created, &replaced) == OverrideSet::Put::full) {
    return no(Result::full,
              fmt::format("there are {} overrides, and no more can be; release some", health::kMaxOverrides));
  }
  const Effect effect = live_.effect(changed, made.subject);
  if (!effect.nobody.empty()) {
    ++figures_.refused;
    return no(Result::refused, fmt::format("nobody who is not drained would be left ({}); add a member, or "
                                           "release another drain first",
                                           effect.nobody));
  }
  if (!effect.doubtful.empty() && !wish.force) {
    ++figures_.refused;
    return no(
        Result::refused,
        fmt::format("what would be left is down, or nobody: {}; if that is meant: force", effect.doubtful));
  }
  set_ = std::move(changed);
  publish();
  ++figures_.made;
  if (kept_ != nullptr) kept_->save(to_kept(made));
  tell_store(made.id, write(made));
  if (replaced) remember_end({*replaced, "replaced by " + made.id, made.created});
  Effect now_so = happened(made, made.id, report(made));
  return {.override_ = made, .effect = std::move(now_so), .is_kept = is_kept()};
}

void Overrides::keep_out(const Subject& member) {
  {
    const std::lock_guard lock(mutex_);
    if (set_.find(member) != nullptr) return;
  }
  const std::string subject = text(member);
  const OverrideAnswer answer =
      decide({.subject = subject,
              .decision = Decision::force_down,
              .author = "holdfast",
              .reason = "it went down, and recovery is manual: when it is right again, "
                        "holdfast release " +
                        subject,
              .lasts = {},
              .force = true});
  // One that a reload has just taken away, for example.
  if (!answer.error.empty()) spdlog::warn("{} is not kept out: {}", subject, answer.error);
}

OverrideAnswer Overrides::release(std::string_view what, std::string_view author) {
  if (const auto why = health::unfit(author, health::kMaxAuthor); !why.empty())
    return no(Result::unfit, fmt::format("the author {}; say who you are", why));
  const std::lock_guard lock(mutex_);
  const auto all = set_.all();
  const auto subject = health::read_subject(what);
  const std::string said = subject ? as_said(text(*subject)) : "";
  const auto meant = std::find_if(all.begin(), all.end(), [&](const Override& one) {
    return one.id == what || (subject && as_said(text(one.subject)) == said);
  });
  if (meant == all.end())
    return no(Result::unknown, fmt::format("no override is about \"{}\"; {}", what, known()));
  set_.remove(meant->id);
  publish();
  ++figures_.released;
  const std::string why = fmt::format("released by {}", author);
  remember_end({meant->id, why, now_in_ms()});
  Effect now_so = happened(*meant, meant->id + "-end", short_report(*meant) + " ended: " + why);
  return {.override_ = *meant, .effect = std::move(now_so), .is_kept = is_kept()};
}

void Overrides::heard(const std::string& id, const std::optional<std::string>& value) {
  if (!value) return;
  const std::lock_guard lock(mutex_);
  if (const auto end = health::read_end(*value); end && end->id == id) {
    const auto known = ended_.find(id);
    // Of several ends of one override all servers keep the same.
    if (known != ended_.end() && write(known->second) <= *value) return tell_store(id, write(known->second));
    const auto removed = set_.remove(id);
    if (removed) publish();
    remember_end(*end);
    if (removed) {
      ++figures_.released;
      happened(*removed, id + "-end", short_report(*removed) + " ended: " + end->why);
    }
    return forget_old_ends(system_clock::now());
  }
  const auto read = health::read_override(*value);
  if (!read || read->id != id) {
    ++malformed_;
    return;
  }
  if (const auto known = ended_.find(id); known != ended_.end()) return tell_store(id, write(known->second));
  std::optional<std::string> replaced;
  const Override* before = set_.find(read->subject);
  if (before != nullptr && before->id == id) return;
  switch (set_.put(*read, steady_clock::now(), system_clock::now(), &replaced)) {
    case OverrideSet::Put::done: break;
    case OverrideSet::Put::older: return remember_end({id, "replaced by " + before->id, before->created});
    case OverrideSet::Put::over:  // whoever put it there takes it out at its time; that server is gone
      if (system_clock::now() - *read->expires > kLongestSleep) tell_store(id, std::nullopt);
      return;
    case OverrideSet::Put::full: ++malformed_; return;
  }
  publish();
  ++figures_.made;
  if (kept_ != nullptr) kept_->save(to_kept(*read));
  tell_store(id, *value);
  if (replaced) remember_end({*replaced, "replaced by " + id, read->created});
  happened(*read, id, report(*read));
}

std::vector<Override> Overrides::in_force() const {
  const std::lock_guard lock(mutex_);
  return set_.all();
}

OverrideFigures Overrides::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

std::uint64_t Overrides::malformed() const {
  const std::lock_guard lock(mutex_);
  return malformed_;
}

void Overrides::publish() {
  live_.decide(set_);
  came_.notify_one();
}

void Overrides::tell_store(const std::string& id, std::optional<std::string> value) const {
  if (shared_) shared_(id, std::move(value));
}

void Overrides::remember_end(const OverrideEnd& end) {
  if (kept_ != nullptr) kept_->forget_override(end.id);
  if (ended_.size() >= kMaxEnds && ended_.count(end.id) == 0) {
    const auto oldest = std::min_element(
        ended_.begin(), ended_.end(),
        [](const auto& one, const auto& other) { return one.second.time < other.second.time; });
    tell_store(oldest->first, std::nullopt);
    ended_.erase(oldest);
  }
  ended_.insert_or_assign(end.id, end);
  tell_store(end.id, write(end));
}

void Overrides::forget_old_ends(system_clock::time_point now) {
  for (auto at = ended_.begin(); at != ended_.end();) {
    if (now - at->second.time <= kEndsKept) {
      ++at;
      continue;
    }
    tell_store(at->first, std::nullopt);
    at = ended_.erase(at);
  }
}

Effect Overrides::happened(const Override& about, const std::string& id, std::string text) const {
  Effect effect = live_.effect(set_, about.subject);
  happened_({.id = id,
             .time = system_clock::now(),
             .kind = health::EventKind::override_,
             .text = std::move(text),
             .used_by = effect.used_by,
             .answers = effect.answers});
  return effect;
}

std::string Overrides::known() const {
  const auto all = set_.all();
  if (all.empty()) return "none is in force";
  std::string list;
  for (std::size_t i = 0; i < std::min(all.size(), kListed); ++i)
    list += (list.empty() ? "in force are: " : ", ") + text(all[i].subject);
  return all.size() > kListed ? fmt::format("{} and {} more", list, all.size() - kListed) : list;
}

}  // namespace holdfast::server
