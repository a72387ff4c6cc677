#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "zones/dns/canonical_key.h"
#include "zones/name_index.h"
#include "zones/zone.h"

namespace holdfast::zones {

/// The owner names of sorted records that are not a Zone yet, and perhaps may not become one, and what stands above
/// each. Borrows from the records, which are all in the zone.
class Owners {
 public:
  using Entries = std::span<const RecordList::Entry>;
  /// Number of an owner, in canonical order.
  using Index = std::uint32_t;
  static constexpr Index kNone = 0xffffffffU;

  /// `live` names exist and have addresses.
  Owners(NameView apex, const RecordList& records, std::span<const LiveName> live);

  std::size_t size() const noexcept { return owners_.size() - 1; }
  NameView name(Index owner) const noexcept { return records_.owner(all_[owners_[owner].first]); }
  /// All records of a name; of one type of it. Empty where there are none.
  Entries entries(Index owner) const noexcept {
    return all_.subspan(owners_[owner].first, owners_[owner + 1].first - owners_[owner].first);
  }
  Entries entries(Index owner, RrType type) const noexcept;
  Entries find(NameView name) const noexcept;
  Entries find(NameView name, RrType type) const noexcept;
  Rdata data(const RecordList::Entry& entry) const noexcept { return records_.data(entry); }

  /// The zone cut at or above `name`: the one nearest the apex, since those below it do not count.
  std::optional<NameView> cut_above(NameView name) const noexcept;
  Index cut_above(Index owner) const noexcept { return owners_[owner].cut; }
  /// The DNAME above `name`, not at it.
  std::optional<NameView> dname_above(NameView name) const noexcept;
  Index dname_above(Index owner) const noexcept {
    return owners_[owner].dname == owner ? kNone : owners_[owner].dname;
  }
  /// Does an NS of the zone or of a zone cut name it? Only for owners that have an address.
  bool is_name_server(Index owner) const noexcept { return is_name_server_[owner] != 0; }
  bool has_address(NameView name) const noexcept;
  /// Is the target of this NS an owner with an address and without a CNAME? Quick.
  bool names_host(const RecordList::Entry& ns) const noexcept {
    const Index target = targets_[static_cast<std::size_t>(&ns - all_.data())];
    return target != kNone && owners_[target].is_host;
  }
  /// Whose records answer for `name`: its own, or those of a wildcard when it does not exist (RFC
  /// 4592 3.3.1).
  Name source_of(NameView name) const noexcept;

 private:
  struct Owner {
    CanonicalKey key;
    std::uint32_t first;  // of its entries; they end where those of the next begin
    Index cut;            // that nearest the apex, at the owner or above
    Index dname;          // likewise
    bool is_host;
  };

  void collect();
  void find_tops();
  void find_tops(Index first, Index last);
  void find_name_servers();
  void set_target(std::uint32_t entry, Index target) noexcept;
  Index find_near(Index owner, NameView target) const noexcept;
  NameIndex index_of_addresses() const;
  void find_far(std::span<const std::uint32_t> entries, const NameIndex& index) noexcept;

  // Names that are asked for here are in the zone.
  Index lower_bound(
      NameView name) const noexcept;  ///< the first not before `name`, size() where there is none
  Index last_up_to(NameView name) const noexcept;  ///< kNone where all are after `name`
  Index index_of(NameView name) const noexcept;    ///< kNone where it is no owner
  bool has(Index owner, RrType type) const noexcept { return !entries(owner, type).empty(); }
  bool exists(NameView name) const noexcept;
  bool is_live(NameView name) const noexcept;

  NameView apex_;
  const RecordList& records_;
  Entries all_;
  unsigned threads_;
  std::vector<Owner, PageAllocator<Owner>> owners_;  // and one more behind the last, for its `first`
  std::vector<CanonicalKey> keys_;                   // of every kStep-th owner
  std::vector<std::uint8_t> is_name_server_;         // for each owner
  std::vector<Index, PageAllocator<Index>>
      targets_;                 // for each entry: of an NS the owner that it names, if that has an address
  std::vector<NameView> live_;  // sorted
};

/// The host that a record points to, where its type needs one (NS, MX, SRV); not for ".", which is "none".
std::optional<NameView> target_of(RrType type, std::span<const std::uint8_t> data) noexcept;

}  // namespace holdfast::zones
