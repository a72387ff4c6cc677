#pragma once

#include <span>
#include <string>

#include "zones/replicate/update.h"
#include "zones/settings.h"

namespace holdfast::zones {

/// What of an update is not among what its sender may change (RFC 2136 3.3), in words; empty: all of it is. Who removes whatever
/// types a name has needs the right to each that is there.
///
/// @param rights  of the sender; together
std::string beyond(std::span<const UpdateSettings> rights, const Update& update, const Zone& zone);

/// What of an update would change records that live names stand for, in words; empty: nothing. Other types at these names are
/// as free as elsewhere.
std::string on_live_name(std::span<const LiveName> live, const Update& update);

}  // namespace holdfast::zones
