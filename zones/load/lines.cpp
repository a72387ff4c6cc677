#include "zones/load/lines.h"

#include <array>
#include <cstring>

namespace holdfast::zones {
namespace {

void broken(Line& line, std::string why) {
  if (line.error.empty()) line.error = std::move(why);
}

/// What plain_token looks at: the octets that end a token, and those that it cannot simply take.
enum class Octet : std::uint8_t { plain, ends, zero, backslash };

constexpr std::array<Octet, 256> kOctets = [] {
  std::array<Octet, 256> octets = {};
  for (const char c : {' ', '\t', '\r', '\n', ';', '(', ')', '"'})
    octets[static_cast<std::uint8_t>(c)] = Octet::ends;
  octets[0] = Octet::zero;
  octets['\\'] = Octet::backslash;
  return octets;
}();

}  // namespace

bool LineReader::next(Line& line) {
  line.tokens.clear();
  line.error.clear();
  octets_ = 0;
  unsigned open = 0;  // parentheses
  std::uint32_t opened_at = 0;
  bool fresh = true;  // nothing of the line was seen
  while (at_ != end_) {
    if (fresh) {
      if (at_ >= until_) return false;
      line.number = number_;
      line.indented = *at_ == ' ' || *at_ == '\t';
      fresh = false;
    }
    switch (*at_) {
      case ' ':
      case '\t':
      case '\r': ++at_; break;
      case '\n':
        ++at_;
        ++number_;
        if (open != 0) break;
        if (!line.tokens.empty() || !line.error.empty()) return true;
        fresh = true;
        break;
      case ';': skip_to_line_end(); break;
      case '(':
        if (open++ == 0) {
          opened_at = number_;
        } else {
          broken(line, "parentheses inside parentheses (RFC 1035 5.1)");
        }
        ++at_;
        break;
      case ')':
        if (open == 0) broken(line, "\")\" without \"(\"");
        if (open != 0) --open;
        ++at_;
        break;
      case '"': quoted_token(line); break;
      default: plain_token(line);
    }
  }
  if (open != 0) {
    line.number = opened_at;
    line.error = "\"(\" is never closed: all that follows belongs to this record";
  }
  return !line.tokens.empty() || !line.error.empty();
}

void LineReader::quoted_token(Line& line) {
  const char* first = at_ + 1;
  const char* close = closing_quote(first);
  if (close == nullptr) {
    broken(
        line,
        "a quoted string does not end in its line: add the closing quote, or write \\\" for a quote in it");
    return skip_to_line_end();
  }
  add(line, first, close, true);
  at_ = token_end_ = close + 1;
}

void LineReader::plain_token(Line& line) {
  const char* const first = at_;
  const char* at = first;
  for (;; ++at) {
    while (at != end_ && kOctets[static_cast<std::uint8_t>(*at)] == Octet::plain) ++at;
    if (at == end_ || kOctets[static_cast<std::uint8_t>(*at)] == Octet::ends) break;
    if (*at == '\0') {
      broken(line, "an octet 0: this is not a text file (UTF-16 perhaps; save it as plain ASCII)");
      at_ = at;
      return skip_to_line_end();
    }
    if (at + 1 != end_ && at[1] != '\n') ++at;  // what stands behind the backslash
  }
  add(line, first, at, false);
  at_ = token_end_ = at;
}

/// The quote that ends the string beginning at `from`; null when the line ends before it.
const char* LineReader::closing_quote(const char* from) const {
  for (const char* p = from; p != end_ && *p != '\n' && *p != '\0'; ++p) {
    if (*p == '"') return p;
    if (*p == '\\' && p + 1 != end_ && p[1] != '\n') ++p;
  }
  return nullptr;
}

void LineReader::add(Line& line, const char* first, const char* last, bool quoted) {
  const std::string_view text(first, static_cast<std::size_t>(last - first));
  octets_ += text.size() + 1;
  if (octets_ > kMaxLineOctets) {
    return broken(line, "the record is longer than " + std::to_string(kMaxLineOctets) + " octets of text");
  }
  line.tokens.push_back({text, quoted, (quoted ? first - 1 : first) == token_end_});
}

void LineReader::skip_to_line_end() {
  const void* newline = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
  at_ = newline == nullptr ? end_ : static_cast<const char*>(newline);
}

std::string show(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::string shown = "\"";
  for (const char c : text.substr(0, kShown)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= ' ' && octet < 0x7f) {
      shown += c;
    } else {
      shown += '\\';
      for (const int place : {100, 10, 1}) shown += static_cast<char>('0' + octet / place % 10);
    }
  }
  return shown + (text.size() > kShown ? "...\"" : "\"");
}

}  // namespace holdfast::zones
