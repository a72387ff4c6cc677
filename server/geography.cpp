#include "server/geography.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "config/regions.h"

namespace holdfast::server {

bool GeographyLoader::read_database(Time now) {
  problem_.clear();
  if (file_.empty()) return std::exchange(database_, std::nullopt).has_value();
  const zones::FileStamp stamp = zones::stamp_of(file_, now);
  if (database_ && stamp != zones::kNoStamp && stamp == stamp_) return false;
  zones::ReadDatabase read = zones::read_database(file_);
  if (!read.database) {
    problem_ = read.error + (database_ ? "; the version before is used on"
                                       : "; until it can be read, only networks say where clients are");
    return false;
  }
  stamp_ = stamp;
  database_ = std::move(read.database);
  return true;
}

std::string GeographyLoader::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

void GeographyLoader::compile(std::vector<zones::Region> regions) {
  auto places =
      std::make_shared<const zones::Places>(zones::compile(regions, database_ ? &*database_ : nullptr));
  if (places->ranges() > 1) {
    spdlog::info("where clients are: {} parts of the address space, {} KiB", places->ranges(),
                 places->memory() / 1024);
  }
  publish_(std::make_shared<const zones::Geography>(regions, std::move(places)));
  regions_ = std::move(regions);
}

void GeographyLoader::load(const config::Config& config, Time now) {
  const std::lock_guard lock(mutex_);
  const std::string file = config.geo ? config.geo->database : "";
  if (file != file_) stamp_ = zones::kNoStamp;
  file_ = file;
  const bool is_other = read_database(now);
  std::vector<zones::Region> regions = config::regions(config.locations, config.clients);
  if (is_other || regions != regions_) compile(std::move(regions));
}

void GeographyLoader::refresh(Time now) {
  const std::lock_guard lock(mutex_);
  if (read_database(now)) compile(regions_);
}

}  // namespace holdfast::server
