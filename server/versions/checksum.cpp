#include "server/versions/checksum.h"

#include <array>
#include <bit>
#include <cstring>

#include "zones/dns/name.h"

namespace holdfast::server {
namespace {

std::uint64_t read(const std::uint8_t* at) noexcept {
  const auto word = zones::load<std::uint64_t>(at);
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

}  // namespace

std::uint64_t checksum(std::span<const std::uint8_t> octets, std::uint64_t before) noexcept {
  constexpr std::uint64_t kKeys[] = {0x2d358dccaa6c78a5, 0x8bb84b93962eacc9, 0x4b33a62ed433d4a3};
  constexpr std::size_t kStep = 32;
  // Two at a time: neither waits for the other.
  std::uint64_t one = zones::mix(before ^ kKeys[0], octets.size() ^ kKeys[1]);
  std::uint64_t two = one ^ kKeys[2];
  const auto add = [&](const std::uint8_t* at) {
    one = zones::mix(read(at) ^ kKeys[1], read(at + 8) ^ one);
    two = zones::mix(read(at + 16) ^ kKeys[2], read(at + 24) ^ two);
  };
  for (; octets.size() >= kStep; octets = octets.subspan(kStep)) add(octets.data());
  if (!octets.empty()) {
    std::array<std::uint8_t, kStep> last{};
    std::memcpy(last.data(), octets.data(), octets.size());
    add(last.data());
  }
  return zones::mix(one ^ kKeys[0], two ^ kKeys[1]);
}

}  // namespace holdfast::server
