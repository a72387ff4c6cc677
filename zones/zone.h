#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "zones/block.h"
#include "zones/name_index.h"
#include "zones/node.h"
#include "zones/prebuilt.h"
#include "zones/record_list.h"

namespace holdfast::zones {

struct LiveName {
  Name name;
  LiveIndex index = kNotLive;
  bool own_records = false;     ///< its members are the records of `type` that the zone has there
  bool could_be_cname = false;  ///< an ANAME that has nothing more to it than its one target
  RrType type = RrType::A;      ///< of what it answers with: A (and AAAA), CNAME, MX or SRV

  bool operator==(const LiveName&) const = default;
};

/// One zone, as of one load. Immutable once it is published, so any thread may read it.
///
/// Its nodes lie one after another in canonical order (which serves transfers and, later, NSEC), each with its RRsets, and
/// are found by a hash of whole names. Every ancestor of a node down from the apex is a node too, so an empty
/// non-terminal is simply a node without RRsets.
///
/// A version that few changes make of a large zone shares its octets: what is new lies behind them. @see zones/zone_patch.h
class Zone {
 public:
  /// `records` must be sorted, without duplicates, all in `apex`, with exactly one SOA, at the apex, and nothing below
  /// a DNAME: what load/check.h makes sure of.
  Zone(NameView apex, const RecordList& records, std::span<const LiveName> live);
  /// A zone that we are to serve but could not load: no records; its names are answered with SERVFAIL.
  static std::shared_ptr<const Zone> unavailable(NameView apex);
  ~Zone();
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

  NameView apex() const noexcept { return apex_node().name(); }
  bool is_available() const noexcept { return record_count_ != 0; }
  std::uint32_t serial() const noexcept;  ///< 0 of one that is unavailable
  std::size_t records() const noexcept { return record_count_; }
  /// The SOA with the TTL of negative answers: the smaller of its own and its MINIMUM (RFC 2308 3). Among what is
  /// prebuilt for it is the negative answer.
  RRset negative_soa() const noexcept;

  /// The node of exactly this name, or a null one; `hash` is hash_name(name).
  Node find(NameView name, NameHash hash) const noexcept;
  Node find(NameView name) const noexcept { return find(name, hash_name(name)); }
  /// The same; quick when it is among the first that come after `before`.
  Node find_near(Node before, NameView name) const noexcept;
  Node apex_node() const noexcept { return at(apex_); }
  /// The zone cut at or above a node that has one there.
  Node cut(Node node) const noexcept { return node.is_cut() ? node : at(node.word()); }
  /// The child "*" of a node that has one.
  Node wildcard(Node node) const noexcept;

  /// The RRset of that type, or an empty one (count 0).
  RRset rrset(Node node, RrType type) const noexcept {
    for (std::size_t i = 0; i < node.rrset_count(); ++i) {
      const Node::StoredRRset stored = node.stored(i);
      if (stored.type == type) return rrset(stored);
    }
    return {};
  }
  /// The i-th of a node's `rrset_count` RRsets; they are in the order of their types.
  RRset rrset_at(Node node, std::size_t i) const noexcept { return rrset(node.stored(i)); }

  /// All nodes, in canonical order.
  class Nodes;
  Nodes nodes() const noexcept;

  /// Has the answers of RRsets prebuilt by `encode`, which is called for each RRset: from several threads at once, in a
  /// large zone. Once, before publishing. @see server/answer/prebuild.h
  using Encode = std::function<void(Node, const RRset&, PrebuiltWriter&)>;
  void prebuild(const Encode& encode);
  /// Leaves room for so many octets of later versions that share these. Once, before publishing; prebuild() does it for a
  /// large zone.
  void leave_room(std::size_t octets);
  /// Whether it shares the octets of versions before.
  bool is_patched() const noexcept;
  /// The owners whose records are others than in `before`, in canonical order; nothing: that is not known.
  std::optional<std::vector<NameView>> changed_since(const Zone& before) const;

  // Hints that fetch into the cache what find() will need. One after the other, with other work in between.
  void prefetch(NameHash hash) const noexcept {
    if (!index_.empty()) index_.prefetch(hash);
    __builtin_prefetch(octets_.data() + apex_);
    __builtin_prefetch(octets_.data() + apex_ + 64);
  }
  /// @return false: find() will most likely find nothing
  bool prefetch_node(NameHash hash) const noexcept;

  /// Whether the same is served. Only of two that are prebuilt, or two that are not.
  bool operator==(const Zone& other) const noexcept;
  /// Octets that the zone takes in memory.
  std::size_t memory() const noexcept;

 private:
  friend class ZoneBuilder;
  friend class ZonePatcher;
  struct Sharing;
  Zone();

  Node at(std::size_t place) const noexcept { return Node(octets_.data() + place); }
  std::size_t place(Node node) const noexcept { return static_cast<std::size_t>(node.at_ - octets_.data()); }
  RRset rrset(const Node::StoredRRset& stored) const noexcept {
    return {stored.type, stored.count, stored.ttl, octets_.data() + stored.data,
            stored.prebuilt == 0 ? nullptr : octets_.data() + stored.prebuilt};
  }
  Node find_by_reading(NameView name) const noexcept;
  /// The node after `node`, in canonical order, or where it would be.
  Node next(Node node) const noexcept;
  /// Where a node ends, and, but for what was patched, the next one begins.
  Node end_of(Node node) const noexcept;
  void prebuild_patch(const Encode& encode);
  void leave_room_for_later();  // if it is large

  Block octets_;     // the nodes, then the prebuilt answers, then nodes and answers of later versions
  NameIndex index_;  // of nodes, by their place; empty in a small zone, which is read from end to end
  std::uint32_t nodes_end_ = 0;
  std::uint32_t prebuilt_size_ = 0;
  std::uint32_t record_count_ = 0;
  std::uint32_t apex_ = 0;            // its place
  std::unique_ptr<Sharing> sharing_;  // null: nobody shares the octets
};

class Zone::Nodes {
 public:
  class Iterator {
   public:
    Iterator(const Zone& zone, Node node) noexcept : zone_(&zone), node_(node) {}
    Node operator*() const noexcept { return node_; }
    Iterator& operator++() noexcept {
      node_ = zone_->next(node_);
      return *this;
    }
    bool operator==(const Iterator& other) const noexcept { return node_ == other.node_; }

   private:
    const Zone* zone_;
    Node node_;
  };
  explicit Nodes(const Zone& zone) noexcept : zone_(zone) {}
  Iterator begin() const noexcept { return {zone_, zone_.apex_node()}; }
  Iterator end() const noexcept { return {zone_, zone_.at(zone_.nodes_end_)}; }

 private:
  const Zone& zone_;
};

inline Zone::Nodes Zone::nodes() const noexcept { return Nodes(*this); }

}  // namespace holdfast::zones
