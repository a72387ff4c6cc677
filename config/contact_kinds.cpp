#include "config/contact_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "health/notify/quiet.h"
#include "health/notify/template.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxContactUrl = 4096;  // octets
constexpr std::size_t kMaxMailAddress = 254;  // octets (RFC 5321 4.5.3.1.3, without the brackets)
constexpr std::size_t kMaxLocalPart = 64;     // octets (RFC 5321 4.5.3.1.1)

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

bool is_made_of(std::string_view text, std::string_view more) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return kLetters.find(c) != kLetters.npos || more.find(c) != more.npos;
  });
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && port != 0;
}

}  // namespace

bool is_host_and_port(std::string_view text) {
  if (text.starts_with('[')) {  // IPv6
    const std::size_t end = std::min(text.find(']'), text.size());
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string(text.substr(1, end - 1)), error);
    const std::string_view rest = text.substr(std::min(end + 1, text.size()));
    return !error && address.is_v6() && end != text.size() &&
           (rest.empty() || (rest[0] == ':' && is_port(rest.substr(1))));
  }
  const std::size_t colon = text.find(':');
  return is_made_of(text.substr(0, colon), "-.") && (colon == text.npos || is_port(text.substr(colon + 1)));
}

std::optional<std::string> HttpUrl::read(const toml::node& node, const Scope& scope) {
  const std::string* text = read_string(node, scope, "a URL such as \"https://chat.example.com/hook\"");
  if (text == nullptr) return std::nullopt;
  const std::size_t authority = text->find("://") + 3;
  const bool is_http = text->starts_with("http://") || text->starts_with("https://");
  const bool is_visible =
      std::all_of(text->begin(), text->end(), [](char c) { return c > ' ' && c <= '~' && c != '#'; });
  if (is_http && is_visible && text->size() <= kMaxContactUrl) {
    const std::string_view host =
        std::string_view(*text).substr(authority, text->find_first_of("/?", authority) - authority);
    if (is_host_and_port(host)) return *text;
    if (host.find('@') != host.npos) {
      scope.error(node,
                  "has a user before the host; only a URL without is taken, sign with secret_file instead");
      return std::nullopt;
    }
  }
  // Not shown: it is often a secret by itself.
  scope.error(node, "is no URL of http or https; write one such as \"https://chat.example.com/hook\"");
  return std::nullopt;
}

std::optional<std::string> Template::read(const toml::node& node, const Scope& scope) const {
  const auto text = Text{most, Text::any}.read(node, scope);
  if (!text) return std::nullopt;
  const auto fault = health::template_fault(*text);
  if (!fault) return text;
  if (fault->is_open) {
    scope.error(node, "has a \"{{\" without its \"}}\"; close it");
  } else {
    scope.error(node, fmt::format("there is no field {}; {}", in_quotes(fault->field),
                                  suggest(fault->field, health::kTemplateFields)));
  }
  return std::nullopt;
}

std::string Template::range() const { return fmt::format("text of at most {} octets", most); }

std::optional<std::string> HostAndPort::read(const toml::node& node, const Scope& scope) {
  const std::string* text = read_string(node, scope, "a host such as \"mail.example.net\"");
  if (text == nullptr || is_host_and_port(*text))
    return text == nullptr ? std::nullopt : std::optional(*text);
  scope.error(node, in_quotes(*text) +
                        " is no host; write one such as \"mail.example.net\", "
                        "\"mail.example.net:587\" or \"[2001:db8::1]:25\"");
  return std::nullopt;
}

std::optional<std::string> MailAddress::read(const toml::node& node, const Scope& scope) {
  const std::string* text = read_string(node, scope, "a mail address such as \"ops@example.net\"");
  if (text == nullptr) return std::nullopt;
  const std::size_t at = std::min(text->find('@'), text->size());
  const std::string_view local = std::string_view(*text).substr(0, at);
  const std::string_view domain = std::string_view(*text).substr(std::min(at + 1, text->size()));
  const auto has_good_dots = [](std::string_view part) {
    return !part.starts_with('.') && !part.ends_with('.') && part.find("..") == part.npos;
  };
  if (text->size() <= kMaxMailAddress && local.size() <= kMaxLocalPart &&
      is_made_of(local, "!#$%&'*+-/=?^_`{|}~.") && is_made_of(domain, "-.") && has_good_dots(local) &&
      has_good_dots(domain)) {
    return *text;
  }
  scope.error(
      node, in_quotes(*text) + " is no mail address; write one such as \"ops@example.net\", without a name");
  return std::nullopt;
}

std::optional<health::QuietTime> DayTime::read(const toml::node& node, const Scope& scope) {
  const std::string* text = read_string(node, scope, "two times such as \"22:00-07:00\"");
  if (text == nullptr) return std::nullopt;
  const auto time = health::parse_quiet_time(*text);
  if (!time) {
    scope.error(node,
                in_quotes(*text) +
                    " is no part of a day; write one such as \"22:00-07:00\", with hours 00 to 23 and an end "
                    "that is not its beginning");
  }
  return time;
}

std::string DayTime::toml(const health::QuietTime& value) {
  return fmt::format("\"{:02}:{:02}-{:02}:{:02}\"", value.begin / 60, value.begin % 60, value.end / 60,
                     value.end % 60);
}

}  // namespace holdfast::config
