#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "zones/geo/database.h"
#include "zones/geo/prefix_table.h"
#include "zones/geo/region.h"

namespace holdfast::zones {

/// Which region each address is in. Immutable, so any thread may read it.
class Places {
 public:
  struct Found {
    std::optional<RegionIndex> region;  ///< nothing: nowhere
    /// Of the widest prefix around the address that is in this region as a whole: the SCOPE PREFIX-LENGTH of EDNS client
    /// subnet (RFC 7871 7.2.1). 0 to 32 for IPv4 (and IPv4-mapped), 0 to 128 for IPv6.
    std::uint8_t length;

    bool operator==(const Found&) const = default;
  };

  Places() = default;
  explicit Places(PrefixTable table) : table_(std::move(table)) {}

  /// Some ten nanoseconds; no allocation, no lock.
  Found find(const boost::asio::ip::address& address) const noexcept { return found(table_.find(address)); }
  /// The same of an IPv4 address, as a number.
  Found find_v4(std::uint32_t address) const noexcept { return found(table_.find_v4(address)); }

  /// Parts of the address space that are in different regions.
  std::size_t ranges() const noexcept { return table_.ranges(); }
  /// What it takes, in octets.
  std::size_t memory() const noexcept { return table_.memory(); }

 private:
  static Found found(const PrefixTable::Found& found) noexcept {
    if (found.value == PrefixTable::kNowhere) return {{}, found.length};
    return {found.value, found.length};
  }

  PrefixTable table_;
};

/// The region of each record of a database, by its index; nothing where it is nowhere:
///
///   the record has                         it is in
///   a country that a region lists          that region
///   else a continent that a region lists   that region; where the record has no continent, it is its country's
///   else coordinates                       the nearest region that has some, of equally near ones the first
///   none of these                          nowhere
///
/// Where two regions list the same, which check() reports, the one that is in more regions has it, else the first.
std::vector<std::optional<RegionIndex>> regions_of(const std::vector<Region>& regions,
                                                   const std::vector<PlaceRecord>& records);

/// Makes a table of regions, as check() finds them right, and what a database says of addresses. The networks of regions
/// come before what the database says; of networks in one another the narrowest decides.
///
/// @param database  null: the networks are all there is
Places compile(const std::vector<Region>& regions, const Database* database);

}  // namespace holdfast::zones
