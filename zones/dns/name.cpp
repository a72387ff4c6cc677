#include "zones/dns/name.h"

#include <algorithm>
#include <random>

namespace holdfast::zones {
namespace {

/// Where each label of a name begins, the root's not counted. At most 127 of at most 255 octets.
struct LabelOffsets {
  std::array<std::uint8_t, kMaxLabels> at;
  std::size_t count = 0;

  explicit LabelOffsets(NameView name) noexcept {
    for (std::size_t offset = 0; name.data()[offset] != 0; offset += name.data()[offset] + 1U) {
      at[count++] = static_cast<std::uint8_t>(offset);
    }
  }
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// What an octet of a text becomes in a name; 0 for those that have to be looked at.
constexpr std::array<std::uint8_t, 256> octets_of_text(bool keep_case) {
  std::array<std::uint8_t, 256> octets = {};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto octet = static_cast<std::uint8_t>(i);
    octets[i] = octet == '.' || octet == '\\' ? std::uint8_t{0} : keep_case ? octet : lower(octet);
  }
  return octets;
}

constexpr auto kLower = octets_of_text(false);
constexpr auto kAsIs = octets_of_text(true);

}  // namespace

std::size_t NameView::labels() const noexcept { return LabelOffsets(*this).count; }

bool NameView::is_at_or_below(NameView ancestor) const noexcept {
  if (size_ < ancestor.size_) return false;
  const std::uint8_t* tail = octets_ + (size_ - ancestor.size_);
  if (std::memcmp(tail, ancestor.octets_, ancestor.size_) != 0) return false;
  const std::uint8_t* label = octets_;  // the octets are the same; a label must begin there as well
  while (label < tail) label += *label + 1;
  return label == tail;
}

std::strong_ordering NameView::operator<=>(NameView other) const noexcept {
  const LabelOffsets mine(*this);
  const LabelOffsets theirs(other);
  for (std::size_t i = 1; i <= std::min(mine.count, theirs.count); ++i) {
    const std::uint8_t* a = octets_ + mine.at[mine.count - i];
    const std::uint8_t* b = other.octets_ + theirs.at[theirs.count - i];
    if (const int order = std::memcmp(a + 1, b + 1, std::min(*a, *b)); order != 0) return order <=> 0;
    if (*a != *b) return *a <=> *b;
  }
  return mine.count <=> theirs.count;
}

std::string NameView::text() const {
  if (is_root()) return ".";
  std::string text;
  for (NameView name = *this; !name.is_root(); name = name.parent()) {
    for (const std::uint8_t octet : name.label()) {
      if (octet <= ' ' || octet >= 0x7f) {
        const char escape[] = {'\\', static_cast<char>('0' + octet / 100),
                               static_cast<char>('0' + octet / 10 % 10), static_cast<char>('0' + octet % 10)};
        text.append(escape, sizeof escape);
        continue;
      }
      if (std::strchr(".\\\"();@$", octet) != nullptr) text += '\\';
      text += static_cast<char>(octet);
    }
    text += '.';
  }
  return text;
}

std::size_t write_name(std::string_view text, NameView origin, bool keep_case, std::uint8_t* out) noexcept {
  const auto end_with = [&](std::size_t at, NameView suffix) -> std::size_t {
    if (at + suffix.size() > kMaxName) return 0;
    std::memcpy(out + at, suffix.data(), suffix.size());
    return at + suffix.size();
  };
  if (text == ".") return end_with(0, NameView());
  if (text == "@") return end_with(0, origin);
  if (text.empty()) return 0;
  const auto& octets = keep_case ? kAsIs : kLower;
  std::size_t start = 0;  // of the label being written: its length octet
  std::size_t at = 1;
  std::size_t most = kMaxLabel + 1;  // where the label ends at the latest
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::uint8_t octet = octets[static_cast<std::uint8_t>(text[i])];
    if (octet == 0) {
      if (text[i] == '.') {
        if (at == start + 1) return 0;
        out[start] = static_cast<std::uint8_t>(at - start - 1);
        start = at++;
        most = std::min(start + kMaxLabel + 1, kMaxName - 1);
        continue;
      }
      if (text[i] == '\\') {
        if (i + 3 < text.size() && is_digit(text[i + 1]) && is_digit(text[i + 2]) && is_digit(text[i + 3])) {
          const int value = (text[i + 1] - '0') * 100 + (text[i + 2] - '0') * 10 + (text[i + 3] - '0');
          if (value > 255) return 0;
          octet = static_cast<std::uint8_t>(value);
          i += 3;
        } else if (i + 1 < text.size() && !is_digit(text[i + 1])) {
          octet = static_cast<std::uint8_t>(text[++i]);
        } else {
          return 0;
        }
        if (!keep_case) octet = lower(octet);
      }
    }
    if (at >= most) return 0;
    out[at++] = octet;
  }
  if (at == start + 1) return end_with(start, NameView());
  out[start] = static_cast<std::uint8_t>(at - start - 1);
  return end_with(at, origin);
}

std::optional<Name> Name::parse(std::string_view text) { return parse(text, NameView()); }

std::optional<Name> Name::parse(std::string_view text, NameView origin) {
  std::optional<Name> name(std::in_place);
  if (!name->read_text(text, origin)) name.reset();
  return name;
}

bool Name::read_text(std::string_view text, NameView origin) noexcept {
  size_ = static_cast<std::uint8_t>(write_name(text, origin, false, octets_.data()));
  return size_ != 0;
}

std::optional<Name> Name::join(std::span<const std::uint8_t> prefix, NameView suffix) noexcept {
  if (prefix.size() + suffix.size() > kMaxName) return std::nullopt;
  std::optional<Name> name(std::in_place);
  std::copy(prefix.begin(), prefix.end(), name->octets_.data());  // may be empty, and then nowhere
  std::memcpy(name->octets_.data() + prefix.size(), suffix.data(), suffix.size());
  name->size_ = static_cast<std::uint8_t>(prefix.size() + suffix.size());
  return name;
}

std::size_t Name::read(std::span<const std::uint8_t> octets) noexcept {
  const std::size_t room = std::min(octets.size(), kMaxName);
  for (std::size_t at = 0; at < room;) {
    const std::size_t length = octets[at];
    if (length > kMaxLabel) return 0;
    at += length + 1;
    if (length != 0) continue;
    copy_lower(octets.data(), at, octets_.data());
    size_ = static_cast<std::uint8_t>(at);
    return at;
  }
  return 0;
}

const std::array<std::uint64_t, 2> kHashKey = [] {
  std::random_device random;
  const auto draw = [&] { return std::uint64_t{random()} << 32 | random(); };
  return std::array{draw(), draw()};
}();

}  // namespace holdfast::zones
