#include "zones/replicate/overlay.h"

#include <algorithm>
#include <map>

namespace holdfast::zones {
namespace {

/// Without the TTL.
struct IsBefore {
  bool operator()(const RecordView& a, const RecordView& b) const noexcept {
    if (const auto order = a.owner <=> b.owner; order != 0) return order < 0;
    return a.type != b.type ? a.type < b.type : compare_data(a.data, b.data) < 0;
  }
};

/// With which TTL a record goes, and with which one it comes.
struct Change {
  std::optional<std::uint32_t> removed{}, added{};
};
using Changes = std::map<RecordView, Change, IsBefore>;  // borrows

bool is_soa(const RecordView& record) { return record.type == RrType::SOA; }

std::optional<RecordView> soa_of(const RecordRun& run) {
  const auto found = std::find_if(run.begin(), run.end(), is_soa);
  return found == run.end() ? std::nullopt : std::optional(*found);
}

RecordView soa_of(const Zone& zone) {
  const RRset soa = zone.rrset(zone.apex_node(), RrType::SOA);
  return {zone.apex(), RrType::SOA, soa.ttl, *soa.begin()};
}

bool same_but_serial(const RecordView& a, const RecordView& b) {
  return a.ttl == b.ttl && std::ranges::equal(with_serial(a.data, Serial()), with_serial(b.data, Serial()));
}

/// All but the SOAs.
Changes changes_of(const Overlay& overlay) {
  Changes changes;
  for (const RecordView record : overlay.removed) {
    if (!is_soa(record)) changes[record].removed = record.ttl;
  }
  for (const RecordView record : overlay.added) {
    if (!is_soa(record)) changes[record].added = record.ttl;
  }
  return changes;
}

void add_soa(Changes& changes, const RecordView& before, const RecordView& after) {
  changes[before].removed = before.ttl;
  changes[after].added = after.ttl;
}

Overlay overlay_of(const Changes& changes) {
  Overlay overlay;
  for (const auto& [record, change] : changes) {
    if (change.removed) overlay.removed.add({record.owner, record.type, *change.removed, record.data});
    if (change.added) overlay.added.add({record.owner, record.type, *change.added, record.data});
  }
  return overlay;
}

std::optional<std::uint32_t> ttl_in(const Zone& zone, const RecordView& record) {
  const Node node = zone.find(record.owner);
  const RRset rrset = node ? zone.rrset(node, record.type) : RRset{};
  const auto is_it = [&](Rdata data) { return compare_data(data, record.data) == 0; };
  return std::any_of(rrset.begin(), rrset.end(), is_it) ? std::optional(rrset.ttl) : std::nullopt;
}

}  // namespace

Overlay compose(const Overlay& overlay, const Updated& updated, const Zone& zone) {
  Changes changes = changes_of(overlay);
  for (const RecordView record : updated.removed) {
    Change& change = changes[record];
    if (change.added) {
      change.added.reset();
    } else {
      change.removed = record.ttl;
    }
  }
  for (const RecordView record : updated.added) {
    Change& change = changes[record];
    if (change.removed == record.ttl) {  // as the file has it
      change = {};
    } else {
      change.added = record.ttl;
    }
  }
  const std::optional<RecordView> of_file = soa_of(overlay.removed);
  std::optional<RecordView> last = soa_of(overlay.added);
  if (updated.soa) last = {zone.apex(), RrType::SOA, updated.soa->ttl, updated.soa->data};
  if (last) add_soa(changes, of_file.value_or(soa_of(zone)), *last);
  return overlay_of(changes);
}

Overlay fit(const Overlay& overlay, const Zone& file) {
  Changes changes = changes_of(overlay);
  for (auto& [record, change] : changes) {
    const std::optional<std::uint32_t> ttl = ttl_in(file, record);
    if (change.added && change.added == ttl) {
      change = {};
    } else if (change.added || change.removed) {
      change.removed = ttl;
    }
  }
  const std::optional<RecordView> before = soa_of(overlay.removed), after = soa_of(overlay.added);
  if (!before || !after) return overlay_of(changes);
  const RecordView now = soa_of(file);
  const bool is_later = serial_of(now.data).is_after(serial_of(after->data));
  const std::vector<std::uint8_t> data = with_serial(after->data, serial_of((is_later ? now : *after).data));
  const RecordView wanted{file.apex(), RrType::SOA, after->ttl, data};
  const bool is_known = same_but_serial(now, *before) || same_but_serial(now, *after);
  if (is_known && !(wanted == now)) add_soa(changes, now, wanted);
  return overlay_of(changes);
}

std::shared_ptr<const Delta> delta_of(const Overlay& overlay, const Zone& file) {
  const RecordView now = soa_of(file);
  auto delta = std::make_shared<Delta>();
  delta->removed.add(now);
  delta->added.add(soa_of(overlay.added).value_or(now));
  for (const RecordView record : overlay.removed) {
    if (!is_soa(record)) delta->removed.add(record);
  }
  for (const RecordView record : overlay.added) {
    if (!is_soa(record)) delta->added.add(record);
  }
  return delta;
}

}  // namespace holdfast::zones
