#include "health/probe/program.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace holdfast::health {
namespace {

/// @param what  stat() of it
std::string owner_fault(const struct stat& what) {
  if (what.st_uid != 0 && what.st_uid != ::geteuid()) {
    return "belongs to user " + std::to_string(what.st_uid) + "; give it to root";
  }
  if ((what.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "may be written to by others; chmod go-w";
  return "";
}

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

std::string directory_fault(const std::string& path) {
  struct stat what {};
  if (::stat(path.c_str(), &what) != 0) return reason();
  if (!S_ISDIR(what.st_mode)) return "is no directory";
  return owner_fault(what);
}

std::string program_fault(const std::string& path) {
  struct stat what {};
  if (::stat(path.c_str(), &what) != 0) return reason();
  if (!S_ISREG(what.st_mode)) return "is no file";
  if (const std::string fault = owner_fault(what); !fault.empty()) return fault;
  return ::access(path.c_str(), X_OK) == 0 ? "" : reason();
}

}  // namespace holdfast::health
