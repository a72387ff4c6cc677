#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <vector>

namespace holdfast::zones {

/// Adds an A or AAAA record as RRset wants it: two octets of length, then the address.
inline void append_octets(std::vector<std::uint8_t>& octets, const boost::asio::ip::address& address) {
  const auto put = [&](const auto& bytes) {
    octets.push_back(0);
    octets.push_back(static_cast<std::uint8_t>(bytes.size()));
    octets.insert(octets.end(), bytes.begin(), bytes.end());
  };
  if (address.is_v4()) {
    put(address.to_v4().to_bytes());
  } else {
    put(address.to_v6().to_bytes());
  }
}

inline std::vector<std::uint8_t> octets_of(const std::vector<boost::asio::ip::address>& addresses) {
  std::vector<std::uint8_t> octets;
  for (const auto& address : addresses) append_octets(octets, address);
  return octets;
}

}  // namespace holdfast::zones
