#include "server/state_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace holdfast::server {
namespace {

[[noreturn]] void refuse(const std::string& path, std::string_view what) {
  throw std::runtime_error(fmt::format("state {}: {}", path, what));
}

std::string made_by_hand(const std::string& path) {
  return fmt::format("make it with: install -d -m 700 -o USER {}, USER being who runs holdfast", path);
}

/// For others it must not be: they could put a link there, and we would write where it leads.
void check_owner(const std::string& path, const struct stat& directory) {
  if (!S_ISDIR(directory.st_mode)) {
    refuse(path, S_ISLNK(directory.st_mode) ? "it is a symbolic link; name the directory that it leads to"
                                            : "it is no directory; name one");
  }
  if (directory.st_uid != ::geteuid() && directory.st_uid != 0) {
    refuse(path, fmt::format("it belongs to user {}, and we are {}; {}", directory.st_uid, ::geteuid(),
                             "give it to the one that runs holdfast (chown)"));
  }
  if ((directory.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    refuse(path, fmt::format("others may write there; chmod go-w {}", path));
  }
}

}  // namespace

StateDirectory::StateDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == -1 && errno != EEXIST) {
    refuse(path, fmt::format("it cannot be made: {}; {}", std::strerror(errno), made_by_hand(path)));
  }
  struct stat directory {};
  if (::lstat(path.c_str(), &directory) == -1) refuse(path, std::strerror(errno));
  check_owner(path, directory);
  path_ = std::filesystem::canonical(path);

  // Not for writing: where the disk is read-only, who has served from there before does so again.
  lock_ = ::open((path_ / "lock").c_str(), O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (lock_ == -1) {
    refuse(path, fmt::format("nothing can be made there: {}; is it writable for user {}?",
                             std::strerror(errno), ::geteuid()));
  }
  if (::flock(lock_, LOCK_EX | LOCK_NB) == -1) {
    const int error = errno;
    ::close(lock_);
    refuse(path, error == EWOULDBLOCK ? "another holdfast has it; stop that one, or give each its own"
                                      : std::strerror(error));
  }
}

StateDirectory::~StateDirectory() { ::close(lock_); }

}  // namespace holdfast::server
