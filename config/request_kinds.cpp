#include <fmt/format.h>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <charconv>

#include "config/kinds.h"

/// The kinds of values that say what a probe asks and looks for.
namespace holdfast::config {
namespace {

constexpr std::uint16_t kLeastStatus = 100;
constexpr std::uint16_t kMostStatus = 599;
constexpr std::size_t kMaxHeader = 1024;  // octets of a line
constexpr std::size_t kMaxWord = 1024;    // octets of a word of a command

bool is_status(std::uint16_t code) { return code >= kLeastStatus && code <= kMostStatus; }

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// RFC 9110 5.6.2
bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

/// What the probe says of its own, or what would change how the message itself is read.
bool is_ours(std::string_view header) {
  constexpr std::string_view kOurs[] = {
      "connection", "content-length",   "expect",  "host",    "keep-alive",
      "te",         "proxy-connection", "trailer", "upgrade", "transfer-encoding"};
  return std::any_of(std::begin(kOurs), std::end(kOurs),
                     [&](std::string_view ours) { return boost::iequals(header, ours); });
}

}  // namespace

std::optional<health::StatusRange> Status::read(const toml::node& node, const Scope& scope) {
  if (node.is_integer()) {
    const auto code = read_integer(node, scope, kLeastStatus, kMostStatus);
    return code ? std::optional(health::StatusRange(static_cast<std::uint16_t>(*code))) : std::nullopt;
  }
  const toml::value<std::string>* text = node.as_string();
  if (text == nullptr) {
    scope.error(node,
                "expected a status code such as 200 or a range such as \"200-299\", found " + found(node));
    return std::nullopt;
  }
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  const char* const end = text->get().data() + text->get().size();
  const auto from = std::from_chars(text->get().data(), end, first);
  const bool has_dash = from.ec == std::errc() && from.ptr != end && *from.ptr == '-';
  const auto to = std::from_chars(has_dash ? from.ptr + 1 : end, end, last);
  if (to.ec == std::errc() && to.ptr == end && is_status(first) && is_status(last) && first < last) {
    return health::StatusRange(first, last);
  }
  scope.error(
      node,
      fmt::format("{} is no range of status codes from {} to {}; write one such as \"200-299\", or a code "
                  "such as 200 without quotes",
                  in_quotes(text->get()), kLeastStatus, kMostStatus));
  return std::nullopt;
}

std::string Status::toml(const health::StatusRange& value) {
  return value.first == value.last ? std::to_string(value.first)
                                   : fmt::format("\"{}-{}\"", value.first, value.last);
}

std::string Status::range() {
  return fmt::format("{} .. {}, or a range of them such as `\"200-299\"`", kLeastStatus, kMostStatus);
}

std::optional<std::string> Header::read(const toml::node& node, const Scope& scope) {
  const toml::value<std::string>* text = node.as_string();
  if (text == nullptr) {
    scope.error(node, "expected a header such as \"Accept: text/html\", found " + found(node));
    return std::nullopt;
  }
  const std::string& line = text->get();
  const std::string name = line.substr(0, line.find(':'));
  const std::string value = boost::trim_copy(line.substr(std::min(line.size(), name.size() + 1)));
  if (line.size() > kMaxHeader) {
    scope.error(node, fmt::format("{} octets are too many; at most {} are allowed", line.size(), kMaxHeader));
  } else if (!is_token(name) || value.empty() || !is_printable(value)) {
    scope.error(
        node, in_quotes(line) + " is no header; write one such as \"Accept: text/html\", in printable ASCII");
  } else if (is_ours(name)) {
    scope.error(node, fmt::format("{} is said by the probe itself; {}", in_quotes(name),
                                  boost::iequals(name, "host") ? "set host instead" : "leave it out"));
  } else {
    return name + ": " + value;
  }
  return std::nullopt;
}

std::optional<health::Pattern> Wanted::read(const toml::node& node, const Scope& scope) const {
  constexpr std::string_view kWays[] = {"any_case", "regex"};
  const toml::node* said = &node;
  health::Matching how = health::Matching::text;
  if (const toml::table* table = node.as_table()) {
    if (table->size() != 1) {
      scope.error(node, "expected one key in the braces, any_case or regex");
      return std::nullopt;
    }
    const toml::key& key = table->begin()->first;
    if (key.str() != kWays[0] && key.str() != kWays[1]) {
      scope.error(key.source().begin,
                  fmt::format("unknown key {}; {}", in_quotes(key.str()), suggest(key.str(), kWays)));
      return std::nullopt;
    }
    how = key.str() == kWays[0] ? health::Matching::any_case : health::Matching::regex;
    said = table->get(key.str());
  }
  const auto text = Text{most, Text::any}.read(*said, scope);
  if (!text) return std::nullopt;
  health::Pattern pattern(*text, how);
  if (const std::string fault = pattern.fault(); !fault.empty()) {
    scope.error(*said, fmt::format("{} is no regular expression that RE2 takes: {}", in_quotes(*text),
                                   printed(fault)));
    return std::nullopt;
  }
  return pattern;
}

std::string Wanted::toml(const health::Pattern& value) {
  const std::string text = toml_string(value.text());
  switch (value.matching()) {
    case health::Matching::any_case: return fmt::format("{{ any_case = {} }}", text);
    case health::Matching::regex: return fmt::format("{{ regex = {} }}", text);
    case health::Matching::text: break;
  }
  return text;
}

std::string Wanted::range() const {
  return fmt::format("text of at most {} octets, `{{ any_case = \"text\" }}` or `{{ regex = \"RE2\" }}`",
                     most);
}

std::optional<std::vector<std::string>> CommandLine::read(const toml::node& node, const Scope& scope) const {
  const toml::array* array = read_array(node, scope, most);
  if (array == nullptr) return std::nullopt;
  std::vector<std::string> words;
  for (const toml::node& element : *array) {
    const auto word = Text{kMaxWord}.read(element, scope);
    if (!word) return std::nullopt;
    words.push_back(*word);
  }
  const std::string& program = words.front();
  if (!program.empty() && program.find('/') == std::string::npos && program != "." && program != "..")
    return words;
  scope.error(*array->begin(), in_quotes(program) +
                                   " is no name of a program; write that of a file in "
                                   "exec_directory of [probes], without a path");
  return std::nullopt;
}

std::string CommandLine::toml(const Value& words) {
  std::string text;
  for (const std::string& word : words) {
    const bool is_program = text.empty();
    text += (is_program ? "" : ", ") + toml_string(is_program ? word.substr(word.rfind('/') + 1) : word);
  }
  return text.empty() ? "" : '[' + text + ']';
}

std::string CommandLine::range() const {
  return fmt::format("list of 1 to {} words: a program in `exec_directory` and its arguments", most);
}

}  // namespace holdfast::config
