#include "zones/replicate/delta.h"

#include <algorithm>

namespace holdfast::zones {

std::optional<Delta> Delta::of(RecordRun removed, RecordRun added, bool is_live) {
  const auto is_soa = [](const RecordView& record) { return record.type == RrType::SOA; };
  for (const RecordRun* const run : {&removed, &added}) {
    if (run->empty() || !is_soa(run->front())) return std::nullopt;
    if (std::any_of(++run->begin(), run->end(), is_soa)) return std::nullopt;
  }
  if (removed.front().owner != added.front().owner) return std::nullopt;
  return Delta{std::move(removed), std::move(added), is_live};
}

}  // namespace holdfast::zones
