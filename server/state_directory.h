#pragma once

#include <filesystem>
#include <string>

namespace holdfast::server {

/// The directory of what is kept over a restart, `[server] state`. Nobody else has it while this lives: it is locked,
/// by the kernel, so that the lock goes with the process however that ends.
class StateDirectory {
 public:
  /// Makes the directory, for its owner alone, where there is none. Throws std::runtime_error that says what to do.
  explicit StateDirectory(const std::string& path);
  ~StateDirectory();
  StateDirectory(const StateDirectory&) = delete;
  StateDirectory& operator=(const StateDirectory&) = delete;

  /// Absolute, without symbolic links.
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace holdfast::server
