#pragma once

#include "zones/replicate/record_run.h"
#include "zones/replicate/soa.h"

namespace holdfast::zones {

/// What changes one version of a zone into a later one: a difference sequence of RFC 1995 4. Immutable once it is shared.
struct Delta {
  RecordRun removed;  ///< the SOA before, then what goes, in canonical order
  RecordRun added;    ///< the SOA after, then what comes, in canonical order
  /// Only what live names answer changed: without the flat view nothing did, but the serial.
  bool is_live = false;

  /// What was read back, if it begins with both SOAs, of one owner, and has no other.
  static std::optional<Delta> of(RecordRun removed, RecordRun added, bool is_live);

  Serial from() const noexcept { return serial_of(removed.front().data); }
  Serial to() const noexcept { return serial_of(added.front().data); }
  std::size_t octets() const noexcept { return removed.octets().size() + added.octets().size(); }

  bool operator==(const Delta&) const = default;
};

}  // namespace holdfast::zones
