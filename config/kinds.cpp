#include "config/kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "zones/dns/type.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxPath = 4096;  // octets: PATH_MAX, and far more than a probe's request needs

bool is_printable(char c) { return c >= ' ' && c <= '~'; }
bool is_visible(char c) { return c > ' ' && c <= '~'; }
/// A letter, a digit, or one of "-_."
bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
         c == '.';
}

/// Strict: the four numbers of IPv4 without leading zeros, the forms of RFC 4291 for IPv6, no zone.
std::optional<boost::asio::ip::address> parse_address(const std::string& text) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(text, error);
  if (error || text.find_first_of(std::string_view("%\0", 2)) != std::string::npos) return std::nullopt;
  return address;
}

bool is_path(const std::string& text) {
  return !text.empty() && text.size() <= kMaxPath && text.find('\0') == std::string::npos;
}

/// The path as it is meant in the file: from the file's directory, if it is relative.
std::string from_directory(const std::string& text, const Scope& scope) {
  std::string path = text.front() == '/' ? text : scope.directory.native() + '/' + text;
  // Most paths are normal as they are written, and to find that out is cheap.
  const bool is_plain = path.find("//") == path.npos && path.find("/.") == path.npos;
  return is_plain ? path : std::filesystem::path(path).lexically_normal().string();
}

}  // namespace

const std::string* read_string(const toml::node& node, const Scope& scope, std::string_view expected) {
  if (const toml::value<std::string>* text = node.as_string()) return &text->get();
  scope.error(node, fmt::format("expected {}, found {}", expected, found(node)));
  return nullptr;
}

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < ' ' || octet == 0x7f) {
      result += fmt::format("\\u{:04X}", octet);
    } else {
      if (c == '"' || c == '\\') result += '\\';
      result += c;
    }
  }
  return result + '"';
}

std::optional<bool> Boolean::read(const toml::node& node, const Scope& scope) const {
  if (const auto* value = node.as_boolean()) return value->get();
  scope.error(node, "expected true or false (without quotes), found " + found(node));
  return std::nullopt;
}

std::optional<std::int64_t> read_integer(const toml::node& node, const Scope& scope, std::int64_t least,
                                         std::int64_t most) {
  const toml::value<std::int64_t>* value = node.as_integer();
  if (value == nullptr) {
    scope.error(node,
                fmt::format("expected a whole number from {} to {}, found {}", least, most, found(node)));
    return std::nullopt;
  }
  const std::int64_t number = value->get();
  if (number >= least && number <= most) return number;
  scope.error(node, fmt::format("{} is outside {} .. {}", number, least, most));
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> read_duration(const toml::node& node, const Scope& scope,
                                                       std::chrono::milliseconds least,
                                                       std::chrono::milliseconds most,
                                                       std::chrono::milliseconds step) {
  const std::string* written = read_string(node, scope, "a duration such as \"10s\"");
  if (written == nullptr) return std::nullopt;
  const auto duration = parse_duration(*written);
  if (!duration) {
    scope.error(node,
                in_quotes(*written) + " is no duration; write one such as \"10s\", \"500ms\" or \"1h30m\"");
    return std::nullopt;
  }
  if (*duration < least || *duration > most) {
    scope.error(node, fmt::format("{} is outside {} .. {}", in_quotes(*written), text(least), text(most)));
    return std::nullopt;
  }
  if (*duration % step != std::chrono::milliseconds(0)) {
    scope.error(node, in_quotes(*written) + " is not a number of whole seconds");
    return std::nullopt;
  }
  return duration;
}

std::optional<std::uint64_t> read_size(const toml::node& node, const Scope& scope, std::uint64_t least,
                                       std::uint64_t most) {
  const std::string* written = read_string(node, scope, "a size such as \"256MiB\"");
  if (written == nullptr) return std::nullopt;
  const auto size = parse_size(*written);
  if (!size) {
    scope.error(node,
                in_quotes(*written) + " is no size; write one such as \"256MiB\", \"512KiB\" or \"1GiB\"");
    return std::nullopt;
  }
  if (*size >= least && *size <= most) return size;
  scope.error(node,
              fmt::format("{} is outside {} .. {}", in_quotes(*written), size_text(least), size_text(most)));
  return std::nullopt;
}

std::optional<std::string> Text::read(const toml::node& node, const Scope& scope) const {
  const std::string* text = read_string(node, scope, "a string in quotes");
  if (text == nullptr) return std::nullopt;
  if (text->size() > most) {
    scope.error(node, fmt::format("{} octets are too many; at most {} are allowed", text->size(), most));
    return std::nullopt;
  }
  if (octets == printable && !std::all_of(text->begin(), text->end(), is_printable)) {
    scope.error(node, in_quotes(*text) + " has octets other than printable ASCII; leave them out");
    return std::nullopt;
  }
  return *text;
}

std::string Text::range() const { return fmt::format("text of at most {} octets", most); }

bool Identifier::is_one(std::string_view text) {
  return !text.empty() && text.size() <= kMaxIdentifier && std::all_of(text.begin(), text.end(), is_word);
}

std::optional<std::string> Identifier::read(const toml::node& node, const Scope& scope) {
  const std::string* text = read_string(node, scope, "a name in quotes");
  if (text == nullptr || is_one(*text)) return text == nullptr ? std::nullopt : std::optional(*text);
  scope.error(node, fmt::format("{} is no name; write 1 to {} letters, digits, \"-\", \"_\" or \".\"",
                                in_quotes(*text), kMaxIdentifier));
  return std::nullopt;
}

std::optional<std::string> Host::read(const toml::node& node, const Scope& scope) {
  const std::string* text = read_string(node, scope, "a host name such as \"www.example.com\"");
  if (text == nullptr) return std::nullopt;
  const bool is_name =
      std::all_of(text->begin(), text->end(), is_word) && zones::Name::parse(*text) && *text != ".";
  if (is_name || parse_address(*text)) return *text;
  scope.error(node, in_quotes(*text) +
                        " is no host; write one such as \"www.example.com\", without scheme, port and path");
  return std::nullopt;
}

std::optional<std::string> UrlPath::read(const toml::node& node, const Scope& scope) {
  const std::string* text = read_string(node, scope, "a path such as \"/healthz\"");
  if (text == nullptr) return std::nullopt;
  if (text->size() > kMaxPath) {
    scope.error(node, fmt::format("{} octets are too many; at most {} are allowed", text->size(), kMaxPath));
    return std::nullopt;
  }
  const bool is_request_target = std::all_of(text->begin(), text->end(), is_visible) && !text->empty() &&
                                 text->front() == '/' && text->find('#') == std::string::npos;
  if (is_request_target) return *text;
  scope.error(
      node, in_quotes(*text) + " is no path; write one such as \"/healthz\", other octets and spaces as %20");
  return std::nullopt;
}

std::optional<std::string> FilePath::read(const toml::node& node, const Scope& scope) {
  const std::string* text = read_string(node, scope, "the path of a file in quotes");
  if (text == nullptr) return std::nullopt;
  if (is_path(*text) && text->back() != '/') return from_directory(*text, scope);
  scope.error(node, in_quotes(*text) + " is no path of a file; name the file itself");
  return std::nullopt;
}

std::optional<std::string> DirectoryPath::read(const toml::node& node, const Scope& scope) {
  const std::string* text = read_string(node, scope, "the path of a directory in quotes");
  if (text == nullptr) return std::nullopt;
  if (is_path(*text)) return from_directory(*text, scope);
  scope.error(node, in_quotes(*text) + " is no path of a directory; write one such as \"/var/lib/holdfast\"");
  return std::nullopt;
}

std::optional<zones::Name> DomainName::read(const toml::node& node, const Scope& scope) {
  const std::string* text = read_string(node, scope, "a domain name such as \"www.example.com\"");
  if (text == nullptr) return std::nullopt;
  if (!std::all_of(text->begin(), text->end(), is_visible)) {
    scope.error(node, in_quotes(*text) +
                          " has octets that are no visible ASCII; write international names as xn--..., "
                          "other octets as \\DDD");
    return std::nullopt;
  }
  const auto name = zones::Name::parse(*text, scope.origin);
  if (!name) {
    scope.error(node, in_quotes(*text) +
                          " is no domain name: a label is empty or longer than 63 octets, the whole is "
                          "longer than 255, or an escape is broken");
  }
  return name;
}

std::optional<std::string> QueryName::read(const toml::node& node, const Scope& scope) {
  if (node.value<std::string_view>() == "@") {
    scope.error(node,
                "\"@\" is no name here, where there is no zone; write the whole name, or \".\" for the root");
    return std::nullopt;
  }
  const auto name = DomainName::read(node, scope);
  return name ? std::optional(name->text()) : std::nullopt;
}

std::optional<std::string> TypeName::read(const toml::node& node, const Scope& scope) {
  const std::string* text = read_string(node, scope, "a record type such as \"AAAA\"");
  if (text == nullptr) return std::nullopt;
  // What is asked by other means than a query (RFC 6891 6.1.1, RFC 5936, RFC 1995), or not at all (RFC 6895 3.1).
  constexpr zones::RrType kOthers[] = {zones::RrType{0}, zones::RrType::OPT, zones::RrType{251},
                                       zones::RrType{252}};
  const auto type = zones::parse_type(*text);
  if (type && std::find(std::begin(kOthers), std::end(kOthers), *type) == std::end(kOthers)) return *text;
  scope.error(node, in_quotes(*text) +
                        " is no type to ask for; write one such as \"AAAA\", or \"TYPE65\" by its number");
  return std::nullopt;
}

std::optional<boost::asio::ip::address> Address::read(const toml::node& node, const Scope& scope) {
  const std::string* text = read_string(node, scope, "an address such as \"192.0.2.1\"");
  if (text == nullptr) return std::nullopt;
  auto address = parse_address(*text);
  if (!address) {
    scope.error(node,
                in_quotes(*text) + " is no IP address; write one such as \"192.0.2.1\" or \"2001:db8::1\"");
    return std::nullopt;
  }
  if (const std::string_view reason = zones::unusable(*address); !reason.empty()) {
    scope.error(node, fmt::format("{} {}", in_quotes(*text), reason));
    return std::nullopt;
  }
  return address;
}

std::optional<AddressAndPort> read_endpoint(const toml::node& node, const Scope& scope,
                                            std::uint16_t default_port) {
  const std::string* written =
      read_string(node, scope, fmt::format("an address and port such as \"127.0.0.1:{}\"", default_port));
  if (written == nullptr) return std::nullopt;

  // "[address]:port" or "address:port", each also without ":port"; IPv6 is always in brackets, so that no
  // part of an address is taken for a port or a port for a part of the address.
  const bool is_v6 = written->starts_with('[');
  const std::size_t end = std::min(written->find(is_v6 ? ']' : ':'), written->size());
  const auto address = parse_address(is_v6 ? written->substr(1, end - 1) : written->substr(0, end));
  std::string_view rest = std::string_view(*written).substr(end);
  if (is_v6 && !rest.empty()) rest.remove_prefix(1);
  const bool is_complete = !is_v6 || end != written->size();

  std::uint16_t port = default_port;
  bool has_good_port = true;
  if (!rest.empty()) {
    const std::string_view digits = rest.substr(1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    has_good_port = rest[0] == ':' && read.ec == std::errc() && read.ptr == digits.data() + digits.size();
  }
  if (address && address->is_v6() == is_v6 && is_complete && has_good_port)
    return AddressAndPort{*address, port};

  scope.error(node,
              fmt::format("{} is no IP address and port; write one such as \"127.0.0.1:{}\" or \"[::1]:{}\"",
                          in_quotes(*written), default_port, default_port));
  return std::nullopt;
}

std::string endpoint_text(const boost::asio::ip::address& address, std::uint16_t port) {
  return fmt::format(fmt::runtime(address.is_v6() ? "[{}]:{}" : "{}:{}"), address.to_string(), port);
}

std::optional<std::size_t> read_choice(const toml::node& node, const Scope& scope,
                                       std::span<const std::string_view> words) {
  const std::string* text = read_string(node, scope, "one of " + choice_range(words));
  if (text == nullptr) return std::nullopt;
  const auto word = std::find(words.begin(), words.end(), *text);
  if (word != words.end()) return static_cast<std::size_t>(word - words.begin());
  scope.error(node, fmt::format("{} is unknown; {}", in_quotes(*text), suggest(*text, words)));
  return std::nullopt;
}

std::string choice_range(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + in_quotes(word);
  return text;
}

const toml::array* read_array(const toml::node& node, const Scope& scope, std::size_t most) {
  const toml::array* array = node.as_array();
  if (array == nullptr) {
    scope.error(node, "expected a list in brackets, found " + found(node));
  } else if (array->empty()) {
    scope.error(node, "the list is empty; give at least one, or leave the key out");
  } else if (array->size() > most) {
    scope.error(node, fmt::format("{} are too many; at most {} are allowed", array->size(), most));
  } else {
    return array;
  }
  return nullptr;
}

std::optional<zones::Minimum> AtLeast::read(const toml::node& node, const Scope& scope) const {
  if (node.is_integer()) {
    const auto number = read_integer(node, scope, 1, most);
    return number ? std::optional(zones::Minimum{static_cast<std::uint16_t>(*number)}) : std::nullopt;
  }
  const auto text = node.value<std::string_view>();
  if (!text) {
    scope.error(node, "expected a number or a percentage such as \"50%\", found " + found(node));
    return std::nullopt;
  }
  std::uint16_t percent = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), percent);
  const bool is_percent = error == std::errc() && std::string_view(end, text->data() + text->size()) == "%";
  if (!is_percent || percent < 1 || percent > 100) {
    scope.error(node, in_quotes(*text) + " is no percentage from \"1%\" to \"100%\"; a number has no quotes");
    return std::nullopt;
  }
  return zones::Minimum{percent, true};
}

std::string AtLeast::toml(const zones::Minimum& value) {
  return value.is_percent ? toml_string(std::to_string(value.number) + '%') : std::to_string(value.number);
}

std::string AtLeast::range() const { return fmt::format("1 .. {}, or \"1%\" .. \"100%\"", most); }

}  // namespace holdfast::config
