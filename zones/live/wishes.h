#pragma once

#include <array>
#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "zones/live/client.h"
#include "zones/node.h"

namespace holdfast::zones {

/// The network of clients for which it should be found out what a live name has for them.
struct Wish {
  LiveIndex live = kNotLive;
  bool is_aaaa = false;  ///< of these records; else A
  bool is_v6 = false;
  std::uint8_t bits = 0;      ///< of the network: at most kNetworkV6, or kNetworkV4
  std::uint64_t network = 0;  ///< its first 8 octets, as a number

  auto operator<=>(const Wish&) const = default;
};

/// Wishes on their way from the thread that answers to the one that looks them up. One thread adds, one takes; neither waits
/// or takes memory. Where the other is slow, wishes are lost: who still has them comes again.
class Wishes {
 public:
  void add(const Wish& wish) noexcept {
    const std::size_t at = added_.load(std::memory_order_relaxed);
    // Most come many times in a row.
    if (at != 0 && ring_[(at - 1) % kRoom] == wish && at - 1 >= taken_.load(std::memory_order_acquire))
      return;
    if (at - taken_.load(std::memory_order_acquire) == kRoom) return;
    ring_[at % kRoom] = wish;
    added_.store(at + 1, std::memory_order_release);
  }

  /// Appends all that came since.
  void take(std::vector<Wish>& to) {
    const std::size_t end = added_.load(std::memory_order_acquire);
    for (std::size_t at = taken_.load(std::memory_order_relaxed); at != end; ++at)
      to.push_back(ring_[at % kRoom]);
    taken_.store(end, std::memory_order_release);
  }

 private:
  static constexpr std::size_t kRoom = 256;

  std::array<Wish, kRoom> ring_{};
  alignas(64) std::atomic<std::size_t> added_{0};
  alignas(64) std::atomic<std::size_t> taken_{0};
};

/// The network of a client that is known by its address.
[[gnu::noinline]] Wish wish_of(LiveIndex live, bool is_aaaa, const Client& client) noexcept;

}  // namespace holdfast::zones
