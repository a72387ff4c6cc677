#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "zones/replicate/catalog.h"

namespace holdfast::zones {

/// Which zones catalogs bring, and which of them each. A value that shares what is large.
struct Membership {
  using Members = std::shared_ptr<const std::vector<CatalogMember>>;
  struct Listing {
    std::string name{};  ///< of the [catalog.NAME]
    Name apex{};
    Members members{};
  };
  /// A zone, and the catalog that has it.
  struct Owned {
    std::uint32_t catalog = 0;  ///< its place among `catalogs`
    std::uint32_t member = 0;   ///< its place there
  };

  std::vector<Listing> catalogs{};  ///< by name
  std::vector<Owned> zones{};       ///< by name of the zone, each once
  std::map<Name, std::string>
      contested{};            ///< those of them that other catalogs list, too, and the catalog that has each
  std::vector<Name> ended{};  ///< zones that went, or were to begin anew, when this came
  std::vector<std::string> clashes{};  ///< "example.com. is listed by the catalog b, too: that of a counts"

  const CatalogMember& member(const Owned& owned) const {
    return (*catalogs[owned.catalog].members)[owned.member];
  }
  /// Null: there is no such catalog.
  const Listing* find(std::string_view catalog) const;
};

/// Says who has which zone. A zone that is configured belongs to no catalog; else it stays with the one that has it (RFC 9432
/// 5.2), until that lists it no more, or lets another one take it over that lists it, too (coo, RFC 9432 4.3.1).
///
///  a zone that had an owner           becomes
///  with the same label                what it was
///  with another label                 another one: it ends, and begins anew (RFC 9432 5.4)
///  of another catalog, by coo         what it was, with the same label; else another one
///  of another catalog                 another one
///  of the configuration               what it was
///
/// @param catalogs  by name
/// @param had  the catalog that had a zone which several list, where `before` does not know: from before a restart; empty: none.
///             Without that, the first one has it.
Membership share_out(std::vector<Membership::Listing> catalogs,
                     const std::function<bool(NameView)>& is_configured, const Membership& before,
                     const std::function<std::string(NameView)>& had = {});

}  // namespace holdfast::zones
