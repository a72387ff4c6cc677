#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/kinds.h"

namespace holdfast::config {

/// What people are told of an option: the reference page and the sample are printed from this.
struct OptionText {
  std::string_view name;
  std::string range;        ///< what is allowed, Markdown
  std::string initial;      ///< the default in TOML; empty when there is none
  std::string_view help;    ///< one sentence
  std::string_view sample;  ///< in TOML: shown in the sample instead of the default
  bool is_set = false;      ///< the sample has it, and not as a comment
  bool is_required = false;
  std::string_view instead_of{};       ///< an option beside which it may not stand
  std::vector<std::string_view> only;  ///< the words for `type` with which it may stand; empty: all
  std::vector<OptionText> columns;     ///< when the value is a list of tables: their options
};

/// One row of a section's table: how an option is called, where it goes, what is allowed, what it means.
template <class Settings>
struct Option : OptionText {
  std::function<void(const toml::node&, const Scope&, Settings&)> read;
  std::function<std::string(const Settings&)> toml;  ///< prints the value
  std::function<bool(const Settings&)> is_default;
  bool is_always_written = false;  ///< also where it is the default

  /// The sample has this value, or suggests it in a comment.
  Option set_to(std::string_view value) && {
    is_set = true;
    return std::move(*this).such_as(value);
  }
  Option such_as(std::string_view value) && {
    sample = value;
    return std::move(*this);
  }
  /// What counts without it is not always the default.
  Option always_written() && {
    is_always_written = true;
    return std::move(*this);
  }
  /// Not beside that option, which the sample has.
  Option in_place_of(std::string_view other) && {
    instead_of = other;
    return std::move(*this);
  }
  /// Only for monitors of these types.
  Option only_for(const std::vector<std::string_view>& types) && {
    only = types;
    return std::move(*this);
  }
};

template <class Settings>
std::vector<OptionText> texts(std::span<const Option<Settings>> options) {
  return {options.begin(), options.end()};
}

/// An option whose default is that of a Settings made by default.
template <class Settings, class Kind>
Option<Settings> option(std::string_view name, typename Kind::Value Settings::*field, Kind kind,
                        std::string_view help) {
  Option<Settings> row;
  row.name = name;
  row.range = kind.range();
  row.initial = kind.toml(Settings{}.*field);
  row.help = help;
  if constexpr (requires { kind.columns; }) row.columns = texts(kind.columns);
  row.read = [field, kind](const toml::node& node, const Scope& scope, Settings& settings) {
    if (auto value = kind.read(node, scope)) settings.*field = *std::move(value);
  };
  row.toml = [field, kind](const Settings& settings) { return kind.toml(settings.*field); };
  row.is_default = [field, initial = Settings{}.*field](const Settings& settings) {
    return settings.*field == initial;
  };
  return row;
}

/// An option that must be there.
template <class Settings, class Kind>
Option<Settings> required(std::string_view name, typename Kind::Value Settings::*field, Kind kind,
                          std::string_view help) {
  Option<Settings> row = option(name, field, kind, help);
  row.initial.clear();
  row.is_required = true;
  row.is_always_written = true;
  return row;
}

/// Reports keys of `table` that are not among `known`. Gives back those that were probably meant.
std::vector<std::string_view> report_unknown(const toml::table& table, const Scope& scope,
                                             std::span<const std::string_view> known);

/// Whether the table has a key that is not among the options.
template <class Settings>
bool has_unknown(const toml::table& table, std::span<const Option<Settings>> options) {
  return std::any_of(table.begin(), table.end(), [&](const auto& entry) {
    return std::none_of(options.begin(), options.end(),
                        [&](const auto& option) { return option.name == entry.first.str(); });
  });
}

/// Reads what `table` says into `settings`; an option that is missing or wrong keeps its default.
template <class Settings>
void read_table(const toml::table& table, const Scope& scope, std::span<const Option<Settings>> options,
                Settings& settings) {
  std::vector<std::string_view> meant;
  if (has_unknown(table, options)) {
    std::vector<std::string_view> names;
    for (const auto& option : options) names.push_back(option.name);
    meant = report_unknown(table, scope, names);
  }
  for (const auto& option : options) {
    if (const toml::node* node = table.get(option.name)) {
      option.read(*node, scope.in(option.name), settings);
    } else if (option.is_required && std::find(meant.begin(), meant.end(), option.name) == meant.end()) {
      scope.error(table, std::string(option.name) + " is missing; it must be given");
    }
  }
}

/// `key = value` for each option that has another value than its default, with `between` them.
template <class Settings>
std::string write_table(const Settings& settings, std::span<const Option<Settings>> options,
                        std::string_view between) {
  std::string text;
  for (const auto& option : options) {
    if (!option.is_always_written && option.is_default(settings)) continue;
    const std::string value = option.toml(settings);
    if (!value.empty())
      text.append(text.empty() ? "" : between).append(option.name).append(" = ").append(value);
  }
  return text;
}

/// A kind: a table with these options.
template <class Row>
struct TableOf {
  using Value = Row;
  std::span<const Option<Row>> columns;

  std::optional<Value> read(const toml::node& node, const Scope& scope) const {
    Value value;
    if (const toml::table* table = node.as_table()) {
      read_table(*table, scope, columns, value);
    } else {
      scope.error(node, "expected a table in braces, found " + found(node));
    }
    return value;
  }
  std::string toml(const Value& value) const {
    const std::string text = write_table(value, columns, ", ");
    return text.empty() ? "" : "{ " + text + " }";
  }
  static std::string range() { return "table, see below"; }
};

/// A kind: a list of 1 to `most` tables, each with these options. Every element becomes a row, a wrong one too.
template <class Row>
struct RowsOf {
  using Value = std::vector<Row>;
  std::span<const Option<Row>> columns;
  std::size_t most;

  std::optional<Value> read(const toml::node& node, const Scope& scope) const {
    const toml::array* array = read_array(node, scope, most);
    if (array == nullptr) return std::nullopt;
    Value rows(array->size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Scope row = scope.row(i);
      if (const toml::table* table = array->get(i)->as_table()) {
        read_table(*table, row, columns, rows[i]);
      } else {
        row.error(*array->get(i), "expected a table in braces, found " + found(*array->get(i)));
      }
    }
    return rows;
  }
  std::string toml(const Value& rows) const {
    std::string text;
    for (const Row& row : rows) text += "  { " + write_table(row, columns, ", ") + " },\n";
    return text.empty() ? "" : "[\n" + text + ']';
  }
  std::string range() const { return "list of tables, see below"; }
};

}  // namespace holdfast::config
