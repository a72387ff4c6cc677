#include "health/verdict/flap.h"

#include <algorithm>

namespace holdfast::health {

Verdict FlapBrake::pass(Verdict before, Verdict wanted, Time now) {
  while (!transitions_.empty() && now - transitions_.front() >= kFlapWindow) transitions_.pop_front();
  if (transitions_.empty()) hold_ = {};
  if (wanted != Verdict::up) due_ = Time::max();
  if (wanted == before || before == Verdict::unknown || wanted == Verdict::unknown) return wanted;
  if (wanted == Verdict::down) {
    changed(now);
    if (transitions_.size() >= kFlapTransitions) {
      hold_ = std::clamp(hold_ * 2, kFirstHold, kLongestHold);
    }
    return wanted;
  }
  if (hold_.count() != 0 && due_ == Time::max()) due_ = now + hold_;
  if (hold_.count() != 0 && now < due_) return before;
  due_ = Time::max();
  changed(now);
  return wanted;
}

void FlapBrake::changed(Time now) { transitions_.push_back(now); }

}  // namespace holdfast::health
