#include "zones/replicate/apply.h"

#include <algorithm>
#include <vector>

namespace holdfast::zones {
namespace {

using Deltas = std::span<const std::shared_ptr<const Delta>>;

struct Change {
  RecordView record;
  std::uint32_t delta;  // its number
  bool comes;           // else it goes
};

/// Of two with the same data that which is done first: within a delta what goes, goes first.
bool is_before(const Change& a, const Change& b) noexcept {
  if (const auto order = a.record.owner <=> b.record.owner; order != 0) return order < 0;
  if (const auto order = a.record.type <=> b.record.type; order != 0) return order < 0;
  if (const auto order = compare_data(a.record.data, b.record.data); order != 0) return order < 0;
  return a.delta != b.delta ? a.delta < b.delta : a.comes < b.comes;
}

bool same_but_ttl(const RecordView& a, const RecordView& b) noexcept {
  return a.type == b.type && a.owner == b.owner && std::ranges::equal(a.data, b.data);
}

std::string steps(const Delta& delta) {
  return "from serial " + std::to_string(delta.from().value()) + " to " + std::to_string(delta.to().value());
}

/// Builds the records of the new version: both the zone's and the changes come in canonical order.
class Merge {
 public:
  Merge(const Zone& zone, Deltas deltas, bool only_owners)
      : zone_(zone), deltas_(deltas), only_owners_(only_owners) {}

  Applied run() {
    applied_.problem = collect();
    if (!applied_.problem.empty()) return std::move(applied_);
    applied_.records.entries().reserve((only_owners_ ? 0 : zone_.records()) + changes_.size() / 2);
    auto node = zone_.nodes().begin();
    const auto end = only_owners_ ? node : zone_.nodes().end();
    for (left_ = changes_; !left_.empty() && applied_.problem.empty();) {
      const NameView owner = left_[0].record.owner;
      const Node changed = zone_.find(owner);
      for (; node != end && (changed ? *node != changed : (*node).name() < owner); ++node) keep(*node);
      change(owner, changed);
      if (changed && node != end) ++node;
      applied_.owners.push_back(owner);
    }
    for (; node != end; ++node) keep(*node);
    if (applied_.problem.empty() && applied_.records.octets() > RecordList::kMaxOctets)
      applied_.problem =
          "the zone would take more than " + std::to_string(RecordList::kMaxOctets) + " octets";
    return std::move(applied_);
  }

 private:
  /// The changes of all deltas, sorted.
  std::string collect() {
    Serial serial(zone_.serial());
    for (std::size_t i = 0; i < deltas_.size(); ++i) {
      const Delta& delta = *deltas_[i];
      if (delta.removed.front().owner != zone_.apex() || delta.added.front().owner != zone_.apex())
        return "it is of " + delta.removed.front().owner.text() + ", not of this zone";
      if (delta.from() != serial) {
        return "it goes " + steps(delta) + ", and not on from serial " + std::to_string(serial.value());
      }
      serial = delta.to();
      add(delta.removed, i, false);
      add(delta.added, i, true);
    }
    std::sort(changes_.begin(), changes_.end(), is_before);
    const RecordView soa = deltas_.back()->added.front();
    soa_ = soa.data;
    soa_ttl_ = soa.ttl;
    // It is put in where the apex has its own.
    const RecordView place{zone_.apex(), RrType::SOA, 0, {}};
    const Change at_apex{place, 0, true};
    changes_.insert(std::lower_bound(changes_.begin(), changes_.end(), at_apex, is_before), at_apex);
    return {};
  }

  void add(const RecordRun& run, std::size_t delta, bool comes) {
    for (auto at = ++run.begin(); at != run.end(); ++at) {
      const RecordView record = *at;
      if (record.type != RrType::SOA && record.owner.is_at_or_below(zone_.apex()))
        changes_.push_back({record, static_cast<std::uint32_t>(delta), comes});
    }
  }

  void keep(Node node) {
    for (std::size_t i = 0; i < node.rrset_count(); ++i) keep(node.name(), zone_.rrset_at(node, i));
  }
  void keep(NameView owner, const RRset& rrset) {
    for (const Rdata data : rrset) applied_.records.borrow(owner, rrset.type, rrset.ttl, data);
  }

  /// All changes of one owner, whose node may be null.
  void change(NameView owner, Node node) {
    const std::size_t types = node ? node.rrset_count() : 0;
    std::size_t next = 0;
    while (!left_.empty() && left_[0].record.owner == owner && applied_.problem.empty()) {
      const RrType type = left_[0].record.type;
      RRset before{};
      for (; next < types; ++next) {
        const RRset rrset = zone_.rrset_at(node, next);
        if (rrset.type > type) break;
        if (rrset.type == type) {
          before = rrset;
          ++next;
          break;
        }
        keep(owner, rrset);
      }
      if (type == RrType::SOA) {
        applied_.records.borrow(owner, type, soa_ttl_, soa_);
        left_ = left_.subspan(1);
      } else {
        change(owner, type, before);
      }
    }
    for (; next < types; ++next) keep(owner, zone_.rrset_at(node, next));
  }

  /// All changes of one type of it.
  void change(NameView owner, RrType type, const RRset& before) {
    auto at = before.begin();
    while (!left_.empty() && left_[0].record.type == type && left_[0].record.owner == owner) {
      const RecordView record = left_[0].record;
      auto order = std::strong_ordering::less;
      for (; at != before.end() && (order = compare_data(*at, record.data)) < 0; ++at)
        applied_.records.borrow(owner, type, before.ttl, *at);
      const bool was_there = at != before.end() && order == 0;
      bool is_there = was_there;
      std::uint32_t ttl = 0;
      for (; !left_.empty() && same_but_ttl(left_[0].record, record); left_ = left_.subspan(1)) {
        const Change& one = left_[0];
        if (one.comes == is_there) {
          applied_.problem = std::string(one.comes ? "it adds" : "it removes") + " a record of " +
                             owner.text() + " " + text(type) +
                             (one.comes ? " that is there already, " : " that is not there, ") +
                             steps(*deltas_[one.delta]);
          return;
        }
        is_there = one.comes;
        ttl = one.record.ttl;
      }
      if (is_there) applied_.records.borrow(owner, type, ttl, record.data);
      if (was_there) ++at;
    }
    for (; at != before.end(); ++at) applied_.records.borrow(owner, type, before.ttl, *at);
  }

  const Zone& zone_;
  const Deltas deltas_;
  const bool only_owners_;
  std::vector<Change> changes_;
  std::span<const Change> left_;
  Rdata soa_;  // the last
  std::uint32_t soa_ttl_ = 0;
  Applied applied_;
};

}  // namespace

Applied apply_deltas(const Zone& zone, Deltas deltas) { return Merge(zone, deltas, false).run(); }

Applied apply_to_owners(const Zone& zone, Deltas deltas) { return Merge(zone, deltas, true).run(); }

}  // namespace holdfast::zones
