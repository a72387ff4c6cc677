// RecordList::sort. Files hold the records of one owner together, and are often in order, or made of a few parts that
// are. So owners are sorted, not records, by numbers; the records move once.

#include <algorithm>
#include <atomic>

#include "zones/dns/canonical_key.h"
#include "zones/parallel.h"
#include "zones/record_list.h"

namespace holdfast::zones {
namespace {

using Entry = RecordList::Entry;

/// Records that stand together in the file and have one owner.
struct Run {
  CanonicalKey key;
  std::uint32_t first;
  std::uint32_t count;
};
using Runs = std::vector<Run, PageAllocator<Run>>;

NameView owner_of(const Entry& e) { return {e.owner, e.owner_size}; }

bool before_in_owner(const Entry& a, const Entry& b) {
  if (a.type != b.type) return a.type < b.type;
  const int order = std::memcmp(a.data, b.data, std::min(a.data_size, b.data_size));
  return order != 0 ? order < 0 : a.data_size < b.data_size;
}

void sort_owner(std::span<Entry> entries) {
  if (std::is_sorted(entries.begin(), entries.end(), before_in_owner)) return;
  std::stable_sort(entries.begin(), entries.end(), before_in_owner);
}

}  // namespace

class RecordList::Sorter {
 public:
  Sorter(RecordList& records, NameView apex)
      : records_(records),
        entries_(records.entries()),
        apex_(apex),
        threads_(threads_for(entries_.size(), kLeast)) {}

  void sort() {
    if (!collect(apex_)) collect(NameView());
    std::vector<char> ordered(parts_.size());
    in_parallel(threads_, parts_.size(), [&](std::size_t i) {
      Runs& part = parts_[i];
      const auto less = [this](const Run& a, const Run& b) { return before(a, b); };
      // Strictly: runs of one owner have to be joined.
      ordered[i] = std::adjacent_find(part.begin(), part.end(),
                                      [&](const Run& a, const Run& b) { return !less(a, b); }) == part.end();
      if (ordered[i] == 0) std::stable_sort(part.begin(), part.end(), less);
    });
    bool all_ordered = std::find(ordered.begin(), ordered.end(), 0) == ordered.end();
    for (std::size_t i = 1; i < parts_.size(); ++i) {
      all_ordered = all_ordered && before(parts_[i - 1].back(), parts_[i].front());
    }
    if (all_ordered) return sort_owners();
    while (parts_.size() > 1) merge_pairs();
    move_records();
  }

 private:
  static constexpr std::size_t kLeast = 20'000;  // records that another thread is worth

  bool before(const Run& a, const Run& b) const {
    if (a.key != b.key) return a.key < b.key;
    const Entry& x = entries_[a.first];
    const Entry& y = entries_[b.first];
    return x.owner != y.owner && owner_of(x) < owner_of(y);
  }
  bool same_owner(const Run& a, const Run& b) const {
    return a.key == b.key && owner_of(entries_[a.first]) == owner_of(entries_[b.first]);
  }

  /// Fills parts_; false when a record is not below `apex`.
  bool collect(NameView apex) {
    parts_.assign(threads_, {});
    std::atomic<bool> inside = true;
    in_parallel(threads_, threads_, [&](std::size_t i) {
      Runs& runs = parts_[i];
      const std::size_t end = records_.part_begin(threads_, i + 1);
      for (std::size_t first = records_.part_begin(threads_, i); first < end;) {
        if (!owner_of(entries_[first]).is_at_or_below(apex)) inside = false;
        if (!inside) return;
        std::size_t last = first + 1;
        while (last < end && entries_[last].owner == entries_[first].owner) ++last;
        runs.push_back({canonical_key(owner_of(entries_[first]), apex.size()),
                        static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last - first)});
        first = last;
      }
    });
    std::erase_if(parts_, [](const Runs& runs) { return runs.empty(); });
    return inside;
  }

  /// Parts 0 and 1 become one, 2 and 3, and so on.
  void merge_pairs() {
    std::vector<Runs> merged((parts_.size() + 1) / 2);
    for (std::size_t i = 0; i < parts_.size(); i += 2) {
      if (i + 1 == parts_.size()) {
        merged[i / 2] = std::move(parts_[i]);
      } else {
        merged[i / 2] = merge(parts_[i], parts_[i + 1]);
      }
    }
    parts_ = std::move(merged);
  }

  Runs merge(const Runs& a, const Runs& b) const {
    const auto less = [this](const Run& x, const Run& y) { return before(x, y); };
    Runs result(a.size() + b.size());
    in_parallel(threads_, threads_, [&](std::size_t i) {
      const auto from = [&](const Runs& runs, std::size_t at) {
        return runs.begin() + static_cast<std::ptrdiff_t>(at);
      };
      const std::size_t a_first = zones::part_begin(a.size(), threads_, i);
      const std::size_t a_last = zones::part_begin(a.size(), threads_, i + 1);
      const auto b_at = [&](std::size_t at) {  // those of b that come before that of a
        if (at == 0) return b.begin();
        return at == a.size() ? b.end() : std::lower_bound(b.begin(), b.end(), a[at], less);
      };
      const auto b_first = b_at(a_first);
      std::merge(from(a, a_first), from(a, a_last), b_first, b_at(a_last),
                 result.begin() + static_cast<std::ptrdiff_t>(a_first) + (b_first - b.begin()), less);
    });
    return result;
  }

  void sort_owners() {
    in_parallel(threads_, parts_.size(), [&](std::size_t i) {
      for (const Run& run : parts_[i]) sort_owner(std::span(entries_).subspan(run.first, run.count));
    });
  }

  /// Puts the records into the order of the runs.
  void move_records() {
    const Runs& runs = parts_.front();
    std::vector<std::size_t> first_run(threads_ + 1);  // of each part
    for (std::size_t i = 0; i <= threads_; ++i) {
      std::size_t& at = first_run[i];
      at = zones::part_begin(runs.size(), threads_, i);
      while (at > 0 && at < runs.size() && same_owner(runs[at - 1], runs[at])) ++at;
    }
    std::vector<std::size_t> counts(threads_ + 1);
    in_parallel(threads_, threads_, [&](std::size_t i) {
      for (std::size_t r = first_run[i]; r < first_run[i + 1]; ++r) counts[i + 1] += runs[r].count;
    });
    for (std::size_t i = 0; i < threads_; ++i) counts[i + 1] += counts[i];

    Entries sorted(entries_.size());
    std::vector<std::size_t> octets(threads_);
    in_parallel(threads_, threads_, [&](std::size_t i) {
      std::size_t to = counts[i];
      for (std::size_t r = first_run[i]; r < first_run[i + 1];) {
        const std::size_t first = to;
        const Run& run = runs[r];
        do {
          fetch(runs, r + kAhead);
          for (std::size_t e = 0; e < runs[r].count; ++e) {
            sorted[to] = entries_[runs[r].first + e];
            octets[i] += sorted[to].data_size;
            sorted[to++].owner = entries_[run.first].owner;
          }
        } while (++r < first_run[i + 1] && same_owner(run, runs[r]));
        octets[i] += sorted[first].owner_size;
        sort_owner(std::span(sorted).subspan(first, to - first));
      }
    });
    entries_ = std::move(sorted);
    parts_.clear();  // before more memory is needed
    std::vector<Kept> kept(threads_);
    in_parallel(threads_, threads_, [&](std::size_t i) {
      kept[i] = keep_in_order(std::span(entries_).subspan(counts[i], counts[i + 1] - counts[i]), octets[i]);
    });
    records_.kept_ = std::move(kept);
    records_.octets_ = 0;
    for (const Kept& part : records_.kept_) records_.octets_ += part.used;
  }

  // Each run is somewhere else in memory: it is fetched some runs before it is read.
  static constexpr std::size_t kAhead = 16;
  void fetch(const Runs& runs, std::size_t run) const noexcept {
    if (run < runs.size()) __builtin_prefetch(&entries_[runs[run].first]);
  }

  /// Copies the octets of sorted records into that order, for all who go through them afterwards.
  static Kept keep_in_order(std::span<Entry> entries, std::size_t octets) {
    Kept kept{Block(octets), octets};
    std::uint8_t* to = kept.octets.data();
    const auto keep = [&to](const std::uint8_t* from, std::size_t size) {
      const std::uint8_t* const at = to;
      to = std::copy_n(from, size, to);
      return at;
    };
    const std::uint8_t* owner = nullptr;  // where it stood before
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i + kAhead < entries.size()) {
        __builtin_prefetch(entries[i + kAhead].owner);
        __builtin_prefetch(entries[i + kAhead].data);
      }
      Entry& entry = entries[i];
      const bool again = i > 0 && entry.owner == owner;
      owner = entry.owner;
      entry.owner = again ? entries[i - 1].owner : keep(entry.owner, entry.owner_size);
      entry.data = keep(entry.data, entry.data_size);
    }
    return kept;
  }

  RecordList& records_;
  Entries& entries_;
  NameView apex_;
  unsigned threads_;
  std::vector<Runs> parts_;  // each sorted, after the first step
};

void RecordList::sort(NameView apex) { Sorter(*this, apex).sort(); }

}  // namespace holdfast::zones
