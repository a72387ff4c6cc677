#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "zones/replicate/serial.h"
#include "zones/snapshot.h"

namespace holdfast::zones {

/// The serials that zones are served with, where these are not those of their files. Immutable: a change makes a new table that
/// shares with the old one all but one block, so that it costs little however many zones there are.
class SerialTable {
 public:
  /// Nothing: the zone's own counts.
  std::optional<Serial> find(ZoneNumber zone) const noexcept {
    const std::size_t block = zone / kBlock;
    if (block >= blocks_.size() || blocks_[block] == nullptr) return std::nullopt;
    return (*blocks_[block])[zone % kBlock];
  }

  using Change = std::pair<ZoneNumber, std::optional<Serial>>;
  std::shared_ptr<const SerialTable> with(std::span<const Change> changes) const {
    auto next = std::make_shared<SerialTable>(*this);
    for (const auto& [zone, serial] : changes) {
      const std::size_t at = zone / kBlock;
      if (at >= next->blocks_.size()) next->blocks_.resize(at + 1);
      std::shared_ptr<const Block>& block = next->blocks_[at];
      const bool is_shared = at < blocks_.size() && block == blocks_[at];
      auto own = block == nullptr ? std::make_shared<Block>()
                 : is_shared      ? std::make_shared<Block>(*block)
                                  : std::const_pointer_cast<Block>(block);  // made here, for a change before
      (*own)[zone % kBlock] = serial;
      block = std::move(own);
    }
    return next;
  }

 private:
  static constexpr std::size_t kBlock = 512;
  using Block = std::array<std::optional<Serial>, kBlock>;
  std::vector<std::shared_ptr<const Block>> blocks_;
};

}  // namespace holdfast::zones
