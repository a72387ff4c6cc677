#include "zones/record_list.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "zones/parallel.h"

namespace holdfast::zones {

void RecordList::add(NameView owner, RrType type, std::uint32_t ttl, std::span<const std::uint8_t> data,
                     std::uint16_t file, std::uint32_t line) {
  // Files list the records of one owner together: its octets are kept once.
  const bool again = !entries_.empty() && this->owner(entries_.back()) == owner;
  Entry entry{};
  entry.owner = again ? entries_.back().owner : keep(owner.data(), owner.size());
  entry.data = keep(data.data(), data.size());
  entry.ttl = ttl;
  entry.line = line;
  entry.file = file;
  entry.type = type;
  entry.data_size = static_cast<std::uint16_t>(data.size());
  entry.owner_size = static_cast<std::uint8_t>(owner.size());
  if (entries_.empty()) entries_.reserve(8);
  entries_.push_back(entry);
}

void RecordList::borrow(NameView owner, RrType type, std::uint32_t ttl, std::span<const std::uint8_t> data) {
  const bool again = !entries_.empty() && this->owner(entries_.back()) == owner;
  Entry entry{};
  entry.owner = again ? entries_.back().owner : owner.data();
  entry.data = data.data();
  entry.ttl = ttl;
  entry.type = type;
  entry.data_size = static_cast<std::uint16_t>(data.size());
  entry.owner_size = static_cast<std::uint8_t>(owner.size());
  octets_ += data.size() + (again ? 0 : owner.size());
  entries_.push_back(entry);
}

const std::uint8_t* RecordList::keep(const std::uint8_t* octets, std::size_t size) {
  constexpr std::size_t kFirstBlock = 512;  // enough for a small zone
  constexpr std::size_t kMostBlock = std::size_t{1} << 20;
  if (kept_.empty() || kept_.back().octets.size() - kept_.back().used < size) {
    const std::size_t next =
        kept_.empty() ? kFirstBlock : std::min(4 * kept_.back().octets.size(), kMostBlock);
    kept_.push_back({Block(std::max(next, size)), 0});
  }
  Kept& block = kept_.back();
  std::uint8_t* const at = block.octets.data() + block.used;
  if (size != 0) std::memcpy(at, octets, size);
  block.used += size;
  octets_ += size;
  return at;
}

void RecordList::append(RecordList&& more, std::uint32_t lines) {
  Entries& added = more.entries_;
  if (added.empty()) return;
  if (!entries_.empty() && owner(entries_.back()) == owner(added.front())) {
    const std::uint8_t* const other = added.front().owner;
    octets_ -= added.front().owner_size;
    for (auto entry = added.begin(); entry != added.end() && entry->owner == other; ++entry) {
      entry->owner = entries_.back().owner;
    }
  }
  for (Entry& entry : added) entry.line += lines;
  octets_ += more.octets_;
  entries_.insert(entries_.end(), added.begin(), added.end());
  std::move(more.kept_.begin(), more.kept_.end(), std::back_inserter(kept_));
  more = RecordList();
}

std::size_t RecordList::part_begin(std::size_t parts, std::size_t i) const noexcept {
  std::size_t at = zones::part_begin(entries_.size(), parts, i);
  while (at > 0 && at < entries_.size() && entries_[at].owner == entries_[at - 1].owner) ++at;
  return at;
}

}  // namespace holdfast::zones
