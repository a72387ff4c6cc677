#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>

#include "zones/replicate/serial.h"
#include "zones/shared_list.h"
#include "zones/snapshot.h"

namespace holdfast::zones {

/// The serials that zones are served with, where these are not those of their files. Immutable: a change makes a new table,
/// which costs little however many zones there are.
class SerialTable {
 public:
  /// Nothing: the zone's own counts.
  std::optional<Serial> find(ZoneNumber zone) const noexcept {
    return zone < serials_.size() ? serials_[zone] : std::nullopt;
  }

  using Change = SharedList<std::optional<Serial>>::Change;
  std::shared_ptr<const SerialTable> with(std::span<const Change> changes) const {
    std::size_t numbers = 0;
    for (const auto& [zone, serial] : changes) numbers = std::max(numbers, zone + 1);
    auto next = std::make_shared<SerialTable>();
    next->serials_ = serials_.resized(numbers).with(changes);
    return next;
  }

 private:
  SharedList<std::optional<Serial>> serials_;  // by ZoneNumber
};

}  // namespace holdfast::zones
