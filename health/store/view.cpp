#include "health/store/view.h"

#include <utility>

namespace holdfast::health {

bool View::hear(Ballot ballot, Time now) {
  const auto known = agents_.find(ballot.agent);
  const bool is_known = known != agents_.end() && known->second.ballot.incarnation == ballot.incarnation;
  if (is_known && known->second.ballot.sequence >= ballot.sequence) return false;
  if (!is_known || !known->second.is_fresh(now)) {
    Sighting& before = unproven_[ballot.agent];
    const bool lives = before.incarnation == ballot.incarnation && before.sequence < ballot.sequence &&
                       now - before.at <= kFresh;
    before = {ballot.incarnation, ballot.sequence, now};
    if (!lives) return false;
  }
  hear_own(std::move(ballot), now);
  return true;
}

void View::hear_own(Ballot ballot, Time now) {
  std::string agent = ballot.agent;
  unproven_.erase(agent);
  agents_.insert_or_assign(std::move(agent), Heard{std::move(ballot), now});
}

}  // namespace holdfast::health
