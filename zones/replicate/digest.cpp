#include "zones/replicate/digest.h"

#include <bit>
#include <cstring>

#include "zones/replicate/soa.h"

namespace holdfast::zones {
namespace {

using Lanes = std::array<std::uint64_t, 4>;

// The fractions of the square roots of 2, 3, 5 and 7, and of 11, 13, 17 and 19.
constexpr Lanes kKeys = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1};
constexpr Lanes kSeeds = {0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

std::uint64_t read(const std::uint8_t* at) noexcept {
  const auto word = load<std::uint64_t>(at);
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

void add(Lanes& lanes, std::uint64_t first, std::uint64_t last) noexcept {
  for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i] = mix(first ^ kKeys[i], last ^ lanes[i]);
}

void add(Lanes& lanes, Rdata octets) noexcept {
  constexpr std::size_t kStep = 16;
  for (; octets.size() >= kStep; octets = octets.subspan(kStep))
    add(lanes, read(octets.data()), read(octets.data() + 8));
  if (octets.empty()) return;
  std::array<std::uint8_t, kStep> last{};
  std::memcpy(last.data(), octets.data(), octets.size());
  add(lanes, read(last.data()), read(last.data() + 8));
}

Lanes lanes_of(NameView owner, const RRset& rrset) {
  Lanes lanes = kSeeds;
  add(lanes,
      std::uint64_t{static_cast<std::uint16_t>(rrset.type)} << 48 | std::uint64_t{rrset.count} << 32 |
          rrset.ttl,
      owner.size());
  add(lanes, {owner.data(), owner.size()});
  for (const Rdata data : rrset) {
    std::vector<std::uint8_t> soa;
    if (rrset.type == RrType::SOA) soa = with_serial(data, Serial());
    add(lanes, data.size(), ~std::uint64_t{data.size()});
    add(lanes, soa.empty() ? data : Rdata(soa));
  }
  for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i] = mix(lanes[i] ^ kSeeds[i], kKeys[i]);
  return lanes;
}

/// Adds what a node has, or takes it away.
void count(Lanes& sum, const Zone& zone, Node node, bool is_there) {
  for (std::size_t i = 0; node && i < node.rrset_count(); ++i) {
    const Lanes lanes = lanes_of(node.name(), zone.rrset_at(node, i));
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += is_there ? lanes[k] : std::uint64_t{0} - lanes[k];
  }
}

Digest digest_of(const Lanes& sum) noexcept {
  Digest digest;
  for (std::size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<std::uint8_t>(sum[i / 8] >> (8 * (i % 8)));
  return digest;
}

}  // namespace

Digest digest(const Zone& zone) {
  Lanes sum{};
  for (const Node node : zone.nodes()) count(sum, zone, node, true);
  return digest_of(sum);
}

Digest digest(const Zone& zone, const Zone& before, const Digest& of_before) {
  const auto changed = zone.changed_since(before);
  if (!changed) return digest(zone);
  Lanes sum{};
  for (std::size_t i = 0; i < of_before.size(); ++i)
    sum[i / 8] |= std::uint64_t{of_before[i]} << (8 * (i % 8));
  for (const NameView owner : *changed) {
    count(sum, before, before.find(owner), false);
    count(sum, zone, zone.find(owner), true);
  }
  return digest_of(sum);
}

}  // namespace holdfast::zones
