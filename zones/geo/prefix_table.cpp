#include "zones/geo/prefix_table.h"

#include <algorithm>
#include <span>
#include <utility>

namespace holdfast::zones {
namespace {

using Entry = PrefixTable::Entry;
constexpr auto kNowhere = PrefixTable::kNowhere;

template <class Bits>
using List = std::vector<typename Ranges<Bits>::Range>;

/// Ranges are appended in order; one that begins where the last one did takes its place.
template <class Bits>
void append(List<Bits>& ranges, Bits first, PrefixTable::Value value) {
  if (!ranges.empty() && ranges.back().first == first) ranges.pop_back();
  if (ranges.empty() || ranges.back().value != value) ranges.push_back({first, value});
}

/// One layer as ranges.
/// @param entries  of one family, by address, the wider first
template <class Bits>
List<Bits> flatten(std::span<const Entry> entries) {
  struct Open {
    Bits last;
    PrefixTable::Value value;
  };
  List<Bits> ranges{{0, kNowhere}};
  std::vector<Open> open{
      {static_cast<Bits>(~Bits{0}), kNowhere}};  // what the place is in, the narrowest last
  const auto close = [&] {
    const Bits last = open.back().last;
    open.pop_back();
    append<Bits>(ranges, static_cast<Bits>(last + 1), open.back().value);
  };
  for (const Entry& entry : entries) {
    const auto first = static_cast<Bits>(entry.prefix.bits());
    const unsigned length = entry.prefix.length();
    const Bits last = length == 0
                          ? static_cast<Bits>(~Bits{0})
                          : static_cast<Bits>(first | static_cast<Bits>(~Bits{0}) >> (length - 1) >> 1);
    while (open.back().last < first) close();
    append<Bits>(ranges, first, entry.value);
    open.push_back({last, entry.value});
  }
  while (open.back().last != static_cast<Bits>(~Bits{0})) close();
  return ranges;
}

/// What `above` says, and where that is nowhere, what `below` says.
template <class Bits>
List<Bits> overlay(const List<Bits>& below, const List<Bits>& above) {
  List<Bits> ranges;
  ranges.reserve(below.size() + above.size());
  for (std::size_t b = 0, a = 0; b < below.size() && a < above.size();) {
    append<Bits>(ranges, std::max(below[b].first, above[a].first),
                 above[a].value != kNowhere ? above[a].value : below[b].value);
    const bool last_b = b + 1 == below.size();
    const bool last_a = a + 1 == above.size();
    if (last_a && last_b) break;
    const bool step_b = last_a || (!last_b && below[b + 1].first <= above[a + 1].first);
    const bool step_a = last_b || (!last_a && above[a + 1].first <= below[b + 1].first);
    b += step_b ? 1 : 0;
    a += step_a ? 1 : 0;
  }
  return ranges;
}

template <class Bits>
List<Bits> compile(std::vector<PrefixTable::Layer>& layers) {
  List<Bits> ranges{{0, kNowhere}};
  for (PrefixTable::Layer& layer : layers) {
    const auto v6 =
        std::stable_partition(layer.begin(), layer.end(), [](const Entry& e) { return e.prefix.is_v4(); });
    const auto family =
        sizeof(Bits) == 4 ? std::span<Entry>(layer.begin(), v6) : std::span<Entry>(v6, layer.end());
    std::stable_sort(family.begin(), family.end(),
                     [](const Entry& a, const Entry& b) { return a.prefix < b.prefix; });
    ranges = overlay<Bits>(ranges, flatten<Bits>(family));
  }
  return ranges;
}

/// The ranges of /64s, in which a /64 that has several is of the value `split`.
List<std::uint64_t> halve(const List<AddressBits>& ranges, PrefixTable::Value split) {
  List<std::uint64_t> halves;
  for (const auto& range : ranges) {
    const auto high = static_cast<std::uint64_t>(range.first >> 64);
    if (static_cast<std::uint64_t>(range.first) == 0) {
      append<std::uint64_t>(halves, high, range.value);
      continue;
    }
    if (halves.back().first > high) halves.pop_back();  // not the first one that begins within this /64
    append<std::uint64_t>(halves, high, split);
    if (high != ~std::uint64_t{0}) append<std::uint64_t>(halves, high + 1, range.value);
  }
  return halves;
}

/// The ranges that begin within a /64, and those before them.
List<AddressBits> only_split(const List<AddressBits>& ranges) {
  List<AddressBits> split{{0, kNowhere}};
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const bool begins_within = static_cast<std::uint64_t>(ranges[i].first) != 0;
    const bool ends_within = i + 1 < ranges.size() && static_cast<std::uint64_t>(ranges[i + 1].first) != 0;
    if (begins_within || ends_within) append<AddressBits>(split, ranges[i].first, ranges[i].value);
  }
  return split;
}

}  // namespace

struct PrefixTable::Lists {
  List<std::uint32_t> v4;
  List<AddressBits> v6;
};

PrefixTable::PrefixTable(std::vector<Layer> layers)
    : PrefixTable(Lists{compile<std::uint32_t>(layers), compile<AddressBits>(layers)}) {}

PrefixTable::PrefixTable(const Lists& lists)
    : v4_(lists.v4), v6_(halve(lists.v6, kSplit)), split_(only_split(lists.v6)) {}

}  // namespace holdfast::zones
