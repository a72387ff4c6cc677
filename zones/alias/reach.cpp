#include "zones/alias/reach.h"

#include <cstdint>

namespace holdfast::zones {
namespace {

struct Block {
  std::uint32_t first;
  int prefix;
  Reach reach;
};

constexpr Block kBlocks[] = {
    {0x00000000, 8, Reach::nowhere}, {0x0a000000, 8, Reach::inside},   {0x64400000, 10, Reach::inside},
    {0x7f000000, 8, Reach::inside},  {0xa9fe0000, 16, Reach::nowhere}, {0xac100000, 12, Reach::inside},
    {0xc0a80000, 16, Reach::inside}, {0xe0000000, 4, Reach::nowhere},  {0xf0000000, 4, Reach::nowhere},
};

Reach reach(std::uint32_t address) {
  for (const Block& block : kBlocks) {
    if ((address ^ block.first) >> (32 - block.prefix) == 0) return block.reach;
  }
  return Reach::everywhere;
}

}  // namespace

Reach reach(const boost::asio::ip::address& address) {
  if (address.is_v4()) return reach(address.to_v4().to_uint());
  const auto v6 = address.to_v6();
  const auto octets = v6.to_bytes();
  const std::uint32_t last = std::uint32_t{octets[12]} << 24 | std::uint32_t{octets[13]} << 16 |
                             std::uint32_t{octets[14]} << 8 | octets[15];
  const boost::asio::ip::address_v6::bytes_type nat64 = {0x00, 0x64, 0xff, 0x9b};
  bool is_nat64 = true;
  for (std::size_t i = 0; i < 12; ++i) is_nat64 = is_nat64 && octets[i] == nat64[i];
  if (v6.is_v4_mapped() || is_nat64) return reach(last);
  if (v6.is_loopback() || (octets[0] & 0xfe) == 0xfc) return Reach::inside;
  if (v6.is_unspecified() || v6.is_link_local() || v6.is_multicast()) return Reach::nowhere;
  return Reach::everywhere;
}

}  // namespace holdfast::zones
