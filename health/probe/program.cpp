#include "health/probe/program.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace holdfast::health {
namespace {

namespace fs = std::filesystem;

/// @param what  stat() of it
std::string owner_fault(const struct stat& what) {
  if (what.st_uid != 0 && what.st_uid != ::geteuid()) {
    return "belongs to user " + std::to_string(what.st_uid) + "; give it to root";
  }
  if ((what.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "may be written to by others; chmod go-w";
  return "";
}

std::string reason() { return std::generic_category().message(errno); }

/// Of the directories above one.
std::string parent_fault(const fs::path& directory) {
  for (fs::path above = directory; above.has_relative_path();) {
    above = above.parent_path();
    struct stat what {};
    if (::stat(above.c_str(), &what) != 0) return above.string() + ": " + reason();
    if ((what.st_mode & S_ISVTX) != 0)
      what.st_mode &= ~mode_t{S_IWGRP | S_IWOTH};  // nobody moves what is another's
    if (const std::string fault = owner_fault(what); !fault.empty()) return above.string() + ' ' + fault;
  }
  return "";
}

}  // namespace

std::string directory_fault(const std::string& path) {
  struct stat what {};
  if (::stat(path.c_str(), &what) != 0) return reason();
  if (!S_ISDIR(what.st_mode)) return "is no directory";
  if (const std::string fault = owner_fault(what); !fault.empty()) return fault;
  // By its name and, where there are links, by where it really is: either can be made to lead elsewhere.
  std::error_code error;
  for (const fs::path& whole : {fs::absolute(path, error), fs::canonical(path, error)}) {
    if (error) return error.message();
    if (const std::string fault = parent_fault(whole); !fault.empty()) return fault;
  }
  return "";
}

std::string program_fault(const std::string& path) {
  struct stat what {};
  if (::stat(path.c_str(), &what) != 0) return reason();
  if (!S_ISREG(what.st_mode)) return "is no file";
  if (const std::string fault = owner_fault(what); !fault.empty()) return fault;
  return ::access(path.c_str(), X_OK) == 0 ? "" : reason();
}

}  // namespace holdfast::health
