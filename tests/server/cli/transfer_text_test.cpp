#include "server/cli/transfer_text.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "server/control/transfer_json.h"

namespace holdfast::server {
namespace {

std::string text(const std::vector<SecondaryZone>& zones) {
  TransferReport report;
  report.zones_in = zones;
  return transfer_text(to_json(report));
}

SecondaryZone zone(const std::string& name, const std::string& catalog) {
  SecondaryZone zone;
  zone.zone = *zones::Name::parse(name);
  zone.catalog = catalog;
  zone.state = "waiting";
  zone.primary = "ns1 (192.0.2.1:53)";
  zone.serial = zones::Serial(7);
  return zone;
}

TEST(TransferText, TellsTheCatalogThatBringsAZoneWhereAnyDoes) {
  const std::string rest =
      "\nno secondaries are told of new versions\n\nsent: 0 whole zones, 0 changes, 0 octets; 0 failed, "
      "0 refused\nupdates: 0 changed a zone, 0 nothing; 0 unmet, 0 refused, 0 failed; 0 records beside "
      "files\n";
  EXPECT_EQ(text({zone("a.example", "")}),
            "ZONE        PRIMARY             SERIAL  STATE    EXPIRES\n"
            "a.example.  ns1 (192.0.2.1:53)       7  waiting  -\n" +
                rest);
  EXPECT_EQ(text({zone("a.example", ""), zone("b.example", "theirs")}),
            "ZONE        CATALOG  PRIMARY             SERIAL  STATE    EXPIRES\n"
            "a.example.  -        ns1 (192.0.2.1:53)       7  waiting  -\n"
            "b.example.  theirs   ns1 (192.0.2.1:53)       7  waiting  -\n" +
                rest);
}

}  // namespace
}  // namespace holdfast::server
