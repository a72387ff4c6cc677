// What LiveNames has for zones that are transferred: what each live name answers everybody who cannot choose.

#include <algorithm>

#include "server/live_names.h"

namespace holdfast::server {
namespace {

zones::RrType type_of(const LiveDeclaration& declaration, zones::Family family) {
  if (family == zones::Family::record) return declaration.type;
  return family == zones::Family::v4 ? zones::RrType::A : zones::RrType::AAAA;
}

bool is_known(const LiveDeclaration& declaration, zones::AliasState state) {
  return declaration.aliases.empty() ||
         (state != zones::AliasState::unknown && state != zones::AliasState::failed);
}

}  // namespace

zones::FlatView LiveNames::flat(zones::NameView zone) const {
  const std::lock_guard lock(mutex_);
  zones::FlatView view;
  const auto of_zone = zones_.find(zones::Name(zone));
  if (of_zone == zones_.end()) return view;
  for (const Key& key : of_zone->second) {
    const Live& live = names_.at(key);
    if (!live.is_published) continue;
    const zones::MemberStates now = states(live, known_now(live));
    for (const Side& side : live.sides) {
      if (!is_known(live.declaration, live.flat_of(side.family).state)) continue;
      view.push_back(zones::flat_rrset(live.declaration.name, type_of(live.declaration, side.family),
                                       live.declaration.pool, now, side.selection));
    }
  }
  std::sort(view.begin(), view.end(), [](const zones::FlatRRset& a, const zones::FlatRRset& b) {
    return a.owner != b.owner ? a.owner < b.owner : a.type < b.type;
  });
  return view;
}

void LiveNames::tell_touched(const Changes& changes) const {
  if (!touched_) return;
  std::set<zones::Name> zones;
  for (const auto& change : changes.answers) {
    const auto at = names_.lower_bound({change.first, {}});
    if (at != names_.end() && at->first.first == change.first) zones.insert(at->second.declaration.zone);
  }
  touched_(zones);
}

}  // namespace holdfast::server
