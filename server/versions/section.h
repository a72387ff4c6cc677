#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "zones/dns/name.h"

namespace holdfast::server {

// A file is made of sections: octets, and their checksum, that of the checksums of blocks, which can be had at the same time.

inline constexpr std::size_t kChecksumSize = 8;

/// Appends a section to a file. Throws std::system_error.
class SectionWriter {
 public:
  explicit SectionWriter(int file) : file_(file) {}

  void put(std::span<const std::uint8_t> octets);
  void put(std::uint64_t value, unsigned octets);  ///< big-endian
  void put_name(zones::NameView name);             ///< as OctetReader has it
  /// The octets so far are a block, unless they make some already: who reads parts finds each by itself.
  void end_block();
  /// @return octets of the section with its checksum
  std::uint64_t finish();

 private:
  void write();

  const int file_;
  std::vector<std::uint8_t> block_;
  std::vector<std::uint64_t> sums_;
  std::uint64_t written_ = 0;
};

/// Octets that lie together in a section, and where they are to go.
struct SectionPart {
  std::uint64_t to = 0;
  std::uint64_t size = 0;
};

/// Reads a section that was written with a block ended behind each of its parts: in several threads, if it is large.
///
/// @param at  where it is in the file
/// @param to  where the parts have room
/// @return what went wrong, or an empty text
std::string read_section(int file, std::uint64_t at, std::span<const SectionPart> parts, std::uint8_t* to);

}  // namespace holdfast::server
