#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "zones/settings.h"

namespace holdfast::server {

/// Where zones come from, in their order: a file, or "" for those that are transferred in or made here. Immutable, and small: a
/// directory that many files share is stored once.
class ZoneFiles {
 public:
  ZoneFiles() = default;
  explicit ZoneFiles(std::span<const zones::ZoneSettings> zones);

  const std::string& directory(std::size_t i) const noexcept { return directories_[files_[i].directory]; }
  /// Relative to the directory.
  const char* leaf(std::size_t i) const noexcept { return leaves_.data() + files_[i].leaf; }
  std::string path(std::size_t i) const;
  bool is_transferred(std::size_t i) const noexcept { return files_[i].from == From::primaries; }
  /// It is a catalog that is made here.
  bool is_made(std::size_t i) const noexcept { return files_[i].from == From::here; }
  /// The [catalog.NAME] that brings it; empty: none does.
  const std::string& catalog(std::size_t i) const noexcept { return catalogs_[files_[i].catalog]; }

 private:
  enum class From : std::uint8_t { file, primaries, here };
  struct File {
    std::uint32_t directory;
    std::uint32_t leaf;     // offset into leaves_
    std::uint16_t catalog;  // place in catalogs_
    From from;
  };
  std::vector<std::string> directories_;
  std::string leaves_;  // each with its final '\0'
  std::vector<std::string> catalogs_ = {""};
  std::vector<File> files_;
};

}  // namespace holdfast::server
