#include "zones/load/owners.h"

#include <array>

#include "zones/dns/rrset.h"

namespace holdfast::zones {
namespace {

/// The one of `tops` at or above `name`. In canonical order nothing but descendants stands between an
/// ancestor and its descendant, so it can only be the last one that is not after `name`.
std::optional<NameView> at_or_above(const std::vector<NameView>& tops, NameView name) noexcept {
  const auto after = std::upper_bound(tops.begin(), tops.end(), name);
  if (after == tops.begin() || !name.is_at_or_below(*std::prev(after))) return std::nullopt;
  return *std::prev(after);
}

}  // namespace

std::optional<NameView> target_of(RrType type, std::span<const std::uint8_t> data) noexcept {
  std::size_t at = 0;
  switch (type) {
    case RrType::NS: at = 0; break;
    case RrType::MX: at = 2; break;
    case RrType::SRV: at = 6; break;
    default: return std::nullopt;
  }
  const NameView target = name_in(data.subspan(at));
  if (target.is_root()) return std::nullopt;
  return target;
}

Owners::Owners(NameView apex, const RecordList& records, std::span<const LiveName> live)
    : apex_(apex), records_(records) {
  each([&](Entries owner) {
    const NameView here = name(owner);
    for (const RecordList::Entry& entry : owner) {
      if (entry.type == RrType::NS) {
        if (here != apex && !cut_above(here)) cuts_.push_back(here);
        if (const auto target = target_of(entry.type, records.data(entry))) name_servers_.push_back(*target);
      }
      if (entry.type == RrType::DNAME && !dname_above(here) && !cut_above(here)) dnames_.push_back(here);
    }
  });
  for (const LiveName& name : live) live_.push_back(name.name);
  std::sort(name_servers_.begin(), name_servers_.end());
  std::sort(live_.begin(), live_.end());
}

Owners::Entries Owners::find(NameView name) const noexcept {
  const Entries all(records_.entries());
  const auto owner = [this](const RecordList::Entry& entry) { return records_.owner(entry); };
  const auto first =
      std::partition_point(all.begin(), all.end(), [&](const auto& e) { return owner(e) < name; });
  const auto last = std::partition_point(first, all.end(), [&](const auto& e) { return owner(e) == name; });
  return {first, last};
}

Owners::Entries Owners::find(NameView name, RrType type) const noexcept {
  const Entries owner = find(name);
  const auto first =
      std::partition_point(owner.begin(), owner.end(), [&](const auto& e) { return e.type < type; });
  const auto last = std::partition_point(first, owner.end(), [&](const auto& e) { return e.type == type; });
  return {first, last};
}

std::optional<NameView> Owners::cut_above(NameView name) const noexcept { return at_or_above(cuts_, name); }

std::optional<NameView> Owners::dname_above(NameView name) const noexcept {
  return name.is_root() ? std::nullopt : at_or_above(dnames_, name.parent());
}

bool Owners::is_name_server(NameView name) const noexcept {
  return std::binary_search(name_servers_.begin(), name_servers_.end(), name);
}

bool Owners::is_live(NameView name) const noexcept {
  return std::binary_search(live_.begin(), live_.end(), name);
}

bool Owners::has_address(NameView name) const noexcept {
  return is_live(name) || !find(name, RrType::A).empty() || !find(name, RrType::AAAA).empty();
}

bool Owners::exists(NameView name) const noexcept {
  const auto& all = records_.entries();
  const auto next =
      std::partition_point(all.begin(), all.end(), [&](const auto& e) { return records_.owner(e) < name; });
  return (next != all.end() && records_.owner(*next).is_at_or_below(name)) || is_live(name);
}

Name Owners::source_of(NameView name) const noexcept {
  constexpr std::array<std::uint8_t, 2> kStar = {1, '*'};
  NameView encloser = name;
  while (encloser != apex_ && !exists(encloser)) encloser = encloser.parent();
  if (encloser == name) return Name(name);
  const auto wildcard = Name::join(kStar, encloser);
  return wildcard && !find(*wildcard).empty() ? *wildcard : Name(name);
}

}  // namespace holdfast::zones
