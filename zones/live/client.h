#pragma once

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

/// The same for all clients of one network.
std::uint64_t network_hash(const Client& client) noexcept;

}  // namespace holdfast::zones
