#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::health {

enum class ContactType : std::uint8_t { webhook, mail };
inline constexpr std::string_view kContactTypes[] = {"webhook", "mail"};  ///< by ContactType
constexpr std::string_view text(ContactType type) { return kContactTypes[static_cast<std::size_t>(type)]; }

/// How the session with a mail server is encrypted.
enum class MailTls : std::uint8_t {
  starttls,  ///< must be offered, or nothing is sent
  implicit,  ///< from the first octet (RFC 8314 3.3)
  none,
};
inline constexpr std::string_view kMailTls[] = {"starttls", "implicit", "none"};  ///< by MailTls
constexpr std::string_view text(MailTls tls) { return kMailTls[static_cast<std::size_t>(tls)]; }

/// Where a mail server takes mail of its users, or of its neighbours when there is no TLS.
constexpr std::uint16_t usual_port(MailTls tls) {
  constexpr std::uint16_t kPorts[] = {587, 465, 25};
  return kPorts[static_cast<std::size_t>(tls)];
}

enum class TimeZone : std::uint8_t { utc, local };
inline constexpr std::string_view kTimeZones[] = {"utc", "local"};  ///< by TimeZone
constexpr std::string_view text(TimeZone zone) { return kTimeZones[static_cast<std::size_t>(zone)]; }

/// A part of every day, in minutes after midnight, without its end. Over midnight when it ends before it begins.
struct QuietTime {
  unsigned begin = 0;  ///< 0 .. 1439
  unsigned end = 0;    ///< 0 .. 1439, another than `begin`

  bool operator==(const QuietTime&) const = default;
};

/// `[contact.NAME]`: whom to tell, and how.
struct ContactSettings {
  std::string name{};
  ContactType type = ContactType::webhook;

  // webhook
  std::string url{};
  std::string body{};  ///< a template, see template.h; empty: a JSON document with everything
  std::string content_type = "application/json";
  std::string secret_file{};  ///< signs; empty: nothing is signed

  // mail
  std::string server{};  ///< host, or host and port
  std::string from{};
  std::vector<std::string> to{};
  std::string user{};  ///< empty: no authentication
  std::string password_file{};
  MailTls tls = MailTls::starttls;

  std::string ca_file{};                     ///< empty: the system's
  std::chrono::milliseconds timeout{10000};  ///< of one attempt

  std::vector<QuietTime> quiet{};
  TimeZone time_zone = TimeZone::utc;  ///< of `quiet`
  bool urgent = false;                 ///< what is bad is told in quiet hours too

  bool operator==(const ContactSettings&) const = default;
};

/// `[notify]`
struct NotifySettings {
  std::vector<std::string> contacts{};     ///< of what has none of its own
  std::chrono::milliseconds group{10000};  ///< what happens so soon after the first is told together with it
  std::chrono::milliseconds repeat{0};     ///< what is still down is told again; 0: it is not
  unsigned hourly = 30;                    ///< notifications to one contact in one hour

  bool operator==(const NotifySettings&) const = default;
};

}  // namespace holdfast::health
