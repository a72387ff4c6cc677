#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "zones/dns/name.h"
#include "zones/dns/rrset.h"
#include "zones/dns/type.h"
#include "zones/name_index.h"
#include "zones/record_list.h"

namespace holdfast::zones {

/// Index of a live name in the LiveTable. Stable for the life of the process, over reloads too.
using LiveIndex = std::uint32_t;
inline constexpr LiveIndex kNotLive = 0xffffffffU;

struct LiveName {
  Name name;
  LiveIndex index = kNotLive;
  bool own_records = false;  ///< its members are the A and AAAA records that the zone has there
};

/// One zone, as of one load. Immutable after construction, so any thread may read it.
///
/// Flat: nodes in canonical order (that order serves transfers and, later, NSEC), their RRsets, one run of octets for
/// names and data, and a hash of whole names to nodes. Every ancestor of a node down from the apex is a node too, so
/// an empty non-terminal is simply a node without RRsets.
class Zone {
 public:
  using NodeIndex = std::uint32_t;
  static constexpr NodeIndex kNone = NameIndex::kNone;

  struct Node {
    std::uint32_t name;    // offset into octets
    std::uint32_t rrsets;  // index of the first
    NodeIndex cut;         // the zone cut at or above, kNone where we are authoritative
    NodeIndex wildcard;    // the child "*", or kNone
    LiveIndex live;        // kNotLive for ordinary names
    std::uint16_t rrset_count;
    std::uint8_t name_size;
    bool has_dname;

    bool operator==(const Node&) const = default;
  };

  /// `records` must be sorted, without duplicates, all in `apex`, with exactly one SOA, at the apex, and nothing below
  /// a DNAME: what load/check.h makes sure of.
  Zone(NameView apex, const RecordList& records, std::span<const LiveName> live);

  NameView apex() const noexcept { return name(nodes_[0]); }
  std::uint32_t serial() const noexcept { return serial_; }
  std::size_t records() const noexcept { return record_count_; }
  /// The SOA with the TTL of negative answers: the smaller of its own and its MINIMUM (RFC 2308 3).
  RRset negative_soa() const noexcept;

  /// The node of exactly this name, or null; `hash` is hash_name(name).
  const Node* find(NameView name, NameHash hash) const noexcept;

  std::span<const Node> nodes() const noexcept { return nodes_; }
  const Node& node(NodeIndex index) const noexcept { return nodes_[index]; }
  NameView name(const Node& node) const noexcept { return {octets_.data() + node.name, node.name_size}; }
  /// The RRset of that type, or an empty one (count 0).
  RRset rrset(const Node& node, RrType type) const noexcept;
  /// The i-th of a node's `rrset_count` RRsets; they are in the order of their types.
  RRset rrset_at(const Node& node, std::size_t i) const noexcept;

  /// Whether all that is served is the same.
  bool operator==(const Zone& other) const noexcept;

  /// Octets that the zone takes in memory.
  std::size_t memory() const noexcept;

 private:
  struct Stored {  // one RRset
    std::uint32_t data;
    std::uint32_t ttl;
    std::uint16_t count;
    RrType type;

    bool operator==(const Stored&) const = default;
  };
  class Builder;

  std::vector<std::uint8_t> octets_;
  std::vector<Node> nodes_;
  std::vector<Stored> rrsets_;
  NameIndex index_;  // of nodes_
  std::size_t record_count_ = 0;
  std::uint32_t serial_ = 0;
  std::uint32_t negative_ttl_ = 0;
};

}  // namespace holdfast::zones
