#include "server/past.h"

#include <algorithm>

namespace holdfast::server {

PastWalk::PastWalk(const Past& past) : past_(past), verdicts_(past.first) {
  for (const Past::Decision& one : past.decisions) {
    decided_.push_back(one.begin);
    if (one.end) decided_.push_back(*one.end);
  }
  std::sort(decided_.begin(), decided_.end());
}

std::optional<Past::Time> PastWalk::next() const {
  std::optional<Past::Time> next;
  if (next_change_ < past_.changes.size()) next = past_.changes[next_change_].time;
  if (next_decided_ < decided_.size())
    next = next ? std::min(*next, decided_[next_decided_]) : decided_[next_decided_];
  return next;
}

void PastWalk::step() {
  const Past::Time now = next().value();
  for (; next_change_ < past_.changes.size() && past_.changes[next_change_].time <= now; ++next_change_)
    verdicts_[past_.changes[next_change_].target] = past_.changes[next_change_].after;
  if (next_decided_ == decided_.size() || decided_[next_decided_] > now) return;
  while (next_decided_ < decided_.size() && decided_[next_decided_] <= now) ++next_decided_;
  overrides_ = {};
  for (const Past::Decision& one : past_.decisions) {
    const bool is_in_force = one.begin <= now && (!one.end || *one.end > now);
    if (!is_in_force) continue;
    health::Override lasting = one.override_;
    lasting.expires.reset();  // when it ended is said by the past
    overrides_.put(lasting, {}, now);
  }
}

}  // namespace holdfast::server
