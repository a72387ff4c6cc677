#include "server/warm_start.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace holdfast::server {
namespace {

using health::KeptVerdict;
using health::MergedStatus;
using health::TargetId;
using health::Verdict;
using std::chrono::system_clock;

KeptVerdict kept(const MergedStatus& status, system_clock::time_point now) {
  return {status.target.id, status.verdict, status.since, status.transitions, now};
}

}  // namespace

WarmStart::WarmStart(const std::filesystem::path& state, std::function<std::vector<MergedStatus>()> status)
    : kept_(state), status_(std::move(status)) {
  for (const KeptVerdict& one : kept_.at_start().verdicts) known_.insert(one.target);
}

std::vector<KeptVerdict> WarmStart::verdicts(system_clock::time_point now) const {
  std::vector<KeptVerdict> fresh;
  for (const KeptVerdict& one : kept_.at_start().verdicts) {
    // A wall clock that went back makes it look as if it came from the future: that is as fresh as can be.
    if (one.verdict != Verdict::unknown && now - one.confirmed <= kFresh) fresh.push_back(one);
  }
  return fresh;
}

void WarmStart::changed(const MergedStatus& status) {
  if (status.verdict == Verdict::unknown || is_held(status.basis))
    return;  // nobody looked: it is no younger for that
  const std::lock_guard lock(mutex_);
  known_.insert(status.target.id);
  kept_.save({kept(status, system_clock::now())});
}

void WarmStart::tick(std::chrono::steady_clock::time_point now) {
  if (now - confirmed_ < kConfirmEvery) return;
  confirmed_ = now;
  confirm();
}

void WarmStart::started() {
  const std::lock_guard lock(mutex_);
  forget_others(status_());
}

void WarmStart::confirm() {
  const std::lock_guard lock(mutex_);
  const auto now = system_clock::now();
  const std::vector<MergedStatus> watched = status_();
  std::vector<KeptVerdict> all;
  for (const MergedStatus& status : watched) {
    if (!is_held(status.basis) && status.verdict != Verdict::unknown) all.push_back(kept(status, now));
  }
  for (const KeptVerdict& one : all) known_.insert(one.target);
  kept_.save(all);
  forget_others(watched);
}

void WarmStart::forget_others(const std::vector<MergedStatus>& watched) {
  std::set<TargetId> ids;
  for (const MergedStatus& status : watched) ids.insert(status.target.id);
  std::vector<TargetId> gone;
  std::set_difference(known_.begin(), known_.end(), ids.begin(), ids.end(), std::back_inserter(gone));
  for (const TargetId& target : gone) known_.erase(target);
  kept_.forget(gone);
}

}  // namespace holdfast::server
