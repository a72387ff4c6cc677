// An UPDATE of any octets to a zone with a little of everything: what becomes of it fits the zone, and is a step to another one.

#include <cstdio>
#include <cstdlib>

#include "zones/load/load.h"
#include "zones/replicate/apply.h"
#include "zones/replicate/overlay.h"

using namespace holdfast::zones;

namespace {

constexpr const char* kZone =
    "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns1\n@ NS ns2\n@ MX 10 mail\nwww A 192.0.2.1\nwww A 192.0.2.2\n"
    "www TXT \"x\"\nalias CNAME www\nold DNAME new.example.\ndeep.er A 192.0.2.3\n* A 192.0.2.9\nsub NS "
    "ns.sub\n"
    "ns.sub A 192.0.2.5\nwks WKS 192.0.2.1 6 25\n";

void require(bool is_so, const char* what) {
  if (is_so) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

bool is_sorted(const RecordRun& run) {
  const RecordView* before = nullptr;
  RecordView last;
  for (const RecordView record : run) {
    if (before != nullptr && !(last < record)) return false;
    last = record;
    before = &last;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const LoadedZone loaded = load_zone_text(*Name::parse("example.com"), kZone, "zone", {}, {});
  const Zone& zone = *loaded.zone;
  const auto read = read_update({data, size});
  if (!std::holds_alternative<Update>(read)) return 0;
  const Update& update = std::get<Update>(read);
  const auto is_rcode = [](Rcode rcode) {
    return rcode == Rcode::noerror || rcode == Rcode::formerr ||
           (rcode >= Rcode::yxdomain && rcode <= Rcode::notzone) || rcode == Rcode::nxdomain;
  };
  require(is_rcode(check_prerequisites(update, zone)), "another response code");
  const auto result = apply_update(update, zone, Serial(zone.serial()));
  if (!std::holds_alternative<Updated>(result)) {
    require(is_rcode(std::get<Rcode>(result)), "another response code");
    return 0;
  }
  const Updated& updated = std::get<Updated>(result);
  require(is_sorted(updated.removed) && is_sorted(updated.added), "not in canonical order");
  if (updated.empty()) return 0;
  const auto delta = delta_of(updated, zone, Serial(zone.serial()).next());
  require(Delta::of(delta->removed, delta->added, false).has_value(), "no delta");
  const Applied applied = apply_deltas(zone, std::span(&delta, 1));
  if (!applied.problem.empty()) std::fprintf(stderr, "%s\n", applied.problem.c_str());
  require(applied.problem.empty(), "does not fit the zone");
  const Overlay overlay = compose({}, updated, zone);
  require(fit(overlay, zone) == overlay, "another overlay upon the same file");
  const auto whole = delta_of(overlay, zone);
  require(apply_deltas(zone, std::span(&whole, 1)).problem.empty(), "the overlay does not fit the zone");
  return 0;
}
