#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "server/versions/section.h"
#include "zones/record_list.h"
#include "zones/zone.h"

namespace holdfast::server {

/// All records of a zone.
void write_records(SectionWriter& out, const zones::Zone& zone);

/// Takes them back, sorted: `records` borrows from the octets. Any may come.
/// @return what is wrong with them, or an empty text
std::string read_records(std::span<const std::uint8_t> octets, zones::NameView apex,
                         zones::RecordList& records);

}  // namespace holdfast::server
