#include "zones/live/table.h"

namespace holdfast::zones {
namespace {

/// Null beyond the end.
template <class T>
T at(const std::vector<T>& vector, std::size_t i) {
  return i < vector.size() ? vector[i] : T();
}

template <class T>
std::shared_ptr<T> copy(const std::shared_ptr<T>& shared) {
  return shared == nullptr ? std::make_shared<T>() : std::make_shared<T>(*shared);
}

}  // namespace

std::shared_ptr<const LiveTable> LiveTable::with(std::span<const Change> changes) const {
  return with(changes, places_);
}

std::shared_ptr<const LiveTable> LiveTable::with(std::span<const Change> changes,
                                                 std::shared_ptr<const Places> places) const {
  auto table = std::make_shared<LiveTable>(*this);
  table->places_ = std::move(places);
  for (const auto& [index, answer] : changes) table->own(index / kBlock, *this)[index % kBlock] = answer;
  return table;
}

LiveTable::Block& LiveTable::own(std::size_t block, const LiveTable& before) {
  const std::size_t in = block / kGroup;
  if (in >= groups_.size()) {
    groups_.resize(in + 1);
    blocks_.resize(groups_.size() * kGroup);
  }
  std::shared_ptr<Group>& group = groups_[in];
  if (group == at(before.groups_, in)) group = copy(group);
  std::shared_ptr<Block>& owned = (*group)[block % kGroup];
  if (owned.get() == at(before.blocks_, block)) owned = copy(owned);
  blocks_[block] = owned.get();
  return *owned;
}

}  // namespace holdfast::zones
