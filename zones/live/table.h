#pragma once

#include <array>
#include <memory>
#include <vector>

#include "zones/live/answer.h"
#include "zones/node.h"

namespace holdfast::zones {

/// What every live name answers with. Immutable: a change makes a new table that shares with the old one all but one block
/// of answers and the group that this is in, so that it costs little however many names there are.
class LiveTable {
 public:
  /// Null: nothing is known for that name, and the records of its zone are served.
  const LiveAnswer* find(LiveIndex index) const noexcept {
    const std::size_t block = index / kBlock;
    if (block >= blocks_.size() || blocks_[block] == nullptr) return nullptr;
    return (*blocks_[block])[index % kBlock].get();
  }

  using Change = std::pair<LiveIndex, std::shared_ptr<const LiveAnswer>>;
  /// This table with some answers exchanged; of two for the same name the later counts.
  std::shared_ptr<const LiveTable> with(std::span<const Change> changes) const;
  std::shared_ptr<const LiveTable> with(LiveIndex index, std::shared_ptr<const LiveAnswer> answer) const {
    const Change change(index, std::move(answer));
    return with({&change, 1});
  }
  /// The same, for answers that go by other places.
  std::shared_ptr<const LiveTable> with(std::span<const Change> changes,
                                        std::shared_ptr<const Places> places) const;

  /// Where clients are, for these answers; null: nobody knows.
  const Places* places() const noexcept { return places_.get(); }

 private:
  static constexpr std::size_t kBlock = 64;  // answers
  static constexpr std::size_t kGroup = 32;  // blocks
  using Block = std::array<std::shared_ptr<const LiveAnswer>, kBlock>;
  using Group = std::array<std::shared_ptr<Block>, kGroup>;

  /// That block, to be written to: as long as it is shared with `before`, which this is a copy of, it is copied.
  Block& own(std::size_t block, const LiveTable& before);

  // The blocks of all groups side by side: a query need not go by way of groups, and who copies them counts nothing.
  std::vector<const Block*> blocks_;
  std::vector<std::shared_ptr<Group>> groups_;
  std::shared_ptr<const Places> places_;
};

}  // namespace holdfast::zones
