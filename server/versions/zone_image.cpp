#include "server/versions/zone_image.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "server/answer/prebuild.h"
#include "server/versions/build_id.h"
#include "server/versions/checksum.h"
#include "server/versions/durable.h"
#include "server/versions/image_records.h"
#include "server/versions/kill_point.h"
#include "server/versions/octet_reader.h"
#include "server/versions/section.h"
#include "zones/block.h"
#include "zones/load/check.h"
#include "zones/zone_layout.h"

namespace holdfast::server {
namespace {

namespace fs = std::filesystem;
using zones::NameView;
using Octets = std::span<const std::uint8_t>;

// Sections (section.h), numbers big-endian: the header below, the records (image_records.cpp), the octets of the zone, and a
// note, if there is one.
constexpr std::uint8_t kMagic[16] = {'h', 'o', 'l', 'd', 'f', 'a', 's', 't', ' ', 'z', 'o', 'n', 'e', '\n'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kFront = sizeof kMagic + 8;  // with the version and the size of the header
constexpr std::size_t kNumbers = 52;               // that follow the apex, without the parts
constexpr std::size_t kMaxHeader = 4096;
constexpr std::size_t kMaxParts = 64;                         // of the octets of the zone that are not zero
constexpr std::uint64_t kMaxOctets = std::uint64_t{1} << 32;  // of them, and of the records

struct Header {
  std::uint64_t records = 0;  // octets of their section
  // Of the octets of the zone:
  std::uint64_t build = 0;  // who may read them; 0: they are not there
  std::uint64_t live = 0;   // what is live in them
  zones::ZoneLayout layout{};
  std::uint64_t size = 0;
  std::vector<SectionPart> parts{};

  std::size_t octets(NameView apex) const {
    return kFront + 1 + apex.size() + kNumbers + 16 * parts.size() + kChecksumSize;
  }
  /// Where a note is.
  std::uint64_t end(NameView apex) const {
    std::uint64_t end = octets(apex) + records;
    for (const SectionPart& part : parts) end += part.size;
    return end + (build != 0 ? kChecksumSize : 0);
  }

  void write(int file, NameView apex) const {
    SectionWriter out(file);
    out.put(kMagic);
    out.put(kVersion, 4);
    out.put(octets(apex), 4);
    out.put_name(apex);
    for (const std::uint64_t number : {records, build, live, size}) out.put(number, 8);
    for (const std::uint32_t number : {layout.nodes_end, layout.nodes, layout.prebuilt, layout.records})
      out.put(number, 4);
    out.put(parts.size(), 4);
    for (const SectionPart& part : parts) {
      out.put(part.to, 8);
      out.put(part.size, 8);
    }
    out.finish();
  }

  /// What is wrong, or an empty text.
  std::string read(int file, NameView apex) {
    std::uint8_t octets[kMaxHeader];
    const ssize_t got = ::pread(file, octets, kFront, 0);
    if (got == -1) return std::strerror(errno);
    if (got != static_cast<ssize_t>(kFront) || !std::equal(std::begin(kMagic), std::end(kMagic), octets))
      return "it is no image of a zone";
    OctetReader front(Octets(octets).subspan(sizeof kMagic));
    if (const auto version = front.number(4); version != kVersion)
      return fmt::format("it has version {} of the format, and {} is known here", version, kVersion);
    const auto whole = front.number(4);
    if (whole < kFront + kChecksumSize || whole > kMaxHeader)
      return "it is damaged: its header has no such size";
    const SectionPart all{0, whole - kChecksumSize};
    if (std::string wrong = read_section(file, 0, {&all, 1}, octets); !wrong.empty()) return wrong;
    return take(OctetReader(Octets(octets, all.size).subspan(kFront)), apex);
  }

 private:
  std::string take(OctetReader in, NameView apex) {
    if (const NameView name = in.name(); name != apex) return "it is of " + name.text();
    for (std::uint64_t* const number : {&records, &build, &live, &size}) *number = in.number(8);
    for (std::uint32_t* const number : {&layout.nodes_end, &layout.nodes, &layout.prebuilt, &layout.records})
      *number = static_cast<std::uint32_t>(in.number(4));
    for (auto left = in.number(4); left > 0 && !in.failed(); --left) {
      const std::uint64_t to = in.number(8);
      parts.push_back({to, in.number(8)});
      if (to > size || parts.back().size > size - to) return "it is damaged: a part is too large";
    }
    if (in.failed() || size > kMaxOctets || records < kChecksumSize || records > kMaxOctets)
      return "it is damaged: its header has no such numbers";
    return {};
  }
};

std::uint64_t this_build() {
  const auto id = build_id();
  return id.empty() ? 0 : std::max<std::uint64_t>(checksum(id), 1);
}

/// Of all that a zone is made with beside its records, but not of the indexes, which change.
std::uint64_t checksum_of(std::span<const zones::LiveName> live) {
  std::vector<std::vector<std::uint8_t>> names;
  for (const zones::LiveName& one : live) {
    const NameView name = one.name;
    std::vector<std::uint8_t> octets(name.data(), name.data() + name.size());
    for (const unsigned octet : {static_cast<unsigned>(one.type) >> 8, static_cast<unsigned>(one.type),
                                 one.own_records ? 1U : 0U, one.could_be_cname ? 1U : 0U})
      octets.push_back(static_cast<std::uint8_t>(octet));
    names.push_back(std::move(octets));
  }
  std::sort(names.begin(), names.end());
  std::uint64_t sum = 0;
  for (const auto& name : names) sum = checksum(name, sum);
  return sum;
}

/// A large zone that was prebuilt by several threads has room between what they made.
std::vector<SectionPart> parts_of(Octets octets) {
  constexpr std::size_t kStep = std::size_t{256} << 10;
  if (octets.size() < zones::kOwnPages)
    return {{0, octets.size()}};  // others are not zero where nothing was written
  std::vector<SectionPart> parts;
  for (std::size_t at = 0; at < octets.size(); at += kStep) {
    const Octets step = octets.subspan(at, std::min(kStep, octets.size() - at));
    if (step[0] == 0 && std::memcmp(step.data(), step.data() + 1, step.size() - 1) == 0) continue;
    if (parts.empty() || parts.back().to + parts.back().size != at) parts.push_back({at, 0});
    parts.back().size += step.size();
  }
  return parts;
}

[[noreturn]] void fail() { throw std::system_error(errno, std::generic_category()); }

void seek(int file, std::uint64_t to) {
  if (::lseek(file, static_cast<off_t>(to), SEEK_SET) == -1) fail();
}

/// @return its octets in the file
std::uint64_t write_note(int file, Octets note) {
  SectionWriter out(file);
  out.put(note);
  return out.finish();
}

void write_file(int file, const zones::Zone& zone, std::span<const zones::LiveName> live, Octets note) {
  Header header;
  header.layout = zones::ZoneLayout::of(zone);
  header.size = header.layout.octets.size();
  header.parts = parts_of(header.layout.octets);
  header.live = checksum_of(live);
  header.build = header.parts.size() > kMaxParts || zone.is_patched() ? 0 : this_build();
  if (header.build == 0) header.parts.clear();
  header.write(file, zone.apex());
  {
    SectionWriter records(file);
    write_records(records, zone);
    header.records = records.finish();
  }
  if (header.build != 0) {
    SectionWriter octets(file);
    for (const SectionPart& part : header.parts) {
      octets.put(header.layout.octets.subspan(part.to, part.size));
      octets.end_block();
    }
    octets.finish();
  }
  if (!note.empty()) write_note(file, note);
  seek(file, 0);
  header.write(file, zone.apex());
  kill_point("image.written");
  if (!note.empty()) return;
  if (::fsync(file) == -1) fail();
  kill_point("image.synced");
}

/// Goes, unless it was renamed.
struct Begun {
  fs::path name;
  ~Begun() { ::unlink(name.c_str()); }
};

struct Closed {
  int file;
  ~Closed() {
    if (file != -1) ::close(file);
  }
};

/// As it lay in memory, or null.
std::shared_ptr<zones::Zone> read_layout(int file, const Header& header, NameView apex,
                                         std::span<const zones::LiveName> live) {
  if (header.build == 0 || header.build != this_build() || header.live != checksum_of(live)) return nullptr;
  zones::Block octets(header.size);
  if (!read_section(file, header.octets(apex) + header.records, header.parts, octets.data()).empty())
    return nullptr;
  return header.layout.restore(std::move(octets), live);
}

/// What is wrong, or an empty text. @param misfit  what live name was left out, and why
std::string build_zone(int file, const Header& header, NameView apex, std::span<const zones::LiveName> live,
                       std::shared_ptr<zones::Zone>& zone, std::string& misfit) {
  const std::size_t size = header.records - kChecksumSize;
  zones::Block octets(size);
  const SectionPart all{0, size};
  if (std::string wrong = read_section(file, header.octets(apex), {&all, 1}, octets.data()); !wrong.empty())
    return wrong;
  zones::RecordList records;
  if (std::string wrong = read_records(Octets(octets.data(), size), apex, records); !wrong.empty())
    return wrong;
  zones::Findings findings;
  zones::LiveFit fit;  // as accept() has it: one that does not fit any more takes no zone away
  zones::check_zone({.apex = apex, .live = live, .fit = &fit}, records, findings);
  if (findings.any_error()) return findings.problems(std::vector<std::string>(1)).front().what;
  if (!fit.problems.empty()) misfit = fit.problems.front();
  zone = std::make_shared<zones::Zone>(apex, records, fit.fitting);
  return {};
}

std::string read_file(const fs::path& name, NameView apex, std::span<const zones::LiveName> live,
                      ZoneImage& image) {
  const Closed opened{::open(name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (opened.file == -1) return errno == ENOENT ? "" : std::strerror(errno);
  struct stat found {};
  if (::fstat(opened.file, &found) == -1) return std::strerror(errno);
  if (!S_ISREG(found.st_mode)) return "it is no image of a zone";
  Header header;
  if (std::string wrong = header.read(opened.file, apex); !wrong.empty()) return wrong;
  // Before there is room for them: a file that was cut off says the same as before.
  if (static_cast<std::uint64_t>(found.st_size) < header.octets(apex) + header.records)
    return "it ends too early";
  image.zone = read_layout(opened.file, header, apex, live);
  image.was_laid_out = image.zone != nullptr;
  std::string misfit;
  if (!image.was_laid_out) {
    if (std::string wrong = build_zone(opened.file, header, apex, live, image.zone, misfit); !wrong.empty())
      return wrong;
  }
  if (!image.was_laid_out || header.layout.prebuilt == 0) prebuild(*image.zone);
  return misfit;
}

}  // namespace

fs::path image_path(const fs::path& state, NameView apex) {
  constexpr std::size_t kMostOctets = 200;  // of 255 that a file's name has
  std::string name;
  for (NameView left = apex; !left.is_root(); left = left.parent()) {
    if (!name.empty()) name += '.';
    for (const std::uint8_t octet : left.label()) {
      const bool is_plain =
          (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') || octet == '-' || octet == '_';
      name += is_plain ? std::string(1, static_cast<char>(octet)) : fmt::format("%{:02x}", octet);
    }
  }
  if (apex.is_root()) name = "%";
  if (name.size() > kMostOctets)
    name = fmt::format("{}%%{:016x}", name.substr(0, kMostOctets - 18), checksum({apex.data(), apex.size()}));
  return state / "zones" / (name + ".zone");
}

void write_image(const fs::path& state, const zones::Zone& zone, std::span<const zones::LiveName> live,
                 Octets note, const std::function<void()>& before_rename) {
  const fs::path name = image_path(state, zone.apex());
  const Begun begun{name.string() + ".new"};
  const auto check = [](bool is_right) {
    if (!is_right) fail();
  };
  try {
    if (::mkdir(name.parent_path().c_str(), 0700) == 0) {
      sync_directory(state);
    } else {
      check(errno == EEXIST);
    }
    ::unlink(begun.name.c_str());
    {
      const Closed opened{
          ::open(begun.name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
      check(opened.file != -1);
      write_file(opened.file, zone, live, note);
    }
    if (before_rename) before_rename();
    check(::rename(begun.name.c_str(), name.c_str()) == 0);
    kill_point("image.renamed");
    if (!note.empty()) return;
    sync_directory(name.parent_path());
    kill_point("image.settled");
  } catch (const std::system_error& error) {
    throw std::runtime_error(fmt::format("zone image {}: {}", name.string(), error.code().message()));
  }
}

ZoneImage read_image(const fs::path& state, NameView apex, std::span<const zones::LiveName> live) {
  const fs::path name = image_path(state, apex);
  ZoneImage image;
  image.problem = read_file(name, apex, live, image);
  if (!image.problem.empty()) image.problem = fmt::format("zone image {}: {}", name.string(), image.problem);
  return image;
}

std::vector<std::uint8_t> read_note(const fs::path& state, NameView apex) {
  const Closed opened{
      ::open(image_path(state, apex).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  struct stat found {};
  Header header;
  if (opened.file == -1 || ::fstat(opened.file, &found) == -1 || !S_ISREG(found.st_mode) ||
      !header.read(opened.file, apex).empty())
    return {};
  const auto size = static_cast<std::uint64_t>(found.st_size);
  const std::uint64_t at = header.end(apex) + kChecksumSize;
  if (size <= at || size - at > kMaxNote) return {};
  std::vector<std::uint8_t> note(size - at);
  const SectionPart all{0, note.size()};
  if (!read_section(opened.file, header.end(apex), {&all, 1}, note.data()).empty()) return {};
  return note;
}

void replace_note(const fs::path& state, NameView apex, Octets note) {
  const fs::path name = image_path(state, apex);
  const auto refuse = [&](const std::string& why) {
    throw std::runtime_error(fmt::format("zone image {}: {}", name.string(), why));
  };
  const Closed opened{::open(name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC)};
  if (opened.file == -1) refuse(std::strerror(errno));
  Header header;
  if (const std::string wrong = header.read(opened.file, apex); !wrong.empty()) refuse(wrong);
  try {
    const std::uint64_t at = header.end(apex);
    seek(opened.file, at);
    const std::uint64_t size = write_note(opened.file, note);
    if (::ftruncate(opened.file, static_cast<off_t>(at + size)) == -1) fail();
  } catch (const std::system_error& error) {
    refuse(error.code().message());
  }
}

void remove_images(const fs::path& state, std::span<const zones::Name> zones) {
  fs::path directory;  // where one was
  for (const zones::Name& zone : zones) {
    const fs::path name = image_path(state, zone);
    if (::unlink(name.c_str()) == 0) {
      directory = name.parent_path();
    } else if (errno != ENOENT) {
      throw std::runtime_error(fmt::format("zone image {}: {}", name.string(), std::strerror(errno)));
    }
  }
  if (!directory.empty()) sync_directory(directory);
}

}  // namespace holdfast::server
