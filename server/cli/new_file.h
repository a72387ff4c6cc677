#pragma once

#include <filesystem>
#include <string_view>

namespace holdfast::server {

/// A file that takes the place of another only when it is complete: until then, and where it never is, the old one stays.
/// What cannot be done is thrown as std::filesystem::filesystem_error.
class NewFile {
 public:
  /// @param path  where it is to be; through a symbolic link the file behind it is replaced
  explicit NewFile(const std::filesystem::path& path);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::string_view octets);
  /// Puts it there, on the disk, with owner and mode of the one before, or else for everybody to read as the umask allows.
  void replace();

 private:
  [[noreturn]] void fail(const char* what) const;

  std::filesystem::path path_;
  std::filesystem::path beside_;  // where it is written; empty: it is in its place
  int file_ = -1;
};

}  // namespace holdfast::server
