#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "zones/load/findings.h"
#include "zones/zone.h"

namespace holdfast::zones {

inline constexpr unsigned kMaxIncludeDepth = 8;                        ///< of files that include each other
inline constexpr std::size_t kMaxIncludes = 10'000;                    ///< files read for one zone
inline constexpr std::size_t kMaxTextSize = std::size_t{4} << 30;      ///< octets of all files of one zone
inline constexpr std::size_t kMaxRecords = 10'000'000;                 ///< of one zone
inline constexpr std::size_t kMaxRecordOctets = std::size_t{1} << 31;  ///< what a Zone can be built from

/// The text of a file, or why there is none.
struct FileText {
  std::string text;
  std::string error;  ///< empty: `text` is what the file holds
};
/// Called by one thread, in the order of the $INCLUDE lines.
using ReadFile = std::function<FileText(const std::string& path)>;

/// What a zone file says, before it is checked.
struct ZoneText {
  RecordList records;              ///< in the order of the text; also those that are not in the zone
  std::vector<std::string> files;  ///< the names behind RecordList::Entry::file; the first is never missing
};

/// How a long text is cut, to be read by several threads. It makes no difference to the result.
struct TextParts {
  std::size_t octets = std::size_t{1} << 19;
  unsigned threads = 0;  ///< 0: as many as pay
};

/// Reads the text of a zone file (RFC 1035 5.1, RFC 2308 4, RFC 3597 5): records, $ORIGIN, $TTL, $INCLUDE.
/// A line that cannot be read becomes an error in `findings`, and reading goes on with the next.
ZoneText read_zone_text(NameView apex, std::string_view text, const std::string& name,
                        const ReadFile& include, Findings& findings, TextParts parts = {});

}  // namespace holdfast::zones
