// The database of countries of ip-location-db (CC0), which ./dev test fetches, against libmaxminddb's own lookup.

#include <gtest/gtest.h>
#include <maxminddb.h>
#include <netinet/in.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "tests/zones/geo/real_database.h"
#include "zones/geo/places.h"

namespace holdfast::zones {
namespace {

using boost::asio::ip::address;

struct Close {
  void operator()(MMDB_s* file) const noexcept {
    MMDB_close(file);
    delete file;
  }
};
using File = std::unique_ptr<MMDB_s, Close>;

/// What the library says of an address: "DE", or nothing.
std::string look_up(const MMDB_s& file, const address& address) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const bool is_v4 = address.is_v4();
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  if (is_v4) v4.sin_addr.s_addr = htonl(address.to_v4().to_uint());
  if (!is_v4) {
    const auto octets = address.to_v6().to_bytes();
    std::copy(octets.begin(), octets.end(), v6.sin6_addr.s6_addr);
  }
  int error = MMDB_SUCCESS;
  MMDB_lookup_result_s result = MMDB_lookup_sockaddr(
      &file, is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6), &error);
  EXPECT_EQ(error, MMDB_SUCCESS);
  if (!result.found_entry) return "";
  MMDB_entry_data_s code{};
  EXPECT_EQ(MMDB_get_value(&result.entry, &code, "country_code", nullptr), MMDB_SUCCESS);
  return {code.utf8_string, code.data_size};
}

class RealDatabase : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::filesystem::exists(path_)) return;
    const char* const setup = std::getenv("HOLDFAST_SETUP");
    if (setup != nullptr && std::string_view(setup) == "no")
      GTEST_SKIP() << path_ << " is not there, and HOLDFAST_SETUP=no";
    FAIL() << path_
           << " is not there; ./dev setup test fetches it, HOLDFAST_GEO_DATABASE names another place";
  }

  const std::string path_ = testing::real_database();
};

TEST_F(RealDatabase, AgreesWithTheLibraryOnAMillionAddresses) {
  const ReadDatabase read = read_database(path_);
  ASSERT_TRUE(read.database) << read.error;
  EXPECT_GT(read.database->entries.size(), 500'000U);
  EXPECT_GT(read.database->records.size(), 200U);

  // A region of each country that the database names, with its code as the name.
  std::vector<Region> regions;
  for (const PlaceRecord& record : read.database->records) {
    ASSERT_TRUE(record.country);
    regions.push_back({.name = record.country->text(), .countries = {*record.country}});
  }
  const Places places = compile(regions, &*read.database);

  File file(new MMDB_s{});
  ASSERT_EQ(MMDB_open(path_.c_str(), MMDB_MODE_MMAP, file.get()), MMDB_SUCCESS);
  std::mt19937_64 random(11);
  int somewhere = 0;
  constexpr int kAddresses = 1'000'000;
  for (int i = 0; i < kAddresses; ++i) {
    const address address = testing::random_address(*read.database, i % 2 == 0, i % 4 < 2, random);
    const Places::Found found = places.find(address);
    ASSERT_EQ(found.region ? regions[*found.region].name : "", look_up(*file, address)) << address;
    somewhere += found.region ? 1 : 0;
    if (i % 16 > 1) continue;
    // And on the whole prefix that is told to have the same answer, as far as one other address of it tells.
    const Prefix inside = Prefix::of_bits(bits_of(address), found.length + (address.is_v4() ? 96U : 0U));
    const AddressBits host = inside.length() == (address.is_v4() ? 32U : 128U)
                                 ? 0
                                 : ~AddressBits{0} >> (address.is_v4() ? 96 + found.length : found.length);
    const auto other =
        Prefix::of_bits(inside.bits() | ((AddressBits{random()} << 64 | random()) & host), 128).address();
    ASSERT_EQ(places.find(other), found) << address << " and " << other;
    ASSERT_EQ(look_up(*file, other), look_up(*file, address)) << address << " and " << other;
  }
  EXPECT_GT(somewhere, kAddresses / 2);
}

}  // namespace
}  // namespace holdfast::zones
