#include "zones/zone_builder.h"

#include <algorithm>

#include "zones/zone_sharing.h"

namespace holdfast::zones {
namespace {

// A zone up to this size needs no index: it is read from end to end.
constexpr std::size_t kSmall = 1024;  // octets
constexpr std::size_t kFew = 16;      // nodes, and records

constexpr std::size_t kLength = 2;  // in front of the data of each record, as RRset wants it

std::size_t size_of_type(ZoneBuilder::Entries entries) {
  std::size_t end = 1;
  while (end < entries.size() && entries[end].type == entries[0].type) ++end;
  return end;
}

}  // namespace

ZoneBuilder::ZoneBuilder(Zone& zone, NameView apex, const RecordList& records)
    : zone_(zone), records_(records) {
  const std::size_t guess = 2 * apex.size() + records.octets() + records.entries().size() * 32;
  zone_.octets_ = Block(std::max<std::size_t>(guess, 256));
}

void ZoneBuilder::reserve(std::size_t size) {
  if (zone_.octets_.size() - used_ < size) zone_.octets_.grow(2 * zone_.octets_.size() + size, used_);
}

void ZoneBuilder::add(NameView name, Entries entries, LiveIndex live) {
  push_missing(name);
  push(name, entries, live);
}

std::uint32_t ZoneBuilder::add_below(std::optional<std::uint32_t> parent, NameView name, Entries entries,
                                     LiveIndex live) {
  path_.clear();
  if (parent) path_.push_back(*parent);
  push(name, entries, live);
  return nodes_.back();
}

/// The ancestors of `name` that are no nodes yet.
void ZoneBuilder::push_missing(NameView name) {
  if (path_.empty()) return;  // the apex itself
  while (!name.is_at_or_below(zone_.at(path_.back()).name())) path_.pop_back();
  const std::size_t there = zone_.at(path_.back()).name().size();
  std::array<NameView, kMaxLabels> missing;
  std::size_t count = 0;
  for (NameView at = name.parent(); at.size() > there; at = at.parent()) missing[count++] = at;
  while (count > 0) push(missing[--count], {}, kNotLive);
}

void ZoneBuilder::push(NameView name, Entries entries, LiveIndex live) {
  const auto place = static_cast<std::uint32_t>(used_);
  const bool is_apex = path_.empty();
  std::uint32_t word = live;
  unsigned flags = live != kNotLive ? unsigned{Node::kLive} : 0U;
  if (!is_apex) {
    const Node parent = zone_.at(path_.back());
    if (!parent.is_authoritative()) {
      flags = Node::kBelowCut;
      word = parent.is_cut() ? path_.back() : parent.word();
    }
    if (name.is_wildcard() && !parent.has_wildcard()) at(path_.back())[2] |= Node::kWildcard;
  }
  std::size_t types = 0;
  for (Entries left = entries; !left.empty(); left = left.subspan(size_of_type(left)), ++types) {
    if (left[0].type == RrType::NS && !is_apex && (flags & Node::kBelowCut) == 0) flags |= Node::kCut;
    if (left[0].type == RrType::DNAME) flags |= Node::kDname;
  }

  const bool has_word = (flags & (Node::kBelowCut | Node::kLive)) != 0;
  reserve(16 + kMaxName + types * sizeof(Node::StoredRRset));
  put(static_cast<std::uint8_t>(name.size()));
  put(static_cast<std::uint8_t>(types));
  put(static_cast<std::uint8_t>(flags));
  put(static_cast<std::uint8_t>(has_word ? 8 : 4));
  if (has_word) put(word);
  std::memcpy(at(used_), name.data(), name.size());
  used_ += name.size();
  put_rrsets(entries);
  nodes_.push_back(place);
  path_.push_back(place);
}

void ZoneBuilder::put_rrsets(Entries entries) {
  std::size_t table = used_;
  for (Entries left = entries; !left.empty(); left = left.subspan(size_of_type(left))) {
    used_ += sizeof(Node::StoredRRset);
  }
  for (Entries left = entries; !left.empty(); left = left.subspan(size_of_type(left))) {
    const Entries rrset = left.first(size_of_type(left));
    const Node::StoredRRset stored{rrset[0].type, static_cast<std::uint16_t>(rrset.size()), rrset[0].ttl,
                                   static_cast<std::uint32_t>(used_), 0};
    std::memcpy(at(table), &stored, sizeof stored);
    table += sizeof stored;
    for (const RecordList::Entry& entry : rrset) {
      const auto data = records_.data(entry);
      reserve(kLength + data.size());
      put(static_cast<std::uint8_t>(data.size() >> 8));
      put(static_cast<std::uint8_t>(data.size()));
      std::copy(data.begin(), data.end(), at(used_));
      used_ += data.size();
    }
  }
  zone_.record_count_ += static_cast<std::uint32_t>(entries.size());
}

void ZoneBuilder::finish() {
  zone_.octets_.shrink(used_);
  zone_.nodes_end_ = static_cast<std::uint32_t>(used_);
  add_index(zone_, nodes_);
}

void ZoneBuilder::add_index(Zone& zone, std::span<const std::uint32_t> nodes) {
  if (zone.nodes_end_ <= kSmall && nodes.size() <= kFew && zone.record_count_ <= kFew) return;
  zone.index_ = NameIndex(nodes.size());
  // Each bucket is somewhere else in memory: it is fetched some names before it is written to.
  constexpr std::size_t kAhead = 16;
  std::array<NameHash, kAhead> hashes{};
  for (std::size_t i = 0; i < nodes.size() + kAhead; ++i) {
    NameHash& hash = hashes[i % kAhead];
    if (i >= kAhead) zone.index_.add(hash, nodes[i - kAhead]);
    if (i >= nodes.size()) continue;
    hash = hash_name(zone.at(nodes[i]).name());
    zone.index_.prefetch(hash);
  }
}

std::vector<LiveName> each_live_name(std::span<const LiveName> live) {
  std::vector<LiveName> names(live.begin(), live.end());
  std::sort(names.begin(), names.end(), [](const LiveName& a, const LiveName& b) { return a.name < b.name; });
  names.erase(std::unique(names.begin(), names.end(),
                          [](const LiveName& a, const LiveName& b) { return a.name == b.name; }),
              names.end());
  return names;
}

Zone::Zone(NameView apex, const RecordList& records, std::span<const LiveName> live) {
  const std::vector<LiveName> live_names = each_live_name(live);

  ZoneBuilder builder(*this, apex, records);
  const ZoneBuilder::Entries entries(records.entries());
  auto next_live = live_names.begin();
  for (std::size_t i = 0; i < entries.size();) {
    const NameView owner = records.owner(entries[i]);
    std::size_t end = i + 1;
    while (end < entries.size() &&
           (entries[end].owner == entries[i].owner || records.owner(entries[end]) == owner)) {
      ++end;
    }
    for (; next_live != live_names.end() && next_live->name.view() < owner; ++next_live) {
      builder.add(next_live->name, {}, next_live->index);
    }
    LiveIndex index = kNotLive;
    if (next_live != live_names.end() && next_live->name.view() == owner) index = next_live++->index;
    builder.add(owner, entries.subspan(i, end - i), index);
    i = end;
  }
  for (; next_live != live_names.end(); ++next_live) builder.add(next_live->name, {}, next_live->index);
  builder.finish();
}

std::shared_ptr<const Zone> Zone::unavailable(NameView apex) {
  const std::shared_ptr<Zone> zone(new Zone());
  const RecordList none;
  ZoneBuilder builder(*zone, apex, none);
  builder.add(apex, {}, kNotLive);
  builder.finish();
  return zone;
}

}  // namespace holdfast::zones
