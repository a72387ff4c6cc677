#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "zones/load/file_stamp.h"
#include "zones/load/problem.h"
#include "zones/load/zone_text.h"
#include "zones/zone.h"

namespace holdfast::zones {

struct LoadedZone {
  std::shared_ptr<Zone> zone;     ///< null when `problems` holds an error
  std::vector<Problem> problems;  ///< by file and line; at most kMaxProblems, the rest is counted in the last
  std::vector<std::string> includes;  ///< files that were read beside the first
  FileStamp stamp = kNoStamp;         ///< of all files together, when there is a zone
};

inline constexpr std::size_t kMaxFileSize = std::size_t{2} << 30;  ///< octets of one zone file

/// Reads an RFC 1035 zone file, checks it, and builds the zone. Never throws for what a file can contain.
///
/// @param live  names that are answered live, with their index into the LiveTable: they exist in the zone even when
///              the file has no record for them. One outside the zone or below a zone cut is an error.
/// @param now   not later than when the file is read; without it there is no stamp
LoadedZone load_zone(NameView apex, const std::string& file, const std::vector<LiveName>& live = {},
                     std::chrono::system_clock::time_point now = {});

/// The same for a text that is in memory already; `name` is what problems call it, and what the paths of
/// $INCLUDE are relative to. `include` is asked for those files.
LoadedZone load_zone_text(NameView apex, std::string_view text, const std::string& name,
                          const ReadFile& include, const std::vector<LiveName>& live = {});

}  // namespace holdfast::zones
