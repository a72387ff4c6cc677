#include "config/scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "config/nearest.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxQuoted = 60;  // octets of a value that a message shows
constexpr std::size_t kMaxListed = 30;  // known words that a message lists

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text.substr(0, kMaxQuoted)) {
    if (c == '"' || c == '\\') result += '\\';
    if (c >= ' ' && c <= '~') {
      result += c;
    } else {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  if (text.size() > kMaxQuoted) result += "...";
  return result;
}

}  // namespace

void Report::add(Problem::Severity severity, toml::source_position at, std::string what) {
  has_error_ = has_error_ || severity == Problem::Severity::error;
  if (full()) {
    ++left_out_;
    return;
  }
  problems_.push_back({file_, at.line, at.column, severity, std::move(what)});
}

std::vector<Problem> Report::take() {
  std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  if (left_out_ != 0) {
    problems_.push_back({file_, 0, 0, has_error_ ? Problem::Severity::error : Problem::Severity::warning,
                         fmt::format("{} more problems are not shown", left_out_)});
  }
  return std::move(problems_);
}

Scope Scope::in(std::string_view inner) const {
  Scope scope = *this;
  if (!scope.where.empty()) scope.where += ": ";
  scope.where += inner;
  return scope;
}

Scope Scope::row(std::size_t i) const {
  Scope scope = *this;
  scope.where += fmt::format(" {}", i + 1);
  return scope;
}

void Scope::error(toml::source_position at, std::string_view what) const {
  report.add(Problem::Severity::error, at,
             where.empty() ? std::string(what) : fmt::format("{}: {}", where, what));
}

void Scope::warning(const toml::node& at, std::string_view what) const {
  report.add(Problem::Severity::warning, at.source().begin,
             where.empty() ? std::string(what) : fmt::format("{}: {}", where, what));
}

void Scope::no_such(const toml::node& at, std::string_view kind, std::string_view name,
                    std::span<const std::string_view> names) const {
  std::string hint;
  if (names.empty()) {
    hint = fmt::format("add a section [{}.{}]", kind, name);
  } else if (!report.full()) {
    hint = suggest(name, names);
  }
  error(at, fmt::format("there is no {} {}; {}", kind, in_quotes(name), hint));
}

std::string in_quotes(std::string_view text) { return '"' + escaped(text) + '"'; }

std::string shortened(std::string_view text) {
  return text.size() > kMaxQuoted ? std::string(text.substr(0, kMaxQuoted)) + "..." : std::string(text);
}

std::string printed(std::string_view text) {
  std::string shown;
  for (const char c : text) shown += c >= ' ' && c <= '~' ? c : '?';
  return shown;
}

std::string found(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string: return "string " + in_quotes(node.ref<std::string>());
    case toml::node_type::integer: return fmt::format("integer {}", node.ref<std::int64_t>());
    case toml::node_type::boolean: return fmt::format("boolean {}", node.ref<bool>());
    case toml::node_type::floating_point: return fmt::format("float {}", node.ref<double>());
    case toml::node_type::array: return "an array";
    case toml::node_type::table: return "a table";
    default: return "a date or time";
  }
}

std::string suggest(std::string_view wrong, std::span<const std::string_view> words) {
  if (const std::string_view word = nearest(wrong, words); !word.empty()) {
    return fmt::format("did you mean {}?", in_quotes(word));
  }
  std::string known = "known are ";
  for (std::size_t i = 0; i < words.size() && i < kMaxListed; ++i)
    known += (i == 0 ? "" : ", ") + in_quotes(words[i]);
  return words.size() > kMaxListed ? known + ", ..." : known;
}

}  // namespace holdfast::config
