#include "config/options.h"

// What a configuration file can say of zones that list zones.
namespace holdfast::config {

using zones::CatalogGroupSettings;
using zones::CatalogSettings;

std::span<const Option<CatalogSettings>> catalog_options() {
  constexpr std::uint16_t kMost = 65535;
  static const Option<CatalogGroupSettings> kColumns[] = {
      required("name", &CatalogGroupSettings::name, Text{zones::kMaxGroup},
               "The group, as the catalog has it."),
      option("primaries", &CatalogGroupSettings::primaries, ListOf<Identifier>{{}, kMaxPeersOfZone},
             "The peers that its zones are transferred from, instead of those of the catalog."),
      option("secondaries", &CatalogGroupSettings::secondaries, ListOf<Identifier>{{}, kMaxPeersOfZone},
             "The peers that may transfer its zones, instead of those of the catalog."),
  };
  static const Option<CatalogSettings> kOptions[] = {
      required("zone", &CatalogSettings::zone, DomainName{},
               "Name of the catalog's apex; there is no `[[zone]]` for it.")
          .such_as("\"catalog.example\""),
      option("secondaries", &CatalogSettings::secondaries, ListOf<Identifier>{{}, kMaxPeersOfZone},
             "The peers that may transfer it, and the zones in it, and are told when these change (NOTIFY). "
             "Needs "
             "`[server] state`.")
          .such_as("[\"ns2\"]"),
      option("serial", &CatalogSettings::serial, Choice<zones::SerialPolicy>{zones::kSerialPolicies},
             "Without `primaries`: its serials, as those of zones."),
      option("primaries", &CatalogSettings::primaries, ListOf<Identifier>{{}, kMaxPeersOfZone},
             "The peers that it is transferred from, and so are the zones in it; without, it is made here. "
             "Needs "
             "`[server] state`.")
          .in_place_of("serial")
          .such_as("[\"ns1\"]"),
      option("members_from", &CatalogSettings::members_from, ListOf<Identifier>{{}, kMaxPeersOfZone},
             "With `primaries`: the peers that the zones in it are transferred from, where these are others.")
          .in_place_of("serial")
          .such_as("[\"ns1\"]"),
      option("may_lose", &CatalogSettings::may_lose, AtLeast{kMost},
             "With `primaries`: how many of its zones may go with one new version of it; of a percentage 20 "
             "in any case, but never all of several unless this is \"100%\". A version that has lost more is "
             "refused, and all zones stay.")
          .in_place_of("serial")
          .such_as("\"100%\""),
      option("groups", &CatalogSettings::groups, RowsOf<CatalogGroupSettings>{kColumns, kMaxGroups},
             "With `primaries`: what holds for zones of a group, by the first row that names one of theirs.")
          .in_place_of("serial")
          .such_as("[{ name = \"signed\", primaries = [\"ns3\"] }]"),
  };
  return kOptions;
}

}  // namespace holdfast::config
