#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "zones/replicate/serial.h"
#include "zones/zone.h"

namespace holdfast::zones {

/// What a live name has of one type for everybody who cannot choose.
struct FlatRRset {
  Name owner;
  RrType type{};
  std::uint32_t ttl = 0;
  std::uint16_t count = 0;           ///< 0: no such records, whatever the zone has
  std::vector<std::uint8_t> data{};  ///< as RRset has it, in canonical order (RFC 4034 6.3), each once

  RRset rrset() const noexcept { return {type, count, ttl, data.data(), nullptr}; }
  bool operator==(const FlatRRset&) const = default;
};

/// The flat view of a zone's live names: by owner in canonical order, then by type; of each at most one. No SOA.
using FlatView = std::vector<FlatRRset>;

/// What one version of a zone holds: its records, but for the types that the flat view covers at a name, those of the flat
/// view; where it has a CNAME, the zone's addresses are left out as well. A value that shares what it is made of; nothing is
/// copied.
class Contents {
 public:
  /// @param zone  available
  /// @param flat  null: the records of the zone as they are. An owner need not be live in the zone, nor a node of it: it may
  ///              have been when the flat view was made.
  Contents(Serial serial, std::shared_ptr<const Zone> zone, std::shared_ptr<const FlatView> flat)
      : serial_(serial), zone_(std::move(zone)), flat_(std::move(flat)) {}

  Serial serial() const noexcept { return serial_; }
  NameView apex() const noexcept { return zone_->apex(); }
  const std::shared_ptr<const Zone>& zone() const noexcept { return zone_; }
  const std::shared_ptr<const FlatView>& flat() const noexcept { return flat_; }
  /// Empty where there is none.
  std::span<const FlatRRset> flat_rrsets() const noexcept {
    return flat_ == nullptr ? std::span<const FlatRRset>() : std::span<const FlatRRset>(*flat_);
  }

  /// The data of the SOA, with the serial of this version; and its TTL.
  std::vector<std::uint8_t> soa() const;
  std::uint32_t soa_ttl() const noexcept;

  /// Goes through all RRsets but the SOA: owners in canonical order, then types in theirs. Keeps the contents alive.
  class Cursor;

 private:
  Serial serial_;
  std::shared_ptr<const Zone> zone_;
  std::shared_ptr<const FlatView> flat_;
};

/// Goes through the RRsets that one owner has, but the SOA, in the order of their types. Borrows.
class OwnerRRsets {
 public:
  OwnerRRsets() = default;
  /// @param node  null: the zone has no such name
  /// @param flat  all that the flat view has of the owner
  OwnerRRsets(const Zone& zone, Node node, std::span<const FlatRRset> flat) noexcept;

  /// False at the end; then the others may not be called.
  explicit operator bool() const noexcept { return !at_end_; }
  const RRset& rrset() const noexcept { return rrset_; }
  void next() noexcept;

 private:
  bool is_hidden(RrType type) const noexcept;

  const Zone* zone_ = nullptr;
  Node node_;
  std::span<const FlatRRset> flat_;
  std::size_t next_of_zone_ = 0, next_flat_ = 0;
  RRset rrset_;
  bool at_end_ = true;
};

/// Those at the start of `flat` that have the owner of the first one.
std::span<const FlatRRset> first_owner(std::span<const FlatRRset> flat) noexcept;

class Contents::Cursor {
 public:
  explicit Cursor(Contents contents) noexcept;

  /// False at the end; then the others may not be called.
  explicit operator bool() const noexcept { return static_cast<bool>(rrsets_); }
  NameView owner() const noexcept { return owner_; }
  const RRset& rrset() const noexcept { return rrsets_.rrset(); }
  void next() noexcept {
    rrsets_.next();
    if (!rrsets_) next_owner();
  }

 private:
  void next_owner() noexcept;
  void find_flat() noexcept;

  Contents contents_;
  Zone::Nodes::Iterator node_, end_;   // the next node
  std::span<const FlatRRset> flat_;    // the next owner's of the flat view, and all after it
  std::span<const FlatRRset> of_one_;  // the former
  Node flat_node_;                     // theirs; null: the zone has no such name
  NameView owner_;
  OwnerRRsets rrsets_;
};

}  // namespace holdfast::zones
