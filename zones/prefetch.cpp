#include "zones/prefetch.h"

namespace holdfast::zones {
namespace {

constexpr int kRounds = 3;  // of looking for a node, one label higher each time

}  // namespace

void Prefetch::each(auto step) noexcept {
  for (std::size_t i = 0; i < count_; ++i) step(hints_[i]);
}

/// Goes on with those for which it is true.
void Prefetch::each_that(auto step) noexcept {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    if (step(hints_[i])) hints_[kept++] = hints_[i];
  }
  count_ = kept;
}

void Prefetch::find_zones(const Snapshot& zones) noexcept {
  if (zones.zones().size() == 1) {
    each([&](Hint& hint) { hint.served = &zones.zones()[0]; });
    return;
  }
  each([&](Hint& hint) { hint.hash = zones.prefetch(*hint.name); });
  each_that([&](Hint& hint) {
    hint.served = zones.guess(hint.hash);
    __builtin_prefetch(hint.served);
    return hint.served != nullptr;
  });
  each([&](Hint& hint) { __builtin_prefetch(hint.served->zone.get()); });
}

void Prefetch::find_nodes() noexcept {
  each([&](Hint& hint) {
    hint.up = 0;
    hint.hash = hint.name->hash();
    hint.served->zone->prefetch(hint.hash);
  });
  for (int round = 0; round < kRounds; ++round) {
    each_that([&](Hint& hint) {
      if (hint.served->zone->prefetch_node(hint.hash)) return false;
      if (++hint.up + hint.served->labels >= hint.name->labels()) return false;
      hint.hash = hint.name->hash(hint.up);
      hint.served->zone->prefetch(hint.hash);
      return true;
    });
  }
}

void Prefetch::fetch(const Snapshot& zones) noexcept {
  find_zones(zones);
  find_nodes();
  count_ = 0;
}

}  // namespace holdfast::zones
