#pragma once

#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "zones/dns/name.h"
#include "zones/dns/rrset.h"

namespace holdfast::server {

/// Writes a message into a bounded buffer, with name compression (RFC 1035 4.1.4). What does not fit is not written:
/// it says so, and the message can be cut back to where it was.
class Writer {
 public:
  /// @param size   octets in front of what is written, a header for instance; they are the caller's
  /// @param limit  octets the message may have at most; not above buffer.size() nor 65,535
  /// @param rr_class  of all records
  Writer(std::span<std::uint8_t> buffer, std::size_t size, std::size_t limit,
         zones::RrClass rr_class) noexcept
      : octets_(buffer.data()), size_(size), limit_(limit), rr_class_(rr_class) {}

  std::size_t size() const noexcept { return size_; }

  /// All of these: false, and perhaps some octets written, when there is no room.
  bool put16(std::uint32_t value) noexcept {
    if (limit_ - size_ < 2) return false;
    octets_[size_++] = static_cast<std::uint8_t>(value >> 8);
    octets_[size_++] = static_cast<std::uint8_t>(value);
    return true;
  }
  bool put32(std::uint32_t value) noexcept { return put16(value >> 16) && put16(value & 0xffff); }
  bool put(std::span<const std::uint8_t> octets) noexcept {
    if (limit_ - size_ < octets.size()) return false;
    std::memcpy(octets_ + size_, octets.data(), octets.size());
    size_ += octets.size();
    return true;
  }
  /// A name in lower case, as far as possible by a pointer to where it, or its end, stands already.
  bool put_name(zones::NameView name) noexcept;
  /// One record of an RRset: the names in the data of RFC 1035's types are compressed (RFC 3597 4).
  bool put_record(zones::NameView owner, const zones::RRset& rrset, zones::Rdata data) noexcept;

  /// Tells that `name` stands at `at` already, in whatever case.
  void know(zones::NameView name, std::size_t at) noexcept;
  /// Has the place of each pointer noted that is written from now on. Allocates.
  void note_pointers(std::vector<std::uint16_t>& pointers) noexcept { pointers_ = &pointers; }
  /// Puts 16 bits where something was written before.
  void patch16(std::size_t at, std::size_t value) noexcept {
    octets_[at] = static_cast<std::uint8_t>(value >> 8);
    octets_[at + 1] = static_cast<std::uint8_t>(value);
  }

  struct Mark {
    std::size_t size, known;
  };
  Mark mark() const noexcept { return {size_, known_}; }
  void cut_back(Mark mark) noexcept {
    size_ = mark.size;
    known_ = mark.known;
  }

 private:
  struct Known {
    std::uint32_t hash;
    std::uint16_t at;
    std::uint16_t hops;  // pointers to follow from there to the end of the name
  };
  static constexpr std::uint16_t kMaxHops =
      8;  // readers give up on long chains: Go's after 10, dnspython after 16
  static constexpr std::size_t kMaxKnown = 64;        // beyond, names are written out
  static constexpr std::size_t kMaxPointer = 0x3fff;  // a pointer has 14 bits

  void know(std::uint32_t hash, std::size_t at, std::uint16_t hops) noexcept {
    if (known_ < kMaxKnown && at <= kMaxPointer)
      names_[known_++] = {hash, static_cast<std::uint16_t>(at), hops};
  }
  const Known* find(std::uint32_t hash) const noexcept;
  bool stands_at(zones::NameView name, std::size_t at) const noexcept;
  bool put_data(const zones::RRset& rrset, zones::Rdata data) noexcept;

  std::uint8_t* octets_;
  std::size_t size_;
  std::size_t limit_;
  zones::RrClass rr_class_;
  std::vector<std::uint16_t>* pointers_ = nullptr;
  std::size_t known_ = 0;
  std::array<Known, kMaxKnown> names_;
};

}  // namespace holdfast::server
