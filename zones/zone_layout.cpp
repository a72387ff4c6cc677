#include "zones/zone_layout.h"

#include <vector>

#include "zones/zone_builder.h"
#include "zones/zone_sharing.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kWord = 4;  // where a node that is live has its index

}  // namespace

ZoneLayout ZoneLayout::of(const Zone& zone) { return ZoneBuilder::layout_of(zone); }

std::shared_ptr<Zone> ZoneLayout::restore(Block taken, std::span<const LiveName> live) const {
  return ZoneBuilder::restore(*this, std::move(taken), live);
}

ZoneLayout ZoneBuilder::layout_of(const Zone& zone) {
  if (zone.is_patched()) return {};
  std::uint32_t nodes = 0;
  for ([[maybe_unused]] const Node node : zone.nodes()) ++nodes;
  return {zone.nodes_end_,
          nodes,
          zone.prebuilt_size_,
          zone.record_count_,
          {zone.octets_.data(), zone.sharing_ != nullptr ? zone.sharing_->size : zone.octets_.size()}};
}

std::shared_ptr<Zone> ZoneBuilder::restore(const ZoneLayout& layout, Block octets,
                                           std::span<const LiveName> live) {
  if (layout.nodes_end > octets.size() || layout.nodes == 0) return nullptr;
  const std::shared_ptr<Zone> zone(new Zone());
  zone->octets_ = std::move(octets);
  zone->nodes_end_ = layout.nodes_end;
  zone->prebuilt_size_ = layout.prebuilt;
  zone->record_count_ = layout.records;

  const std::vector<LiveName> live_names = each_live_name(live);
  auto next_live = live_names.begin();
  std::vector<std::uint32_t> places;
  places.reserve(layout.nodes);
  std::size_t place = 0;
  for (; place < layout.nodes_end && places.size() < layout.nodes;
       place = zone->place(zone->next(zone->at(place)))) {
    const Node node = zone->at(place);
    places.push_back(static_cast<std::uint32_t>(place));
    if (node.live() == kNotLive) continue;
    if (next_live == live_names.end() || next_live->name.view() != node.name()) return nullptr;
    store(zone->octets_.data() + place + kWord, next_live++->index);
  }
  if (place != layout.nodes_end || places.size() != layout.nodes || next_live != live_names.end())
    return nullptr;
  add_index(*zone, places);
  if (layout.prebuilt != 0) zone->leave_room_for_later();
  return zone;
}

}  // namespace holdfast::zones
