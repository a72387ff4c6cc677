#include "zones/live/table.h"

#include <map>

namespace holdfast::zones {

std::shared_ptr<const LiveTable> LiveTable::with(std::span<const Change> changes) const {
  return with(changes, places_);
}

std::shared_ptr<const LiveTable> LiveTable::with(std::span<const Change> changes,
                                                 std::shared_ptr<const Places> places) const {
  auto table = std::make_shared<LiveTable>(*this);
  table->places_ = std::move(places);
  std::map<std::size_t, std::shared_ptr<Block>> copied;
  for (const auto& [index, answer] : changes) {
    const std::size_t at = index / kBlock;
    if (at >= table->blocks_.size()) table->blocks_.resize(at + 1);
    std::shared_ptr<Block>& block = copied[at];
    if (block == nullptr) {
      block = table->blocks_[at] ? std::make_shared<Block>(*table->blocks_[at]) : std::make_shared<Block>();
      table->blocks_[at] = block;
    }
    (*block)[index % kBlock] = answer;
  }
  return table;
}

}  // namespace holdfast::zones
