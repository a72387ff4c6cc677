#include "health/notify/letter.h"

#include <spdlog/fmt/fmt.h>

#include <ctime>

#include "health/notify/plain.h"
#include "health/notify/wording.h"

namespace holdfast::health {
namespace {

constexpr std::size_t kMaxLine = 76;  // characters

/// RFC 5322 3.3
std::string date(std::chrono::system_clock::time_point time) {
  constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", kDays[utc.tm_wday], utc.tm_mday,
                     kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

/// Broken before a word that the line has no room for (RFC 5322 2.2.3). A longer word is left whole.
std::string folded(std::string_view header) {
  std::string lines;
  std::size_t length = 0;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(' ', 1), header.size());  // a word with the space before it
    const std::string_view word = header.substr(0, end);
    if (length + word.size() > kMaxLine && word.front() == ' ' && word.size() > 1) {
      lines += "\r\n";
      length = 0;
    }
    lines += word;
    length += word.size();
    header.remove_prefix(end);
  }
  return lines + "\r\n";
}

}  // namespace

std::string quoted_printable(std::string_view text) {
  std::string lines;
  std::size_t length = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      lines += "\r\n";
      length = 0;
      continue;
    }
    const bool is_last = i + 1 == text.size() || text[i + 1] == '\n';
    const bool is_plain = c >= '!' && c <= '~' && c != '=';
    const std::string written = is_plain || (c == ' ' && !is_last)
                                    ? std::string(1, c)
                                    : fmt::format("={:02X}", static_cast<unsigned char>(c));
    if (length + written.size() > kMaxLine - 1) {  // there must be room for the last "="
      lines += "=\r\n";
      length = 0;
    }
    lines += written;
    length += written.size();
  }
  return lines;
}

std::string letter(const Parcel& parcel) {
  const auto& [notification, contact, server] = parcel;
  const std::string domain = token(contact.from.substr(contact.from.find('@') + 1));
  std::string to = "To:";
  for (const std::string& address : contact.to) to += (to.back() == ':' ? " " : ", ") + address;
  std::string text = folded("From: " + contact.from);
  text += folded(to);
  text += folded("Subject: [holdfast] " + subject(notification));
  text += folded("Date: " + date(notification.time));
  text += folded(fmt::format("Message-ID: <{}.{}@{}>", token(notification.id), token(contact.name), domain));
  text += folded("X-Holdfast-Event: " + token(notification.id));
  text += "Auto-Submitted: auto-generated\r\n";  // RFC 3834: no vacation notice answers it
  text += "MIME-Version: 1.0\r\n";
  text += "Content-Type: text/plain; charset=utf-8\r\n";
  text += "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
  return text + quoted_printable(message(notification, server));
}

}  // namespace holdfast::health
