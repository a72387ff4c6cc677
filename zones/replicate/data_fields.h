#pragma once

#include <ldns/ldns.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace holdfast::zones {

/// Octets of a field that is no name, in the data of a record in wire form; null: there is no such field.
/// @param rest  the data from the field on
std::optional<std::size_t> field_size(ldns_rdf_type field, std::span<const std::uint8_t> rest);

/// Whether all octets are strings with their lengths in front (RFC 1035 3.3), of which there is one at least.
bool are_strings(std::span<const std::uint8_t> octets) noexcept;

}  // namespace holdfast::zones
