#pragma once

#include <span>
#include <string>

#include "zones/load/rdata_writer.h"

namespace holdfast::zones {

/// Writes the data of a LOC record: two coordinates, altitude, size and precisions (RFC 1876 3).
/// @return what is wrong with the text, or an empty string
std::string encode_location(std::span<const Token> tokens, RdataWriter& out);

}  // namespace holdfast::zones
