#include "zones/live/choice.h"

#include <algorithm>
#include <map>

namespace holdfast::zones {
namespace {

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ULL;  // from one random number to the next (SplitMix64)

}  // namespace

Choice Choice::all(std::size_t candidates) {
  Choice choice;
  choice.candidates_ = choice.each_ = static_cast<std::uint16_t>(candidates);
  return choice;
}

Choice Choice::rotated(std::size_t candidates, std::size_t each) {
  Choice choice = all(candidates);
  if (each >= candidates) return choice;
  choice.manner_ = Manner::rotated;
  choice.each_ = static_cast<std::uint16_t>(each);
  return choice;
}

Choice Choice::weighted(const std::vector<std::uint32_t>& weights, std::size_t each) {
  Choice choice = all(weights.size());
  choice.manner_ = Manner::weighted;
  std::uint64_t sum = 0;
  for (const std::uint32_t weight : weights) choice.numbers_.push_back(sum += weight);
  auto drawable = static_cast<std::size_t>(
      std::count_if(weights.begin(), weights.end(), [](std::uint32_t weight) { return weight != 0; }));
  if (sum == 0) {
    drawable = weights.size();
    for (std::uint64_t& number : choice.numbers_) number = ++sum;
  }
  if (each >= weights.size() && drawable == weights.size()) return all(weights.size());
  choice.each_ = static_cast<std::uint16_t>(std::min({each, kMaxPicked, drawable}));
  return choice;
}

Choice Choice::hashed(std::vector<std::uint64_t> identities, std::size_t each) {
  Choice choice = all(identities.size());
  if (each >= identities.size()) return choice;
  choice.manner_ = Manner::hashed;
  choice.each_ = static_cast<std::uint16_t>(std::min(each, kMaxPicked));
  for (std::uint64_t& identity : identities) identity = mixed(identity);
  choice.numbers_ = std::move(identities);
  return choice;
}

Choice Choice::nearest(std::size_t candidates, const std::vector<Group>& groups, std::size_t each) {
  const bool is_one = std::all_of(groups.begin(), groups.end(),
                                  [&](const Group& group) { return group.size() == candidates; });
  if (is_one) return rotated(candidates, each);
  Choice choice = all(candidates);
  choice.manner_ = Manner::nearest;
  choice.each_ = static_cast<std::uint16_t>(std::min({each, kMaxPicked, candidates}));
  std::map<Group, std::uint32_t> known;  // many regions have the same
  for (const Group& group : groups) {
    const auto [place, is_new] = known.try_emplace(group, static_cast<std::uint32_t>(choice.grouped_.size()));
    choice.groups_.push_back(place->second);
    if (!is_new) continue;
    choice.grouped_.push_back(static_cast<std::uint16_t>(group.size()));
    choice.grouped_.insert(choice.grouped_.end(), group.begin(), group.end());
  }
  return choice;
}

std::size_t Choice::draw_of_few(std::uint64_t random, Drawn& drawn) const noexcept {
  std::array<std::uint64_t, kFew> room;
  const std::span<std::uint64_t> sums(room.data(), numbers_.size());
  std::copy(numbers_.begin(), numbers_.end(), sums.begin());
  for (std::size_t count = 0; count < each_; ++count) {
    const std::uint16_t candidate = count_before(sums, below(sums.back(), drawn_number(random += kStep)));
    drawn[count] = candidate;
    // Who was drawn weighs nothing from now on.
    const std::uint64_t gone = weight(candidate);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] -= i >= candidate ? gone : 0;
  }
  return each_;
}

std::size_t Choice::draw_weighted(std::uint64_t random, Drawn& drawn) const noexcept {
  if (numbers_.size() <= kFew) return draw_of_few(random, drawn);
  std::uint64_t left = numbers_.back();
  for (std::size_t count = 0; count < each_; ++count) {
    std::uint64_t at = below(left, drawn_number(random += kStep));
    // Steps over those that were drawn already, which are kept in ascending order.
    std::size_t place = 0;
    while (place < count) {
      const std::size_t taken = drawn[place];
      const std::uint64_t before = taken == 0 ? 0 : numbers_[taken - 1];
      if (at < before) break;
      at += numbers_[taken] - before;
      ++place;
    }
    const auto found = std::upper_bound(numbers_.begin(), numbers_.end(), at);
    const auto candidate = static_cast<std::uint16_t>(found - numbers_.begin());
    std::copy_backward(drawn.begin() + static_cast<std::ptrdiff_t>(place),
                       drawn.begin() + static_cast<std::ptrdiff_t>(count),
                       drawn.begin() + static_cast<std::ptrdiff_t>(count) + 1);
    drawn[place] = candidate;
    left -= weight(candidate);
  }
  return each_;
}

std::size_t Choice::draw_hashed(std::uint64_t network, Drawn& drawn) const noexcept {
  std::array<std::uint64_t, kMaxPicked> scores;  // of those drawn, the highest first
  std::size_t count = 0;
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    const std::uint64_t has = score(numbers_[i], network);
    if (count == each_ && has <= scores[count - 1]) continue;
    std::size_t place = count < each_ ? count++ : count - 1;
    for (; place > 0 && scores[place - 1] < has; --place) {
      scores[place] = scores[place - 1];
      drawn[place] = drawn[place - 1];
    }
    scores[place] = has;
    drawn[place] = static_cast<std::uint16_t>(i);
  }
  return count;
}

std::vector<double> Choice::shares() const {
  std::vector<double> shares(candidates_);
  switch (manner_) {
    case Manner::nearest: break;
    case Manner::all:
    case Manner::rotated:
    case Manner::hashed:
      std::fill(shares.begin(), shares.end(), static_cast<double>(each_) / candidates_);
      break;
    case Manner::weighted:
      if (each_ == 1) {
        for (std::size_t i = 0; i < shares.size(); ++i)
          shares[i] = static_cast<double>(weight(i)) / static_cast<double>(numbers_.back());
        break;
      }
      // Of several that are drawn it would be a sum over all orders; a thousand draws come near.
      constexpr std::size_t kDraws = 1000;
      for (std::size_t i = 0; i < kDraws; ++i) {
        Drawn drawn;
        const std::size_t count = draw_weighted(mixed(i), drawn);
        for (std::size_t k = 0; k < count; ++k) shares[drawn[k]] += 1.0 / kDraws;
      }
  }
  return shares;
}

Choice::Picked Choice::draw(const Client& client, Drawn& drawn) const noexcept {
  Picked picked{.is_drawn = true};
  switch (manner_) {
    case Manner::all:
    case Manner::rotated: break;  // are never drawn
    case Manner::weighted:
      picked.count = static_cast<std::uint16_t>(draw_weighted(client.random, drawn));
      picked.is_passing = true;
      break;
    case Manner::hashed:
      picked.count = static_cast<std::uint16_t>(draw_hashed(network_hash(client), drawn));
      picked.scope = network_bits(client);
      break;
    case Manner::nearest: {
      const Places::Found place = place_of(client);
      const std::span<const std::uint16_t> group = group_of(place);
      const std::size_t count = std::min<std::size_t>(each_, group.size());
      const std::size_t first = count < group.size() ? below(group.size(), drawn_number(client.random)) : 0;
      for (std::size_t i = 0; i < count; ++i) drawn[i] = group[(first + i) % group.size()];
      picked.count = static_cast<std::uint16_t>(count);
      picked.is_passing = count < group.size();
      picked.scope = place.length;
      break;
    }
  }
  return picked;
}

}  // namespace holdfast::zones
