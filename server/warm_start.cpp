#include "server/warm_start.h"

#include <algorithm>

namespace holdfast::server {
namespace {

using health::KeptVerdict;
using health::TargetStatus;
using health::Verdict;
using std::chrono::system_clock;

KeptVerdict kept(const TargetStatus& status, system_clock::time_point now) {
  return {status.target.id, status.verdict, status.since, status.transitions, now};
}

}  // namespace

std::vector<KeptVerdict> WarmStart::verdicts(system_clock::time_point now) const {
  std::vector<KeptVerdict> fresh;
  for (const KeptVerdict& one : kept_.at_start().verdicts) {
    // A wall clock that went back makes it look as if it came from the future: that is as fresh as can be.
    if (one.verdict != Verdict::unknown && now - one.confirmed <= kFresh) fresh.push_back(one);
  }
  return fresh;
}

void WarmStart::changed(const TargetStatus& status) {
  if (status.verdict != Verdict::unknown) kept_.save({kept(status, system_clock::now())});
}

void WarmStart::observed(const health::Observation& seen) {
  if (seen.ended - confirmed_ < kConfirmEvery) return;
  confirmed_ = seen.ended;
  confirm();
}

void WarmStart::started() {
  std::vector<health::TargetId> gone;
  const std::vector<TargetStatus> watched = status_();  // by id
  for (const KeptVerdict& one : kept_.at_start().verdicts) {
    const auto at = std::partition_point(watched.begin(), watched.end(), [&](const TargetStatus& status) {
      return status.target.id < one.target;
    });
    if (at == watched.end() || at->target.id != one.target) gone.push_back(one.target);
  }
  kept_.forget(gone);
}

void WarmStart::confirm() {
  const auto now = system_clock::now();
  std::vector<KeptVerdict> all;
  for (const TargetStatus& status : status_()) {
    if (status.observed() && !status.late && status.verdict != Verdict::unknown)
      all.push_back(kept(status, now));
  }
  kept_.save(all);
}

}  // namespace holdfast::server
