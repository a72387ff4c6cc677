#include "server/versions/zone_changes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <system_error>

#include "server/versions/checksum.h"
#include "server/versions/durable.h"
#include "server/versions/kill_point.h"
#include "server/versions/octet_reader.h"
#include "server/versions/zone_image.h"

namespace holdfast::server {
namespace {

namespace fs = std::filesystem;
using Octets = std::vector<std::uint8_t>;
using Deltas = std::vector<std::shared_ptr<const zones::Delta>>;

// Numbers big-endian. First kChangesMagic, the version of the format, and what tells the image; then for each change:
//   the size of the rest, its checksum, the checksum of these two    8 octets each
//   octets of what is removed, and that; octets of what is added, and that    8 for a number
constexpr std::string_view kChangesMagic = "holdfast changes\n";
constexpr std::uint64_t kChangesVersion = 2;
constexpr std::size_t kFront = kChangesMagic.size() + 8 + 8;
constexpr std::size_t kHead = 16, kEntry = kHead + 8;
constexpr std::size_t kMostOctets = std::size_t{16} << 20;  // then an image is written

[[noreturn]] void fail() { throw std::system_error(errno, std::generic_category()); }

struct File {
  int number;
  explicit File(const fs::path& name, int flags)
      : number(::open(name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600)) {
    if (number == -1 && errno != ENOENT) fail();
  }
  ~File() {
    if (number != -1) ::close(number);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// The first octets, that many at most.
  Octets read(std::size_t most) const {
    struct stat found {};
    if (::fstat(number, &found) == -1) fail();
    Octets octets(std::min(most, static_cast<std::size_t>(found.st_size)));
    for (std::size_t at = 0; at < octets.size();) {
      const ssize_t got = ::pread(number, octets.data() + at, octets.size() - at, static_cast<off_t>(at));
      if (got == -1 && errno != EINTR) fail();
      if (got == 0) octets.resize(at);
      if (got > 0) at += static_cast<std::size_t>(got);
    }
    return octets;
  }
  void write(const Octets& octets, std::size_t to) const {
    for (std::size_t at = 0; at < octets.size();) {
      const ssize_t put =
          ::pwrite(number, octets.data() + at, octets.size() - at, static_cast<off_t>(to + at));
      if (put == -1 && errno != EINTR) fail();
      if (put > 0) at += static_cast<std::size_t>(put);
    }
  }
};

void put(Octets& to, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(value >> shift));
}

fs::path changes_path(const fs::path& state, zones::NameView apex) {
  return image_path(state, apex).replace_extension(".changes");
}

/// What tells the image of a zone: its header has sizes and checksums, and the first record the serial. Nothing: there is none.
std::optional<std::uint64_t> image_now(const fs::path& state, zones::NameView apex) {
  constexpr std::size_t kTelling = 8192;
  const File image(image_path(state, apex), O_RDONLY);
  if (image.number == -1) return std::nullopt;
  return checksum(image.read(kTelling));
}

Octets front(std::uint64_t image) {
  Octets octets(kChangesMagic.begin(), kChangesMagic.end());
  put(octets, kChangesVersion);
  put(octets, image);
  return octets;
}

Octets entry_of(const zones::Delta& delta) {
  Octets what;
  for (const zones::RecordRun* const run : {&delta.removed, &delta.added}) {
    put(what, run->octets().size());
    what.insert(what.end(), run->octets().begin(), run->octets().end());
  }
  Octets entry;
  put(entry, what.size());
  put(entry, checksum(what));
  put(entry, checksum(entry));
  entry.insert(entry.end(), what.begin(), what.end());
  return entry;
}

std::shared_ptr<const zones::Delta> delta_of(std::span<const std::uint8_t> octets) {
  OctetReader in(octets);
  auto removed = zones::RecordRun::read(in.take(in.number(8)));
  auto added = zones::RecordRun::read(in.take(in.number(8)));
  if (in.failed() || in.left() != 0 || !removed || !added) return nullptr;
  auto delta = zones::Delta::of(*std::move(removed), *std::move(added), false);
  return delta ? std::make_shared<const zones::Delta>(*std::move(delta)) : nullptr;
}

struct Found {
  Deltas deltas{};
  std::size_t end = 0;      // of what is whole; 0: nothing, or of another image
  bool is_damaged = false;  // not only cut off
};

Found find(std::span<const std::uint8_t> octets, std::uint64_t image) {
  Found found;
  const Octets wanted = front(image);
  if (octets.size() < kFront || !std::ranges::equal(octets.first(kFront), wanted)) return found;
  for (found.end = kFront; octets.size() - found.end >= kEntry;) {
    OctetReader in(octets.subspan(found.end));
    const std::uint64_t size = in.number(8), sum = in.number(8), of_head = in.number(8);
    if (of_head != checksum(octets.subspan(found.end, kHead))) {
      found.is_damaged = true;
      break;
    }
    const auto what = in.take(size);
    if (in.failed()) break;  // at the end: it may never have been whole
    auto delta = checksum(what) == sum ? delta_of(what) : nullptr;
    if (delta == nullptr) {
      found.is_damaged = in.left() != 0;  // likewise
      break;
    }
    found.deltas.push_back(std::move(delta));
    found.end += kEntry + size;
  }
  return found;
}

}  // namespace

ZoneChanges read_changes(const fs::path& state, zones::NameView apex) {
  const fs::path name = changes_path(state, apex);
  ZoneChanges changes;
  try {
    const File file(name, O_RDONLY);
    const auto image = image_now(state, apex);
    if (file.number == -1 || !image) return changes;
    Found found = find(file.read(2 * kMostOctets), *image);
    changes.deltas = std::move(found.deltas);
    if (found.is_damaged)
      changes.problem =
          fmt::format("changes of a zone {}: damaged behind change {}: what came later is transferred again",
                      name.string(), changes.deltas.size());
  } catch (const std::system_error& error) {
    changes.problem = fmt::format("changes of a zone {}: {}", name.string(), error.code().message());
  }
  return changes;
}

void remove_changes(const fs::path& state, zones::NameView apex) {
  std::error_code failure;
  const fs::path name = changes_path(state, apex);
  fs::remove(name, failure);
  if (failure)
    throw std::runtime_error(fmt::format("changes of a zone {}: {}", name.string(), failure.message()));
}

bool append_changes(const fs::path& state, zones::NameView apex, const Deltas& deltas) {
  const fs::path name = changes_path(state, apex);
  try {
    const auto image = image_now(state, apex);
    if (!image) return false;
    const File file(name, O_RDWR | O_CREAT);
    const Found found = find(file.read(2 * kMostOctets), *image);
    Octets octets = found.end == 0 ? front(*image) : Octets();
    for (const auto& delta : deltas) {
      const Octets entry = entry_of(*delta);
      octets.insert(octets.end(), entry.begin(), entry.end());
      if (found.end + octets.size() > kMostOctets) return false;
    }
    const auto cut = [&] { return ::ftruncate(file.number, static_cast<off_t>(found.end)) == 0; };
    if (!cut()) fail();
    try {
      file.write(octets, found.end);
      kill_point("changes.written");
      if (::fdatasync(file.number) == -1) fail();
      kill_point("changes.synced");
    } catch (const std::system_error&) {
      static_cast<void>(cut());
      throw;
    }
    if (found.end == 0) sync_directory(name.parent_path());
    return true;
  } catch (const std::system_error& error) {
    throw std::runtime_error(fmt::format("changes of a zone {}: {}", name.string(), error.code().message()));
  }
}

}  // namespace holdfast::server
