#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "zones/zone.h"

namespace holdfast::server {

/// A whole zone in a file of its own, `zones/NAME.zone` in the state directory, for the next start: what a secondary has
/// need not be transferred again, and reading it takes less time than a zone file.
///
/// It has the records, which any machine and any later holdfast reads, and beside them the zone as it lies in memory, for the
/// very same build of the program and the same live names.
struct ZoneImage {
  std::shared_ptr<zones::Zone>
      zone{};  ///< checked and prebuilt; null: there is none, or none that can be used
  std::string
      problem{};  ///< with the name of the file: why it cannot, or what live name it goes without; empty: nothing
  bool was_laid_out = false;  ///< it came as it lay in memory
};

/// Where that of a zone is: octets of its name that are not for everybody's file system stand there as %XX.
std::filesystem::path image_path(const std::filesystem::path& state, zones::NameView apex);

/// Puts one in the place of what is there: when it returns it is on the disk, and when it throws what was there is there
/// still. Throws std::runtime_error that names the file.
///
/// @param zone  available, and best prebuilt
/// @param live  what it was made with
/// @param note  what the zone can be had from as well, in the words of whoever wrote it. With one the image is a cache, and does
///              not wait for the disk: what a loss of power leaves of it is seen by its checksums
/// @param before_rename  called when all is on the disk, and what was there still counts; when it throws, so does this
void write_image(const std::filesystem::path& state, const zones::Zone& zone,
                 std::span<const zones::LiveName> live = {}, std::span<const std::uint8_t> note = {},
                 const std::function<void()>& before_rename = {});

inline constexpr std::size_t kMaxNote = std::size_t{1} << 20;  ///< octets
/// Empty: there is no image, or none that can be used, or it has none.
std::vector<std::uint8_t> read_note(const std::filesystem::path& state, zones::NameView apex);
/// The zone stays what it is. Until the new one is whole there is none. Throws std::runtime_error.
void replace_note(const std::filesystem::path& state, zones::NameView apex,
                  std::span<const std::uint8_t> note);

/// Never throws for what a file can contain: whatever is wrong with it is a problem. The file is ours and nobody else writes
/// there: what is damaged is seen by checksums.
///
/// @param live  as load_zone has it
ZoneImage read_image(const std::filesystem::path& state, zones::NameView apex,
                     std::span<const zones::LiveName> live = {});

/// Those of zones that are served no more, of which there may be none. Throws std::runtime_error.
void remove_images(const std::filesystem::path& state, std::span<const zones::Name> zones);

}  // namespace holdfast::server
