#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "zones/dns/rrset.h"
#include "zones/replicate/serial.h"

namespace holdfast::zones {

inline constexpr std::size_t kSoaNumbers =
    20;  ///< octets at the end of a SOA: five integers (RFC 1035 3.3.13)

/// Of the data of a SOA, which ends with its numbers: serial, REFRESH, RETRY, EXPIRE, MINIMUM.
inline std::uint32_t soa_number(Rdata soa, std::size_t which) noexcept {
  const std::uint8_t* const at = soa.data() + soa.size() - kSoaNumbers + 4 * which;
  return static_cast<std::uint32_t>(at[0]) << 24 | static_cast<std::uint32_t>(at[1]) << 16 |
         static_cast<std::uint32_t>(at[2]) << 8 | at[3];
}
inline Serial serial_of(Rdata soa) noexcept { return Serial(soa_number(soa, 0)); }

/// The same data with another serial.
inline std::vector<std::uint8_t> with_serial(Rdata soa, Serial serial) {
  std::vector<std::uint8_t> data(soa.begin(), soa.end());
  std::uint8_t* const at = data.data() + data.size() - kSoaNumbers;
  for (unsigned i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(serial.value() >> (24 - 8 * i));
  return data;
}

/// The order of records within an RRset (RFC 4034 6.3).
inline std::strong_ordering compare_data(Rdata a, Rdata b) noexcept {
  const std::size_t common = std::min(a.size(), b.size());
  const int order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
  return order != 0 ? order <=> 0 : a.size() <=> b.size();
}

}  // namespace holdfast::zones
