#include "zones/live/records.h"

#include <algorithm>

namespace holdfast::zones {
namespace {

void add(const Pool& pool, MemberIndex member, LiveRecords& records) {
  if (const Group* group = pool.group(member)) {
    records.data.push_back(group->data);
  } else {
    records.addresses.push_back(pool.members[member].address);
  }
}

bool is_all(const LiveRecords& records) {
  return records.choice.manner() == Choice::Manner::all && records.inside.empty();
}

/// Adds what is not there yet.
template <class T>
void add_new(std::vector<T>& all, const std::vector<T>& more) {
  for (const T& one : more) {
    if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
  }
}

/// What everybody gets of each candidate, in one.
void join(LiveRecords& records) {
  for (const LiveRecords& one : records.inside) {
    add_new(records.addresses, one.addresses);
    add_new(records.data, one.data);
  }
  records.inside.clear();
  records.choice = Choice::all(records.addresses.size() + records.data.size());
}

}  // namespace

LiveRecords records_of(const Pool& pool, const Selection& selection, const Geography& geography,
                       const std::vector<std::uint32_t>& parts) {
  LiveRecords records;
  records.choice = choice(pool, selection, geography, parts);
  auto inside = selection.inside.begin();
  for (const MemberIndex i : selection.members) {
    if (selection.inside.empty()) {
      add(pool, i, records);
    } else if (inside != selection.inside.end() && inside->first == i) {
      records.inside.push_back(records_of(pool, inside++->second, geography, parts));
    } else {
      LiveRecords& one = records.inside.emplace_back();
      one.choice = Choice::all(1);
      add(pool, i, one);
    }
  }
  const bool is_fixed = !records.inside.empty() && records.choice.manner() == Choice::Manner::all &&
                        std::all_of(records.inside.begin(), records.inside.end(), is_all);
  if (is_fixed) join(records);
  records.ttl = selection.ttl;
  // That there are none may change as soon as any answer of the pool.
  const bool is_passing = selection.rule == Rule::nodata || selection.rule == Rule::drained;
  records.negative_ttl = is_passing ? selection.ttl : 0;
  records.is_failed = selection.rule == Rule::servfail;
  return records;
}

}  // namespace holdfast::zones
