#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <optional>
#include <span>

#include "config/duration.h"
#include "config/scope.h"
#include "config/size.h"

/// The kinds of values that an option can have. Each kind can
///   read(node, scope)   a value, or report in `scope` what is wrong and what would be right;
///   toml(value)         print it as a file would have it, to be read as the same; empty when no file can say that;
///   range()             say for the reference what is allowed.
namespace holdfast::config {

/// A string of TOML, whatever octets of UTF-8 it has.
std::string toml_string(std::string_view text);

struct Boolean {
  using Value = bool;
  std::optional<bool> read(const toml::node& node, const Scope& scope) const;
  static std::string toml(bool value) { return value ? "true" : "false"; }
  static std::string range() { return "`true` or `false`"; }
};

/// Reads a whole number from `least` to `most`.
std::optional<std::int64_t> read_integer(const toml::node& node, const Scope& scope, std::int64_t least,
                                         std::int64_t most);

template <class T>
struct Integer {
  using Value = T;
  T least;
  T most;

  std::optional<T> read(const toml::node& node, const Scope& scope) const {
    const auto number = read_integer(node, scope, least, most);
    return number ? std::optional(static_cast<T>(*number)) : std::nullopt;
  }
  std::string toml(T value) const { return value >= least && value <= most ? std::to_string(value) : ""; }
  std::string range() const { return std::to_string(least) + " .. " + std::to_string(most); }
};

/// Reads a duration from `least` to `most` that is a multiple of `step`.
std::optional<std::chrono::milliseconds> read_duration(const toml::node& node, const Scope& scope,
                                                       std::chrono::milliseconds least,
                                                       std::chrono::milliseconds most,
                                                       std::chrono::milliseconds step);

/// T: std::chrono::milliseconds or seconds.
template <class T>
struct Duration {
  using Value = T;
  T least;
  T most;

  std::optional<T> read(const toml::node& node, const Scope& scope) const {
    const auto duration = read_duration(node, scope, least, most, T(1));
    return duration ? std::optional(std::chrono::duration_cast<T>(*duration)) : std::nullopt;
  }
  static std::string toml(T value) { return toml_string(text(value)); }
  std::string range() const { return text(least) + " .. " + text(most); }
};

/// Reads a number of octets from `least` to `most`.
std::optional<std::uint64_t> read_size(const toml::node& node, const Scope& scope, std::uint64_t least,
                                       std::uint64_t most);

struct Size {
  using Value = std::uint64_t;
  std::uint64_t least;
  std::uint64_t most;

  std::optional<std::uint64_t> read(const toml::node& node, const Scope& scope) const {
    return read_size(node, scope, least, most);
  }
  static std::string toml(std::uint64_t value) { return toml_string(size_text(value)); }
  std::string range() const { return size_text(least) + " .. " + size_text(most); }
};

struct Text {
  using Value = std::string;
  std::size_t most;  ///< octets
  enum Octets { printable, any } octets = printable;

  std::optional<std::string> read(const toml::node& node, const Scope& scope) const;
  static std::string toml(const std::string& value) { return toml_string(value); }
  std::string range() const;
};

inline constexpr std::size_t kMaxIdentifier = 63;  ///< octets

/// The name of a monitor or pool.
struct Identifier {
  using Value = std::string;
  static bool is_one(std::string_view text);
  static std::optional<std::string> read(const toml::node& node, const Scope& scope);
  static std::string toml(const std::string& value) { return value.empty() ? "" : toml_string(value); }
  static std::string range() { return "name"; }
};

/// The host of a URL: a host name or an IP address, without a port.
struct Host {
  using Value = std::string;
  static std::optional<std::string> read(const toml::node& node, const Scope& scope);
  static std::string toml(const std::string& value) { return value.empty() ? "" : toml_string(value); }
  static std::string range() { return "host name or IP address"; }
};

/// The path of a URL, with its query if it has one.
struct UrlPath {
  using Value = std::string;
  static std::optional<std::string> read(const toml::node& node, const Scope& scope);
  static std::string toml(const std::string& value) { return toml_string(value); }
  static std::string range() { return "path of a URL, from its first `/`"; }
};

/// A directory; a relative path is taken from the configuration file's directory.
struct DirectoryPath {
  using Value = std::string;
  static std::optional<std::string> read(const toml::node& node, const Scope& scope);
  static std::string toml(const std::string& value) { return value.empty() ? "" : toml_string(value); }
  static std::string range() { return "path of a directory"; }
};

/// A file; a relative path is taken from the configuration file's directory.
struct FilePath {
  using Value = std::string;
  static std::optional<std::string> read(const toml::node& node, const Scope& scope);
  static std::string toml(const std::string& value) { return value.empty() ? "" : toml_string(value); }
  static std::string range() { return "path of a file"; }
};

/// A domain name; one without final dot is below the scope's origin, "@" is the origin.
struct DomainName {
  using Value = zones::Name;
  static std::optional<zones::Name> read(const toml::node& node, const Scope& scope);
  static std::string toml(const zones::Name& value) { return toml_string(value.text()); }
  static std::string range() { return "domain name"; }
};

/// The value of a string, or null and a problem that says what was expected instead.
const std::string* read_string(const toml::node& node, const Scope& scope, std::string_view expected);

/// An address that an answer may contain, a probe may connect to, or we may send from.
struct Address {
  using Value = boost::asio::ip::address;
  static std::optional<boost::asio::ip::address> read(const toml::node& node, const Scope& scope);
  static std::string toml(const boost::asio::ip::address& value) { return toml_string(value.to_string()); }
  static std::string range() { return "IPv4 or IPv6 address"; }
};

struct AddressAndPort {
  boost::asio::ip::address address;
  std::uint16_t port;
};
std::optional<AddressAndPort> read_endpoint(const toml::node& node, const Scope& scope,
                                            std::uint16_t default_port);
std::string endpoint_text(const boost::asio::ip::address& address, std::uint16_t port);

/// P: boost::asio::ip::udp or tcp.
template <class P>
struct Endpoint {
  using Value = typename P::endpoint;
  std::uint16_t default_port;

  std::optional<Value> read(const toml::node& node, const Scope& scope) const {
    const auto read = read_endpoint(node, scope, default_port);
    return read ? std::optional(Value(read->address, read->port)) : std::nullopt;
  }
  static std::string toml(const Value& value) {
    return toml_string(endpoint_text(value.address(), value.port()));
  }
  std::string range() const { return "address, or address and port (" + std::to_string(default_port) + ")"; }
};

/// The place of a word among `words`.
std::optional<std::size_t> read_choice(const toml::node& node, const Scope& scope,
                                       std::span<const std::string_view> words);
std::string choice_range(std::span<const std::string_view> words);

/// E: an enum whose values from 0 on have these words.
template <class E>
struct Choice {
  using Value = E;
  std::span<const std::string_view> words;

  std::optional<E> read(const toml::node& node, const Scope& scope) const {
    const auto place = read_choice(node, scope, words);
    return place ? std::optional(static_cast<E>(*place)) : std::nullopt;
  }
  std::string toml(E value) const { return toml_string(words[static_cast<std::size_t>(value)]); }
  std::string range() const { return choice_range(words); }
};

/// A word of a list, kept as it is written.
struct Word {
  using Value = std::string;
  std::span<const std::string_view> words;

  std::optional<std::string> read(const toml::node& node, const Scope& scope) const {
    const auto place = read_choice(node, scope, words);
    return place ? std::optional(std::string(words[*place])) : std::nullopt;
  }
  static std::string toml(const std::string& value) { return toml_string(value); }
  std::string range() const { return choice_range(words); }
};

/// How many of a number must be: a number, or a percentage.
struct AtLeast {
  using Value = zones::Minimum;
  std::uint16_t most;

  std::optional<zones::Minimum> read(const toml::node& node, const Scope& scope) const;
  static std::string toml(const zones::Minimum& value);
  std::string range() const;
};

/// A domain name to ask for; absolute, with its final dot or without.
struct QueryName {
  using Value = std::string;
  static std::optional<std::string> read(const toml::node& node, const Scope& scope);
  static std::string toml(const std::string& value) { return value.empty() ? "" : toml_string(value); }
  static std::string range() { return "domain name"; }
};

/// A record type to ask for, such as "AAAA" or "TYPE65".
struct TypeName {
  using Value = std::string;
  static std::optional<std::string> read(const toml::node& node, const Scope& scope);
  static std::string toml(const std::string& value) { return toml_string(value); }
  static std::string range() { return "record type"; }
};

/// A status code such as 200, or a range of them such as "200-299".
struct Status {
  using Value = health::StatusRange;
  static std::optional<health::StatusRange> read(const toml::node& node, const Scope& scope);
  static std::string toml(const health::StatusRange& value);
  static std::string range();
};

/// A header line of a request: "Name: value". Not one that the probe itself is responsible for.
struct Header {
  using Value = std::string;
  static std::optional<std::string> read(const toml::node& node, const Scope& scope);
  static std::string toml(const std::string& value) { return toml_string(value); }
  static std::string range() { return "`\"Name: value\"`"; }
};

/// What is looked for in an answer: a text, or how else in braces.
struct Wanted {
  using Value = health::Pattern;
  std::size_t most;  ///< octets

  std::optional<health::Pattern> read(const toml::node& node, const Scope& scope) const;
  static std::string toml(const health::Pattern& value);
  std::string range() const;
};

/// A program by its name and its arguments.
struct CommandLine {
  using Value = std::vector<std::string>;
  std::size_t most;  ///< words

  std::optional<Value> read(const toml::node& node, const Scope& scope) const;
  /// Without the directory that it was found in.
  static std::string toml(const Value& words);
  std::string range() const;
};

/// The elements, or null and a problem when `node` is no array of 1 to `most` elements.
const toml::array* read_array(const toml::node& node, const Scope& scope, std::size_t most);

/// One to `most` different values of a kind.
template <class K>
struct ListOf {
  using Value = std::vector<typename K::Value>;
  K kind;
  std::size_t most;

  std::optional<Value> read(const toml::node& node, const Scope& scope) const {
    const toml::array* array = read_array(node, scope, most);
    if (array == nullptr) return std::nullopt;
    Value values;
    for (const toml::node& element : *array) {
      const auto value = kind.read(element, scope);
      if (!value) continue;
      if (std::find(values.begin(), values.end(), *value) != values.end()) {
        scope.error(element, shortened(kind.toml(*value)) + " stands twice in the list; leave one out");
      }
      values.push_back(*value);
    }
    return values;
  }
  std::string toml(const Value& values) const {
    std::string text;
    for (const auto& value : values) text += (text.empty() ? "" : ", ") + kind.toml(value);
    return text.empty() ? "" : '[' + text + ']';
  }
  std::string range() const { return "list of: " + kind.range(); }
};

}  // namespace holdfast::config
