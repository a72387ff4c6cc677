#include "zones/load/owners.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "zones/dns/rrset.h"
#include "zones/parallel.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kLeastOwners = 20'000;  // owners that another thread is worth
constexpr std::size_t kStep = 32;             // owners to a key of keys_

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
    : apex_(apex),
      records_(records),
      all_(records.entries()),
      threads_(threads_for(records.entries().size(), kLeastOwners)) {
  for (const LiveName& name : live) live_.push_back(name.name);
  std::sort(live_.begin(), live_.end());
  collect();
  find_tops();
  find_name_servers();
}

void Owners::collect() {
  std::vector<std::size_t> begin(threads_ + 1);  // the first owner of each part
  in_parallel(threads_, threads_, [&](std::size_t part) {
    const std::size_t end = records_.part_begin(threads_, part + 1);
    for (std::size_t i = records_.part_begin(threads_, part); i < end; ++i) {
      begin[part + 1] += i == 0 || all_[i].owner != all_[i - 1].owner;
    }
  });
  for (std::size_t part = 0; part < threads_; ++part) begin[part + 1] += begin[part];
  owners_.resize(begin.back() + 1);
  keys_.resize((size() + kStep - 1) / kStep);
  in_parallel(threads_, threads_, [&](std::size_t part) {
    std::size_t at = begin[part];
    const std::size_t end = records_.part_begin(threads_, part + 1);
    for (std::size_t i = records_.part_begin(threads_, part); i < end; ++at) {
      Owner owner{canonical_key(records_.owner(all_[i]), apex_.size()), static_cast<std::uint32_t>(i), kNone,
                  kNone, false};
      bool alias = false;
      const std::uint8_t* const name = all_[i].owner;
      for (; i < end && all_[i].owner == name; ++i) {
        owner.is_host = owner.is_host || all_[i].type == RrType::A || all_[i].type == RrType::AAAA;
        alias = alias || all_[i].type == RrType::CNAME;
      }
      owner.is_host = owner.is_host && !alias;
      owners_[at] = owner;
      if (at % kStep == 0) keys_[at / kStep] = owner.key;
    }
  });
  owners_.back().first = static_cast<std::uint32_t>(all_.size());
}

void Owners::find_tops() {
  in_parallel(threads_, threads_, [&](std::size_t part) {
    find_tops(static_cast<Index>(part_begin(size(), threads_, part)),
              static_cast<Index>(part_begin(size(), threads_, part + 1)));
  });
}

/// In canonical order nothing but descendants stands between an ancestor and its descendant, so it is enough to know
/// the last cut and DNAME.
void Owners::find_tops(Index first, Index last) {
  if (first == last) return;
  Index cut = kNone;
  Index dname = kNone;
  for (NameView above = name(first); above != apex_;) {
    above = above.parent();
    const Index owner = index_of(above);
    if (owner == kNone) continue;
    if (above != apex_ && has(owner, RrType::NS)) cut = owner;
    if (has(owner, RrType::DNAME)) dname = owner;
  }
  if (cut != kNone && dname != kNone && name(dname).is_at_or_below(name(cut))) dname = kNone;
  for (Index owner = first; owner != last; ++owner) {
    const NameView here = name(owner);
    if (cut != kNone && !here.is_at_or_below(name(cut))) cut = kNone;
    if (dname != kNone && !here.is_at_or_below(name(dname))) dname = kNone;
    for (const RecordList::Entry& entry : entries(owner)) {
      if (entry.type == RrType::NS && cut == kNone && here != apex_) cut = owner;
      if (entry.type == RrType::DNAME && cut == kNone && dname == kNone) dname = owner;
    }
    owners_[owner].cut = cut;
    owners_[owner].dname = dname;
  }
}

/// A name server that has no address in the zone is of no interest: neither can it be glue.
void Owners::find_name_servers() {
  is_name_server_.resize(size());
  targets_.resize(all_.size(), kNone);
  std::vector<std::vector<std::uint32_t>> far(threads_);  // the NS whose targets are not near, by part
  in_parallel(threads_, threads_, [&](std::size_t part) {
    const auto end = static_cast<Index>(part_begin(size(), threads_, part + 1));
    for (auto owner = static_cast<Index>(part_begin(size(), threads_, part)); owner != end; ++owner) {
      for (std::uint32_t i = owners_[owner].first; i < owners_[owner + 1].first; ++i) {
        if (all_[i].type != RrType::NS) continue;
        const auto target = target_of(RrType::NS, data(all_[i]));
        if (!target || !target->is_at_or_below(apex_)) continue;
        set_target(i, find_near(owner, *target));
        if (targets_[i] == kNone) far[part].push_back(i);
      }
    }
  });
  std::size_t count = 0;
  for (const auto& entries : far) count += entries.size();
  if (count == 0) return;
  if (count < size() / kStep) {  // an index would take longer
    for (const auto& entries : far) {
      for (const std::uint32_t i : entries) {
        const Index target = index_of(name_in(data(all_[i])));
        const bool host = target != kNone && (has(target, RrType::A) || has(target, RrType::AAAA));
        set_target(i, host ? target : kNone);
      }
    }
    return;
  }
  const NameIndex index = index_of_addresses();
  in_parallel(threads_, threads_, [&](std::size_t part) { find_far(far[part], index); });
}

void Owners::set_target(std::uint32_t entry, Index target) noexcept {
  targets_[entry] = target;
  if (target != kNone) std::atomic_ref(is_name_server_[target]).store(1, std::memory_order_relaxed);
}

/// Name servers below a cut come right after it.
Owners::Index Owners::find_near(Index owner, NameView target) const noexcept {
  constexpr std::size_t kNear = 4;
  const std::size_t end = std::min(owner + kNear, size());
  for (std::size_t i = owner; i < end; ++i) {
    if (name(static_cast<Index>(i)) == target) return static_cast<Index>(i);
  }
  return kNone;
}

NameIndex Owners::index_of_addresses() const {
  std::vector<Index> hosts;
  for (Index owner = 0; owner < size(); ++owner) {
    if (has(owner, RrType::A) || has(owner, RrType::AAAA)) hosts.push_back(owner);
  }
  NameIndex index(hosts.size());
  for (const Index host : hosts) index.add(hash_name(name(host)), host);
  return index;
}

/// In batches, so that the memory that they need comes while others are worked on.
void Owners::find_far(std::span<const std::uint32_t> entries, const NameIndex& index) noexcept {
  constexpr std::size_t kBatch = 16;
  std::array<NameHash, kBatch> hashes;
  for (std::size_t first = 0; first < entries.size(); first += kBatch) {
    const auto batch = entries.subspan(first, std::min(kBatch, entries.size() - first));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      hashes[i] = hash_name(name_in(data(all_[batch[i]])));
      index.prefetch(hashes[i]);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (const Index guess = index.guess(hashes[i]); guess != kNone) __builtin_prefetch(&owners_[guess]);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const NameView target = name_in(data(all_[batch[i]]));
      set_target(batch[i], index.find(hashes[i], [&](Index owner) { return name(owner) == target; }));
    }
  }
}

Owners::Index Owners::lower_bound(NameView name) const noexcept {
  const CanonicalKey key = canonical_key(name, apex_.size());
  const auto first = std::lower_bound(keys_.begin(), keys_.end(), key);
  const auto last = std::upper_bound(first, keys_.end(), key);  // long names have many equal keys
  // All up to that of the key before `first` are before the name, that of `last` and all behind are after it.
  const auto from =
      first == keys_.begin() ? 0 : (first - keys_.begin() - 1) * static_cast<std::ptrdiff_t>(kStep) + 1;
  const auto to = std::min((last - keys_.begin()) * static_cast<std::ptrdiff_t>(kStep),
                           static_cast<std::ptrdiff_t>(size()));
  const auto before = [&](const Owner& owner) {
    return owner.key != key ? owner.key < key : records_.owner(all_[owner.first]) < name;
  };
  const auto found =
      std::partition_point(owners_.begin() + from, owners_.begin() + std::max(from, to), before);
  return static_cast<Index>(found - owners_.begin());
}

Owners::Index Owners::last_up_to(NameView name) const noexcept {
  const Index at = lower_bound(name);
  if (at != size() && this->name(at) == name) return at;
  return at == 0 ? kNone : at - 1;
}

Owners::Index Owners::index_of(NameView name) const noexcept {
  const Index at = lower_bound(name);
  return at != size() && this->name(at) == name ? at : kNone;
}

Owners::Entries Owners::entries(Index owner, RrType type) const noexcept {
  const Entries all = entries(owner);
  const auto first =
      std::partition_point(all.begin(), all.end(), [&](const auto& e) { return e.type < type; });
  const auto last = std::partition_point(first, all.end(), [&](const auto& e) { return e.type == type; });
  return {first, last};
}

Owners::Entries Owners::find(NameView name) const noexcept {
  const Index owner = index_of(name);
  return owner == kNone ? Entries() : entries(owner);
}

Owners::Entries Owners::find(NameView name, RrType type) const noexcept {
  const Index owner = index_of(name);
  return owner == kNone ? Entries() : entries(owner, type);
}

std::optional<NameView> Owners::cut_above(NameView name) const noexcept {
  const Index before = last_up_to(name);
  const Index cut = before == kNone ? kNone : owners_[before].cut;
  if (cut == kNone || !name.is_at_or_below(this->name(cut))) return std::nullopt;
  return this->name(cut);
}

std::optional<NameView> Owners::dname_above(NameView name) const noexcept {
  if (name == apex_) return std::nullopt;
  const NameView parent = name.parent();
  const Index before = last_up_to(parent);
  const Index dname = before == kNone ? kNone : owners_[before].dname;
  if (dname == kNone || !parent.is_at_or_below(this->name(dname))) return std::nullopt;
  return this->name(dname);
}

bool Owners::is_live(NameView name) const noexcept {
  return std::binary_search(live_.begin(), live_.end(), name);
}

bool Owners::has_address(NameView name) const noexcept {
  return is_live(name) || !find(name, RrType::A).empty() || !find(name, RrType::AAAA).empty();
}

bool Owners::exists(NameView name) const noexcept {
  const Index next = lower_bound(name);
  return (next != size() && this->name(next).is_at_or_below(name)) || is_live(name);
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
