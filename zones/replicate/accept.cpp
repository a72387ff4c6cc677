#include "zones/replicate/accept.h"

#include <array>

#include "zones/load/check.h"
#include "zones/replicate/accept_few.h"
#include "zones/replicate/apply.h"

namespace holdfast::zones {
namespace {

std::size_t names(const Zone& zone) {
  std::size_t count = 0;
  for (const Node node : zone.nodes()) count += node.rrset_count() != 0 ? 1 : 0;
  return count;
}

std::size_t names(const RecordList& sorted) {
  std::size_t count = 0;
  const std::uint8_t* before = nullptr;
  for (const RecordList::Entry& entry : sorted.entries()) {
    if (entry.owner != before) ++count;
    before = entry.owner;
  }
  return count;
}

std::string first_error(const Findings& findings) {
  for (const Problem& problem : findings.problems(std::array{std::string()})) {
    if (problem.severity == Problem::Severity::error) return problem.what;
  }
  return {};
}

/// RFC 4035 2.2: what is signed has an RRSIG beside its SOA.
bool is_signed(NameView apex, const RecordList& records) {
  for (const RecordList::Entry& entry : records.entries()) {
    if (entry.type == RrType::RRSIG && records.owner(entry) == apex) return true;
  }
  return false;
}

std::string shrinks(const RecordList& records, const Zone& zone) {
  const std::size_t before = names(zone);
  const std::size_t after = names(records);
  if (before <= after + kShrinkNames || after * 100 >= before * kShrinkPercent) return {};
  return "it has " + std::to_string(after) + " names, and had " + std::to_string(before) +
         ": fewer than half are taken only when somebody says so";
}

}  // namespace

Accepted accept(Received received, const AcceptInput& input) {
  const bool has_before = input.before != nullptr && input.before->is_available();
  const auto refused = [](std::string why) { return Accepted{.problem = std::move(why)}; };
  RecordList records;
  if (const auto* const changes = std::get_if<Changes>(&received)) {
    if (!has_before) return refused("it is a change of a version that is not there");
    if (input.may_patch) {
      if (auto accepted = accept_few(*changes, input)) return *std::move(accepted);
    }
    Applied applied = apply_deltas(*input.before, changes->deltas);
    if (!applied.problem.empty()) return refused(std::move(applied.problem));
    records = std::move(applied.records);
  } else if (auto* const whole = std::get_if<WholeZone>(&received)) {
    records = std::move(whole->records);
    records.sort(input.apex);
  } else {
    return refused("it is no other version");
  }

  Findings findings;
  LiveFit fit;
  check_zone({.apex = input.apex, .live = input.live, .fit = &fit}, records, findings);
  if (findings.any_error()) return refused(first_error(findings));
  if (!input.live.empty() && is_signed(input.apex, records)) {
    return refused(
        "it is signed, and its live names would have answers without signatures: take out its live names");
  }
  if (has_before && !input.may_shrink) {
    if (std::string why = shrinks(records, *input.before); !why.empty()) return refused(std::move(why));
  }
  Accepted accepted{.live = std::move(fit.fitting), .warnings = std::move(fit.problems)};
  accepted.zone = std::make_shared<Zone>(input.apex, records, accepted.live);
  return accepted;
}

}  // namespace holdfast::zones
