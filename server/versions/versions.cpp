#include "server/versions/versions.h"

#include <spdlog/spdlog.h>

#include "server/versions/kill_point.h"
#include "zones/replicate/diff.h"
#include "zones/replicate/digest.h"
#include "zones/replicate/serial_policy.h"

namespace holdfast::server {

using zones::Contents;
using zones::Name;
using zones::NameView;

namespace {

/// The step that has nothing but another serial.
zones::Delta only_serial(const Contents& before, const Contents& after) {
  const std::vector<std::uint8_t> old_soa = before.soa(), new_soa = after.soa();
  zones::Delta step;
  step.removed.add({before.apex(), zones::RrType::SOA, before.soa_ttl(), old_soa});
  step.added.add({after.apex(), zones::RrType::SOA, after.soa_ttl(), new_soa});
  step.is_live = true;
  return step;
}

KeptLine kept_of(const Versions::Line& line) {
  return {
      .serial = line.now.serial(), .digest = line.digest, .flat = line.now.flat(), .history = line.history};
}

/// Serials that are passed over where a damaged journal may have forgotten as many.
constexpr std::uint32_t kBeyondRescued = 10'000;
constexpr std::size_t kMostNamed = 10;  // zones that one line in the log names

}  // namespace

/// A version that is to be, and what the journal is to be told of it.
struct Versions::Made {
  std::string key;
  std::shared_ptr<const Line> line;
  bool is_new = true;  // else only the Zone is another one, with the same in it
  JournalEntry entry;
};

Versions::Versions(zones::Published<zones::SerialTable>& serials, Journal* journal, Sources sources,
                   zones::HistoryLimits limits)
    : serials_(serials), journal_(journal), sources_(std::move(sources)), limits_(limits) {
  if (journal_ != nullptr) {
    for (auto& [zone, line] : journal_->at_start()) kept_.emplace(key(zone), std::move(line));
  }
  thread_ = std::thread([this] { run(); });
}

Versions::~Versions() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::shared_ptr<const Versions::Line> Versions::of(NameView zone) const {
  const std::lock_guard lock(mutex_);
  const auto found = states_.find(std::string_view(reinterpret_cast<const char*>(zone.data()), zone.size()));
  return found == states_.end() ? nullptr : found->second.line;
}

std::vector<std::shared_ptr<const Versions::Line>> Versions::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const Line>> lines;
  for (const auto& [name, state] : states_) {
    if (state.line != nullptr) lines.push_back(state.line);
  }
  return lines;
}

std::string Versions::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

void Versions::touch(const std::set<Name>& zones) {
  bool any = false;
  {
    const std::lock_guard lock(mutex_);
    for (const Name& zone : zones) {
      const auto found = states_.find(key(zone));
      if (found == states_.end()) continue;
      touch(found);
      any = true;
    }
  }
  if (any) wake_.notify_all();
}

void Versions::deploy(std::vector<Wanted> all) {
  std::vector<std::string> others;
  std::vector<zones::SerialTable::Change> serials;
  {
    const std::lock_guard making(making_);
    {
      const std::lock_guard lock(mutex_);
      touched_.reserve(states_.size() + all.size());
      ++deployments_;
      for (Wanted& wanted : all) {
        const auto found = states_.try_emplace(key(wanted.zone->apex())).first;
        State& state = found->second;
        const bool is_other = state.wanted.zone != wanted.zone;
        state.wanted = std::move(wanted);
        state.deployment = deployments_;
        // What live names have may be other with any reload; that waits for its time.
        touch(found);
        if (is_other) others.push_back(found->first);
        // Nobody is to see an older serial than before, even if there will be no version at once.
        if (const auto kept = kept_.find(found->first); state.line == nullptr && kept != kept_.end())
          serials.emplace_back(state.wanted.number, kept->second.serial);
      }
      std::vector<States::iterator> gone;
      for (auto state = states_.begin(); state != states_.end(); ++state) {
        if (state->second.deployment == deployments_) continue;
        gone.push_back(state);
        serials.emplace_back(state->second.wanted.number, std::nullopt);
        // Should it come back, it goes on from there.
        if (state->second.line != nullptr) kept_[state->first] = kept_of(*state->second.line);
      }
      erase(gone);
    }
    if (!serials.empty()) serials_.publish(serials_.get()->with(serials));
  }
  make_or_retry(others);
  wake_.notify_all();
}

void Versions::forget(std::span<const Name> zones) {
  const std::lock_guard making(making_);
  std::vector<zones::SerialTable::Change> serials;
  {
    const std::lock_guard lock(mutex_);
    std::vector<States::iterator> forgotten;
    for (const Name& zone : zones) {
      kept_.erase(key(zone));
      const auto found = states_.find(key(zone));
      if (found == states_.end()) continue;
      serials.emplace_back(found->second.wanted.number, std::nullopt);
      forgotten.push_back(found);
    }
    erase(forgotten);
    if (!serials.empty()) serials_.publish(serials_.get()->with(serials));
  }
  if (journal_ != nullptr) journal_->forget(zones);
}

void Versions::replace(std::vector<Wanted> changed) {
  std::vector<std::string> others;
  {
    const std::lock_guard lock(mutex_);
    for (Wanted& wanted : changed) {
      const auto found = states_.find(key(wanted.zone->apex()));
      if (found == states_.end()) continue;
      others.push_back(found->first);
      found->second.wanted = std::move(wanted);
      touch(found);
    }
  }
  make_or_retry(others);
  wake_.notify_all();
}

void Versions::touch(States::iterator state) {
  state->second.is_touched = true;
  if (!state->second.is_listed) touched_.push_back(state);
  state->second.is_listed = true;
}

void Versions::erase(std::span<const States::iterator> states) {
  for (const auto& state : states) state->second.is_listed = false;
  std::erase_if(touched_, [](const auto& state) { return !state->second.is_listed; });
  for (const auto& state : states) states_.erase(state);
}

std::vector<std::string> Versions::due(Clock::time_point now, Clock::time_point& next) {
  for (const auto& state : touched_) state->second.is_listed = state->second.is_touched;
  std::erase_if(touched_, [](const auto& state) { return !state->second.is_listed; });
  std::vector<std::string> zones;
  next = Clock::time_point::max();
  for (const auto& state : touched_) {
    const Clock::time_point from = std::max(state->second.not_before, retry_);
    if (from <= now) {
      zones.push_back(state->first);
    } else {
      next = std::min(next, from);
    }
  }
  return zones;
}

void Versions::run() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    const auto now = Clock::now();
    Clock::time_point next;
    const std::vector<std::string> zones = due(now, next);
    if (!problem_.empty()) next = std::min(next, retry_);
    if (!zones.empty() || next <= now) {
      lock.unlock();
      make_or_retry(zones);
      lock.lock();
    } else if (next == Clock::time_point::max()) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, next);
    }
  }
}

std::optional<Versions::Made> Versions::prepare(const std::string& name, const State& state) const {
  const auto now = std::chrono::system_clock::now();
  const Wanted& wanted = state.wanted;
  if (!wanted.zone->is_available()) return std::nullopt;
  const NameView apex = wanted.zone->apex();
  auto flat = std::make_shared<const zones::FlatView>(sources_.flat(apex));
  const auto of_file = wanted.has_serial ? std::optional(zones::Serial(wanted.zone->serial())) : std::nullopt;

  std::optional<Contents> before;
  zones::History history;
  std::optional<zones::Serial> last;
  const bool is_other_zone = state.line == nullptr || state.line->now.zone() != wanted.zone;
  zones::Digest digest = state.line != nullptr ? state.line->digest : zones::Digest();
  if (is_other_zone && journal_ != nullptr) {
    digest = state.line != nullptr ? zones::digest(*wanted.zone, *state.line->now.zone(), state.line->digest)
                                   : zones::digest(*wanted.zone);
  }
  if (state.line != nullptr) {
    before = state.line->now;
    history = state.line->history;
    last = before->serial();
  } else if (const auto kept = kept_.find(name); kept != kept_.end()) {
    last = kept->second.serial;
    if (kept->second.was_rescued) last = zones::Serial(last->value() + kBeyondRescued);
    if (kept->second.digest == digest && !kept->second.was_rescued) {
      before.emplace(*last, wanted.zone, kept->second.flat);
      history = kept->second.history;
    }
  }

  Made made{.key = name, .line = nullptr, .entry = {}};
  const zones::Serial serial = zones::next_serial(wanted.policy, last, of_file, now);
  Contents after(serial, wanted.zone, std::move(flat));
  auto line = std::make_shared<Line>(Line{.now = after});
  line->since = state.line != nullptr ? state.line->since : now;
  line->digest = digest;
  std::optional<zones::Delta> delta;
  if (before) delta = zones::difference(*before, after, limits_.octets);
  // A serial that the operator raised is one, also with nothing else.
  const bool is_raised = last && is_other_zone && of_file && of_file->is_after(*last);
  if (before && !delta && !is_raised) {
    line->now = Contents(*last, after.zone(), after.flat());
    line->history = std::move(history);
    made.is_new = false;
    made.line = std::move(line);
    if (state.line != nullptr && !is_other_zone) return std::nullopt;
    return made;
  }
  line->since = now;
  if (before) {
    if (!delta) delta = only_serial(*before, after);
    if (delta->octets() <= limits_.octets) {
      history.add(std::make_shared<const zones::Delta>(*std::move(delta)), limits_);
      line->history = std::move(history);
    }
  }
  made.entry = {Name(apex), kept_of(*line)};
  made.line = std::move(line);
  return made;
}

void Versions::make_or_retry(std::span<const std::string> zones) {
  try {
    make(zones);
  } catch (const std::exception& error) {  // no memory, most likely
    spdlog::error("new versions of {} zones cannot be made: {}; tried again in {} s", zones.size(),
                  error.what(), kRetry.count());
    const std::lock_guard lock(mutex_);
    retry_ = Clock::now() + kRetry;
    for (const std::string& name : zones) {
      if (const auto found = states_.find(name); found != states_.end()) touch(found);
    }
  }
}

void Versions::make(std::span<const std::string> zones) {
  const std::lock_guard making(making_);
  std::vector<Made> all;
  for (const std::string& name : zones) {
    State state;
    {
      const std::lock_guard lock(mutex_);
      const auto found = states_.find(name);
      if (found == states_.end()) continue;
      const bool may_wait = found->second.wanted.may_wait && found->second.line != nullptr;
      if (may_wait && found->second.not_before > Clock::now()) continue;
      found->second.is_touched = false;
      state = found->second;
    }
    if (auto made = prepare(name, state)) all.push_back(*std::move(made));
  }
  std::string problem;
  std::vector<JournalEntry> changes;
  for (const Made& made : all) {
    if (made.is_new) changes.push_back(made.entry);
  }
  if (!changes.empty()) kill_point("version.made");
  try {
    // Of nothing, too, while something was refused: to see whether that is over.
    if (journal_ != nullptr && (!changes.empty() || !this->problem().empty())) journal_->append(changes);
  } catch (const std::exception& error) {
    problem = error.what();
  }
  if (!changes.empty()) kill_point("version.kept");
  std::vector<zones::SerialTable::Change> serials;
  std::vector<std::shared_ptr<const Line>> lines;
  const auto now = Clock::now();
  {
    const std::lock_guard lock(mutex_);
    if (problem != problem_ && !problem.empty()) {
      spdlog::error(
          "new versions of {} zones cannot be kept: {}; who transfers them gets the versions before, until "
          "that "
          "succeeds: tried again each {} s",
          changes.size(), problem, kRetry.count());
    } else if (problem.empty() && !problem_.empty()) {
      spdlog::info("new versions of zones can be kept again");
    }
    problem_ = problem;
    if (!problem.empty()) retry_ = now + kRetry;
    for (Made& made : all) {
      const bool is_kept = problem.empty() || !made.is_new;
      const auto found = states_.find(made.key);
      if (found == states_.end()) {  // it is served no more; should it come back, it goes on from there
        if (is_kept) kept_[made.key] = kept_of(*made.line);
        continue;
      }
      State& state = found->second;
      if (!is_kept) {
        touch(found);
        continue;
      }
      kept_.erase(made.key);
      const bool is_first = state.line == nullptr;
      state.line = std::move(made.line);
      serials.emplace_back(state.wanted.number, state.line->now.serial());
      if (!made.is_new) continue;
      if (!is_first) state.not_before = now + kApart;
      lines.push_back(state.line);
    }
    // Still locked: who was sent the version must not be told an older serial, nor who was told it get an older version.
    if (!serials.empty()) serials_.publish(serials_.get()->with(serials));
  }
  if (!lines.empty()) kill_point("version.published");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i < kMostNamed) {
      spdlog::info("zone {}: version {}", lines[i]->now.apex().text(), lines[i]->now.serial().value());
    } else if (i == kMostNamed) {
      spdlog::info("and new versions of {} more zones", lines.size() - kMostNamed);
    }
  }
  if (sources_.made) {
    for (const auto& line : lines) sources_.made(line);
  }
  if (!lines.empty()) kill_point("version.announced");
}

}  // namespace holdfast::server
