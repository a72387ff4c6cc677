#pragma once

#include <endian.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::zones {

/// An address as a number: the first octet is the most significant.
using AddressBits = unsigned __int128;

/// All addresses that begin with the same bits (RFC 4632 3.1, RFC 4291 2.3). A value: the bits behind its length are zero.
///
/// An IPv6 prefix inside of ::ffff:0:0/96 (IPv4-mapped) is the IPv4 prefix that it maps. One around it is of IPv6 only:
/// ::/0 holds no IPv4 address.
class Prefix {
 public:
  struct Parsed;

  /// ::/0
  Prefix() noexcept = default;
  /// @param length  in bits, at most 32 or 128
  /// @return nothing when the length is larger, or a bit behind it is set
  static std::optional<Prefix> make(const boost::asio::ip::address& address, unsigned length) noexcept;
  /// @param bits    of an IPv6 address, IPv4 as it is mapped; those behind the length are cleared
  /// @param length  at most 128
  static Prefix of_bits(AddressBits bits, unsigned length) noexcept;
  /// From `192.0.2.0/24`, `2001:db8::/32`, or an address that stands for itself alone.
  static Parsed parse(std::string_view text);

  bool is_v4() const noexcept;
  /// The first one in it.
  boost::asio::ip::address address() const noexcept;
  /// In bits, 0 to 32 for IPv4, 0 to 128 for IPv6.
  unsigned length() const noexcept { return is_v4() ? length_ - 96U : length_; }
  /// Of the first address as IPv6 (mapped, for IPv4).
  AddressBits bits() const noexcept;
  bool contains(const boost::asio::ip::address& address) const noexcept;
  /// As parse() reads it.
  std::string text() const;

  bool operator==(const Prefix&) const = default;
  /// By address, the wider first.
  auto operator<=>(const Prefix&) const = default;

 private:
  std::array<std::uint8_t, 16> octets_{};
  std::uint8_t length_ = 0;  // of the IPv6 form
};

struct Prefix::Parsed {
  std::optional<Prefix> prefix;
  std::string error{};  ///< what is wrong with the text, and what would be right; empty: nothing
};

/// From octets in network order.
inline AddressBits bits_of(const std::array<std::uint8_t, 16>& octets) noexcept {
  std::uint64_t halves[2];
  std::memcpy(halves, octets.data(), sizeof halves);
  return AddressBits{be64toh(halves[0])} << 64 | be64toh(halves[1]);
}

/// As IPv6; an IPv4 address as it is mapped (RFC 4291 2.5.5.2).
inline AddressBits bits_of(const boost::asio::ip::address& address) noexcept {
  if (address.is_v4()) return AddressBits{0xffff} << 32 | address.to_v4().to_uint();
  return bits_of(address.to_v6().to_bytes());
}

}  // namespace holdfast::zones
