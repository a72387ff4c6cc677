#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace holdfast::bench {

/// Durations counted in buckets that are 1/64 of their value wide.
class Latencies {
 public:
  void add(std::uint64_t nanoseconds) noexcept {
    ++counts_[bucket(nanoseconds)];
    ++total_;
    if (nanoseconds > max_) max_ = nanoseconds;
  }

  std::uint64_t max() const noexcept { return max_; }

  /// The least duration, to the precision of a bucket, that `share` of all did not exceed. 0 if there are none.
  std::uint64_t quantile(double share) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > wanted || seen == total_) return total_ == 0 ? 0 : middle(i);
    }
    return max_;
  }

 private:
  static constexpr unsigned kBits = 6;

  static std::size_t bucket(std::uint64_t value) noexcept {
    const unsigned width = static_cast<unsigned>(std::bit_width(value));
    if (width <= kBits + 1) return static_cast<std::size_t>(value);
    const unsigned shift = width - kBits - 1;
    return (static_cast<std::size_t>(shift) << kBits) + static_cast<std::size_t>(value >> shift);
  }

  static std::uint64_t middle(std::size_t bucket) noexcept {
    if (bucket < 2U << kBits) return bucket;
    const std::size_t shift = (bucket >> kBits) - 1;
    const std::size_t mantissa = bucket - (shift << kBits);
    return (mantissa << shift) + (std::uint64_t{1} << shift) / 2;
  }

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(bucket(~std::uint64_t{0}) + 1);
  std::uint64_t total_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace holdfast::bench
