#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "zones/settings.h"

namespace holdfast::server {

/// The zone files of a configuration, in the order of its zones, "" for those that are transferred in. Immutable, and small: a directory that many files
/// share is stored once.
class ZoneFiles {
 public:
  ZoneFiles() = default;
  explicit ZoneFiles(std::span<const zones::ZoneSettings> zones);

  const std::string& directory(std::size_t i) const noexcept { return directories_[files_[i].directory]; }
  /// Relative to the directory.
  const char* leaf(std::size_t i) const noexcept { return leaves_.data() + files_[i].leaf; }
  std::string path(std::size_t i) const;
  /// It has none.
  bool is_transferred(std::size_t i) const noexcept { return *leaf(i) == 0; }

 private:
  struct File {
    std::uint32_t directory;
    std::uint32_t leaf;  // offset into leaves_
  };
  std::vector<std::string> directories_;
  std::string leaves_;  // each with its final '\0'
  std::vector<File> files_;
};

}  // namespace holdfast::server
