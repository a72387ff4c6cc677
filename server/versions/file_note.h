#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "zones/load/file_stamp.h"
#include "zones/load/problem.h"

namespace holdfast::server {

/// What the image of a zone says of the zone's files: to see whether they are still what it was made of, and what there was to
/// say of them.
struct FileNote {
  zones::FileStamp stamp = zones::kNoStamp;  ///< of all files together
  std::vector<std::string> includes{};       ///< files beside the first
  std::vector<zones::Problem> warnings{};

  std::vector<std::uint8_t> octets() const;
  /// Nothing: they are none of a note.
  static std::optional<FileNote> read(std::span<const std::uint8_t> octets);

  /// Of the files as they are now, to compare with `stamp`.
  zones::FileStamp stamp_now(const std::string& file, std::chrono::system_clock::time_point now) const;
};

}  // namespace holdfast::server
