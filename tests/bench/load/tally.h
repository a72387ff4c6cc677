#pragma once

#include <array>
#include <cstdint>
#include <ostream>
#include <span>

namespace holdfast::bench {

/// What came back, counted from the headers of the answers.
struct Tally {
  std::uint64_t sent = 0;
  std::uint64_t answers = 0;
  std::uint64_t lost = 0;   ///< not answered in time
  std::uint64_t stray = 0;  ///< answers that nobody waited for, or not whole
  std::uint64_t truncated = 0;
  std::uint64_t octets = 0;                                 ///< of the answers
  std::uint64_t answer = 0, authority = 0, additional = 0;  ///< records, by section
  std::array<std::uint64_t, 16> rcodes{};

  /// @param message  at least a header
  void add(std::span<const std::uint8_t> message) noexcept {
    const auto number = [message](std::size_t at) {
      return static_cast<std::uint64_t>(message[at] << 8 | message[at + 1]);
    };
    ++answers;
    octets += message.size();
    truncated += (message[2] >> 1) & 1U;
    ++rcodes[message[3] & 15U];
    answer += number(6);
    authority += number(8);
    additional += number(10);
  }
};

inline constexpr std::size_t kHeader = 12;  ///< octets

/// The members of a JSON object, without the braces.
std::ostream& operator<<(std::ostream& out, const Tally& tally);

}  // namespace holdfast::bench
