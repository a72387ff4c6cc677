#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast::zones {

/// A copy of a file in memory that nobody else can change: what maps it never meets SIGBUS, as it would in a file that
/// somebody makes shorter. Has a path as long as it is there, for libraries that only open files.
class PrivateFile {
 public:
  /// @param largest  in octets; a larger file is refused
  /// @return what is wrong, or an empty string
  std::string copy(const std::string& path, std::size_t largest);
  std::string write(std::string_view octets);

  PrivateFile() = default;
  ~PrivateFile();
  PrivateFile(const PrivateFile&) = delete;
  PrivateFile& operator=(const PrivateFile&) = delete;

  /// The last octets of it, at most `size`.
  std::string tail(std::size_t size) const;
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  bool make();
  bool append(std::string_view octets);
  bool seal();

  int fd_ = -1;
};

}  // namespace holdfast::zones
