#include "zones/load/file_stamp.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace holdfast::zones {
namespace {

using std::chrono::system_clock;

/// One step of a digest; every bit of both goes into every bit of the result (the finalizer of SplitMix64).
std::uint64_t mix_in(std::uint64_t digest, std::uint64_t value) noexcept {
  digest = (digest ^ value) + 0x9e3779b97f4a7c15U;
  digest = (digest ^ (digest >> 30)) * 0xbf58476d1ce4e5b9U;
  digest = (digest ^ (digest >> 27)) * 0x94d049bb133111ebU;
  return digest ^ (digest >> 31);
}

system_clock::time_point time_of(const timespec& time) noexcept {
  return system_clock::time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

/// When whatever changes gets another time.
system_clock::time_point next_after(const timespec& time) noexcept {
  return time_of(time) + (time.tv_nsec == 0 ? system_clock::duration(kCoarsest) : kTick);
}

}  // namespace

FileStamp stamp_of(const struct stat& status, system_clock::time_point now) noexcept {
  if (std::max(next_after(status.st_mtim), next_after(status.st_ctim)) > now) return kNoStamp;
  std::uint64_t digest = 0;
  for (const auto value :
       {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
        static_cast<std::uint64_t>(status.st_size), static_cast<std::uint64_t>(status.st_mtim.tv_sec),
        static_cast<std::uint64_t>(status.st_mtim.tv_nsec), static_cast<std::uint64_t>(status.st_ctim.tv_sec),
        static_cast<std::uint64_t>(status.st_ctim.tv_nsec)}) {
    digest = mix_in(digest, value);
  }
  return digest | 1U;
}

FileStamp combine(FileStamp first, FileStamp second) noexcept {
  return first == kNoStamp || second == kNoStamp ? kNoStamp : mix_in(mix_in(0, first), second) | 1U;
}

FileStamp stamp_of(const std::string& path, system_clock::time_point now) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? stamp_of(status, now) : kNoStamp;
}

FileStamps::~FileStamps() {
  if (fd_ >= 0) ::close(fd_);
}

FileStamp FileStamps::of(const std::string& directory, const char* leaf, system_clock::time_point now) {
  if (directory_ != &directory) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    directory_ = &directory;
  }
  struct stat status {};
  return fd_ >= 0 && ::fstatat(fd_, leaf, &status, 0) == 0 ? stamp_of(status, now) : kNoStamp;
}

}  // namespace holdfast::zones
