#pragma once

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "zones/dns/rrset.h"

namespace holdfast::zones {

/// The address in the data of an A (4 octets) or AAAA record (16 octets).
inline boost::asio::ip::address to_address(Rdata data) {
  if (data.size() == 4) {
    boost::asio::ip::address_v4::bytes_type octets;
    std::copy(data.begin(), data.end(), octets.begin());
    return boost::asio::ip::address_v4(octets);
  }
  boost::asio::ip::address_v6::bytes_type octets;
  std::copy(data.begin(), data.end(), octets.begin());
  return boost::asio::ip::address_v6(octets);
}

}  // namespace holdfast::zones
