#include "health/probe/smtp_reply.h"

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <charconv>

namespace holdfast::health {

bool SmtpReply::offers(std::string_view keyword) const {
  // The first line greets (RFC 5321 4.1.1.1).
  return std::any_of(lines.begin() + (lines.empty() ? 0 : 1), lines.end(), [&](const std::string& line) {
    return boost::iequals(line.substr(0, line.find(' ')), keyword);
  });
}

SmtpReplyReader::State SmtpReplyReader::take(std::string_view line) {
  constexpr std::size_t kCode = 3;  // digits
  unsigned code = 0;
  const char* const end = line.data() + std::min(line.size(), kCode);
  const auto [read_to, error] = std::from_chars(line.data(), end, code);
  const bool is_code = error == std::errc() && read_to == line.data() + kCode && code >= 200 && code < 560;
  const bool goes_on = line.size() > kCode && line[kCode] == '-';
  const bool ends = line.size() == kCode || (line.size() > kCode && line[kCode] == ' ');
  if (!is_code || (!goes_on && !ends) || (!reply_.lines.empty() && code != reply_.code)) return State::wrong;
  reply_.code = code;
  reply_.lines.emplace_back(line.substr(std::min(line.size(), kCode + 1)));
  return goes_on ? State::more : State::whole;
}

}  // namespace holdfast::health
