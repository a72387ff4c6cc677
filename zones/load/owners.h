#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "zones/zone.h"

namespace holdfast::zones {

/// Finds names among sorted records that are not a Zone yet, and perhaps may not become one. Borrows from
/// them.
class Owners {
 public:
  using Entries = std::span<const RecordList::Entry>;

  /// `live` names exist and have addresses.
  Owners(NameView apex, const RecordList& records, std::span<const LiveName> live);

  NameView name(Entries owner) const noexcept { return records_.owner(owner.front()); }
  Rdata data(const RecordList::Entry& entry) const noexcept { return records_.data(entry); }
  /// All records of a name; of one type of it. Empty where there are none.
  Entries find(NameView name) const noexcept;
  Entries find(NameView name, RrType type) const noexcept;
  /// Calls `visit(Entries)` for each name, in canonical order.
  template <class Visit>
  void each(Visit visit) const;

  /// The zone cut at or above `name`: the one nearest the apex, since those below it do not count.
  std::optional<NameView> cut_above(NameView name) const noexcept;
  /// The DNAME above `name`, not at it.
  std::optional<NameView> dname_above(NameView name) const noexcept;
  /// Does an NS of the zone or of a zone cut name it?
  bool is_name_server(NameView name) const noexcept;
  bool has_address(NameView name) const noexcept;
  /// Whose records answer for `name`: its own, or those of a wildcard when it does not exist (RFC
  /// 4592 3.3.1).
  Name source_of(NameView name) const noexcept;

 private:
  bool exists(NameView name) const noexcept;
  bool is_live(NameView name) const noexcept;

  NameView apex_;
  const RecordList& records_;
  std::vector<NameView> cuts_;    // sorted, as are the others; none at or below another one
  std::vector<NameView> dnames_;  // likewise
  std::vector<NameView> name_servers_;
  std::vector<NameView> live_;
};

/// The host that a record points to, where its type needs one (NS, MX, SRV); not for ".", which is "none".
std::optional<NameView> target_of(RrType type, std::span<const std::uint8_t> data) noexcept;

template <class Visit>
void Owners::each(Visit visit) const {
  const Entries all(records_.entries());
  for (std::size_t i = 0; i < all.size();) {
    std::size_t end = i + 1;
    while (end < all.size() && records_.owner(all[end]) == records_.owner(all[i])) ++end;
    visit(all.subspan(i, end - i));
    i = end;
  }
}

}  // namespace holdfast::zones
