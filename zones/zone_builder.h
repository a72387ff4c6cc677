#pragma once

#include <optional>
#include <vector>

#include "zones/zone.h"

namespace holdfast::zones {

struct ZoneLayout;

/// By name, each once: it may be live by several types.
std::vector<LiveName> each_live_name(std::span<const LiveName> live);

/// Lays out the nodes of a zone in canonical order, with the empty non-terminals between them.
class ZoneBuilder {
 public:
  ZoneBuilder(Zone& zone, NameView apex, const RecordList& records);

  using Entries = std::span<const RecordList::Entry>;
  /// Adds a node. `name` comes after any name given so far; `entries` are its records, perhaps none.
  void add(NameView name, Entries entries, LiveIndex live);
  void finish();

  /// For some nodes behind those of a zone that has room for them.
  ZoneBuilder(Zone& zone, const RecordList& records, std::size_t used)
      : zone_(zone), records_(records), used_(used) {}
  /// Adds one below its parent, or an apex. @return its place
  std::uint32_t add_below(std::optional<std::uint32_t> parent, NameView name, Entries entries,
                          LiveIndex live);

 private:
  friend struct ZoneLayout;
  friend class ZonePatcher;
  static ZoneLayout layout_of(const Zone& zone);
  static std::shared_ptr<Zone> restore(const ZoneLayout& layout, Block octets,
                                       std::span<const LiveName> live);
  /// For a zone with nodes at these places, which are all.
  static void add_index(Zone& zone, std::span<const std::uint32_t> nodes);

  void push_missing(NameView name);
  void push(NameView name, Entries entries, LiveIndex live);
  void put_rrsets(Entries entries);
  /// Makes room for `size` more octets at the end.
  void reserve(std::size_t size);

  std::uint8_t* at(std::size_t place) { return zone_.octets_.data() + place; }
  template <class Value>
  void put(Value value) {
    std::memcpy(at(used_), &value, sizeof value);
    used_ += sizeof value;
  }

  Zone& zone_;
  const RecordList& records_;
  std::size_t used_ = 0;              // of the zone's octets
  std::vector<std::uint32_t> nodes_;  // their places
  std::vector<std::uint32_t> path_;   // the places from the apex to the node added last
};

}  // namespace holdfast::zones
