#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "zones/dns/rrset.h"

namespace holdfast::zones {

/// An answer that was encoded when its zone was loaded: all that stands between the question and OPT.
///
/// Its compression pointers are right for a question whose name has `name_size` octets. When that is longer, because
/// the answer comes from above it, all that follows the name's front stands so much further on: the pointers at
/// `places` are to be raised by the difference.
struct Prebuilt {
  /// The "type" of what does not depend on QTYPE: the referral, which is with the NS of its cut, and the negative
  /// answer, which is with the SOA.
  static constexpr RrType kWhateverAsked{0};

  RrType type;  ///< the QTYPE that it answers; a CNAME has one for several
  std::uint16_t size;
  std::uint8_t answers, authorities, additional;  ///< records
  std::uint8_t name_size;
  std::uint8_t place_count;
  std::uint8_t more;  ///< another one follows, for another QTYPE
  // Then the places, an octet each when that is enough, else 2, and the octets.

  static constexpr std::size_t kMaxSize = 4096;

  std::span<const std::uint8_t> octets() const noexcept { return {behind() + places_size(), size}; }
  std::uint16_t place(std::size_t i) const noexcept {
    if (place_size() == 1) return behind()[i];
    std::uint16_t place;
    std::memcpy(&place, behind() + 2 * i, sizeof place);
    return place;
  }
  const Prebuilt* next() const noexcept {
    if (more == 0) return nullptr;
    const std::size_t whole = sizeof *this + places_size() + size;
    return reinterpret_cast<const Prebuilt*>(reinterpret_cast<const std::uint8_t*>(this) +
                                             (whole + 1) / 2 * 2);
  }

 private:
  friend class PrebuiltWriter;

  const std::uint8_t* behind() const noexcept { return reinterpret_cast<const std::uint8_t*>(this + 1); }
  std::size_t place_size() const noexcept { return size <= 256 ? 1 : 2; }
  std::size_t places_size() const noexcept { return place_size() * place_count; }
};

/// The one for `type` among those prebuilt for an RRset, or null.
inline const Prebuilt* find_prebuilt(const RRset& rrset, RrType type) noexcept {
  const auto* one = reinterpret_cast<const Prebuilt*>(rrset.prebuilt);
  while (one != nullptr && one->type != type) one = one->next();
  return one;
}

/// Appends the prebuilt answers of one RRset to those of its zone.
class PrebuiltWriter {
 public:
  /// Where to write: from `used` on, and not beyond `end`. What does not fit is not prebuilt.
  struct Room {
    std::uint8_t* data;
    std::size_t used, end;
  };
  explicit PrebuiltWriter(Room& room) noexcept : room_(room) {}

  /// @param head  all but size, place_count and more
  void add(Prebuilt head, std::span<const std::uint16_t> places,
           std::span<const std::uint8_t> octets) noexcept;
  /// Where the first one stands; 0 when there is none.
  std::uint32_t first() const noexcept { return first_; }

 private:
  Room& room_;
  std::uint32_t first_ = 0;
  Prebuilt* last_ = nullptr;
};

}  // namespace holdfast::zones
