#include "zones/load/load.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "zones/load/check.h"

namespace holdfast::zones {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

using Time = std::chrono::system_clock::time_point;

/// A whole file. Only a regular one: a pipe or device could keep us waiting, or never end.
/// @param stamp  of the file, taken before it was read; left alone when it cannot be
FileText read_file(const std::string& path, Time now, FileStamp& stamp) {
  const auto failed = [] { return FileText{.text = {}, .error = std::strerror(errno)}; };
  // Whoever opens a pipe would wait for its other end without O_NONBLOCK, which makes no difference to a file.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  struct stat status {};
  if (file.fd < 0 || ::fstat(file.fd, &status) != 0) return failed();
  if (!S_ISREG(status.st_mode)) return {.text = {}, .error = "not a regular file"};
  const auto size = static_cast<std::uintmax_t>(status.st_size);
  if (size > kMaxFileSize) {
    return {.text = {}, .error = "larger than " + std::to_string(kMaxFileSize) + " octets"};
  }
  FileText read;
  stamp = stamp_of(status, now);
  read.text.resize(static_cast<std::size_t>(size));
  // Not mapped: a mapped file that somebody makes shorter would end the process.
  for (std::size_t at = 0; at < read.text.size();) {
    const ssize_t count = ::read(file.fd, read.text.data() + at, read.text.size() - at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed();
    if (count == 0) return {.text = {}, .error = "it became shorter while it was read"};
    at += static_cast<std::size_t>(count);
  }
  return read;
}

}  // namespace

LoadedZone load_zone(NameView apex, const std::string& file, const std::vector<LiveName>& live, Time now) {
  FileStamp stamp = kNoStamp;
  const FileText text = read_file(file, now, stamp);
  if (!text.error.empty()) {
    return {nullptr,
            {{file, 0, Problem::Severity::error, "cannot read the zone file: " + text.error}},
            {},
            kNoStamp};
  }
  const auto include = [&](const std::string& path) {
    FileStamp further = kNoStamp;
    FileText more = read_file(path, now, further);
    stamp = combine(stamp, further);
    return more;
  };
  LoadedZone loaded = load_zone_text(apex, text.text, file, include, live);
  if (loaded.zone != nullptr) loaded.stamp = stamp;
  return loaded;
}

LoadedZone load_zone_text(NameView apex, std::string_view text, const std::string& name,
                          const ReadFile& include, const std::vector<LiveName>& live) {
  Findings findings;
  ZoneText zone = read_zone_text(apex, text, name, include, findings);
  zone.records.sort(apex);
  check_zone({.apex = apex, .live = live, .complete = !findings.any_error()}, zone.records, findings);
  LoadedZone loaded{
      nullptr, findings.problems(zone.files), {zone.files.begin() + 1, zone.files.end()}, kNoStamp};
  if (!findings.any_error()) loaded.zone = std::make_shared<Zone>(apex, zone.records, live);
  return loaded;
}

}  // namespace holdfast::zones
