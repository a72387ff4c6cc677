#include "health/verdict/override.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>

#include "health/notify/plain.h"
#include "health/utc.h"

namespace holdfast::health {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::system_clock;

constexpr std::string_view kPool = "pool:";
constexpr std::string_view kLocation = "location:";
constexpr std::string_view kMember = "member:";
constexpr std::int64_t kLastTime = 4'102'444'800'000;  // ms since the epoch: the year 2100

std::optional<boost::asio::ip::address> read_address(std::string_view text) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(text, error);
  // Of nobody's: a member without an address is one that has a name.
  if (error || address.is_unspecified()) return std::nullopt;
  if (address.is_v6() && address.to_v6().scope_id() != 0) return std::nullopt;
  return address;
}

std::optional<Decision> read_decision(std::string_view text) {
  const auto* const found = std::find(std::begin(kDecisions), std::end(kDecisions), text);
  if (found == std::end(kDecisions)) return std::nullopt;
  return static_cast<Decision>(found - std::begin(kDecisions));
}

bool is_sound(const Override& override_) {
  return unfit(override_.id, kMaxOverrideId).empty() && unfit(override_.author, kMaxAuthor).empty() &&
         unfit(override_.reason, kMaxReason).empty() &&
         (!override_.expires || (*override_.expires >= override_.created &&
                                 *override_.expires - override_.created <= kLongestOverride));
}

std::int64_t to_ms(system_clock::time_point time) {
  return std::chrono::floor<milliseconds>(time.time_since_epoch()).count();
}

system_clock::time_point from_ms(const json::value& value) {
  const auto ms = value.to_number<std::int64_t>();
  if (ms < 0 || ms > kLastTime) throw std::out_of_range("time");
  return system_clock::time_point(milliseconds(ms));
}

std::string string(const json::value& value) { return json::value_to<std::string>(value); }

// A slash in a name, as a zone file may have it too (RFC 1035 5.1).
constexpr std::string_view kSlash = "\\047";

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string all(text);
  for (std::size_t at = all.find(what); at != all.npos; at = all.find(what, at + by.size()))
    all.replace(at, what.size(), by);
  return all;
}

std::string escaped(std::string_view name) { return replaced(name, "/", kSlash); }
std::string unescaped(std::string_view text) { return replaced(text, kSlash, "/"); }

}  // namespace

std::string text(const Subject& subject) {
  switch (subject.kind) {
    case Subject::Kind::member_of_pool:
      if (!subject.address)
        return std::string(kMember) + escaped(subject.name) + "/" + escaped(subject.member);
      return subject.name + "/" + subject.address->to_string();
    case Subject::Kind::member: return subject.address->to_string();
    case Subject::Kind::pool: return std::string(kPool) + subject.name;
    case Subject::Kind::location: return std::string(kLocation) + subject.name;
  }
  return {};
}

std::optional<Subject> read_subject(std::string_view text) {
  Subject subject;
  if (const auto address = read_address(text)) {
    subject.address = address;
    return subject;
  }
  subject.kind = Subject::Kind::pool;
  if (text.starts_with(kLocation)) {
    subject.kind = Subject::Kind::location;
    text.remove_prefix(kLocation.size());
  } else if (text.starts_with(kPool)) {
    text.remove_prefix(kPool.size());
  } else if (text.starts_with(kMember)) {
    text.remove_prefix(kMember.size());
    const std::size_t slash = text.find('/');
    if (slash == text.npos || text.find('/', slash + 1) != text.npos) return std::nullopt;
    subject.kind = Subject::Kind::member_of_pool;
    subject.member = unescaped(text.substr(slash + 1));
    subject.name = unescaped(text.substr(0, slash));
    const bool is_fit =
        unfit(subject.member, kMaxSubjectName).empty() && unfit(subject.name, kMaxSubjectName).empty();
    return is_fit ? std::optional(subject) : std::nullopt;
  } else if (const std::size_t slash = text.rfind('/'); slash != text.npos) {
    subject.address = read_address(text.substr(slash + 1));
    if (subject.address) {  // else it is part of a name, as in 0/25.2.0.192.in-addr.arpa.
      subject.kind = Subject::Kind::member_of_pool;
      text = text.substr(0, slash);
    }
  }
  if (!unfit(text, kMaxSubjectName).empty()) return std::nullopt;
  subject.name = text;
  return subject;
}

std::string_view unfit(std::string_view text, std::size_t limit) {
  if (text.empty()) return "is empty";
  if (text.size() > limit) return "is too long";
  if (utf8(text) != text) return "is not UTF-8";
  if (one_line(text) != text) return "has control characters";
  return {};
}

std::string report(const Override& override_) {
  return fmt::format("{} of {} by {}{}: {}", text(override_.decision), text(override_.subject),
                     override_.author, override_.expires ? " until " + for_people(*override_.expires) : "",
                     override_.reason);
}

std::string write(const Override& override_) {
  return json::serialize(
      json::object{{"version", 1},
                   {"id", override_.id},
                   {"subject", text(override_.subject)},
                   {"decision", text(override_.decision)},
                   {"author", override_.author},
                   {"reason", override_.reason},
                   {"created_ms", to_ms(override_.created)},
                   {"expires_ms", override_.expires ? json::value(to_ms(*override_.expires)) : nullptr}});
}

std::optional<Override> read_override(std::string_view text) {
  try {
    const json::value value = json::parse(text);
    const json::object& object = value.as_object();
    if (object.at("version").to_number<int>() != 1) return std::nullopt;
    KeptOverride kept{.id = string(object.at("id")),
                      .subject = string(object.at("subject")),
                      .decision = string(object.at("decision")),
                      .author = string(object.at("author")),
                      .reason = string(object.at("reason")),
                      .created = from_ms(object.at("created_ms"))};
    if (const json::value& expires = object.at("expires_ms"); !expires.is_null())
      kept.expires = from_ms(expires);
    return from_kept(kept);
  } catch (const std::exception&) {  // malformed in whatever way
    return std::nullopt;
  }
}

std::string write(const OverrideEnd& end) {
  return json::serialize(
      json::object{{"version", 1}, {"id", end.id}, {"why", end.why}, {"ended_ms", to_ms(end.time)}});
}

std::optional<OverrideEnd> read_end(std::string_view text) {
  try {
    const json::value value = json::parse(text);
    const json::object& object = value.as_object();
    if (object.at("version").to_number<int>() != 1) return std::nullopt;
    OverrideEnd end{string(object.at("id")), string(object.at("why")), from_ms(object.at("ended_ms"))};
    if (!unfit(end.id, kMaxOverrideId).empty() || !unfit(end.why, kMaxEndReason).empty()) return std::nullopt;
    return end;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

KeptOverride to_kept(const Override& override_) {
  return {override_.id,     text(override_.subject), std::string(text(override_.decision)),
          override_.author, override_.reason,        override_.created,
          override_.expires};
}

std::optional<Override> from_kept(const KeptOverride& kept) {
  const auto subject = read_subject(kept.subject);
  const auto decision = read_decision(kept.decision);
  if (!subject || !decision) return std::nullopt;
  Override read{kept.id, *subject, *decision, kept.author, kept.reason, kept.created, kept.expires};
  if (!is_sound(read)) return std::nullopt;
  return read;
}

}  // namespace holdfast::health
