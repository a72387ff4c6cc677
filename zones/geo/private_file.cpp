#include "zones/geo/private_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace holdfast::zones {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

bool same_content(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

std::string failed(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

}  // namespace

PrivateFile::~PrivateFile() {
  if (fd_ >= 0) ::close(fd_);
}

std::string PrivateFile::copy(const std::string& path, std::size_t largest) {
  // Whoever opens a pipe would wait for its other end without O_NONBLOCK, which makes no difference to a file.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  struct stat before {};
  if (file.fd < 0 || ::fstat(file.fd, &before) != 0) return failed("cannot read it");
  if (!S_ISREG(before.st_mode)) return "not a regular file";
  if (static_cast<std::uintmax_t>(before.st_size) > largest)
    return "larger than " + std::to_string(largest) + " octets";
  if (!make()) return failed("cannot copy it into memory");
  std::vector<char> part(std::size_t{1} << 20);
  for (std::size_t total = 0;;) {
    const ssize_t count = ::read(file.fd, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("cannot read it");
    if (count == 0) break;
    total += static_cast<std::size_t>(count);
    if (total > largest) return "larger than " + std::to_string(largest) + " octets";
    if (!append({part.data(), static_cast<std::size_t>(count)})) return failed("cannot copy it into memory");
  }
  struct stat after {};
  if (::fstat(file.fd, &after) != 0) return failed("cannot read it");
  if (!same_content(before, after)) return "it changed while it was read; replace it by renaming a whole one";
  return seal() ? "" : failed("cannot copy it into memory");
}

std::string PrivateFile::write(std::string_view octets) {
  return make() && append(octets) && seal() ? "" : failed("cannot copy it into memory");
}

std::string PrivateFile::tail(std::size_t size) const {
  const off_t end = ::lseek(fd_, 0, SEEK_END);
  std::string octets(std::min(size, static_cast<std::size_t>(std::max<off_t>(end, 0))), '\0');
  const ssize_t count = ::pread(fd_, octets.data(), octets.size(), end - static_cast<off_t>(octets.size()));
  octets.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return octets;
}

bool PrivateFile::make() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = ::memfd_create("holdfast", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  return fd_ >= 0;
}

bool PrivateFile::append(std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t count = ::write(fd_, octets.data(), octets.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool PrivateFile::seal() {
  return ::fcntl(fd_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
}

}  // namespace holdfast::zones
