#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace holdfast::bench {

/// Prepared queries of a file: each message behind its length in two octets, as TCP frames them (RFC 1035 4.2.2).
/// Handed out in the order of the file, over and over. Throws std::runtime_error when it cannot be read.
class Queries {
 public:
  /// @param skip  queries to leave out at first, so that several generators do not ask the same
  explicit Queries(const std::filesystem::path& file, std::size_t skip = 0);
  ~Queries();
  Queries(const Queries&) = delete;
  Queries& operator=(const Queries&) = delete;

  /// The next message, without its length. It may be written to: the file stays as it is.
  std::span<std::uint8_t> next() noexcept;

  struct Frames {
    std::span<const std::uint8_t> octets;
    unsigned count;
  };
  /// As many of the next messages as lie in one piece, with their lengths; at most `wanted`, at least one.
  Frames next_frames(unsigned wanted) noexcept;

 private:
  std::span<std::uint8_t> file_;
  std::size_t at_ = 0;
};

}  // namespace holdfast::bench
