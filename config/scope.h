#pragma once

#include <toml++/toml.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace holdfast::config {

/// Collects the problems of one file: the first kMaxProblems, the rest is counted.
class Report {
 public:
  explicit Report(std::string file) : file_(std::move(file)) {}

  void add(Problem::Severity severity, toml::source_position at, std::string what);
  /// Whether what is added now is only counted, so that nobody need work out a good text for it.
  bool full() const noexcept { return problems_.size() >= kMaxProblems; }
  bool has_error() const noexcept { return has_error_; }
  /// By place.
  std::vector<Problem> take();

 private:
  std::string file_;
  std::vector<Problem> problems_;
  std::size_t left_out_ = 0;
  bool has_error_ = false;
};

/// Where in the file we are, and what a value there is relative to. A problem's text begins with it.
struct Scope {
  Report& report;
  const std::filesystem::path& directory;  ///< of relative paths; absolute
  zones::NameView origin;                  ///< of relative names
  std::string where;                       ///< `pool "shop": members 2`; empty at the top

  Scope in(std::string_view inner) const;
  /// Row `i` of the list that this scope is; messages count from 1: `members 2`.
  Scope row(std::size_t i) const;
  void error(const toml::node& at, std::string_view what) const { error(at.source().begin, what); }
  void error(toml::source_position at, std::string_view what) const;
  void warning(const toml::node& at, std::string_view what) const;
  /// What refers to a section [KIND.NAME] refers to nothing; `names`: what there is of that kind.
  void no_such(const toml::node& at, std::string_view kind, std::string_view name,
               std::span<const std::string_view> names) const;
};

/// `text` in quotes as a message shows it: control characters and other octets that are no ASCII as \xHH, and
/// no more than the first 60 octets.
std::string in_quotes(std::string_view text);
/// What stands for a long text in a message: no more than its first 60 octets.
std::string shortened(std::string_view text);
/// Text of a library's as a message shows it: other octets than printable ASCII as "?".
std::string printed(std::string_view text);
/// What a value is, for "found ...": `integer 10`, `an array`.
std::string found(const toml::node& node);
/// `did you mean "interval"?`, or all the words when none is near: `known are "interval", "timeout"`.
std::string suggest(std::string_view wrong, std::span<const std::string_view> words);

}  // namespace holdfast::config
