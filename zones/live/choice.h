#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
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

  /// Candidates that were picked: `count` neighbours from `first` on (the first candidate follows the last; one is always
  /// given so), or those in `drawn`.
  struct Picked {
    std::uint16_t first = 0, count = 0;
    bool is_drawn = false;
    bool is_passing = false;  ///< the same client may get others the next time
    std::uint8_t scope = 0;   ///< bits of the client's address that it depended on
  };
  using Drawn = std::array<std::uint16_t, kMaxPicked>;
  Picked pick(const Client& client, Drawn& drawn) const noexcept {
    return is_drawn() ? draw(client, drawn) : pick_neighbours(client);
  }
  /// Whether pick() gives what is in `drawn`.
  bool is_drawn() const noexcept {
    return each_ != 1 && manner_ != Manner::all && manner_ != Manner::rotated;
  }
  /// What pick() gives otherwise.
  Picked pick_neighbours(const Client& client) const noexcept;

  bool operator==(const Choice&) const = default;

 private:
  static constexpr std::size_t kFew = 16;  // sums that are read from end to end

  /// A number below `limit`, each as likely as any other to within limit / 2^64.
  static std::uint64_t below(std::uint64_t limit, std::uint64_t random) noexcept {
    return static_cast<std::uint64_t>(static_cast<unsigned __int128>(random) * limit >> 64);
  }
  /// A number that is well mixed, where `random` is as in no other draw.
  static std::uint64_t drawn_number(std::uint64_t random) noexcept {
    return folded(random, random ^ 0x8bb84b93962eacc9ULL);
  }
  /// Of a candidate for a network; both are well mixed. Below it there is room for the candidate's number.
  static std::uint64_t score(std::uint64_t candidate, std::uint64_t network) noexcept {
    return folded(candidate, network) & ~std::uint64_t{0xffff};
  }
  // These two have no branch that depends on what was drawn: it would be foreseen wrong half of the time.
  /// How many of the sums do not reach beyond `at`.
  static std::uint16_t count_before(std::span<const std::uint64_t> sums, std::uint64_t at) noexcept {
    std::uint16_t before = 0;
    for (const std::uint64_t sum : sums) before = static_cast<std::uint16_t>(before + (sum <= at ? 1 : 0));
    return before;
  }
  std::uint16_t one_by_hash(std::uint64_t network) const noexcept {
    std::uint64_t highest = 0;
    for (std::size_t i = 0; i < candidates_; ++i)
      highest = std::max(highest, score(numbers_.data()[i], network) | i);
    return static_cast<std::uint16_t>(highest & 0xffff);
  }

  std::uint16_t one_by_weight(std::uint64_t random) const noexcept;
  Picked draw(const Client& client, Drawn& drawn) const noexcept;
  std::span<const std::uint16_t> group_of(const Places::Found& place) const noexcept;
  std::size_t draw_weighted(std::uint64_t random, Drawn& drawn) const noexcept;
  std::size_t draw_of_few(std::uint64_t random, Drawn& drawn) const noexcept;
  std::size_t draw_hashed(std::uint64_t network, Drawn& drawn) const noexcept;
  std::uint64_t weight(std::size_t candidate) const noexcept {
    return numbers_[candidate] - (candidate == 0 ? 0 : numbers_[candidate - 1]);
  }

  Manner manner_ = Manner::all;
  std::uint16_t candidates_ = 0, each_ = 0;
  // weighted: sums of the weights up to each candidate; hashed: identities, well mixed
  std::vector<std::uint64_t> numbers_;
  // nearest: where the group of each region begins in `grouped_`, which has its size there and then its candidates
  std::vector<std::uint32_t> groups_;
  std::vector<std::uint16_t> grouped_;
};

inline std::uint16_t Choice::one_by_weight(std::uint64_t random) const noexcept {
  const std::uint64_t at = below(numbers_.back(), drawn_number(random));
  if (numbers_.size() <= kFew) return count_before(numbers_, at);
  return static_cast<std::uint16_t>(std::upper_bound(numbers_.begin(), numbers_.end(), at) -
                                    numbers_.begin());
}

inline std::span<const std::uint16_t> Choice::group_of(const Places::Found& place) const noexcept {
  const std::size_t nowhere = groups_.size() - 1;
  const std::size_t region = place.region ? std::min<std::size_t>(*place.region, nowhere) : nowhere;
  const std::uint16_t* const group = grouped_.data() + groups_[region];
  return {group + 1, group[0]};
}

inline Choice::Picked Choice::pick_neighbours(const Client& client) const noexcept {
  switch (manner_) {
    case Manner::all: break;
    case Manner::rotated: {
      const std::uint64_t first = below(candidates_, drawn_number(client.random));
      return {.first = static_cast<std::uint16_t>(first), .count = each_, .is_passing = true};
    }
    case Manner::weighted: return {.first = one_by_weight(client.random), .count = 1, .is_passing = true};
    case Manner::hashed:
      return {.first = one_by_hash(network_hash(client)), .count = 1, .scope = network_bits(client)};
    case Manner::nearest: {
      const Places::Found place = place_of(client);
      const std::span<const std::uint16_t> group = group_of(place);
      const std::uint64_t first = below(group.size(), drawn_number(client.random));
      return {.first = group[first], .count = 1, .is_passing = group.size() > 1, .scope = place.length};
    }
  }
  return {.first = 0, .count = candidates_};
}

}  // namespace holdfast::zones
