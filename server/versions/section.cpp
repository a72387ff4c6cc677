#include "server/versions/section.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "server/versions/checksum.h"
#include "server/versions/octet_reader.h"
#include "zones/parallel.h"

namespace holdfast::server {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::size_t kShare = 8;  // blocks that a thread is worth

std::uint64_t checksum_of(std::span<const std::uint64_t> sums) {
  std::vector<std::uint8_t> octets;
  for (const std::uint64_t sum : sums) {
    for (unsigned i = 0; i < 8; ++i) octets.push_back(static_cast<std::uint8_t>(sum >> (8 * i)));
  }
  return checksum(octets);
}

void write_all(int file, std::span<const std::uint8_t> octets) {
  while (!octets.empty()) {
    const ssize_t written = ::write(file, octets.data(), octets.size());
    if (written == -1 && errno == EINTR) continue;
    if (written == -1) throw std::system_error(errno, std::generic_category());
    octets = octets.subspan(static_cast<std::size_t>(written));
  }
}

/// The error, or 0.
int read_all(int file, std::uint64_t at, std::span<std::uint8_t> to) noexcept {
  while (!to.empty()) {
    const ssize_t got = ::pread(file, to.data(), to.size(), static_cast<off_t>(at));
    if (got == -1 && errno == EINTR) continue;
    if (got == -1) return errno;
    if (got == 0) return ENODATA;
    to = to.subspan(static_cast<std::size_t>(got));
    at += static_cast<std::uint64_t>(got);
  }
  return 0;
}

}  // namespace

void SectionWriter::put(std::span<const std::uint8_t> octets) {
  while (!octets.empty()) {
    const std::size_t size = std::min(octets.size(), kBlock - block_.size());
    block_.insert(block_.end(), octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
    octets = octets.subspan(size);
    if (block_.size() == kBlock) end_block();
  }
}

void SectionWriter::put(std::uint64_t value, unsigned octets) {
  std::uint8_t all[8];
  for (unsigned i = 0; i < octets; ++i) all[i] = static_cast<std::uint8_t>(value >> (8 * (octets - 1 - i)));
  put(std::span<const std::uint8_t>(all, octets));
}

void SectionWriter::put_name(zones::NameView name) {
  put(name.size(), 1);
  put({name.data(), name.size()});
}

void SectionWriter::end_block() {
  if (block_.empty()) return;
  sums_.push_back(checksum(block_));
  write();
}

std::uint64_t SectionWriter::finish() {
  end_block();
  put(checksum_of(sums_), kChecksumSize);
  write();
  return written_;
}

void SectionWriter::write() {
  write_all(file_, block_);
  written_ += block_.size();
  block_.clear();
}

std::string read_section(int file, std::uint64_t at, std::span<const SectionPart> parts, std::uint8_t* to) {
  struct Piece {
    std::uint64_t at;
    std::uint8_t* to;
    std::size_t size;
  };
  std::vector<Piece> pieces;
  for (const SectionPart& part : parts) {
    for (std::uint64_t done = 0; done < part.size;) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(part.size - done, kBlock));
      pieces.push_back({at, to + part.to + done, size});
      done += size;
      at += size;
    }
  }
  std::vector<std::uint64_t> sums(pieces.size());
  std::atomic<int> error = 0;
  const unsigned threads = zones::threads_for(pieces.size(), kShare);
  zones::in_parallel(threads, pieces.size(), [&](std::size_t i) {
    const std::span<std::uint8_t> octets(pieces[i].to, pieces[i].size);
    if (const int failed = read_all(file, pieces[i].at, octets); failed != 0) {
      error = failed;
    } else {
      sums[i] = checksum(octets);
    }
  });
  std::uint8_t sum[kChecksumSize];
  if (const int failed = error != 0 ? error.load() : read_all(file, at, sum); failed != 0)
    return failed == ENODATA ? "it ends too early" : std::strerror(failed);
  if (OctetReader(sum).number(kChecksumSize) != checksum_of(sums))
    return "it is damaged: its checksum is another";
  return {};
}

}  // namespace holdfast::server
