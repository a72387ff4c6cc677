#include "zones/geo/database_value.h"

namespace holdfast::zones {
namespace {

// Types and sizes: "MaxMind DB File Format Specification", Data Field Format.
constexpr unsigned kExtended = 0, kPointer = 1, kMap = 7, kCacheContainer = 12, kEndMarker = 13,
                   kBoolean = 14, kFloat = 15, kArray = 11;

class ValueWalk {
 public:
  explicit ValueWalk(std::span<const std::uint8_t> section) noexcept : section_(section) {}

  /// Whether the value at `at` is sound; `at` is then behind it.
  bool value(std::size_t& at, unsigned depth) noexcept {
    if (++parts_ > kMaxValueParts || depth > kMaxValueDepth || !has(at, 1)) return false;
    const std::uint8_t control = section_[at++];
    unsigned type = control >> 5;
    if (type == kPointer) return pointer(control, at, depth);
    if (type == kExtended) {
      if (!has(at, 1)) return false;
      type = section_[at++] + 7U;
      if (type <= kMap || type > kFloat) return false;
    }
    std::size_t size = control & 0x1f;
    if (size >= 29) {
      const std::size_t octets = size - 28;
      if (!has(at, octets)) return false;
      constexpr std::size_t kBase[] = {29, 285, 65821};
      size = kBase[octets - 1] + number(at, octets);
    }
    switch (type) {
      case kMap: return values(at, size * 2, depth);
      case kArray: return values(at, size, depth);
      case kBoolean: return true;  // its size is what it says
      case kCacheContainer:
      case kEndMarker: return false;
      default:
        if (!has(at, size)) return false;
        at += size;
        return true;
    }
  }

 private:
  bool has(std::size_t at, std::size_t octets) const noexcept {
    return at <= section_.size() && section_.size() - at >= octets;
  }

  std::size_t number(std::size_t& at, std::size_t octets) const noexcept {
    std::size_t number = 0;
    for (; octets > 0; --octets) number = number << 8 | section_[at++];
    return number;
  }

  bool values(std::size_t& at, std::size_t count, unsigned depth) noexcept {
    for (; count > 0; --count) {
      if (!value(at, depth + 1)) return false;
    }
    return true;
  }

  bool pointer(std::uint8_t control, std::size_t& at, unsigned depth) noexcept {
    const std::size_t octets = ((control >> 3) & 3U) + 1;
    if (!has(at, octets)) return false;
    constexpr std::size_t kBase[] = {0, 2048, 526336, 0};
    const std::size_t high = octets == 4 ? 0 : static_cast<std::size_t>(control & 7) << (8 * octets);
    std::size_t to = kBase[octets - 1] + (high | number(at, octets));
    return value(to, depth + 1);
  }

  std::span<const std::uint8_t> section_;
  std::size_t parts_ = 0;
};

}  // namespace

bool is_sound_value(std::span<const std::uint8_t> section, std::size_t at) noexcept {
  return ValueWalk(section).value(at, 0);
}

}  // namespace holdfast::zones
