#pragma once

#include <memory>

#include "zones/replicate/update.h"

namespace holdfast::zones {

/// What updates changed of a zone, beside its file: that is never written to. A value.
///
///   file ----> Zone --- fit(), delta_of() ---> Zone as it is served ---> update ---> Updated
///                            ^                                                         v
///                         Overlay <------------------ compose() ----------------------'
struct Overlay {
  RecordRun removed{};  ///< what the file has, and the zone no more; its SOA, too, where there is another
  RecordRun added{};    ///< what the zone has beyond it; both are in canonical order

  bool empty() const noexcept { return removed.empty() && added.empty(); }
  std::size_t octets() const noexcept { return removed.octets().size() + added.octets().size(); }
  bool operator==(const Overlay&) const = default;
};

/// What both changed together.
///
/// @param zone  that `updated` is a change of
Overlay compose(const Overlay& overlay, const Updated& updated, const Zone& zone);

/// What is left of it upon a file that may be another one by now: a record that is to go and is not there is gone already, and
/// so is one that is to come and is there. All of `removed` is in the zone then, and none of `added`. A SOA stays unless the file
/// has another one now than it replaced, the serial aside; of both serials the later one counts.
///
/// @param file  the zone as its file has it
Overlay fit(const Overlay& overlay, const Zone& file);

/// What makes of a file the zone that is served.
///
/// @param overlay  that fits it
std::shared_ptr<const Delta> delta_of(const Overlay& overlay, const Zone& file);

}  // namespace holdfast::zones
