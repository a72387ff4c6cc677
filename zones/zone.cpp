#include "zones/zone.h"

#include <algorithm>
#include <cstddef>

#include "zones/pages.h"
#include "zones/parallel.h"
#include "zones/zone_sharing.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kShare = 1024;  // nodes that a thread takes at a time
constexpr std::size_t kShareOfLater =
    4;  // of the octets of a large zone as much room is left for later versions: 1/4
constexpr std::size_t kMost = 0xffff0000U;  // octets: places have 32 bits
constexpr std::size_t kSoaNumbers = 20;     // octets at the end of a SOA: five integers (RFC 1035 3.3.13)

std::uint32_t read32(const std::uint8_t* at) noexcept { return __builtin_bswap32(load<std::uint32_t>(at)); }

}  // namespace

Zone::Zone() = default;

Zone::~Zone() {
  if (sharing_ == nullptr) return;
  if (sharing_->has_room) sharing_->room->end = sharing_->begin;  // it never came into service
  octets_.let_go();
}

RRset Zone::negative_soa() const noexcept {
  RRset soa = rrset(apex_node(), RrType::SOA);
  const Rdata data = *soa.begin();
  soa.ttl = std::min(soa.ttl, read32(data.data() + data.size() - 4));
  return soa;
}

std::uint32_t Zone::serial() const noexcept {
  if (!is_available()) return 0;
  const Rdata data = *rrset(apex_node(), RrType::SOA).begin();
  return read32(data.data() + data.size() - kSoaNumbers);
}

Node Zone::find(NameView name, NameHash hash) const noexcept {
  if (index_.empty()) return find_by_reading(name);
  const std::uint32_t found =
      index_.find(hash, [&](std::uint32_t place) { return at(place).name() == name; });
  return found == NameIndex::kNone ? Node() : at(found);
}

Node Zone::find_by_reading(NameView name) const noexcept {
  for (const Node node : nodes()) {
    if (node.name() == name) return node;
  }
  return {};
}

Node Zone::find_near(Node before, NameView name) const noexcept {
  constexpr int kNear = 4;
  const Node end = at(nodes_end_);
  Node node = before;
  for (int i = 0; i < kNear && node != end && (node = next(node)) != end; ++i) {
    if (node.name() == name) return node;
  }
  return find(name);
}

bool Zone::prefetch_node(NameHash hash) const noexcept {
  if (index_.empty()) {
    for (std::size_t i = 128; i < octets_.size(); i += 64) __builtin_prefetch(octets_.data() + i);
    return true;
  }
  const std::uint32_t likely = index_.guess(hash);
  if (likely == NameIndex::kNone) return false;
  __builtin_prefetch(octets_.data() + likely);
  __builtin_prefetch(octets_.data() + likely + 64);
  return true;
}

Node Zone::wildcard(Node node) const noexcept {
  std::array<std::uint8_t, kMaxName + 2> octets{1, '*'};
  const NameView parent = node.name();
  std::memcpy(octets.data() + 2, parent.data(), parent.size());
  return find({octets.data(), parent.size() + 2});
}

Node Zone::end_of(Node node) const noexcept {
  const std::size_t count = node.rrset_count();
  const std::uint8_t* end = node.table() + count * sizeof(Node::StoredRRset);
  if (count != 0) {
    const RRset last = rrset_at(node, count - 1);
    end = last.data;
    for (const Rdata data : last) end = data.data() + data.size();
  }
  return Node(end);
}

Node Zone::next(Node node) const noexcept {
  const Node end = end_of(node);
  return sharing_ == nullptr ? end : at(sharing_->jumps.after(static_cast<std::uint32_t>(place(end))));
}

void Zone::leave_room(std::size_t octets) {
  const auto used = static_cast<std::uint32_t>(octets_.size());
  octets_.grow(ZoneRoom::begin_after(used) + octets, used);
  auto sharing = std::make_unique<Sharing>();
  sharing->room = std::make_shared<ZoneRoom>(std::move(octets_), ZoneRoom::begin_after(used));
  sharing->size = used;
  sharing_ = std::move(sharing);
  octets_ = Block::borrow(sharing_->room->octets);
}

void Zone::leave_room_for_later() {
  if (octets_.size() >= kOwnPages && octets_.size() < kMost / 5 * 4)
    leave_room(octets_.size() / kShareOfLater);
}

bool Zone::is_patched() const noexcept { return sharing_ != nullptr && sharing_->before != 0; }

std::optional<std::vector<NameView>> Zone::changed_since(const Zone& before) const {
  if (!is_patched() || before.sharing_ == nullptr || before.sharing_->version != sharing_->before)
    return std::nullopt;
  std::vector<NameView> names;
  names.reserve(sharing_->changed.size());
  for (const std::uint32_t place : sharing_->changed) names.push_back(at(place).name());
  return names;
}

void Zone::prebuild_patch(const Encode& encode) {
  ZoneRoom& shared = *sharing_->room;
  const std::size_t begin = (sharing_->size + 1UL) / 2 * 2;  // a Prebuilt is at an even place
  PrebuiltWriter::Room room{octets_.data(), begin, shared.octets.size()};
  for (const std::uint32_t place : sharing_->added) {
    const Node node = at(place);
    for (std::size_t i = 0; i < node.rrset_count(); ++i) {
      PrebuiltWriter writer(room);
      encode(node, rrset_at(node, i), writer);
      const std::uint32_t first = writer.first();
      if (first == 0) continue;
      const std::size_t table = static_cast<std::size_t>(node.table() - octets_.data());
      std::memcpy(
          octets_.data() + table + i * sizeof(Node::StoredRRset) + offsetof(Node::StoredRRset, prebuilt),
          &first, sizeof first);
    }
  }
  prebuilt_size_ += static_cast<std::uint32_t>(room.used - begin);
  sharing_->has_room = false;
  // Not behind the room, which prebuilt answers may have filled up.
  shared.end = static_cast<std::uint32_t>(
      std::min<std::size_t>(ZoneRoom::begin_after(room.used), shared.octets.size()));
}

void Zone::prebuild(const Encode& encode) {
  if (is_patched()) return prebuild_patch(encode);
  const unsigned threads = threads_for(nodes_end_, kHugePage);
  // Each thread has a part of the address space to itself, whose rest is never touched.
  // A Prebuilt is at an even place.
  const std::size_t begin = threads == 1 ? (nodes_end_ + 1UL) / 2 * 2 : whole_pages(nodes_end_);
  const std::size_t share = 2UL * nodes_end_ / threads;  // more than that is not prebuilt
  const std::size_t wanted = threads == 1 ? share : whole_pages(share + 1);
  const std::size_t part = std::min(wanted, (kMost - std::min(kMost, begin)) / threads / kPage * kPage);
  octets_.grow(begin + threads * part, nodes_end_);

  std::vector<PrebuiltWriter::Room> rooms;
  for (std::size_t t = 0; t < threads; ++t) {
    rooms.push_back({octets_.data(), begin + t * part, begin + (t + 1) * part});
  }
  // While they work all read the nodes: what was found goes into them afterwards.
  struct Found {
    std::uint32_t stored, first;  // the place of the StoredRRset, and of its prebuilt answers
  };
  std::vector<std::vector<Found>> found(threads);
  const auto work = [&](std::size_t mine) {
    std::size_t number = 0;
    for (const Node node : nodes()) {
      if (number++ / kShare % threads != mine) continue;
      for (std::size_t i = 0; i < node.rrset_count(); ++i) {
        PrebuiltWriter writer(rooms[mine]);
        encode(node, rrset_at(node, i), writer);
        if (writer.first() == 0) continue;
        const std::size_t table = static_cast<std::size_t>(node.table() - octets_.data());
        found[mine].push_back(
            {static_cast<std::uint32_t>(table + i * sizeof(Node::StoredRRset)), writer.first()});
      }
    }
  };
  in_parallel(threads, threads, work);

  in_parallel(threads, threads, [&](std::size_t mine) {
    for (const auto [stored, first] : found[mine]) {
      std::memcpy(octets_.data() + stored + offsetof(Node::StoredRRset, prebuilt), &first, sizeof first);
    }
  });
  for (std::size_t t = 0; t < threads; ++t) {
    prebuilt_size_ += static_cast<std::uint32_t>(rooms[t].used - begin - t * part);
  }
  octets_.shrink(rooms.back().used);
  leave_room_for_later();
}

bool Zone::operator==(const Zone& other) const noexcept {
  if (is_patched() || other.is_patched())
    return this == &other;  // whoever made it would not have without changes
  return nodes_end_ == other.nodes_end_ && std::memcmp(octets_.data(), other.octets_.data(), nodes_end_) == 0;
}

std::size_t Zone::memory() const noexcept {
  return sizeof *this + nodes_end_ + prebuilt_size_ + index_.memory();
}

}  // namespace holdfast::zones
