#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

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

inline constexpr std::size_t kMaxProblems = 100;

}  // namespace holdfast::zones
