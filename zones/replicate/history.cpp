#include "zones/replicate/history.h"

#include <algorithm>

namespace holdfast::zones {

void History::add(std::shared_ptr<const Delta> delta, const HistoryLimits& limits) {
  if (!deltas_.empty() && deltas_.back()->to() != delta->from()) {
    deltas_.clear();
    octets_ = 0;
  }
  octets_ += delta->octets();
  deltas_.push_back(std::move(delta));
  auto kept = deltas_.begin();
  for (; kept != deltas_.end(); ++kept) {
    if (static_cast<std::size_t>(deltas_.end() - kept) <= limits.versions && octets_ <= limits.octets) break;
    octets_ -= (*kept)->octets();
  }
  deltas_.erase(deltas_.begin(), kept);
}

std::optional<History::Deltas> History::since(Serial serial) const {
  if (!deltas_.empty() && deltas_.back()->to() == serial) return Deltas();
  const auto from = std::find_if(deltas_.begin(), deltas_.end(),
                                 [&](const auto& delta) { return delta->from() == serial; });
  if (from == deltas_.end()) return std::nullopt;
  return Deltas(from, deltas_.end());
}

Delta condense(std::span<const std::shared_ptr<const Delta>> deltas) {
  struct Change {
    RecordView record;
    int by;  // one more of it, or one less
  };
  std::vector<Change> changes;
  for (const auto& delta : deltas) {
    for (auto at = ++delta->removed.begin(); at != delta->removed.end(); ++at) changes.push_back({*at, -1});
    for (auto at = ++delta->added.begin(); at != delta->added.end(); ++at) changes.push_back({*at, 1});
  }
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.record < b.record; });

  Delta all;
  all.is_live = std::all_of(deltas.begin(), deltas.end(), [](const auto& delta) { return delta->is_live; });
  all.removed.add(deltas.front()->removed.front());
  all.added.add(deltas.back()->added.front());
  for (std::size_t i = 0; i < changes.size();) {
    const RecordView record = changes[i].record;
    int sum = 0;
    for (; i < changes.size() && changes[i].record == record; ++i) sum += changes[i].by;
    if (sum < 0) all.removed.add(record);
    if (sum > 0) all.added.add(record);
  }
  return all;
}

}  // namespace holdfast::zones
