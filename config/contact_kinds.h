#pragma once

#include "config/kinds.h"
#include "health/notify/settings.h"

/// The kinds of values that only a contact has; see kinds.h.
namespace holdfast::config {

/// "www.example.com", "192.0.2.1:8080", "[2001:db8::1]:25"
bool is_host_and_port(std::string_view text);

/// The URL of a webhook.
struct HttpUrl {
  using Value = std::string;
  static std::optional<std::string> read(const toml::node& node, const Scope& scope);
  static std::string toml(const std::string& value) { return value.empty() ? "" : toml_string(value); }
  static std::string range() { return "URL of http or https"; }
};

/// A template of what a webhook posts.
struct Template {
  using Value = std::string;
  std::size_t most;  ///< octets

  std::optional<std::string> read(const toml::node& node, const Scope& scope) const;
  static std::string toml(const std::string& value) { return value.empty() ? "" : toml_string(value); }
  std::string range() const;
};

/// A host, or host and port.
struct HostAndPort {
  using Value = std::string;
  static std::optional<std::string> read(const toml::node& node, const Scope& scope);
  static std::string toml(const std::string& value) { return value.empty() ? "" : toml_string(value); }
  static std::string range() { return "host, or host and port"; }
};

/// A mail address without a display name, of characters that need no quotes (RFC 5322 3.4.1: dot-atom).
struct MailAddress {
  using Value = std::string;
  static std::optional<std::string> read(const toml::node& node, const Scope& scope);
  static std::string toml(const std::string& value) { return value.empty() ? "" : toml_string(value); }
  static std::string range() { return "mail address"; }
};

/// A part of every day.
struct DayTime {
  using Value = health::QuietTime;
  static std::optional<health::QuietTime> read(const toml::node& node, const Scope& scope);
  static std::string toml(const health::QuietTime& value);
  static std::string range() { return "two times of the day, such as `\"22:00-07:00\"`"; }
};

}  // namespace holdfast::config
