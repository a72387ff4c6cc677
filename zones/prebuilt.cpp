#include "zones/prebuilt.h"

#include <algorithm>

namespace holdfast::zones {

void PrebuiltWriter::add(Prebuilt head, std::span<const std::uint16_t> places,
                         std::span<const std::uint8_t> octets) noexcept {
  if (octets.size() > Prebuilt::kMaxSize || places.size() > 255) return;
  head.size = static_cast<std::uint16_t>(octets.size());
  head.place_count = static_cast<std::uint8_t>(places.size());
  head.more = 0;
  const std::size_t whole = (sizeof head + head.places_size() + octets.size() + 1) / 2 * 2;
  if (room_.end - room_.used < whole) return;
  std::uint8_t* at = room_.data + room_.used;
  auto* const stored = new (at) Prebuilt(head);
  at += sizeof head;
  for (const std::uint16_t place : places) {
    if (head.place_size() == 1) {
      *at++ = static_cast<std::uint8_t>(place);
    } else {
      std::memcpy(at, &place, sizeof place);
      at += sizeof place;
    }
  }
  at = std::copy(octets.begin(), octets.end(), at);
  std::fill(at, room_.data + room_.used + whole, std::uint8_t{0});
  if (last_ != nullptr) last_->more = 1;
  if (first_ == 0) first_ = static_cast<std::uint32_t>(room_.used);
  last_ = stored;
  room_.used += whole;
}

}  // namespace holdfast::zones
