#include "zones/live/client.h"

#include <algorithm>

#include "zones/live/wishes.h"

namespace holdfast::zones {
namespace {

constexpr std::uint64_t kV6 = 0x9e3779b97f4a7c15ULL;  // keeps networks of IPv6 apart from those of IPv4

boost::asio::ip::address address_of(const boost::asio::ip::address_v4::bytes_type& octets) noexcept {
  return boost::asio::ip::address_v4(octets);
}
boost::asio::ip::address address_of(const boost::asio::ip::address_v6::bytes_type& octets) noexcept {
  return boost::asio::ip::address_v6(octets);
}

}  // namespace

Wish wish_of(LiveIndex live, bool is_aaaa, const Client& client) noexcept {
  Wish wish{.live = live, .is_aaaa = is_aaaa, .is_v6 = client.is_v6, .bits = 0, .network = 0};
  const std::size_t known =
      std::min<std::size_t>((client.is_v6 ? kNetworkV6 : kNetworkV4) / 8, client.address.size());
  wish.bits = static_cast<std::uint8_t>(8 * known);
  for (std::size_t i = 0; i < 8; ++i) wish.network = wish.network << 8 | (i < known ? client.address[i] : 0U);
  return wish;
}

std::uint64_t network_hash(const Client& client) noexcept {
  const std::size_t octets = client.is_v6 ? kNetworkV6 / 8 : kNetworkV4 / 8;
  std::uint64_t network = 0;
  for (std::size_t i = 0; i < std::min(octets, client.address.size()); ++i) {
    network = network << 8 | client.address[i];
  }
  return mixed(network + (client.is_v6 ? kV6 : 0));
}

Places::Found place_of(const Client& client) noexcept {
  if (client.places == nullptr || client.address.empty()) return {{}, 0};
  const auto find = [&](auto octets) {
    std::copy_n(client.address.begin(), std::min(octets.size(), client.address.size()), octets.begin());
    return client.places->find(address_of(octets));
  };
  return client.is_v6 ? find(boost::asio::ip::address_v6::bytes_type{})
                      : find(boost::asio::ip::address_v4::bytes_type{});
}

}  // namespace holdfast::zones
