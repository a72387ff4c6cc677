#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>

#include "zones/geo/places.h"

namespace holdfast::zones {

/// Bits of an address that say which network it is in, for policy `hashed`.
inline constexpr std::uint8_t kNetworkV4 = 24, kNetworkV6 = 56;

using LiveTime = std::chrono::steady_clock::time_point;

/// Whether what a live name has depends on who asks.
enum class Dependence : std::uint8_t {
  no,
  unknown,  ///< it should be found out
  yes,      ///< what `networks` do not have should be found out
};

/// How long behind its TTL what the clients of one network get is served to them, while it is asked for anew.
inline constexpr std::chrono::seconds kNetworkGrace{30};

/// One who asks, as far as an answer may depend on it. Borrows.
struct Client {
  /// The first octets of its address, in the order of the network: as many as are known.
  std::span<const std::uint8_t> address{};
  bool is_v6 = false;
  /// Others for each query, and not to be foreseen; need not be well mixed.
  std::uint64_t random = 0;
  const Places* places = nullptr;  ///< null: nobody knows where clients are
  LiveTime now{};                  ///< when it asks, to within some milliseconds
};

/// Where a client is: nowhere, where that is not known.
Places::Found place_of(const Client& client) noexcept;

/// A number that differs in about half of its bits from that of any other argument (the finalizer of SplitMix64).
constexpr std::uint64_t mixed(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// Both halves of a product in one number: where its factors are well mixed, as good as mixed(), in a third of the time (the
/// step of wyhash and wyrand).
constexpr std::uint64_t folded(std::uint64_t a, std::uint64_t b) noexcept {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// The same for all clients of one network.
inline std::uint64_t network_hash(const Client& client) noexcept {
  // Keep networks of one family apart from those of the other, and all from 0, of which mixed() makes 0.
  constexpr std::uint64_t kV4 = 0xd1342543de82ef95ULL, kV6 = 0x9e3779b97f4a7c15ULL;
  const std::uint8_t* const octets = client.address.data();
  const std::size_t size = client.address.size();
  if (!client.is_v6 && size >= 3)
    return mixed(kV4 + (std::uint64_t{octets[2]} << 16 | std::uint64_t{octets[1]} << 8 | octets[0]));
  std::uint64_t network = client.is_v6 ? kV6 : kV4;
  for (std::size_t i = 0; i < std::min<std::size_t>((client.is_v6 ? kNetworkV6 : kNetworkV4) / 8, size); ++i)
    network += std::uint64_t{octets[i]} << (8 * i);
  return mixed(network);
}

/// Bits of the client's address that this depends on.
inline std::uint8_t network_bits(const Client& client) noexcept {
  return client.address.empty() ? std::uint8_t{0} : client.is_v6 ? kNetworkV6 : kNetworkV4;
}

}  // namespace holdfast::zones
