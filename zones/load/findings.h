#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "zones/load/problem.h"
#include "zones/zone.h"

namespace holdfast::zones {

/// Where a record stands: RecordList::Entry::file and line.
struct Place {
  std::uint16_t file = 0;
  std::uint32_t line = 0;
};

inline Place place(const RecordList::Entry& entry) { return {entry.file, entry.line}; }

/// Collects what reading and checking find, in any order. Keeps at most kMaxProblems of each severity, and
/// counts the rest.
class Findings {
 public:
  void error(Place place, std::string what) { errors_.add(place, std::move(what)); }
  void warn(Place place, std::string what) { warnings_.add(place, std::move(what)); }
  /// Adds all of `later`, as if it had been found here; `lines` is added to its lines.
  void append(Findings&& later, std::uint32_t lines = 0);
  bool any_error() const noexcept { return errors_.total > 0; }

  /// By file and line, at most kMaxProblems; errors go before warnings where not all fit, and the last then
  /// says how many were left out. `files` holds the name of each file number.
  std::vector<Problem> problems(std::span<const std::string> files) const;

 private:
  struct Finding {
    Place place;
    Problem::Severity severity;
    std::string what;
  };
  struct Kind {
    Problem::Severity severity;
    std::vector<Finding> kept = {};
    std::size_t total = 0;
    void add(Place place, std::string what);
    void append(Kind&& later, std::uint32_t lines);
  };
  Kind errors_{Problem::Severity::error};
  Kind warnings_{Problem::Severity::warning};
};

}  // namespace holdfast::zones
