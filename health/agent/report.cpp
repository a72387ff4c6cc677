#include "health/agent/report.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "health/probe/command.h"
#include "health/probe/url.h"

namespace holdfast::health {
namespace {

std::string milliseconds(std::string_view phase, std::chrono::microseconds time) {
  return fmt::format("{} {:.1f} ms", phase, static_cast<double>(time.count()) / 1000);
}

std::string change(const Target& target, Verdict before, Verdict now) {
  return fmt::format("{} {}: {} -> {}", target.id.monitor, address_and_port(target), text(before), text(now));
}

std::string seen(const Observation& last) {
  const std::string detail = last.detail.empty() ? "" : fmt::format(" ({})", last.detail);
  return fmt::format("{}{}; {}", text(last.outcome), detail, phases(last));
}

std::string by_hand(const Target& target) { return "; by hand: " + command(target); }

}  // namespace

std::string phases(const Observation& seen) {
  std::string text;
  const auto add = [&](std::string_view phase, std::chrono::microseconds time) {
    if (time.count() > 0) text += milliseconds(phase, time) + ", ";
  };
  add("connect", seen.connect);
  add("tls", seen.tls);
  add("header", seen.header);
  add("body", seen.body);
  return text + milliseconds("total", seen.total);
}

std::string report(Verdict before, const TargetStatus& now) {
  return change(now.target, before, now.verdict) + (now.last ? "; " + seen(*now.last) : "") +
         by_hand(now.target);
}

std::string report(Verdict before, const MergedStatus& now) {
  std::string line = change(now.target, before, now.verdict);
  const bool has_others = std::any_of(now.votes.begin(), now.votes.end(),
                                      [](const VoteStatus& vote) { return !vote.location.empty(); });
  if (!has_others) {
    if (now.own && now.own->last) line += "; " + seen(*now.own->last);
    return line + by_hand(now.target);
  }
  std::size_t agree = 0, count = 0;
  std::string who;
  for (const VoteStatus& vote : now.votes) {
    if (!vote.counts || vote.verdict == Verdict::unknown) continue;
    ++count;
    if (vote.verdict != now.verdict) continue;
    ++agree;
    who += fmt::format("{}{} ({})", who.empty() ? ": " : ", ", vote.agent, vote.location);
    if (!vote.evidence) continue;
    who += fmt::format(" {}", text(vote.evidence->outcome));
    if (!vote.evidence->detail.empty()) who += fmt::format(" ({})", vote.evidence->detail);
  }
  return fmt::format("{}; {} of {} agents say so{}{}", line, agree, count, who, by_hand(now.target));
}

}  // namespace holdfast::health
