#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "zones/geo/prefix.h"
#include "zones/geo/ranges.h"

namespace holdfast::zones {

/// From an address to a number, by prefixes. Immutable after construction, so any thread may read it.
///
/// What it holds is no prefixes, but ranges of addresses with the same value: many prefixes of few values take little, and
/// the answer says how far it holds.
class PrefixTable {
 public:
  using Value = std::uint16_t;
  static constexpr Value kNowhere = 0xffff;  ///< of addresses that no prefix holds
  static constexpr Value kLargest = 0xfffd;  ///< of the others

  struct Entry {
    Prefix prefix;
    Value value = kNowhere;
  };
  /// In a layer the longest prefix that holds an address decides; of the same one twice, the later.
  using Layer = std::vector<Entry>;

  struct Found {
    Value value;
    /// Of the widest prefix around the address in which every address has this value: the SCOPE PREFIX-LENGTH of EDNS
    /// client subnet (RFC 7871 7.2.1). 0 to 32 for IPv4, 0 to 128 for IPv6.
    std::uint8_t length;

    bool operator==(const Found&) const = default;
  };

  /// @param layers  the last one decides where it has a value, then the one before; kNowhere in a layer is a hole.
  ///                No value is between kLargest and kNowhere
  explicit PrefixTable(std::vector<Layer> layers = {});

  /// An IPv4-mapped IPv6 address is looked up as IPv4, and the length is one of IPv4.
  Found find(const boost::asio::ip::address& address) const noexcept {
    if (address.is_v4()) return find_v4(address.to_v4().to_uint());
    const AddressBits bits = bits_of(address);
    if (bits >> 32 == 0xffff) return find_v4(static_cast<std::uint32_t>(bits));
    const auto found = v6_.find(static_cast<std::uint64_t>(bits >> 64));
    if (found.value != kSplit) return {found.value, found.length};
    const auto part = split_.find(bits);
    return {part.value, part.length};
  }

  /// The same of an IPv4 address, as a number.
  Found find_v4(std::uint32_t bits) const noexcept {
    const auto found = v4_.find(bits);
    return {found.value, found.length};
  }

  /// How many parts with different values the addresses fall into, about.
  std::size_t ranges() const noexcept { return v4_.size() + v6_.size() + split_.size(); }
  /// What it takes, in octets.
  std::size_t memory() const noexcept {
    return sizeof(*this) + v4_.memory() + v6_.memory() + split_.memory();
  }

 private:
  static constexpr Value kSplit = 0xfffe;  // of a /64 whose addresses differ

  struct Lists;
  explicit PrefixTable(const Lists& lists);

  Ranges<std::uint32_t> v4_;
  // Hardly anything differs within a /64, and tables are the faster the smaller they are.
  Ranges<std::uint64_t> v6_;
  Ranges<AddressBits> split_;  // right only where v6_ says so
};

}  // namespace holdfast::zones
