#include "zones/dns/name.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

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

/// Collects labels while a text is read; every limit is checked here.
class NameWriter {
 public:
  bool put(std::uint8_t octet) noexcept {
    if (length_ == kMaxLabel || end() + 1 >= kMaxName) return false;
    name_.octets_[end()] = lower(octet);
    ++length_;
    return true;
  }
  bool end_label() noexcept {
    if (length_ == 0) return false;
    name_.octets_[start_] = static_cast<std::uint8_t>(length_);
    start_ += length_ + 1;
    length_ = 0;
    return true;
  }
  bool in_label() const noexcept { return length_ != 0; }
  std::optional<Name> finish(NameView origin) noexcept {
    if (start_ + origin.size() > kMaxName) return std::nullopt;
    std::memcpy(name_.octets_.data() + start_, origin.data(), origin.size());
    name_.size_ = static_cast<std::uint8_t>(start_ + origin.size());
    return name_;
  }
  void put_labels(std::span<const std::uint8_t> labels) noexcept {
    std::memcpy(name_.octets_.data(), labels.data(), labels.size());
    start_ = labels.size();
  }

 private:
  std::size_t end() const noexcept { return start_ + 1 + length_; }
  Name name_;
  std::size_t start_ = 0;   // of the label being written: its length octet
  std::size_t length_ = 0;  // of the label being written
};

std::optional<Name> Name::parse(std::string_view text) { return parse(text, NameView()); }

std::optional<Name> Name::parse(std::string_view text, NameView origin) {
  if (text == ".") return Name();
  if (text == "@") return Name(origin);
  if (text.empty()) return std::nullopt;
  NameWriter name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.') {
      if (!name.end_label()) return std::nullopt;
      continue;
    }
    auto octet = static_cast<std::uint8_t>(text[i]);
    if (octet == '\\') {
      if (i + 3 < text.size() && is_digit(text[i + 1]) && is_digit(text[i + 2]) && is_digit(text[i + 3])) {
        const int value = (text[i + 1] - '0') * 100 + (text[i + 2] - '0') * 10 + (text[i + 3] - '0');
        if (value > 255) return std::nullopt;
        octet = static_cast<std::uint8_t>(value);
        i += 3;
      } else if (i + 1 < text.size() && !is_digit(text[i + 1])) {
        octet = static_cast<std::uint8_t>(text[++i]);
      } else {
        return std::nullopt;
      }
    }
    if (!name.put(octet)) return std::nullopt;
  }
  if (!name.in_label()) return name.finish(NameView());
  name.end_label();
  return name.finish(origin);
}

std::optional<Name> Name::join(std::span<const std::uint8_t> prefix, NameView suffix) noexcept {
  if (prefix.size() + suffix.size() > kMaxName) return std::nullopt;
  NameWriter name;
  name.put_labels(prefix);
  return name.finish(suffix);
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

NameHash hash_name(NameView name) noexcept {
  static const std::uint64_t key = [] {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
  }();
  return XXH3_64bits_withSeed(name.data(), name.size(), key);
}

}  // namespace holdfast::zones
