#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::zones {

inline constexpr std::size_t kMaxLineOctets = std::size_t{1}
                                              << 20;  ///< text of one record, without white space

/// One item of a line: raw text, its escapes not yet read. Borrows from the text of the file.
struct Token {
  std::string_view text;
  bool quoted = false;   ///< quotes stood around it; they are not in `text`
  bool touches = false;  ///< nothing stands between the token before and this one, as in `alpn="h2"`
};

/// One entry of a zone file: a line, or the lines that parentheses join.
struct Line {
  std::uint32_t number = 0;  ///< where it begins, from 1
  bool indented = false;     ///< begins with white space: the owner name is that of the record before
  std::vector<Token> tokens;
  std::string error;  ///< not empty: the line is broken, and why
};

/// Cuts the text of a zone file into lines (RFC 1035 5.1). Comments are gone, every token is within one line.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : LineReader(text, text.size()) {}
  /// Only the lines that begin within the first `size` octets; the last may go on behind them.
  LineReader(std::string_view text, std::size_t size)
      : at_(text.data()), until_(text.data() + size), end_(text.data() + text.size()) {}

  /// Reads the next line that is not empty into `line`, whose storage is used again. False at the end of the
  /// text.
  bool next(Line& line);

  const char* at() const noexcept { return at_; }            ///< where the next line begins, or an empty one
  std::uint32_t number() const noexcept { return number_; }  ///< of the line there
  /// Goes on at `at`, as if `lines` lines had been read until there.
  void skip_to(const char* at, std::uint32_t lines) noexcept {
    at_ = at;
    number_ += lines;
  }

 private:
  void quoted_token(Line& line);
  void plain_token(Line& line);
  const char* closing_quote(const char* from) const;
  void add(Line& line, const char* first, const char* last, bool quoted);
  void skip_to_line_end();

  const char* at_;
  const char* until_;  // no line begins here or behind
  const char* end_;
  std::uint32_t number_ = 1;
  std::size_t octets_ = 0;           // of the tokens of the current line
  const char* token_end_ = nullptr;  // where the last token ended, its quote included
};

/// The text of a token for a message: in quotes, unprintable octets escaped, cut where it is long.
std::string show(std::string_view text);

}  // namespace holdfast::zones
