#pragma once

#include <boost/asio/ip/address.hpp>

namespace holdfast::zones {

enum class Reach {
  everywhere,
  inside,   ///< loopback, private, shared (RFC 6598), unique local: may be what a rebinding attack names
  nowhere,  ///< unspecified, link-local, multicast, reserved: no client could use it
};

/// An IPv6 address that stands for an IPv4 one (mapped, NAT64) reaches as far as that.
Reach reach(const boost::asio::ip::address& address);

}  // namespace holdfast::zones
