// A primary's side of a zone transfer, message by message, each behind its length as TCP has them; the input may end
// anywhere. Its first octet says what was asked for.

#include <cstdio>
#include <cstdlib>

#include "zones/load/check.h"
#include "zones/load/load.h"
#include "zones/replicate/apply.h"
#include "zones/replicate/incoming.h"
#include "zones/replicate/soa_reply.h"

using namespace holdfast::zones;

namespace {

constexpr TransferLimits kLimits{.records = 5'000, .octets = 1U << 20};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

const Zone& zone_before() {
  static const LoadedZone loaded = load_zone_text(*Name::parse("example."),
                                                  "$TTL 60\n@ SOA ns host 5 7200 3600 1209600 300\n@ NS ns\n"
                                                  "ns A 192.0.2.1\nold A 192.0.2.1\nnew A 192.0.2.2\n",
                                                  "zone", {});
  return *loaded.zone;
}

void check_run(const RecordRun& run) {
  const auto read = RecordRun::read(run.octets());
  if (!read || *read != run) fail("records that cannot be read back");
}

/// Whatever a transfer brings has to be fit for everything that comes after it.
void build(RecordList& records, NameView apex) {
  RecordRun run;
  for (const RecordList::Entry& entry : records.entries()) {
    if (!records.owner(entry).is_at_or_below(apex)) fail("a record out of the zone");
    if (!is_data_type(entry.type)) fail("a record of a meta type");
    run.add({records.owner(entry), entry.type, entry.ttl, records.data(entry)});
  }
  check_run(run);
  records.sort(apex);
  Findings findings;
  check_zone({.apex = apex}, records, findings);
  if (!findings.any_error()) Zone(apex, records, {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  TransferQuestion question{.id = 7, .apex = Name(zone_before().apex())};
  if ((data[0] & 1) != 0) question.have = Serial(5);
  question.is_incremental = (data[0] & 3) == 3;
  Incoming incoming(question, kLimits);
  Incoming::Step step;
  std::span<const std::uint8_t> left(data + 1, size - 1);
  while (step.kind == Incoming::Step::Kind::more && left.size() >= 2) {
    const auto length = static_cast<std::size_t>(left[0] << 8 | left[1]);
    left = left.subspan(2);
    std::vector<std::uint8_t> message(left.begin(),
                                      left.begin() + static_cast<long>(std::min(length, left.size())));
    left = left.subspan(message.size());
    if (message.size() >= 4)
      message[0] = 0, message[1] = 7, message[2] |= 0x80;  // else little gets any further
    const SoaReply reply = read_soa_reply(message, 7, question.apex);
    if ((reply.kind == SoaReply::Kind::failed) == reply.problem.empty())
      fail("a failed SOA without a reason");
    step = incoming.take(message);
  }
  if (incoming.records() > kLimits.records + 1) fail("more records than the limit");
  if ((step.kind == Incoming::Step::Kind::failed) == step.problem.empty())
    fail("a failure without a reason, or a reason");
  if (step.kind != Incoming::Step::Kind::done) return 0;
  Received received = incoming.release();
  if (auto* const zone = std::get_if<WholeZone>(&received)) build(zone->records, question.apex);
  if (const auto* const changes = std::get_if<Changes>(&received)) {
    for (const auto& delta : changes->deltas) {
      check_run(delta->removed);
      check_run(delta->added);
      if (!Delta::of(delta->removed, delta->added, false)) fail("a change that cannot be read back");
    }
    Applied applied = apply_deltas(zone_before(), changes->deltas);
    if (applied.problem.empty()) build(applied.records, question.apex);
  }
  return 0;
}
