#include "zones/record_list.h"

#include <algorithm>

namespace holdfast::zones {

void RecordList::add(NameView owner, RrType type, std::uint32_t ttl, std::span<const std::uint8_t> data,
                     std::uint16_t file, std::uint32_t line) {
  Entry entry{};
  entry.ttl = ttl;
  entry.line = line;
  entry.file = file;
  entry.type = type;
  entry.data_size = static_cast<std::uint16_t>(data.size());
  entry.owner_size = static_cast<std::uint8_t>(owner.size());
  // Files list the records of one owner together: its octets are kept once.
  if (!entries_.empty() && this->owner(entries_.back()) == owner) {
    entry.owner = entries_.back().owner;
  } else {
    entry.owner = octets_.size();
    octets_.insert(octets_.end(), owner.data(), owner.data() + owner.size());
  }
  entry.data = octets_.size();
  octets_.insert(octets_.end(), data.begin(), data.end());
  entries_.push_back(entry);
}

void RecordList::sort() {
  std::stable_sort(entries_.begin(), entries_.end(), [this](const Entry& a, const Entry& b) {
    if (a.owner != b.owner) {
      if (const auto order = owner(a) <=> owner(b); order != 0) return order < 0;
    }
    if (a.type != b.type) return a.type < b.type;
    const auto x = data(a);
    const auto y = data(b);
    return std::lexicographical_compare(x.begin(), x.end(), y.begin(), y.end());
  });
}

}  // namespace holdfast::zones
