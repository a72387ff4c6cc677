#include "zones/live/pool.h"

namespace holdfast::zones {
namespace {

void add_all(const Pool& pool, std::size_t part, std::vector<MemberIndex>& all) {
  for (const MemberIndex member : pool.of_part(part)) {
    all.push_back(member);
    if (const Group* group = pool.group(member)) add_all(pool, group->part, all);
  }
}

}  // namespace

std::vector<MemberIndex> Pool::all() const {
  std::vector<MemberIndex> all;
  all.reserve(members.size() + groups.size());
  if (groups.empty()) {
    for (std::size_t i = 0; i < members.size(); ++i) all.push_back(i);
    return all;
  }
  for (std::size_t part = 0; part < chain; ++part) add_all(*this, part, all);
  return all;
}

std::size_t Pool::depth(std::size_t part) const {
  std::size_t depth = 0;
  for (const Group* group = group_of(part); group != nullptr; group = group_of(part)) {
    ++depth;
    part = part_of(kGroup + static_cast<std::size_t>(group - groups.data()));
  }
  return depth;
}

std::vector<MemberIndex> Pool::of_part(std::size_t part) const {
  std::size_t first = 0, first_group = 0;
  for (std::size_t i = 0; i < part; ++i) {
    first += parts[i].size;
    first_group += parts[i].groups;
  }
  std::vector<MemberIndex> all;
  for (std::size_t i = 0; i < parts[part].size; ++i) all.push_back(first + i);
  for (std::size_t i = 0; i < parts[part].groups; ++i) all.push_back(kGroup + first_group + i);
  return all;
}

}  // namespace holdfast::zones
