#include "zones/replicate/accept_few.h"

#include <algorithm>
#include <set>

#include "zones/load/check.h"
#include "zones/replicate/apply.h"
#include "zones/zone_builder.h"
#include "zones/zone_patch.h"

namespace holdfast::zones {
namespace {

/// Adds what the checks look at beside the owners: the records of all names above them, and of live names and those above.
void add_surroundings(const AcceptInput& input, Applied& applied) {
  const Zone& zone = *input.before;
  std::set<NameView> known(applied.owners.begin(), applied.owners.end());
  const auto add_up = [&](NameView name) {
    for (; name != zone.apex() && known.insert(name).second; name = name.parent()) {
      const Node node = zone.find(name);
      for (std::size_t i = 0; node && i < node.rrset_count(); ++i) {
        const RRset rrset = zone.rrset_at(node, i);
        for (const Rdata data : rrset) applied.records.borrow(node.name(), rrset.type, rrset.ttl, data);
      }
    }
  };
  for (const NameView owner : applied.owners) {
    if (owner != zone.apex()) add_up(owner.parent());
  }
  for (const LiveName& live : input.live) {
    if (live.name.view().is_at_or_below(zone.apex())) add_up(live.name);
  }
  applied.records.sort(input.apex);
}

/// Whether names are live now that were not, or no more.
bool are_others_live(const AcceptInput& input, std::span<const LiveName> fitting) {
  const std::vector<LiveName> now = each_live_name(fitting);
  return std::ranges::any_of(each_live_name(input.live), [&](const LiveName& live) {
    const Node node = input.before->find(live.name);
    const LiveIndex before = node ? node.live() : kNotLive;
    const bool is_live = std::ranges::any_of(now, [&](const LiveName& one) { return one.name == live.name; });
    return before != (is_live ? live.index : kNotLive);
  });
}

bool has_signature(const RecordList& records) {
  return std::ranges::any_of(records.entries(),
                             [](const auto& entry) { return entry.type == RrType::RRSIG; });
}

}  // namespace

std::optional<Accepted> accept_few(const Changes& changes, const AcceptInput& input) {
  if (!can_be_patched(*input.before)) return std::nullopt;
  Applied applied = apply_to_owners(*input.before, changes.deltas);
  if (!applied.problem.empty()) return std::nullopt;
  add_surroundings(input, applied);
  Findings findings;
  LiveFit fit;
  check_zone({.apex = input.apex, .live = input.live, .fit = &fit}, applied.records, findings);
  if (findings.any_error() || are_others_live(input, fit.fitting)) return std::nullopt;
  if (!input.live.empty() && has_signature(applied.records)) return std::nullopt;

  Accepted accepted{.live = std::move(fit.fitting), .warnings = std::move(fit.problems)};
  accepted.zone = patch({*input.before, applied.owners, applied.records});
  if (accepted.zone == nullptr) return std::nullopt;
  const std::size_t before = counted_names(*input.before);
  const std::size_t after = counted_names(*accepted.zone);
  const bool shrinks = before > after + kShrinkNames && after * 100 < before * kShrinkPercent;
  if (shrinks && !input.may_shrink) return std::nullopt;
  return accepted;
}

}  // namespace holdfast::zones
