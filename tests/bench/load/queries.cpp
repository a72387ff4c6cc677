#include "tests/bench/load/queries.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>

namespace holdfast::bench {
namespace {

std::size_t frame_size(std::span<const std::uint8_t> file, std::size_t at) noexcept {
  return 2U + static_cast<std::size_t>(file[at] << 8 | file[at + 1]);
}

}  // namespace

Queries::Queries(const std::filesystem::path& file, std::size_t skip) {
  const std::size_t size = std::filesystem::file_size(file);
  const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_POPULATE, opened, 0);
  ::close(opened);
  if (mapped == MAP_FAILED) throw std::runtime_error("cannot read " + file.string());
  file_ = {static_cast<std::uint8_t*>(mapped), size};
  std::size_t end = 0;
  while (end + 2 <= size) end += frame_size(file_, end);
  if (size == 0 || end != size) throw std::runtime_error(file.string() + " does not hold whole messages");
  for (std::size_t i = 0; i < skip; ++i) next();
}

Queries::~Queries() { ::munmap(file_.data(), file_.size()); }

std::span<std::uint8_t> Queries::next() noexcept {
  const std::size_t size = frame_size(file_, at_);
  const auto message = file_.subspan(at_ + 2, size - 2);
  at_ += size;
  if (at_ == file_.size()) at_ = 0;
  return message;
}

Queries::Frames Queries::next_frames(unsigned wanted) noexcept {
  const std::size_t first = at_;
  unsigned count = 0;
  do {
    at_ += frame_size(file_, at_);
    ++count;
  } while (count < wanted && at_ < file_.size());
  const Frames frames{file_.subspan(first, at_ - first), count};
  if (at_ == file_.size()) at_ = 0;
  return frames;
}

}  // namespace holdfast::bench
