#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "zones/replicate/delta.h"

namespace holdfast::server {

/// What changed in a zone since its image was written: `zones/NAME.changes` beside it. So a small change of a large zone need
/// not write all of it. It belongs to that very image: with another one in its place it counts no more.
struct ZoneChanges {
  std::vector<std::shared_ptr<const zones::Delta>> deltas{};
  std::string problem{};  ///< with the name of the file: why there may have been more; empty: there were not
};

/// Never throws for what a file can contain. What was being written when the machine stopped is left out without a word: nobody
/// was told of it.
ZoneChanges read_changes(const std::filesystem::path& state, zones::NameView apex);

/// Adds some behind those that are there: when it returns true they are on the disk, and when it throws none of them is there.
/// Throws std::runtime_error that names the file.
///
/// @return false: an image is to be written, since there is none, or there are many changes already
bool append_changes(const std::filesystem::path& state, zones::NameView apex,
                    const std::vector<std::shared_ptr<const zones::Delta>>& deltas);

/// Those of a zone that is served no more. Throws std::runtime_error.
void remove_changes(const std::filesystem::path& state, zones::NameView apex);

}  // namespace holdfast::server
