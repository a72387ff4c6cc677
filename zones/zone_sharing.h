#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "zones/zone.h"

namespace holdfast::zones {

/// "The node after the one that ends at `from` begins at `to`": how a patch is in the canonical order of a zone, though it
/// lies behind it.
struct Jump {
  std::uint32_t from, to;  // places
};

class Jumps {
 public:
  Jumps() = default;
  explicit Jumps(std::vector<Jump> sorted) : jumps_(std::move(sorted)) {
    if (jumps_.empty()) return;
    may_have_.resize(jumps_.back().from / kStep / 64 + 1);
    for (const Jump& jump : jumps_) may_have_[jump.from / kStep / 64] |= bit(jump.from);
  }

  std::uint32_t after(std::uint32_t end) const noexcept {
    const std::size_t word = end / kStep / 64;
    if (word >= may_have_.size() || (may_have_[word] & bit(end)) == 0) return end;
    const auto found =
        std::lower_bound(jumps_.begin(), jumps_.end(), end,
                         [](const Jump& jump, std::uint32_t place) { return jump.from < place; });
    return found != jumps_.end() && found->from == end ? found->to : end;
  }
  /// Those of `more`, which is sorted, go before those that were there.
  Jumps with(const std::vector<Jump>& more) const;

 private:
  static constexpr std::uint32_t kStep = 64;  // octets of which a bit tells whether there is any
  static std::uint64_t bit(std::uint32_t place) noexcept { return std::uint64_t{1} << (place / kStep % 64); }

  std::vector<Jump> jumps_;  // sorted
  std::vector<std::uint64_t> may_have_;
};

/// That the prebuilt answers of a node have something of another one.
struct Mention {
  std::uint32_t hash;  // of the name of the other one, half of it
  std::uint32_t node;  // the place of a node that had such records, perhaps in a version before
};

/// What has to be known of a whole zone to change a few of its nodes.
struct ZoneSurvey {
  std::vector<std::uint32_t> marks;  ///< the places of some nodes, in canonical order, starting with the apex
  std::vector<Mention> mentions;     ///< sorted by hash
  std::uint32_t nodes = 0;
  std::uint32_t names = 0;  ///< nodes that have records
};

/// Where the octets of a zone and of later versions of it lie. What was published is never written to again: each version
/// only appends, and one at a time.
struct ZoneRoom {
  static constexpr std::uint32_t kTaken = 0xffffffffU;

  /// A version begins with a cache line of its own, and not where the one before ends: who copies an answer may read a little
  /// more.
  static std::uint32_t begin_after(std::size_t end) noexcept {
    return static_cast<std::uint32_t>((end + 127) / 64 * 64);
  }

  ZoneRoom(Block block, std::uint32_t used) : octets(std::move(block)), end(used) {}

  Block octets;
  std::atomic<std::uint32_t> end;            // of what is used; kTaken: somebody is appending
  std::mutex surveying;                      // guards:
  std::shared_ptr<const ZoneSurvey> survey;  // of the first version, once it was needed
};

struct Zone::Sharing {
  static std::uint64_t new_version() noexcept {
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
  }

  std::shared_ptr<ZoneRoom> room;
  std::uint64_t version = new_version();  // never the same for two
  std::uint32_t size = 0;                 // octets of it and of the versions before
  // What follows is of a patch:
  std::uint64_t before = 0;  // the version that it was made of; 0: it is no patch
  std::uint32_t begin = 0;   // where what is new begins
  bool has_room = false;     // it took the room, and has not given it back
  Jumps jumps;
  std::vector<std::uint32_t> added;  // new nodes
  std::vector<std::uint32_t>
      changed;        // places of nodes, perhaps of the version before, of those that have other records
  ZoneSurvey survey;  // its mentions: without those in that of the room
};

}  // namespace holdfast::zones
