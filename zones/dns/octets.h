#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace holdfast::zones {

// Few octets at a time, as in names and addresses, without the calls into the C library that they would cost more.
// What does not fill a word is done with one more word that overlaps the one before.

template <class Word>
Word load(const std::uint8_t* at) noexcept {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

template <class Word>
void store(std::uint8_t* at, Word word) noexcept {
  std::memcpy(at, &word, sizeof word);
}

inline bool same_octets(const std::uint8_t* a, const std::uint8_t* b, std::size_t size) noexcept {
  using std::uint32_t, std::uint64_t;
  using Word = unsigned __int128;
  if (size >= 16) {
    for (std::size_t i = 0; i + 16 < size; i += 16) {
      if (load<Word>(a + i) != load<Word>(b + i)) return false;
    }
    return load<Word>(a + size - 16) == load<Word>(b + size - 16);
  }
  if (size >= 8) {
    return load<uint64_t>(a) == load<uint64_t>(b) &&
           load<uint64_t>(a + size - 8) == load<uint64_t>(b + size - 8);
  }
  if (size >= 4) {
    return load<uint32_t>(a) == load<uint32_t>(b) &&
           load<uint32_t>(a + size - 4) == load<uint32_t>(b + size - 4);
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

inline void copy_octets(const std::uint8_t* from, std::size_t size, std::uint8_t* to) noexcept {
  using std::uint32_t, std::uint64_t;
  using Octets [[gnu::vector_size(16)]] = std::uint8_t;
  if (size >= 16) {
    const auto last = load<Octets>(from + size - 16);
    for (std::size_t i = 0; i + 16 < size; i += 16) store(to + i, load<Octets>(from + i));
    store(to + size - 16, last);
  } else if (size >= 8) {
    const auto last = load<uint64_t>(from + size - 8);
    store(to, load<uint64_t>(from));
    store(to + size - 8, last);
  } else if (size >= 4) {
    const auto last = load<uint32_t>(from + size - 4);
    store(to, load<uint32_t>(from));
    store(to + size - 4, last);
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
  }
}

/// ASCII to lower case, all other octets as they are (RFC 4343).
constexpr std::uint8_t lower(std::uint8_t octet) noexcept {
  return static_cast<std::uint8_t>(octet >= 'A' && octet <= 'Z' ? octet | 0x20 : octet);
}

/// Copies `size` octets in lower case. The length octets of a name are below 'A', so it may be done to all of one.
inline void copy_lower(const std::uint8_t* from, std::size_t size, std::uint8_t* to) noexcept {
  using Octets [[gnu::vector_size(16)]] = std::uint8_t;
  const auto copy16 = [&](std::size_t at) {
    const auto octets = load<Octets>(from + at);
    const Octets is_upper = octets - 'A' <= Octets{} + ('Z' - 'A');
    store(to + at, octets | (is_upper & (Octets{} + 0x20)));
  };
  if (size < 16) {
    for (std::size_t i = 0; i < size; ++i) to[i] = lower(from[i]);
    return;
  }
  for (std::size_t at = 0; at + 16 < size; at += 16) copy16(at);
  copy16(size - 16);
}

}  // namespace holdfast::zones
