#include "server/past_decisions.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>

#include "server/control/time_text.h"

namespace holdfast::server {
namespace {

using health::Override;

constexpr std::string_view kEnd = "-end";  // of the id of what tells that an override ended

/// What comes before `mark`, which is taken away with it; null: it is not there.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  if (at == text.npos) return std::nullopt;
  const std::string_view before = text.substr(0, at);
  text.remove_prefix(at + mark.size());
  return before;
}

/// "drain of shop/192.0.2.10 by "
std::optional<Override> take_beginning(std::string_view& text) {
  const auto decision = take_until(text, " of ");
  const auto subject = decision ? take_until(text, " by ") : std::nullopt;
  const auto meant = subject ? health::read_subject(*subject) : std::nullopt;
  if (!meant) return std::nullopt;
  const auto* const known =
      std::find(std::begin(health::kDecisions), std::end(health::kDecisions), *decision);
  if (known == std::end(health::kDecisions)) return std::nullopt;
  return Override{.subject = *meant,
                  .decision = static_cast<health::Decision>(known - std::begin(health::kDecisions))};
}

/// Takes " until 2026-03-01 12:00:00 UTC" from the end.
std::optional<Past::Time> take_expiry(std::string_view& text) {
  constexpr std::string_view kUntil = " until ", kUtc = " UTC";
  constexpr std::size_t kDate = 10, kTime = 19;  // octets
  if (!text.ends_with(kUtc) || text.size() < kUntil.size() + kTime + kUtc.size()) return std::nullopt;
  const std::string_view tail = text.substr(text.size() - kUntil.size() - kTime - kUtc.size());
  if (!tail.starts_with(kUntil)) return std::nullopt;
  std::string time(tail.substr(kUntil.size(), kTime));
  if (time[kDate] != ' ') return std::nullopt;
  time[kDate] = 'T';
  const auto read = parse_time(time + 'Z', {});
  if (read) text.remove_suffix(tail.size());
  return read;
}

/// As health::report() tells of it: "drain of shop/192.0.2.10 by alice until 2026-03-01 12:00:00 UTC: kernel update".
std::optional<Override> read_begin(std::string_view text) {
  auto read = take_beginning(text);
  auto author = read ? take_until(text, ": ") : std::nullopt;
  if (!author) return std::nullopt;
  read->expires = take_expiry(*author);
  read->author = *author;
  read->reason = text;
  return read;
}

/// "drain of shop/192.0.2.10 by alice (kernel update) ended: released by bob"
std::optional<Override> read_end(std::string_view text) {
  auto read = take_beginning(text);
  const auto author = read ? take_until(text, " (") : std::nullopt;
  const auto reason = author ? take_until(text, ") ended") : std::nullopt;
  if (!reason) return std::nullopt;
  read->author = *author;
  read->reason = *reason;
  return read;
}

/// An id begins with the milliseconds at which it was made, see health::make_event_id(). That of another server may be
/// anything.
std::optional<Past::Time> time_of(std::string_view id) {
  constexpr std::int64_t kLast =
      std::chrono::floor<std::chrono::milliseconds>(Past::Time::max()).time_since_epoch().count();
  std::int64_t ms = 0;
  const std::size_t dash = std::min(id.find('-'), id.size());
  const auto read = std::from_chars(id.data(), id.data() + dash, ms, 16);
  if (read.ec != std::errc() || read.ptr != id.data() + dash || dash != 12 || ms > kLast) return std::nullopt;
  return Past::Time(std::chrono::milliseconds(ms));
}

void tell(const health::LogEntry& entry, std::map<std::string, Past::Decision>& by_id) {
  if (!entry.id.ends_with(kEnd)) {
    if (auto begun = read_begin(entry.text)) {
      begun->id = entry.id;
      begun->created = entry.time;
      by_id.emplace(entry.id, Past::Decision{*begun, entry.time, begun->expires});
    }
    return;
  }
  const std::string id = entry.id.substr(0, entry.id.size() - kEnd.size());
  if (const auto known = by_id.find(id); known != by_id.end()) {
    // One that ended while holdfast did not run is told of later; when it was to end is told to the second.
    std::optional<Past::Time>& end = known->second.end;
    if (!end || entry.time < *end + std::chrono::seconds(1)) end = entry.time;
  } else if (auto ended = read_end(entry.text)) {
    const auto begin = time_of(id);
    if (!begin) return;
    ended->id = id;
    ended->created = *begin;
    by_id.emplace(id, Past::Decision{*ended, *begin, entry.time});
  }
}

}  // namespace

std::vector<Past::Decision> past_decisions(std::span<const health::LogEntry> told,
                                           std::span<const Override> in_force) {
  std::map<std::string, Past::Decision> by_id;
  for (const health::LogEntry& entry : told) tell(entry, by_id);
  for (const Override& one : in_force) {
    const auto known = by_id.find(one.id);
    by_id.insert_or_assign(one.id,
                           Past::Decision{one, known == by_id.end() ? one.created : known->second.begin, {}});
  }
  std::vector<Past::Decision> all;
  for (auto& [id, decision] : by_id) all.push_back(std::move(decision));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  // The end of one that was replaced is not told.
  std::map<health::Subject, Past::Decision*> last;
  for (Past::Decision& one : all) {
    Past::Decision*& before = last[one.override_.subject];
    if (before != nullptr) before->end = std::min(before->end.value_or(one.begin), one.begin);
    before = &one;
  }
  return all;
}

}  // namespace holdfast::server
