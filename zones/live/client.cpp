#include "zones/live/client.h"

#include <algorithm>

#include "zones/live/wishes.h"

namespace holdfast::zones {
Wish wish_of(LiveIndex live, bool is_aaaa, const Client& client) noexcept {
  Wish wish{.live = live, .is_aaaa = is_aaaa, .is_v6 = client.is_v6, .bits = 0, .network = 0};
  const std::size_t known =
      std::min<std::size_t>((client.is_v6 ? kNetworkV6 : kNetworkV4) / 8, client.address.size());
  wish.bits = static_cast<std::uint8_t>(8 * known);
  for (std::size_t i = 0; i < 8; ++i) wish.network = wish.network << 8 | (i < known ? client.address[i] : 0U);
  return wish;
}

Places::Found place_of(const Client& client) noexcept {
  if (client.places == nullptr || client.address.empty()) return {{}, 0};
  if (client.is_v6) {
    boost::asio::ip::address_v6::bytes_type octets{};
    std::copy_n(client.address.begin(), std::min(octets.size(), client.address.size()), octets.begin());
    return client.places->find(boost::asio::ip::address_v6(octets));
  }
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(4, client.address.size()); ++i)
    bits |= std::uint32_t{client.address.data()[i]} << (24 - 8 * i);
  return client.places->find_v4(bits);
}

}  // namespace holdfast::zones
