#include "zones/zone_patch.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <optional>

#include "zones/dns/names_in_data.h"
#include "zones/zone_builder.h"
#include "zones/zone_sharing.h"

namespace holdfast::zones {
namespace {

using Entries = ZoneBuilder::Entries;

constexpr std::size_t kMarkStep = 32;  // nodes from one mark to the next
constexpr std::size_t kHead = 16;      // octets of a node, without its name and RRsets
constexpr std::size_t kMostOfNode = kHead + kMaxName;
constexpr std::size_t kPrebuiltOctets =
    3;  // that may be prebuilt for an octet of nodes, else there is no room

std::uint32_t half(NameHash hash) noexcept { return static_cast<std::uint32_t>(hash >> 32); }

bool is_less(const Mention& a, const Mention& b) noexcept { return a.hash < b.hash; }

/// Calls `to` with each name in the zone of which an answer with these records may have something.
template <class Records, class To>
void each_mentioned(NameView apex, NameView owner, RrType type, const Records& records, To to) {
  const auto offset = type == RrType::CNAME ? std::optional<std::size_t>(0) : target_offset(type);
  if (!offset) return;
  for (const Rdata data : records) {
    Name folded;
    folded.read(data.subspan(*offset));
    const NameView target = folded.view().is_root() ? owner : folded.view();
    if (target.is_at_or_below(apex)) to(target);
  }
}

/// The name in a wildcard's place with which its answers are prebuilt. @see server/answer/prebuild.cpp
bool is_strange(NameView name) noexcept {
  return name.size() > 2 && name.data()[0] == 1 && name.data()[1] == 0;
}

bool has(Entries entries, RrType type) noexcept {
  return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return entry.type == type; });
}

bool same(const RRset& rrset, Entries entries) noexcept {
  if (rrset.count != entries.size() || (!entries.empty() && rrset.ttl != entries[0].ttl)) return false;
  auto entry = entries.begin();
  for (const Rdata data : rrset) {
    if (!std::ranges::equal(data, Rdata(entry->data, entry->data_size))) return false;
    ++entry;
  }
  return true;
}

Entries of_type(Entries entries, RrType type) noexcept {
  const auto is_before = [](const RecordList::Entry& entry, RrType other) { return entry.type < other; };
  const auto first = std::lower_bound(entries.begin(), entries.end(), type, is_before);
  auto end = first;
  while (end != entries.end() && end->type == type) ++end;
  return {first, end};
}

}  // namespace

Jumps Jumps::with(const std::vector<Jump>& more) const {
  std::vector<Jump> all;
  all.reserve(jumps_.size() + more.size());
  auto old = jumps_.begin();
  for (const Jump& jump : more) {
    for (; old != jumps_.end() && old->from < jump.from; ++old) all.push_back(*old);
    if (old != jumps_.end() && old->from == jump.from) ++old;
    all.push_back(jump);
  }
  all.insert(all.end(), old, jumps_.end());
  return Jumps(std::move(all));
}

/// Makes one patch.
///
///   what changed --> who else has to be laid out anew: names between, whole subtrees of zone cuts, those whose prebuilt
///   answers mention it --> nodes behind those that are there --> the index, the order
class ZonePatcher {
 public:
  explicit ZonePatcher(const PatchInput& input) : before_(input.before), input_(input) {}

  std::shared_ptr<Zone> run() {
    if (!is_fit(before_)) return nullptr;
    room_ = before_.sharing_->room;
    std::uint32_t begin = room_->end;
    if (begin == ZoneRoom::kTaken || !room_->end.compare_exchange_strong(begin, ZoneRoom::kTaken))
      return nullptr;
    left_ = room_->octets.size() - std::min<std::size_t>(begin, room_->octets.size());
    try {
      survey();
      if (collect() && lay_out(begin)) return zone_;
    } catch (...) {
      if (zone_ == nullptr) room_->end = begin;
      throw;
    }
    if (zone_ == nullptr) room_->end = begin;
    return nullptr;
  }

  static bool is_fit(const Zone& zone) noexcept { return zone.sharing_ != nullptr && !zone.index_.empty(); }

  static std::size_t names(const Zone& zone) noexcept {
    if (zone.is_patched()) return zone.sharing_->survey.names;
    const std::lock_guard lock(zone.sharing_->room->surveying);
    return zone.sharing_->room->survey->names;
  }

 private:
  /// A name that is laid out anew, or is no node any more.
  struct Item {
    Node old{};             // null: there was none
    bool is_given = false;  // its records are among the input's; else they are as they were
    bool is_gone = false;
    bool is_told = false;  // who mentions it was found
    Entries entries{};     // if they are given
    std::uint32_t place = 0;

    bool has_content() const noexcept { return is_given ? !entries.empty() : old && old.rrset_count() != 0; }
    bool is_live() const noexcept { return old && old.live() != kNotLive; }
  };
  using Items = std::map<NameView, Item>;

  // ---- what has to be known of the zone before

  void survey() {
    const std::lock_guard lock(room_->surveying);
    if (room_->survey == nullptr) {
      // Only of the first version is a patch made before the survey is there.
      auto made = std::make_shared<ZoneSurvey>();
      for (const Node node : before_.nodes()) {
        if (made->nodes++ % kMarkStep == 0) made->marks.push_back(place(node));
        if (node.rrset_count() != 0) ++made->names;
        mention(before_, node, made->mentions);
      }
      std::sort(made->mentions.begin(), made->mentions.end(), is_less);
      room_->survey = std::move(made);
    }
    first_ = room_->survey;
    last_ = before_.is_patched() ? &before_.sharing_->survey : first_.get();
  }

  void mention(const Zone& zone, Node node, std::vector<Mention>& mentions) const {
    for (std::size_t i = 0; i < node.rrset_count(); ++i) {
      const RRset rrset = zone.rrset_at(node, i);
      each_mentioned(zone.apex(), node.name(), rrset.type, rrset, [&](NameView target) {
        mentions.push_back({half(hash_name(target)), static_cast<std::uint32_t>(zone.place(node))});
      });
    }
  }

  // ---- what is to be laid out

  /// @return whether that is little enough, and nothing out of the way
  bool collect() {
    most_ = left_ / kMostOfNode;
    std::map<NameView, Entries> given;
    for (const NameView owner : input_.changed) given.emplace(owner, Entries());
    const Entries all(input_.records.entries());
    for (std::size_t i = 0; i < all.size();) {
      std::size_t end = i + 1;
      while (end < all.size() && all[end].owner == all[i].owner) ++end;
      if (const auto found = given.find(input_.records.owner(all[i])); found != given.end())
        found->second = all.subspan(i, end - i);
      i = end;
    }
    for (const auto& [name, entries] : given) {
      Item& item = add(name)->second;
      item.is_given = true;
      item.entries = entries;
      if (is_strange(name) || has(entries, RrType::DNAME) || (item.old && item.old.has_dname())) return false;
    }
    if (items_.empty() || items_.begin()->first != before_.apex()) return false;
    add_names_between(given);
    find_gone();
    for (auto& [name, item] : items_) {
      if (is_strange(name)) return false;
    }
    std::vector<Items::iterator> known;
    for (auto at = items_.begin(); at != items_.end(); ++at) known.push_back(at);
    for (const auto at : known) add_below(at);
    tell_those_who_mention();
    return items_.size() <= most_;
  }

  Items::iterator add(NameView name) {
    const auto [at, is_new] = items_.try_emplace(name);
    if (is_new) at->second.old = before_.find(name);
    return at;
  }

  void add_names_between(const std::map<NameView, Entries>& given) {
    for (const auto& [name, entries] : given) {
      if (entries.empty() || name == before_.apex()) continue;
      for (NameView at = name.parent(); at != before_.apex() && !before_.find(at); at = at.parent()) add(at);
    }
  }

  /// From the last name to the first, so that all that is below one was decided on before.
  void find_gone() {
    for (auto at = items_.end(); at != items_.begin();) {
      --at;
      const NameView name = at->first;
      Item& item = at->second;
      if (name == before_.apex()) continue;
      item.is_gone = !item.has_content() && !item.is_live() && !has_nodes_below(at);
      const NameView parent = name.parent();
      if (item.is_gone && item.old) {
        const Node above = before_.find(parent);
        if (above && above.rrset_count() == 0) add(parent);
      }
      if (name.is_wildcard() && item.is_gone == static_cast<bool>(item.old)) add(parent);
    }
  }

  bool has_nodes_below(Items::iterator at) const {
    const NameView name = at->first;
    for (auto next = std::next(at); next != items_.end() && next->first.is_at_or_below(name); ++next) {
      if (!next->second.is_gone) return true;
    }
    if (!at->second.old) return false;
    for (Node node = before_.next(at->second.old); is_below(node, name); node = before_.next(node)) {
      if (!items_.contains(node.name())) return true;
    }
    return false;
  }

  bool is_below(Node node, NameView name) const noexcept {
    return place(node) != before_.nodes_end_ && node.name().is_at_or_below(name);
  }

  bool is_cut(NameView name, const Item& item) const noexcept {
    return item.is_given ? name != before_.apex() && has(item.entries, RrType::NS)
                         : item.old && item.old.is_cut();
  }

  /// All below a zone cut have its place.
  void add_below(Items::iterator at) {
    const Item item = at->second;
    const bool was_cut = item.old && item.old.is_cut();
    const bool is_cut = this->is_cut(at->first, item);
    if (!item.old || (!was_cut && !is_cut)) return;
    for (Node node = before_.next(item.old); is_below(node, at->first) && items_.size() <= most_;
         node = before_.next(node)) {
      const auto below = add(node.name());
      if (was_cut != is_cut) others_.push_back(below);
    }
  }

  /// Whether an answer that mentions the name may be another one.
  bool is_told_of(NameView name, const Item& item) const {
    if (!item.is_given) return item.is_gone;
    if (!item.old || item.is_gone) return true;
    if (item.old.is_cut() != is_cut(name, item)) return true;
    for (const RrType type : {RrType::A, RrType::AAAA, RrType::CNAME, RrType::SVCB, RrType::HTTPS}) {
      if (!same(before_.rrset(item.old, type), of_type(item.entries, type))) return true;
    }
    return false;
  }

  void tell_those_who_mention() {
    for (auto at = items_.begin(); at != items_.end(); ++at) {
      if (is_told_of(at->first, at->second) || (!at->second.old && !at->second.is_gone))
        others_.push_back(at);
    }
    while (!others_.empty() && items_.size() <= most_) {
      const auto at = others_.back();
      others_.pop_back();
      if (at->second.is_told) continue;
      at->second.is_told = true;
      tell(at->first, first_->mentions);
      if (last_ != first_.get()) tell(at->first, last_->mentions);
    }
  }

  void tell(NameView name, const std::vector<Mention>& mentions) {
    const Mention wanted{half(hash_name(name)), 0};
    const auto [first, last] = std::equal_range(mentions.begin(), mentions.end(), wanted, is_less);
    for (auto at = first; at != last && items_.size() <= most_; ++at) {
      const Node node = before_.find(before_.at(at->node).name());
      if (!node) continue;
      const std::size_t count = items_.size();
      const auto who = add(node.name());
      if (items_.size() != count) add_below(who);
      // It may lead on: those who have an alias of it have what it leads to.
      if (!before_.rrset(node, RrType::CNAME).empty()) others_.push_back(who);
    }
  }

  // ---- laying it out

  Entries entries_of(const Item& item) {
    if (item.is_given || !item.old) return item.entries;
    RecordList& kept = kept_.emplace_back();
    for (std::size_t i = 0; i < item.old.rrset_count(); ++i) {
      const RRset rrset = before_.rrset_at(item.old, i);
      for (const Rdata data : rrset) kept.borrow(item.old.name(), rrset.type, rrset.ttl, data);
    }
    return Entries(kept.entries());
  }

  bool fits() {
    std::size_t octets = kMostOfNode, added = 0;
    for (auto& [name, item] : items_) {
      if (item.is_gone) continue;
      if (!item.old) ++added;
      octets += kHead + name.size();
      item.entries = entries_of(item);
      for (const auto& entry : item.entries) octets += sizeof(Node::StoredRRset) + 2U + entry.data_size;
    }
    return octets * (1 + kPrebuiltOctets) < left_ && last_->nodes + added <= before_.index_.most();
  }

  bool lay_out(std::uint32_t begin) {
    if (!fits()) return false;
    const std::shared_ptr<Zone> made(new Zone());
    Zone& zone = *made;
    zone.sharing_ = std::make_unique<Zone::Sharing>();
    zone.octets_ = Block::borrow(room_->octets);
    Zone::Sharing& sharing = *zone.sharing_;
    sharing.room = room_;
    sharing.before = before_.sharing_->version;
    sharing.begin = begin;
    sharing.has_room = true;
    zone_ = made;
    zone.nodes_end_ = before_.nodes_end_;
    zone.record_count_ = before_.record_count_;
    zone.index_ = before_.index_.copy();
    sharing.survey.names = last_->names;
    sharing.survey.nodes = last_->nodes;

    ZoneBuilder builder(zone, input_.records, begin);
    std::vector<Jump> jumps;
    std::uint32_t tail = 0, resume = 0;  // where the last node ends; where the order before goes on
    for (auto& [name, item] : items_) {
      const bool is_apex = name == before_.apex();
      if (is_apex) {
        resume = place(before_.next(item.old));
      } else if (!item.old || place(item.old) != resume) {
        const Node previous = last_before(name);
        const std::uint32_t next = place(before_.next(previous));
        if (next != resume) {
          jumps.push_back({tail, resume});
          tail = place(before_.end_of(previous));
        }
        resume = next;
      }
      if (item.old && !is_apex) resume = place(before_.next(item.old));
      count(item, sharing.survey);
      if (item.is_gone) {
        if (item.old) zone.index_.remove(hash_name(name), place(item.old));
      } else {
        item.place = builder.add_below(is_apex ? std::nullopt : std::optional(place_now(name.parent())), name,
                                       item.entries, item.is_live() ? item.old.live() : kNotLive);
        if (is_apex) zone.apex_ = item.place;
        if (item.old && item.old.has_wildcard()) keep_wildcard(name, item);
        if (!is_apex && tail != item.place) jumps.push_back({tail, item.place});
        tail = place(zone.end_of(zone.at(item.place)));
        if (item.old) {
          zone.index_.replace(hash_name(name), place(item.old), item.place);
        } else {
          zone.index_.add(hash_name(name), item.place);
        }
        sharing.added.push_back(item.place);
        mention(zone, zone.at(item.place), sharing.survey.mentions);
      }
      if (item.is_given && (item.old || !item.is_gone))
        sharing.changed.push_back(item.is_gone ? place(item.old) : item.place);
    }
    jumps.push_back({tail, resume});
    const auto by_from = [](const Jump& a, const Jump& b) { return a.from < b.from; };
    std::stable_sort(jumps.begin(), jumps.end(), by_from);
    sharing.jumps = before_.sharing_->jumps.with(jumps);
    sharing.size = tail_of(builder);
    zone.prebuilt_size_ = before_.prebuilt_size_ + sharing.size - begin;
    add_survey(sharing.survey);
    return true;
  }

  static std::uint32_t tail_of(const ZoneBuilder& builder) noexcept {
    return static_cast<std::uint32_t>(builder.used_);
  }

  void count(const Item& item, ZoneSurvey& survey) {
    if (item.old) {
      --survey.nodes;
      if (item.old.rrset_count() != 0) --survey.names;
      for (std::size_t i = 0; i < item.old.rrset_count(); ++i)
        zone_->record_count_ -= before_.rrset_at(item.old, i).count;
    }
    if (item.is_gone) return;
    ++survey.nodes;
    if (!item.entries.empty()) ++survey.names;
  }

  /// The wildcard below a name that is laid out is perhaps not, and tells nothing.
  void keep_wildcard(NameView name, const Item& item) {
    std::array<std::uint8_t, kMaxName + 2> octets{1, '*'};
    std::memcpy(octets.data() + 2, name.data(), name.size());
    const auto found = items_.find(NameView(octets.data(), name.size() + 2));
    if (found == items_.end() || !found->second.is_gone)
      zone_->octets_.data()[item.place + 2] |= std::uint8_t{Node::kWildcard};
  }

  /// Of a node that is there, or was laid out already.
  std::uint32_t place_now(NameView name) const {
    const auto found = items_.find(name);
    return found != items_.end() ? found->second.place : place(before_.find(name));
  }

  /// The last node before that comes before `name`, which is not the apex.
  Node last_before(NameView name) const {
    const auto& marks = last_->marks;
    const auto after = std::partition_point(
        marks.begin(), marks.end(), [&](std::uint32_t mark) { return before_.at(mark).name() < name; });
    Node node = before_.at(*std::prev(after));
    for (Node next = before_.next(node); place(next) != before_.nodes_end_ && next.name() < name;
         next = before_.next(node))
      node = next;
    return node;
  }

  void add_survey(ZoneSurvey& survey) {
    const Zone& zone = *zone_;
    std::vector<std::uint32_t> left, marks;  // places of nodes that are no more; new marks
    for (const auto& [name, item] : items_) {
      if (item.old) left.push_back(place(item.old));
    }
    std::sort(left.begin(), left.end());
    for (std::size_t i = 0; i < zone.sharing_->added.size(); i += kMarkStep / 2)
      marks.push_back(zone.sharing_->added[i]);
    const std::size_t count = marks.size();
    for (const std::uint32_t mark : last_->marks) {
      if (!std::binary_search(left.begin(), left.end(), mark)) marks.push_back(mark);
    }
    const auto by_name = [&](std::uint32_t a, std::uint32_t b) {
      return zone.at(a).name() < zone.at(b).name();
    };
    std::inplace_merge(marks.begin(), marks.begin() + static_cast<std::ptrdiff_t>(count), marks.end(),
                       by_name);
    survey.marks = std::move(marks);
    std::sort(survey.mentions.begin(), survey.mentions.end(), is_less);
    if (last_ == first_.get()) return;
    const auto fresh = static_cast<std::ptrdiff_t>(survey.mentions.size());
    survey.mentions.insert(survey.mentions.end(), last_->mentions.begin(), last_->mentions.end());
    std::inplace_merge(survey.mentions.begin(), survey.mentions.begin() + fresh, survey.mentions.end(),
                       is_less);
  }

  std::uint32_t place(Node node) const noexcept { return static_cast<std::uint32_t>(before_.place(node)); }

  const Zone& before_;
  const PatchInput& input_;
  std::shared_ptr<ZoneRoom> room_;
  std::size_t left_ = 0, most_ = 0;  // octets of room; items
  std::shared_ptr<const ZoneSurvey> first_;
  const ZoneSurvey* last_ = nullptr;
  Items items_;
  std::vector<Items::iterator> others_;  // who mentions them is to be found
  std::deque<RecordList> kept_;
  std::shared_ptr<Zone> zone_;
};

std::shared_ptr<Zone> patch(const PatchInput& input) { return ZonePatcher(input).run(); }

bool can_be_patched(const Zone& zone) noexcept { return ZonePatcher::is_fit(zone); }

std::size_t counted_names(const Zone& zone) noexcept { return ZonePatcher::names(zone); }

}  // namespace holdfast::zones
