#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::server {

/// Text in columns, for a terminal.
///
/// Cells are UTF-8; control characters in them, which a probed server may have sent, show as "?".
class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// A row of fewer cells than there are columns: its last cell runs over the columns that are left. A single cell is
  /// a message, and never cut.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  /// Lines of at most `width` characters; what is longer ends in an ellipsis. Without rows there is nothing.
  std::string text(std::size_t width) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// The text without control characters (C0, DEL, C1).
std::string printable(std::string_view text);

}  // namespace holdfast::server
