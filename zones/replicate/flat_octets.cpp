#include "zones/replicate/flat_octets.h"

#include "zones/replicate/record_run.h"
#include "zones/replicate/soa.h"

namespace holdfast::zones {
namespace {

// For each RRset: its owner; type, count, TTL and size of the data, with 2, 2, 4 and 4 octets; the data.
constexpr std::size_t kHeader = 12;

void put(std::vector<std::uint8_t>& to, std::size_t value, unsigned octets) {
  while (octets-- > 0) to.push_back(static_cast<std::uint8_t>(value >> (8 * octets)));
}

std::uint32_t get(const std::uint8_t* at, unsigned octets) noexcept {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < octets; ++i) value = value << 8 | at[i];
  return value;
}

/// Whether that is the data of so many records, each after the one before.
bool is_data(std::span<const std::uint8_t> octets, RrType type, std::size_t count) noexcept {
  Rdata before{};
  for (std::size_t i = 0; i < count; ++i) {
    if (octets.size() < 2) return false;
    const std::size_t size = get(octets.data(), 2);
    if (octets.size() - 2 < size) return false;
    const Rdata data = octets.subspan(2, size);
    if (!fits_type(type, data) || (i > 0 && compare_data(before, data) >= 0)) return false;
    octets = octets.subspan(2 + size);
    before = data;
  }
  return octets.empty();
}

}  // namespace

std::vector<std::uint8_t> to_octets(const FlatView& flat) {
  std::vector<std::uint8_t> octets;
  for (const FlatRRset& rrset : flat) {
    const NameView owner = rrset.owner;
    octets.insert(octets.end(), owner.data(), owner.data() + owner.size());
    put(octets, static_cast<std::size_t>(rrset.type), 2);
    put(octets, rrset.count, 2);
    put(octets, rrset.ttl, 4);
    put(octets, rrset.data.size(), 4);
    octets.insert(octets.end(), rrset.data.begin(), rrset.data.end());
  }
  return octets;
}

std::optional<FlatView> read_flat(std::span<const std::uint8_t> octets) {
  FlatView flat;
  while (!octets.empty()) {
    FlatRRset rrset;
    const std::size_t name_size = rrset.owner.read(octets);
    if (name_size == 0 || octets.size() - name_size < kHeader) return std::nullopt;
    if (!same_octets(octets.data(), rrset.owner.view().data(), name_size)) return std::nullopt;
    const std::uint8_t* const header = octets.data() + name_size;
    octets = octets.subspan(name_size + kHeader);
    rrset.type = static_cast<RrType>(get(header, 2));
    rrset.count = static_cast<std::uint16_t>(get(header + 2, 2));
    rrset.ttl = get(header + 4, 4);
    const std::size_t size = get(header + 8, 4);
    if (size > octets.size() || !is_data(octets.first(size), rrset.type, rrset.count)) return std::nullopt;
    if (rrset.type == RrType::SOA) return std::nullopt;
    if (!flat.empty()) {
      const auto order = flat.back().owner <=> rrset.owner;
      if (order > 0 || (order == 0 && flat.back().type >= rrset.type)) return std::nullopt;
    }
    rrset.data.assign(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
    octets = octets.subspan(size);
    flat.push_back(std::move(rrset));
  }
  return flat;
}

}  // namespace holdfast::zones
