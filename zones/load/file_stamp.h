#pragma once

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace holdfast::zones {

/// Tells whether a file is still what it was: a digest of its device, inode, size and times. Two stamps that are the
/// same and not kNoStamp belong to the same octets.
using FileStamp = std::uint64_t;
/// Of a file that must be read again, whatever its stamp is later.
inline constexpr FileStamp kNoStamp = 0;

/// How coarse times of files are, at worst: those in whole seconds (FAT), and others (a tick of the kernel's clock). A file that
/// was changed this shortly before its stamp was taken could change again and keep its stamp.
inline constexpr std::chrono::seconds kCoarsest{2};
inline constexpr std::chrono::milliseconds kTick{20};

/// @param now  not later than when `status` was asked for, which is before the file is read
FileStamp stamp_of(const struct stat& status, std::chrono::system_clock::time_point now) noexcept;
/// Of several files together, in this order.
FileStamp combine(FileStamp first, FileStamp second) noexcept;

/// Takes stamps of files; of many in one directory faster than by their whole paths. For one thread.
class FileStamps {
 public:
  FileStamps() = default;
  ~FileStamps();
  FileStamps(const FileStamps&) = delete;
  FileStamps& operator=(const FileStamps&) = delete;

  /// kNoStamp, too, when the file cannot be found. `directory` must not go away before the next call.
  FileStamp of(const std::string& directory, const char* leaf, std::chrono::system_clock::time_point now);

 private:
  const std::string* directory_ = nullptr;
  int fd_ = -1;  // of directory_
};

/// kNoStamp, too, when the file cannot be found.
FileStamp stamp_of(const std::string& path, std::chrono::system_clock::time_point now) noexcept;

}  // namespace holdfast::zones
