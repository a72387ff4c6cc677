#include "zones/geo/prefix.h"

#include <algorithm>
#include <charconv>

namespace holdfast::zones {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

constexpr unsigned kMapped = 96;  // bits in front of an IPv4 address that is mapped
constexpr AddressBits kMappedBits = AddressBits{0xffff} << 32;

AddressBits mask(unsigned length) noexcept { return length == 0 ? 0 : ~AddressBits{0} << (128 - length); }

}  // namespace

Prefix Prefix::of_bits(AddressBits bits, unsigned length) noexcept {
  static_assert(sizeof(Prefix) == 17);  // databases have millions
  bits &= mask(length);
  Prefix prefix;
  for (std::size_t i = 16; i-- > 0; bits >>= 8) prefix.octets_[i] = static_cast<std::uint8_t>(bits);
  prefix.length_ = static_cast<std::uint8_t>(length);
  return prefix;
}

std::optional<Prefix> Prefix::make(const class address& address, unsigned length) noexcept {
  if (length > (address.is_v4() ? 32U : 128U)) return {};
  const unsigned mapped = address.is_v4() ? kMapped + length : length;
  const AddressBits bits = bits_of(address);
  if ((bits & mask(mapped)) != bits) return {};
  return of_bits(bits, mapped);
}

Prefix::Parsed Prefix::parse(std::string_view text) {
  const auto wrong = [&](const std::string& what) {
    return Parsed{{}, "\"" + std::string(text) + "\" " + what};
  };
  const std::size_t slash = text.find('/');
  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(std::string(text.substr(0, slash)), failed);
  if (failed || (address.is_v6() && address.to_v6().scope_id() != 0))
    return wrong("is not an address prefix like 192.0.2.0/24 or 2001:db8::/32");
  const unsigned longest = address.is_v4() ? 32 : 128;
  unsigned length = longest;
  if (slash != std::string_view::npos) {
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + slash + 1, end, length);
    if (read.ec != std::errc{} || read.ptr != end || length > longest)
      return wrong("has a length that is not 0 to " + std::to_string(longest));
  }
  if (const auto prefix = make(address, length)) return {prefix, {}};
  const Prefix meant = of_bits(bits_of(address), address.is_v4() ? kMapped + length : length);
  return wrong("has bits behind its length; did you mean \"" + meant.text() + "\"?");
}

AddressBits Prefix::bits() const noexcept { return bits_of(octets_); }

bool Prefix::is_v4() const noexcept { return length_ >= kMapped && bits() >> 32 == kMappedBits >> 32; }

class address Prefix::address() const noexcept {
  if (is_v4()) return address_v4(static_cast<std::uint32_t>(bits()));
  return address_v6(octets_);
}

bool Prefix::contains(const class address& address) const noexcept {
  const AddressBits bits = bits_of(address);
  if (bits >> 32 == kMappedBits >> 32 && length_ < kMapped) return false;
  return (bits & mask(length_)) == this->bits();
}

std::string Prefix::text() const { return address().to_string() + "/" + std::to_string(length()); }

}  // namespace holdfast::zones
