#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "zones/settings.h"
#include "zones/zone.h"

namespace holdfast::zones {

// Catalog zones (RFC 9432): zones that list zones. Pure; any zone may come.

/// A zone as a catalog lists it.
struct CatalogMember {
  Name zone{};
  std::string
      label{};  ///< octets of that below "zones" where it stands: under another one it is another zone of that name
  std::vector<std::string> groups{};  ///< how it is to be treated, by words of the operators (RFC 9432 4.3.2)
  std::string moves_to{};  ///< the catalog, in wire form, that may take it over (RFC 9432 4.3.1); empty: none

  bool operator==(const CatalogMember&) const = default;
};

struct Catalog {
  std::vector<CatalogMember> members{};  ///< by name, each once
  std::string
      problem{};  ///< "its version is ..."; then nothing that it says counts (RFC 9432 5.1). Empty: it is good
};

/// What a zone lists, if it is a catalog.
Catalog members_of(const Zone& zone);

/// The label of a member of a catalog that is made here: the same as long as the zone has its name.
std::string label_of(NameView member);

struct ListedZone {
  NameView zone;
  std::string_view group{};  ///< at most kMaxGroup octets; empty: none
};
/// The catalog that lists these, each of which is there once. Its serial is 1: whoever publishes it knows a better one. Not
/// prebuilt.
///
/// @param apex  of kMaxCatalogName octets at most
std::shared_ptr<Zone> catalog_of(NameView apex, std::span<const ListedZone> zones);

}  // namespace holdfast::zones
