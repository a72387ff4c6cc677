#include "zones/zone.h"

#include <algorithm>

namespace holdfast::zones {

namespace {

void append16(std::vector<std::uint8_t>& octets, std::size_t value) {
  octets.push_back(static_cast<std::uint8_t>(value >> 8));
  octets.push_back(static_cast<std::uint8_t>(value));
}

std::uint32_t read32(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}

}  // namespace

/// Adds nodes in canonical order, with the empty non-terminals between them.
class Zone::Builder {
 public:
  Builder(Zone& zone, NameView apex) : zone_(zone) { push(apex); }

  /// The node of `name`, which is not before any name given so far in canonical order.
  NodeIndex node(NameView name) {
    while (!name.is_at_or_below(zone_.name(zone_.nodes_[path_.back()]))) path_.pop_back();
    std::array<NameView, kMaxLabels> missing;
    std::size_t count = 0;
    for (NameView at = name; at.size() > zone_.nodes_[path_.back()].name_size; at = at.parent()) {
      missing[count++] = at;
    }
    while (count > 0) push(missing[--count]);
    return path_.back();
  }

 private:
  void push(NameView name) {
    const auto index = static_cast<NodeIndex>(zone_.nodes_.size());
    Node node{};
    node.name = static_cast<std::uint32_t>(zone_.octets_.size());
    node.rrsets = static_cast<std::uint32_t>(zone_.rrsets_.size());
    node.cut = path_.empty() ? kNone : zone_.nodes_[path_.back()].cut;
    node.wildcard = kNone;
    node.live = kNotLive;
    node.name_size = static_cast<std::uint8_t>(name.size());
    if (!path_.empty() && name.is_wildcard()) zone_.nodes_[path_.back()].wildcard = index;
    zone_.octets_.insert(zone_.octets_.end(), name.data(), name.data() + name.size());
    zone_.nodes_.push_back(node);
    path_.push_back(index);
  }

  Zone& zone_;
  std::vector<NodeIndex> path_;  // from the apex to the node added last
};

Zone::Zone(NameView apex, const RecordList& records, std::span<const LiveName> live) {
  std::vector<LiveName> live_names(live.begin(), live.end());
  std::sort(live_names.begin(), live_names.end(),
            [](const LiveName& a, const LiveName& b) { return a.name < b.name; });

  Builder builder(*this, apex);
  const auto& entries = records.entries();
  auto next_live = live_names.begin();
  const auto add_live_before = [&](const RecordList::Entry* entry) {
    for (; next_live != live_names.end(); ++next_live) {
      if (entry != nullptr && next_live->name.view() > records.owner(*entry)) break;
      nodes_[builder.node(next_live->name)].live = next_live->index;
    }
  };

  for (std::size_t i = 0; i < entries.size();) {
    add_live_before(&entries[i]);
    const NodeIndex index = builder.node(records.owner(entries[i]));
    Stored rrset{static_cast<std::uint32_t>(octets_.size()), entries[i].ttl, 0, entries[i].type};
    const std::size_t first = i;
    for (; i < entries.size() && entries[i].type == rrset.type &&
           records.owner(entries[i]) == records.owner(entries[first]);
         ++i, ++rrset.count) {
      const auto data = records.data(entries[i]);
      append16(octets_, data.size());
      octets_.insert(octets_.end(), data.begin(), data.end());
    }
    rrsets_.push_back(rrset);
    record_count_ += rrset.count;

    Node& node = nodes_[index];
    ++node.rrset_count;
    if (rrset.type == RrType::NS && index != 0 && node.cut == kNone) node.cut = index;
    if (rrset.type == RrType::DNAME) node.has_dname = true;
  }
  add_live_before(nullptr);

  index_ = NameIndex(nodes_.size());
  for (NodeIndex i = 0; i < nodes_.size(); ++i) index_.add(hash_name(name(nodes_[i])), i);

  const RRset soa = rrset(nodes_[0], RrType::SOA);
  const Rdata data = *soa.begin();
  const std::uint8_t* numbers = data.data() + data.size() - 20;  // the five integers after the two names
  serial_ = read32(numbers);
  negative_ttl_ = std::min(soa.ttl, read32(numbers + 16));

  octets_.shrink_to_fit();
  nodes_.shrink_to_fit();
  rrsets_.shrink_to_fit();
}

RRset Zone::negative_soa() const noexcept {
  RRset soa = rrset(nodes_[0], RrType::SOA);
  soa.ttl = negative_ttl_;
  return soa;
}

const Zone::Node* Zone::find(NameView name, NameHash hash) const noexcept {
  const NodeIndex found = index_.find(hash, [&](NodeIndex i) { return this->name(nodes_[i]) == name; });
  return found == kNone ? nullptr : &nodes_[found];
}

RRset Zone::rrset(const Node& node, RrType type) const noexcept {
  for (std::size_t i = 0; i < node.rrset_count; ++i) {
    if (rrsets_[node.rrsets + i].type == type) return rrset_at(node, i);
  }
  return {};
}

RRset Zone::rrset_at(const Node& node, std::size_t i) const noexcept {
  const Stored& stored = rrsets_[node.rrsets + i];
  return {stored.type, stored.count, stored.ttl, octets_.data() + stored.data};
}

bool Zone::operator==(const Zone& other) const noexcept {
  return octets_ == other.octets_ && nodes_ == other.nodes_ && rrsets_ == other.rrsets_;
}

std::size_t Zone::memory() const noexcept {
  return sizeof *this + octets_.capacity() + nodes_.capacity() * sizeof(Node) +
         rrsets_.capacity() * sizeof(Stored) + index_.memory();
}

}  // namespace holdfast::zones
