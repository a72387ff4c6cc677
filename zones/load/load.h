#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "zones/zone.h"

namespace holdfast::zones {

/// One thing that is wrong (or doubtful) in a zone file, with its place.
struct Problem {
  enum class Severity : std::uint8_t { warning, error };

  std::string file;
  std::uint32_t line = 0;  ///< from 1; 0: the file as a whole
  Severity severity = Severity::error;
  std::string what;

  /// `example.zone:12: www.example. has both CNAME and A (RFC 1034 3.6.2)`; warnings say so.
  std::string text() const;
};

struct LoadedZone {
  std::shared_ptr<const Zone> zone;  ///< null when `problems` holds an error
  std::vector<Problem> problems;     ///< by file and line; at most kMaxProblems, the rest is counted in the last
};

inline constexpr std::size_t kMaxProblems = 100;
inline constexpr unsigned kMaxIncludeDepth = 8;

/// Reads an RFC 1035 zone file, checks it, and builds the zone. Never throws for what a file can contain.
///
/// @param live names that are answered live, with their index into the LiveTable: they exist in the zone even when
///             the file has no record for them. One outside the zone or below a zone cut is an error.
LoadedZone load_zone(NameView apex, const std::filesystem::path& file, const std::vector<LiveName>& live = {});

}  // namespace holdfast::zones
