#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdlib>
#include <random>
#include <string>

#include "zones/geo/database.h"

namespace holdfast::zones::testing {

/// The database of countries that `./dev setup test` fetches, or the one that HOLDFAST_GEO_DATABASE names.
inline std::string real_database() {
  const char* const named = std::getenv("HOLDFAST_GEO_DATABASE");
  return named != nullptr ? named : HOLDFAST_SOURCE_DIR "/build/geo/geo-whois-asn-country.mmdb";
}

/// @param inside  of a prefix that the database has, else anywhere
inline boost::asio::ip::address random_address(const Database& database, bool v4, bool inside,
                                               std::mt19937_64& random) {
  const AddressBits bits = AddressBits{random()} << 64 | random();
  unsigned kept = v4 ? 96 : 0;
  AddressBits prefix = v4 ? AddressBits{0xffff} << 32 : 0;
  if (inside) {
    const Prefix* one = nullptr;
    do one = &database.entries[random() % database.entries.size()].prefix;
    while (one->is_v4() != v4);
    prefix = one->bits();
    kept += one->length();
  }
  const AddressBits host = kept == 0 ? ~AddressBits{0} : (AddressBits{1} << (128 - kept)) - 1;
  return Prefix::of_bits(prefix | (bits & host), 128).address();
}

}  // namespace holdfast::zones::testing
