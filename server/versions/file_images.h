#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "server/versions/file_note.h"
#include "zones/load/load.h"
#include "zones/settings.h"

namespace holdfast::server {

/// Zones that have a file, as images too, in `cache` of the state directory: a start reads these, which takes less time, where
/// the files are what they were, and serves them where the files cannot be used any more. Thread-safe.
///
/// They are written at leisure, on a thread of the lowest priority. Whatever becomes of them, the files count.
class FileImages {
 public:
  using Time = std::chrono::system_clock::time_point;

  explicit FileImages(const std::filesystem::path& state);
  /// What is not being written by now is not.
  ~FileImages();
  FileImages(const FileImages&) = delete;
  FileImages& operator=(const FileImages&) = delete;

  /// As load_zone, but prebuilt, and from its image where file_or_image.h says so. What was read from the file is written to the
  /// image later. With an error among the problems and a zone, that is of before, since the file cannot be used.
  ///
  /// @param is_served  something is served of it already
  zones::LoadedZone load(zones::NameView apex, const std::string& file, std::span<const zones::LiveName> live,
                         bool is_served, Time now);
  /// From now on those are the zones: images of others go.
  void keep_only(std::span<const zones::ZoneSettings> zones);

  /// Zones that came from their images since the program began.
  std::size_t used() const noexcept { return used_; }

 private:
  struct Wanted {
    std::shared_ptr<const zones::Zone> zone{};
    std::vector<zones::LiveName> live{};
    std::vector<std::uint8_t> note{};
  };
  /// What an image has, as long as that is served.
  struct Written {
    std::weak_ptr<const zones::Zone> zone{};
    std::vector<std::uint8_t> note{};
  };

  zones::LoadedZone from_image(zones::NameView apex, std::span<const zones::LiveName> live,
                               const FileNote& note);
  void write_later(const zones::LoadedZone& loaded, std::span<const zones::LiveName> live);
  void wake();
  void run(const std::stop_token& stop);
  void write(const std::string& name, const Wanted& wanted);
  void forget_others(const std::set<std::string>& names);

  const std::filesystem::path directory_;
  std::atomic<std::size_t> used_{0};
  std::mutex mutex_;  // guards what follows; names are those of files
  std::condition_variable_any more_;
  std::map<std::string, Wanted> wanted_;
  std::map<std::string, Written> written_;
  std::optional<std::set<std::string>> names_;  // to be kept, when that is to be looked at
  std::string problem_;
  std::jthread thread_;  // from the first on
};

}  // namespace holdfast::server
