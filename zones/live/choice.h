#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "zones/live/client.h"

namespace holdfast::zones {

inline constexpr std::size_t kMaxPicked =
    16;  ///< members that one client gets of those that are drawn for it

/// Which of the candidates of a selection one client gets. Immutable once made; what serves and what explains ask the
/// same one.
///
///   manner     each client gets                                                     the same client, later
///   all        every candidate, in their order                                      the same
///   rotated    `each` neighbours, beginning anywhere (the first follows the last)   others
///   weighted   `each` different ones, drawn by their weights                        others
///   hashed     those `each` whose hash together with the client's network is        the same, as long as they are
///              highest (rendezvous hashing): who leaves moves only its own clients  candidates
///   nearest    `each` of the group that belongs to the region that it is in         the same, or in turns where the
///                                                                                   group has more
class Choice {
 public:
  enum class Manner : std::uint8_t { all, rotated, weighted, hashed, nearest };

  Choice() = default;  ///< of nobody
  static Choice all(std::size_t candidates);
  // `each`, at least 1, is what one client gets; where it reaches all candidates, all is the manner.
  static Choice rotated(std::size_t candidates, std::size_t each);
  /// @param weights  one for each candidate; where all are 0, all are alike, else nobody gets one of 0
  /// @param each  at most kMaxPicked of them are given
  static Choice weighted(const std::vector<std::uint32_t>& weights, std::size_t each);
  /// @param identities  one for each candidate: what stays the same when others come and go
  /// @param each  as with weighted
  static Choice hashed(std::vector<std::uint64_t> identities, std::size_t each);

  using Group = std::vector<std::uint16_t>;  ///< candidates, ascending
  /// @param groups  one for each region, then the one for clients that are nowhere; none is empty
  /// @param each  as with weighted
  static Choice nearest(std::size_t candidates, const std::vector<Group>& groups, std::size_t each);

  Manner manner() const noexcept { return manner_; }
  std::size_t candidates() const noexcept { return candidates_; }
  std::size_t each() const noexcept { return each_; }

  /// Of all clients, or of all answers to one, the part that has each candidate: 0 to 1. All 0 for nearest: who knows
  /// where clients are.
  std::vector<double> shares() const;

  /// Candidates that were picked: `count` neighbours from `first` on (the first candidate follows the last), or those in
  /// `drawn`.
  struct Picked {
    std::uint16_t first = 0, count = 0;
    bool is_drawn = false;
    bool is_passing = false;  ///< the same client may get others the next time
    std::uint8_t scope = 0;   ///< bits of the client's address that it depended on
  };
  using Drawn = std::array<std::uint16_t, kMaxPicked>;
  Picked pick(const Client& client, Drawn& drawn) const noexcept;

  bool operator==(const Choice&) const = default;

 private:
  std::size_t draw_weighted(std::uint64_t random, Drawn& drawn) const noexcept;
  std::size_t draw_hashed(std::uint64_t network, Drawn& drawn) const noexcept;
  Picked pick_nearest(const Client& client, Drawn& drawn) const noexcept;
  std::uint64_t weight(std::size_t candidate) const noexcept {
    return numbers_[candidate] - (candidate == 0 ? 0 : numbers_[candidate - 1]);
  }

  Manner manner_ = Manner::all;
  std::uint16_t candidates_ = 0, each_ = 0;
  // weighted: sums of the weights up to each candidate; hashed: identities
  std::vector<std::uint64_t> numbers_;
  // nearest: where the group of each region begins in `grouped_`, which has its size there and then its candidates
  std::vector<std::uint32_t> groups_;
  std::vector<std::uint16_t> grouped_;
};

}  // namespace holdfast::zones
