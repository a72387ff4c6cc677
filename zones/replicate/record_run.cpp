#include "zones/replicate/record_run.h"

#include <algorithm>

#include "zones/dns/names_in_data.h"
#include "zones/replicate/soa.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kRunHeader = 10;  // type, class, TTL, length

std::uint32_t number(const std::uint8_t* at, std::size_t octets) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < octets; ++i) value = value << 8 | at[i];
  return value;
}

/// The size of the record at the start of `octets`; 0: there is none.
std::size_t record_size(std::span<const std::uint8_t> octets) noexcept {
  Name owner;
  const std::size_t name_size = owner.read(octets);
  if (name_size == 0 || octets.size() - name_size < kRunHeader) return 0;
  if (!same_octets(octets.data(), owner.view().data(), name_size)) return 0;
  const std::uint8_t* const header = octets.data() + name_size;
  if (number(header + 2, 2) != static_cast<std::uint16_t>(RrClass::IN)) return 0;
  const std::size_t data_size = number(header + 8, 2);
  octets = octets.subspan(name_size + kRunHeader);
  if (octets.size() < data_size) return 0;
  if (!fits_type(static_cast<RrType>(number(header, 2)), octets.first(data_size))) return 0;
  return name_size + kRunHeader + data_size;
}

}  // namespace

bool fits_type(RrType type, Rdata data) noexcept {
  Name name;
  if (type == RrType::A) return data.size() == 4;
  if (type == RrType::AAAA) return data.size() == 16;
  if (type == RrType::DNAME) return !data.empty() && name.read(data) == data.size();
  if (const CompressedNames names = compressed_names(type); names.count != 0) {
    if (data.size() < names.before) return false;
    data = data.subspan(names.before);
    for (unsigned i = 0; i < names.count; ++i) {
      const std::size_t size = name.read(data);
      if (size == 0) return false;
      data = data.subspan(size);
    }
    return data.size() == (type == RrType::SOA ? kSoaNumbers : 0);
  }
  if (const auto offset = target_offset(type)) {
    return data.size() > *offset && name.read(data.subspan(*offset)) != 0;
  }
  return true;
}

std::strong_ordering operator<=>(const RecordView& a, const RecordView& b) noexcept {
  if (const auto order = a.owner <=> b.owner; order != 0) return order;
  if (const auto order = a.type <=> b.type; order != 0) return order;
  if (const auto order = compare_data(a.data, b.data); order != 0) return order;
  return a.ttl <=> b.ttl;
}

bool operator==(const RecordView& a, const RecordView& b) noexcept {
  return a.type == b.type && a.ttl == b.ttl && a.owner == b.owner && std::ranges::equal(a.data, b.data);
}

void RecordRun::add(const RecordView& record) {
  const auto type = static_cast<std::uint16_t>(record.type);
  const auto octet = [](std::size_t value) { return static_cast<std::uint8_t>(value); };
  const std::uint8_t header[kRunHeader] = {octet(type >> 8U),
                                           octet(type),
                                           0,
                                           static_cast<std::uint8_t>(RrClass::IN),
                                           octet(record.ttl >> 24),
                                           octet(record.ttl >> 16),
                                           octet(record.ttl >> 8),
                                           octet(record.ttl),
                                           octet(record.data.size() >> 8),
                                           octet(record.data.size())};
  octets_.insert(octets_.end(), record.owner.data(), record.owner.data() + record.owner.size());
  octets_.insert(octets_.end(), header, header + kRunHeader);
  octets_.insert(octets_.end(), record.data.begin(), record.data.end());
  ++count_;
}

void RecordRun::add(NameView owner, const RRset& rrset) {
  for (const Rdata data : rrset) add({owner, rrset.type, rrset.ttl, data});
}

std::optional<RecordRun> RecordRun::read(std::span<const std::uint8_t> octets) {
  RecordRun run;
  for (auto left = octets; !left.empty(); ++run.count_) {
    const std::size_t size = record_size(left);
    if (size == 0) return std::nullopt;
    left = left.subspan(size);
  }
  run.octets_.assign(octets.begin(), octets.end());
  return run;
}

RecordView RecordRun::Iterator::operator*() const noexcept {
  std::size_t name_size = 1;
  for (const std::uint8_t* label = at_; *label != 0; label += *label + 1) name_size += *label + 1U;
  const std::uint8_t* const header = at_ + name_size;
  return {NameView(at_, name_size), static_cast<RrType>(number(header, 2)), number(header + 4, 4),
          Rdata(header + kRunHeader, number(header + 8, 2))};
}

RecordRun::Iterator& RecordRun::Iterator::operator++() noexcept {
  const Rdata data = (**this).data;
  at_ = data.data() + data.size();
  return *this;
}

}  // namespace holdfast::zones
