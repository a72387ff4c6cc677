#include "zones/load/load.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "zones/load/check.h"

namespace holdfast::zones {
namespace {

/// A whole file. Only a regular one: a pipe or device could keep us waiting, or never end.
FileText read_file(const std::filesystem::path& path) {
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(path, error);
  if (error) return {.text = {}, .error = error.message()};
  if (!regular) return {.text = {}, .error = "not a regular file"};
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return {.text = {}, .error = error.message()};
  if (size > kMaxFileSize) {
    return {.text = {}, .error = "larger than " + std::to_string(kMaxFileSize) + " octets"};
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  FileText file;
  file.text.resize(static_cast<std::size_t>(size));
  stream.read(file.text.data(), static_cast<std::streamsize>(size));
  if (!stream) file.error = errno != 0 ? std::strerror(errno) : "it became shorter while it was read";
  return file;
}

}  // namespace

LoadedZone load_zone(NameView apex, const std::filesystem::path& file, const std::vector<LiveName>& live) {
  const FileText text = read_file(file);
  if (!text.error.empty()) {
    return {nullptr,
            {{file.string(), 0, Problem::Severity::error, "cannot read the zone file: " + text.error}},
            {}};
  }
  return load_zone_text(apex, text.text, file, read_file, live);
}

LoadedZone load_zone_text(NameView apex, std::string_view text, const std::filesystem::path& name,
                          const ReadFile& include, const std::vector<LiveName>& live) {
  Findings findings;
  ZoneText zone = read_zone_text(apex, text, name, include, findings);
  zone.records.sort(apex);
  check_zone({.apex = apex, .live = live, .complete = !findings.any_error()}, zone.records, findings);
  LoadedZone loaded{nullptr, findings.problems(zone.files), {zone.files.begin() + 1, zone.files.end()}};
  if (!findings.any_error()) loaded.zone = std::make_shared<Zone>(apex, zone.records, live);
  return loaded;
}

}  // namespace holdfast::zones
