#include "server/zone_files.h"

#include <map>

namespace holdfast::server {

ZoneFiles::ZoneFiles(std::span<const zones::ZoneSettings> zones) {
  std::map<std::string_view, std::uint32_t> known;     // of directories; borrows from `zones`
  std::map<std::string_view, std::uint16_t> catalogs;  // likewise
  files_.reserve(zones.size());
  for (const zones::ZoneSettings& zone : zones) {
    const std::string_view path = zone.file;
    const std::size_t slash = path.rfind('/');
    const std::string_view directory = slash == path.npos ? "" : path.substr(0, slash);
    const auto [at, is_new] = known.try_emplace(directory, static_cast<std::uint32_t>(directories_.size()));
    if (is_new) directories_.push_back(slash == path.npos ? "." : slash == 0 ? "/" : std::string(directory));
    std::uint16_t catalog = 0;
    if (zone.origin == zones::Origin::member) {
      const auto [place, is_first] =
          catalogs.try_emplace(zone.catalog, static_cast<std::uint16_t>(catalogs_.size()));
      if (is_first) catalogs_.push_back(zone.catalog);
      catalog = place->second;
    }
    const From from = !zone.file.empty() ? From::file : zone.is_secondary() ? From::primaries : From::here;
    files_.push_back({at->second, static_cast<std::uint32_t>(leaves_.size()), catalog, from});
    leaves_.append(path.substr(slash == path.npos ? 0 : slash + 1)).push_back('\0');
  }
  directories_.shrink_to_fit();
  leaves_.shrink_to_fit();
}

std::string ZoneFiles::path(std::size_t i) const {
  const std::string& in = directory(i);
  return (in == "." ? "" : in.ends_with('/') ? in : in + '/') + leaf(i);
}

}  // namespace holdfast::server
