// What LiveNames does with those who answered last while enough were alive, where pools come back to these: they are put back
// by what they are called, after a restart, and after a reload that changed the pool.

#include <algorithm>

#include "server/live_names.h"

namespace holdfast::server {
namespace {

using zones::Family;
using zones::MemberIndex;

bool comes_back(const zones::Pool& pool) {
  return std::any_of(pool.parts.begin(), pool.parts.begin() + static_cast<std::ptrdiff_t>(pool.chain),
                     [](const auto& part) { return part.rules.when_down == zones::WhenDown::last_good; });
}

std::string name_of(const LiveDeclaration& declaration, Family family) {
  return declaration.zone.text() + ' ' + declaration.name.text() + ' ' + type_text(declaration, family);
}

}  // namespace

void LiveNames::remember(const std::vector<LastGood>& before, OtherGood other) {
  const std::lock_guard lock(mutex_);
  for (const LastGood& one : before) good_[one.name] = one;
  other_good_ = std::move(other);
}

void LiveNames::put_back_good(Live& live) const {
  const zones::Pool& pool = live.declaration.pool;
  if (!comes_back(pool)) return;
  for (Side& side : live.sides) {
    const auto known = good_.find(name_of(live.declaration, side.family));
    if (known == good_.end()) continue;
    const LastGood& before = known->second;
    for (std::size_t part = 0; part < pool.chain; ++part) {
      if (live.declaration.sources[part].pool != before.pool) continue;
      for (const MemberIndex member : pool.of_part(part)) {
        const bool is_one = std::find(before.members.begin(), before.members.end(), text(pool, member)) !=
                            before.members.end();
        if (is_one) side.good.push_back(member);
      }
    }
    side.is_put_back = !side.good.empty();
  }
}

void LiveNames::take_good(const Live& live, Side& side, const zones::Selection& selection) {
  if (live.first_round && side.is_put_back) return;
  side.good = selection.members;
  const LiveDeclaration& declaration = live.declaration;
  if (live.first_round || !comes_back(declaration.pool)) return;
  LastGood good{name_of(declaration, side.family), declaration.sources[selection.part].pool, {}};
  for (const MemberIndex member : side.good) good.members.push_back(text(declaration.pool, member));
  LastGood& known = good_[good.name];
  if (known == good) return;
  known = std::move(good);
  if (other_good_) other_good_(known);
}

void LiveNames::forget_unused_good() {
  std::set<std::string> used;
  for (const auto& [key, live] : names_) {
    if (!comes_back(live.declaration.pool)) continue;
    for (const Family family : live.declaration.families()) used.insert(name_of(live.declaration, family));
  }
  std::erase_if(good_, [&](const auto& one) {
    if (used.contains(one.first)) return false;
    if (other_good_) other_good_({one.first, "", {}});
    return true;
  });
}

}  // namespace holdfast::server
