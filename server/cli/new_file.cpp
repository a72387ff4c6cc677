#include "server/cli/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "server/versions/durable.h"

namespace holdfast::server {
namespace {

std::filesystem::path behind_links(const std::filesystem::path& path) {
  std::error_code not_there;
  const std::filesystem::path behind = std::filesystem::canonical(path, not_there);
  return std::filesystem::absolute(not_there ? path : behind);
}

}  // namespace

NewFile::NewFile(const std::filesystem::path& path) : path_(behind_links(path)) {
  if (std::filesystem::exists(path_) && !std::filesystem::is_regular_file(path_)) {
    errno = EINVAL;
    fail("is not a regular file, so it cannot be replaced");
  }
  std::string name = path_.string() + ".XXXXXX";
  file_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (file_ == -1) fail("cannot be written beside");
  beside_ = name;
}

NewFile::~NewFile() {
  if (file_ != -1) ::close(file_);
  if (!beside_.empty()) ::unlink(beside_.c_str());
}

void NewFile::fail(const char* what) const {
  throw std::filesystem::filesystem_error(what, path_, std::error_code(errno, std::generic_category()));
}

void NewFile::write(std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t count = ::write(file_, octets.data(), octets.size());
    if (count == -1 && errno == EINTR) continue;
    if (count == -1) fail("cannot be written");
    octets.remove_prefix(static_cast<std::size_t>(count));
  }
}

void NewFile::replace() {
  struct stat before {};
  if (::stat(path_.c_str(), &before) == 0) {
    // Who may not give it away keeps it, as any editor would.
    if (::fchown(file_, before.st_uid, before.st_gid) != 0) errno = 0;
    if (::fchmod(file_, before.st_mode & 07777) != 0) fail("cannot get the mode of the one before");
  } else {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    if (::fchmod(file_, 0666 & ~mask) != 0) fail("cannot be made readable");
  }
  if (::fsync(file_) != 0) fail("cannot be written");
  if (::rename(beside_.c_str(), path_.c_str()) != 0) fail("cannot be replaced");
  beside_.clear();
  sync_directory(path_.parent_path());
}

}  // namespace holdfast::server
