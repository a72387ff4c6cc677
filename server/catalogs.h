#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "zones/replicate/membership.h"
#include "zones/settings.h"

namespace holdfast::server {

// What catalogs (RFC 9432) make of a configuration. Pure.

/// Of zones with the same name, and for one of a catalog that is made here: what that lists, not prebuilt.
///
/// @param all  the zones of the configuration, by name
std::shared_ptr<zones::Zone> make_catalog(const zones::ZoneSettings& catalog,
                                          std::span<const zones::ZoneSettings> all);

/// The zones of a configuration with those that catalogs bring. By name, as they are given.
std::vector<zones::ZoneSettings> with_members(std::vector<zones::ZoneSettings> configured,
                                              std::span<const zones::CatalogSettings> catalogs,
                                              const zones::Membership& membership);

/// Whether somebody configured a zone of that name.
bool has_zone(std::span<const zones::ZoneSettings> by_name, zones::NameView zone);

/// Why a new version of a catalog is not to be followed, as a sentence about it: it has lost more members than it may. Those count
/// that have another label, too. Empty: it may be.
std::string loses_too_much(const zones::CatalogSettings& catalog,
                           std::span<const zones::CatalogMember> before,
                           std::span<const zones::CatalogMember> after);

}  // namespace holdfast::server
