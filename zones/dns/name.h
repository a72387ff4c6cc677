#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "zones/dns/octets.h"

namespace holdfast::zones {

inline constexpr std::size_t kMaxName = 255;    ///< octets of a name in wire form (RFC 1035 2.3.4)
inline constexpr std::size_t kMaxLabel = 63;    ///< octets of one label (RFC 1035 2.3.4)
inline constexpr std::size_t kMaxLabels = 128;  ///< labels of the longest name, the root's counted

/// A domain name in wire form, uncompressed, the root label included. Borrows its octets.
///
/// Every NameView refers to a valid name; names that we hold are in lower case, so equality is that of octets.
/// What comes from a packet becomes a name through `Name::read`, what comes as text through `Name::parse`.
class NameView {
 public:
  constexpr NameView() noexcept : octets_(kRoot), size_(1) {}
  constexpr NameView(const std::uint8_t* octets, std::size_t size) noexcept
      : octets_(octets), size_(static_cast<std::uint8_t>(size)) {}

  constexpr const std::uint8_t* data() const noexcept { return octets_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool is_root() const noexcept { return size_ == 1; }
  constexpr bool is_wildcard() const noexcept { return size_ > 2 && octets_[0] == 1 && octets_[1] == '*'; }

  /// The first label, without its length octet; empty for the root.
  std::span<const std::uint8_t> label() const noexcept { return {octets_ + 1, octets_[0]}; }
  /// The name without its first label. Not to be called on the root.
  constexpr NameView parent() const noexcept {
    return {octets_ + octets_[0] + 1, static_cast<std::size_t>(size_ - octets_[0] - 1)};
  }
  /// Labels, the root's not counted.
  std::size_t labels() const noexcept;
  bool is_at_or_below(NameView ancestor) const noexcept;

  /// Presentation format with the final dot; `\DDD` and `\.` where needed (RFC 1035 5.1).
  std::string text() const;

  bool operator==(NameView other) const noexcept {
    return size_ == other.size_ && same_octets(octets_, other.octets_, size_);
  }
  /// Canonical order (RFC 4034 6.1).
  std::strong_ordering operator<=>(NameView other) const noexcept;

 private:
  static constexpr std::uint8_t kRoot[1] = {0};
  const std::uint8_t* octets_;
  std::uint8_t size_;
};

/// A domain name that owns its octets, in lower case. No allocation; 256 octets.
class Name {
 public:
  Name() noexcept : size_(1) { octets_[0] = 0; }
  explicit Name(NameView view) noexcept : size_(static_cast<std::uint8_t>(view.size())) {
    std::memcpy(octets_.data(), view.data(), view.size());
  }

  /// Presentation format, with or without the final dot, relative to the root. Null for what is no name:
  /// an empty label, a label over 63 octets, a name over 255, a broken escape.
  static std::optional<Name> parse(std::string_view text);
  /// Like parse, but a name without final dot is below `origin`, and "@" is `origin` (RFC 1035 5.1).
  static std::optional<Name> parse(std::string_view text, NameView origin);

  /// Becomes the name at the start of `octets`, in lower case. No compression is followed.
  /// @return its size in `octets`; 0 where there is no valid name, and then this is unusable until read again.
  std::size_t read(std::span<const std::uint8_t> octets) noexcept;

  /// Becomes the name that parse(text, origin) gives. False where there is none, and then this is unusable until read
  /// again. `origin` may not be in this.
  bool read_text(std::string_view text, NameView origin) noexcept;

  operator NameView() const noexcept { return {octets_.data(), size_}; }
  NameView view() const noexcept { return *this; }
  std::string text() const { return view().text(); }

  /// Puts `prefix` without its root before `suffix`; null when the result exceeds 255 octets (RFC 6672 2.3).
  static std::optional<Name> join(std::span<const std::uint8_t> prefix, NameView suffix) noexcept;

  bool operator==(const Name& other) const noexcept { return view() == other.view(); }
  std::strong_ordering operator<=>(const Name& other) const noexcept { return view() <=> other.view(); }

 private:
  std::array<std::uint8_t, kMaxName> octets_;
  std::uint8_t size_;
};

/// Writes the name that `text` is, as Name::parse reads it, to `out`, where kMaxName octets have room. In lower case,
/// unless `keep_case`.
/// @return its size; 0 where it is no name, and what is in `out` is then of no use
std::size_t write_name(std::string_view text, NameView origin, bool keep_case, std::uint8_t* out) noexcept;

/// The hash of a whole name, with a key that each process draws anew: nobody can make names that collide.
using NameHash = std::uint64_t;

/// Drawn before main().
extern const std::array<std::uint64_t, 2> kHashKey;

/// Both halves of the product, folded: each bit of either factor reaches all of the result.
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Sixteen octets at a time, each half masked before they are multiplied. The last ones may be read twice.
inline NameHash hash_name(NameView name) noexcept {
  const auto step = [](std::uint64_t hash, std::uint64_t first, std::uint64_t last) {
    return mix(first ^ kHashKey[1], last ^ hash);
  };
  const std::uint8_t* at = name.data();
  const std::uint8_t* const end = at + name.size();
  std::uint64_t hash = kHashKey[0] ^ name.size();
  if (name.size() >= 16) {
    for (; end - at > 16; at += 16) hash = step(hash, load<std::uint64_t>(at), load<std::uint64_t>(at + 8));
    hash = step(hash, load<std::uint64_t>(end - 16), load<std::uint64_t>(end - 8));
  } else if (name.size() >= 8) {
    hash = step(hash, load<std::uint64_t>(at), load<std::uint64_t>(end - 8));
  } else if (name.size() >= 4) {
    hash = step(hash, load<std::uint32_t>(at), load<std::uint32_t>(end - 4));
  } else {
    hash = step(hash, at[0] | std::uint64_t{at[name.size() / 2]} << 8, end[-1]);
  }
  return mix(hash, kHashKey[0]);
}

}  // namespace holdfast::zones
