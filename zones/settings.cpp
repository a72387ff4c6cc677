#include "zones/settings.h"

namespace holdfast::zones {

std::string_view unusable(const boost::asio::ip::address& address) {
  if (address.is_unspecified()) return "is the unspecified address, which no client can reach";
  if (address.is_multicast()) return "is a multicast address, which no client can connect to";
  if (address.is_v6()) {
    if (address.to_v6().is_link_local()) return "is a link-local address, which only one link can reach";
    if (address.to_v6().is_v4_mapped()) return "is an IPv4 address in IPv6 form; write the IPv4 address";
    return "";
  }
  const std::uint32_t octets = address.to_v4().to_uint();
  if (octets >> 16 == 0xa9fe)
    return "is a link-local address (169.254.0.0/16), which only one link can reach";
  if (octets == 0xffffffff) return "is the broadcast address";
  return "";
}

}  // namespace holdfast::zones
