#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "zones/geo/database.h"
#include "zones/geo/geography.h"
#include "zones/load/file_stamp.h"

namespace holdfast::server {

/// Makes the geography of a configuration, with the database that it names. The database is read again when its file
/// changed; one that cannot be read leaves the one before. Thread-safe.
class GeographyLoader {
 public:
  using Time = std::chrono::system_clock::time_point;

  using Publish = std::function<void(std::shared_ptr<const zones::Geography>)>;

  /// @param publish  called with each other geography, one after another; outlives it, and may not call it
  explicit GeographyLoader(Publish publish) : publish_(std::move(publish)) {}

  void load(const config::Config& config, Time now);
  /// The same for the last configuration, with its database as it is now.
  void refresh(Time now);

  /// `geo.mmdb: what is wrong with it`; empty: nothing.
  std::string problem() const;

 private:
  bool read_database(Time now);  // whether it is another one now

  void compile(std::vector<zones::Region> regions);

  const Publish publish_;
  mutable std::mutex mutex_;
  std::vector<zones::Region> regions_;
  std::string file_;
  zones::FileStamp stamp_ = zones::kNoStamp;
  std::optional<zones::Database> database_;
  std::string problem_;
};

}  // namespace holdfast::server
