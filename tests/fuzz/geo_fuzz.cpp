// A database of where addresses are, as somebody else wrote it.
#include <cstdlib>

#include "zones/geo/places.h"

/// Any octets give a database or a reason, and every database can be looked up in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::zones;
  const ReadDatabase read = read_database({reinterpret_cast<const char*>(data), size}, "geo.mmdb");
  if (read.database.has_value() != read.error.empty()) std::abort();
  if (!read.database) return 0;
  const Places places =
      compile({{.name = "europe", .continents = {Continent::europe}, .coordinates = Coordinates{50, 10}},
               {.name = "germany", .parent = 0, .countries = {*Country::parse("DE")}}},
              &*read.database);
  for (const Database::Entry& entry : read.database->entries) {
    if (entry.record >= read.database->records.size()) std::abort();
    if (places.find(entry.prefix.address()).length > (entry.prefix.is_v4() ? 32 : 128)) std::abort();
  }
  return 0;
}
