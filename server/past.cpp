#include "server/past.h"

#include <algorithm>

namespace holdfast::server {

PastWalk::PastWalk(const Past& past, GoOn go_on)
    : past_(past), verdicts_(past.first), go_on_(std::move(go_on)) {
  for (const Past::Decision& one : past.decisions) {
    if (one.end && *one.end <= one.begin) continue;  // it never was in force
    begins_.push_back(&one);
    if (one.end) ends_.push_back(&one);
  }
  std::stable_sort(begins_.begin(), begins_.end(),
                   [](const auto* a, const auto* b) { return a->begin < b->begin; });
  std::stable_sort(ends_.begin(), ends_.end(),
                   [](const auto* a, const auto* b) { return *a->end < *b->end; });
}

std::optional<Past::Time> PastWalk::next() const {
  std::optional<Past::Time> next;
  const auto consider = [&](Past::Time time) { next = std::min(next.value_or(time), time); };
  if (next_change_ < past_.changes.size()) consider(past_.changes[next_change_].time);
  if (next_begin_ < begins_.size()) consider(begins_[next_begin_]->begin);
  if (next_end_ < ends_.size()) consider(*ends_[next_end_]->end);
  return next;
}

void PastWalk::step() {
  if (go_on_) go_on_();
  const Past::Time now = next().value();
  for (; next_change_ < past_.changes.size() && past_.changes[next_change_].time <= now; ++next_change_)
    verdicts_[past_.changes[next_change_].target] = past_.changes[next_change_].after;
  for (; next_end_ < ends_.size() && *ends_[next_end_]->end <= now; ++next_end_)
    overrides_.remove(ends_[next_end_]->override_.id);
  for (; next_begin_ < begins_.size() && begins_[next_begin_]->begin <= now; ++next_begin_) {
    health::Override lasting = begins_[next_begin_]->override_;
    lasting.expires.reset();  // when it ended is said by the past
    overrides_.put(lasting, {}, now);
  }
}

}  // namespace holdfast::server
