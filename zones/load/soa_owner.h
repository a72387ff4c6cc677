#pragma once

#include <optional>
#include <string_view>

#include "zones/dns/name.h"

namespace holdfast::zones {

/// The owner of the first SOA in the text of a zone file: the zone that it is of. Null where the text does not say so by
/// itself, because names in it are relative to what the zone is called elsewhere, or where there is none.
std::optional<Name> soa_owner(std::string_view text);

}  // namespace holdfast::zones
