#include "zones/text/difference.h"

#include "zones/replicate/diff.h"

namespace holdfast::zones {
namespace {

std::strong_ordering by_rrset(const RecordView& a, const RecordView& b) {
  const auto order = a.owner <=> b.owner;
  return order != 0 ? order : a.type <=> b.type;
}

/// Both runs without the SOAs that they begin with.
std::vector<Difference::Row> merged(const Delta& delta) {
  std::vector<Difference::Row> rows;
  auto removed = ++delta.removed.begin();
  auto added = ++delta.added.begin();
  while (removed != delta.removed.end() || added != delta.added.end()) {
    const bool is_added =
        removed == delta.removed.end() || (added != delta.added.end() && by_rrset(*added, *removed) < 0);
    auto& run = is_added ? added : removed;
    rows.push_back({is_added, *run});
    ++run;
  }
  return rows;
}

}  // namespace

Difference::Difference(const Contents& before, const Contents& after, bool ignores_serial)
    : delta_(difference(before, after)), soa_before_(before.soa()), soa_after_(after.soa()) {
  if (delta_) rows_ = merged(*delta_);
  const bool is_same_soa =
      before.soa_ttl() == after.soa_ttl() &&
      (ignores_serial ? with_serial(soa_before_, after.serial()) : soa_before_) == soa_after_;
  if (is_same_soa) return;
  rows_.push_back({false, {before.apex(), RrType::SOA, before.soa_ttl(), soa_before_}});
  rows_.push_back({true, {after.apex(), RrType::SOA, after.soa_ttl(), soa_after_}});
}

}  // namespace holdfast::zones
