#pragma once

#include <chrono>
#include <optional>

#include "zones/replicate/serial.h"
#include "zones/settings.h"

namespace holdfast::zones {

/// The serial of a version that is to be published: after `last`, always, and never 0 unless the file says so.
///
/// @param last     of the version published before; nothing: there was none
/// @param of_file  what stands in the zone's file; it is taken where a secondary that has `last` would take it (RFC 1982)
Serial next_serial(SerialPolicy policy, std::optional<Serial> last, std::optional<Serial> of_file,
                   std::chrono::system_clock::time_point now);

}  // namespace holdfast::zones
