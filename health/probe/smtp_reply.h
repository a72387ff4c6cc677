#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::health {

inline constexpr std::size_t kReplyLimit =
    8 * 1024;  ///< octets of one reply; RFC 5321 4.5.3.1.5 asks for 512 a line

/// What an SMTP server says to a command, or by itself (RFC 5321 4.2).
struct SmtpReply {
  unsigned code = 0;                 ///< 200 .. 559
  std::vector<std::string> lines{};  ///< without codes and line ends

  /// "554 go away"
  std::string text() const {
    return std::to_string(code) + (lines.empty() || lines[0].empty() ? "" : ' ' + lines[0]);
  }
  /// Whether EHLO was answered with this extension: its keyword, in any case.
  bool offers(std::string_view keyword) const;
};

/// Puts a reply together, line by line.
class SmtpReplyReader {
 public:
  enum class State { more, whole, wrong };
  /// @param line  without its line end
  State take(std::string_view line);
  /// Once it is whole.
  const SmtpReply& reply() const noexcept { return reply_; }

 private:
  SmtpReply reply_;
};

}  // namespace holdfast::health
