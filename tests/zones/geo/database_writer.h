#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "zones/geo/prefix.h"

namespace holdfast::zones::testing {

/// Values in MaxMind's format ("MaxMind DB File Format Specification", 2.0, Data Field Format).
inline std::string control(unsigned type, std::size_t size) {
  std::string octets;
  const auto low = static_cast<char>(size < 29 ? size : size < 285 ? 29 : 30);
  if (type < 8) octets += static_cast<char>(static_cast<char>(type << 5) | low);
  if (type >= 8) octets = {low, static_cast<char>(type - 7)};
  if (size >= 285) octets += static_cast<char>((size - 285) >> 8);
  if (size >= 29) octets += static_cast<char>(size < 285 ? size - 29 : size - 285);
  return octets;
}

inline std::string text_value(const std::string& text) { return control(2, text.size()) + text; }

inline std::string number_value(std::uint64_t number, unsigned type = 6) {  // 5, 6, 9: of 16, 32, 64 bits
  std::string octets;
  for (; number > 0; number >>= 8) octets.insert(octets.begin(), static_cast<char>(number));
  return control(type, octets.size()) + octets;
}

inline std::string double_value(double number) {
  std::string octets(8, '\0');
  auto bits = std::bit_cast<std::uint64_t>(number);
  for (std::size_t i = 8; i-- > 0; bits >>= 8) octets[i] = static_cast<char>(bits);
  return control(3, 8) + octets;
}

inline std::string array_value(const std::vector<std::string>& values) {
  std::string octets = control(11, values.size());
  for (const std::string& value : values) octets += value;
  return octets;
}

inline std::string map_value(const std::vector<std::pair<std::string, std::string>>& values) {
  std::string octets = control(7, values.size());
  for (const auto& [key, value] : values) octets += text_value(key) + value;
  return octets;
}

inline std::string pointer_value(std::uint32_t to) {  // of 4 octets
  std::string octets{static_cast<char>(1 << 5 | 3 << 3)};
  for (int shift = 24; shift >= 0; shift -= 8) octets += static_cast<char>(to >> shift);
  return octets;
}

/// Writes a database, as small as it can be.
class DatabaseWriter {
 public:
  explicit DatabaseWriter(unsigned ip_version = 6, unsigned record_size = 24)
      : ip_version_(ip_version), record_size_(record_size), nodes_(1) {}

  /// IPv4 goes under ::/96 of a database of IPv6.
  void insert(const std::string& prefix, const std::string& value) {
    if (!data_at_.contains(value)) {
      data_at_[value] = data_.size();
      data_ += value;
    }
    slot(prefix) = {Slot::data, data_at_[value]};
  }

  /// Lets a prefix lead to all of IPv4.
  void alias(const std::string& prefix) {
    const std::size_t node = parent("0.0.0.0/1");
    slot(prefix) = {Slot::node, node};
  }

  /// What a record of the tree leads to: a node that there may not be.
  void lead(const std::string& prefix, std::size_t node) { slot(prefix) = {Slot::node, node}; }

  std::string octets() const { return tree() + std::string(16, '\0') + data_ + kMarker + metadata(); }

  static constexpr const char* kMarker = "\xab\xcd\xefMaxMind.com";
  bool mapped = false;                                             ///< IPv4 goes under ::ffff:0:0/96 instead
  std::vector<std::pair<std::string, std::string>> metadata_more;  ///< added, or in place of what is usual

 private:
  struct Slot {
    enum Kind : std::uint8_t { empty, node, data } kind = empty;
    std::size_t to = 0;
  };

  /// The node whose slot a prefix has; grows what leads there.
  std::size_t parent(const std::string& text) {
    const Prefix prefix = Prefix::parse(text).prefix.value();
    std::size_t node = 0;
    for (const bool bit : way(prefix, true)) {
      Slot& next = nodes_[node][bit ? 1 : 0];
      if (next.kind == Slot::data) throw std::logic_error(text + " is in another prefix");
      if (next.kind == Slot::empty) {
        next = {Slot::node, nodes_.size()};
        node = nodes_.size();
        nodes_.emplace_back();
      } else {
        node = next.to;
      }
    }
    return node;
  }

  Slot& slot(const std::string& text) {
    const std::size_t node = parent(text);
    return nodes_[node][way(Prefix::parse(text).prefix.value(), false).back() ? 1 : 0];
  }

  /// The bits from the root to a prefix, the last one left out or not.
  std::vector<bool> way(const Prefix& prefix, bool but_last) const {
    std::vector<bool> bits;
    for (unsigned i = 0; prefix.is_v4() && ip_version_ == 6 && i < 96; ++i) bits.push_back(mapped && i >= 80);
    const unsigned unused = prefix.is_v4() ? 96 : 0;
    for (unsigned i = 0; i < prefix.length(); ++i)
      bits.push_back(((prefix.bits() >> (127 - unused - i)) & 1) != 0);
    if (but_last) bits.pop_back();
    return bits;
  }

  std::uint64_t record(const Slot& slot) const {
    return slot.kind == Slot::node    ? slot.to
           : slot.kind == Slot::empty ? nodes_.size()
                                      : nodes_.size() + 16 + slot.to;
  }

  std::string tree() const {
    std::string octets;
    const auto put = [&](std::uint64_t number, unsigned size) {
      for (unsigned i = size; i-- > 0;) octets += static_cast<char>(number >> (8 * i));
    };
    for (const auto& node : nodes_) {
      const std::uint64_t left = record(node[0]);
      const std::uint64_t right = record(node[1]);
      if (record_size_ == 28) {
        put(left, 3);
        put((left >> 24) << 4 | right >> 24, 1);
        put(right, 3);
      } else {
        put(left, record_size_ / 8);
        put(right, record_size_ / 8);
      }
    }
    return octets;
  }

  std::string metadata() const {
    std::vector<std::pair<std::string, std::string>> all{{"binary_format_major_version", number_value(2, 5)},
                                                         {"binary_format_minor_version", number_value(0, 5)},
                                                         {"build_epoch", number_value(1'700'000'000, 9)},
                                                         {"database_type", text_value("test")},
                                                         {"description", map_value({})},
                                                         {"ip_version", number_value(ip_version_, 5)},
                                                         {"languages", array_value({})},
                                                         {"node_count", number_value(nodes_.size())},
                                                         {"record_size", number_value(record_size_, 5)}};
    for (const auto& one : metadata_more) {
      const auto usual =
          std::find_if(all.begin(), all.end(), [&](const auto& a) { return a.first == one.first; });
      if (usual == all.end()) all.push_back(one);
      if (usual != all.end()) usual->second = one.second;
    }
    return map_value(all);
  }

  unsigned ip_version_, record_size_;
  std::vector<std::array<Slot, 2>> nodes_;
  std::string data_;
  std::map<std::string, std::size_t> data_at_;
};

}  // namespace holdfast::zones::testing
