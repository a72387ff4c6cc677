#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "zones/load/findings.h"
#include "zones/zone.h"

namespace holdfast::zones {

inline constexpr std::size_t kMaxRecordsPerRRset = 500;
inline constexpr std::size_t kMaxTypesPerName = 100;
inline constexpr std::size_t kMaxNameOctets = std::size_t{1}
                                              << 30;  ///< of all names of a zone, empty non-terminals too
inline constexpr std::size_t kMaxRRsetOctets =
    65000;  ///< of an RRset in a message, that it fits one even over TCP

/// The live names that a zone can have, as its records are.
struct LiveFit {
  std::vector<LiveName> fitting{};
  std::vector<std::string> problems{};  ///< what is wrong with the others, one each
};

/// What check_zone is told beside the records.
struct CheckInput {
  NameView apex;
  std::span<const LiveName> live = {};
  bool complete = true;  ///< false: some records could not be read, so nothing is said about what is missing
  LiveFit* fit =
      nullptr;  ///< not null: a live name that does not fit is no error of the zone; this says which do
};

/// Checks records that are to become a zone, and makes them fit for Zone unless an error is found.
///
/// Records outside the zone and duplicates are dropped, and all TTLs of an RRset become the smallest (RFC
/// 2181 5.2). Pure: it sees nothing but its arguments. Works for a zone from a file and for one that was
/// transferred.
///
/// @param records sorted; they stay so
void check_zone(const CheckInput& zone, RecordList& records, Findings& findings);

}  // namespace holdfast::zones
