#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "zones/replicate/contents.h"

namespace holdfast::zones {

/// A flat view as it is kept on disk.
std::vector<std::uint8_t> to_octets(const FlatView& flat);
/// Takes it back. Any octets may come: nothing, where they are none, or in another order, or with data that does not fit
/// its type.
std::optional<FlatView> read_flat(std::span<const std::uint8_t> octets);

}  // namespace holdfast::zones
