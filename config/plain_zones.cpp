#include "config/plain_zones.h"

#include <algorithm>

namespace holdfast::config {
namespace {

constexpr std::string_view kHeader = "[[zone]]";
constexpr std::string_view kBlanks = " \t";

std::string_view without_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

/// One after another, without their ends.
class Lines {
 public:
  explicit Lines(std::string_view text) : left_(text) { find_end(); }
  bool at_end() const { return left_.empty(); }
  std::string_view peek() const { return line_; }
  void skip() {
    left_.remove_prefix(std::min(line_.size() + 1, left_.size()));
    find_end();
  }
  const char* at() const { return left_.data(); }

 private:
  void find_end() { line_ = left_.substr(0, left_.find('\n')); }

  std::string_view left_, line_;
};

/// The text in the quotes of a line KEY = "TEXT" in which no octet stands for another; else null.
std::optional<std::string_view> value(std::string_view line, std::string_view key) {
  if (!line.starts_with(key)) return std::nullopt;
  line = without_blanks(line.substr(key.size()));
  if (!line.starts_with('=')) return std::nullopt;
  line = without_blanks(line.substr(1));
  if (line.size() < 3 || line.front() != '"' || line.back() != '"') return std::nullopt;
  line = line.substr(1, line.size() - 2);
  const bool is_plain = std::all_of(line.begin(), line.end(),
                                    [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
  return is_plain ? std::optional(line) : std::nullopt;
}

bool is_normal(std::string_view path) { return path.find("//") == path.npos && path.find("/.") == path.npos; }

/// The path, where it is that of a file and normal as it is written.
std::optional<std::string> path(std::string_view text, const std::string& directory) {
  constexpr std::size_t kMost = 1024;
  if (text.size() > kMost || text.starts_with('.') || text.ends_with('/') || !is_normal(text)) return {};
  if (text.starts_with('/')) return std::string(text);
  std::string whole;
  whole.reserve(directory.size() + 1 + text.size());
  return whole.append(directory).append(1, '/').append(text);
}

/// Moves behind a section whose header was read. Null when it is not plain; then it ends who knows where.
std::optional<zones::ZoneSettings> read_section(Lines& lines, const std::string& directory) {
  std::optional<zones::Name> name;
  std::optional<std::string> file;
  for (; !lines.at_end() && without_blanks(lines.peek()) != kHeader; lines.skip()) {
    const std::string_view line = without_blanks(lines.peek());
    if (line.empty() || line.starts_with('#')) continue;
    if (const auto text = value(line, "name"); text && !name) {
      name = zones::Name::parse(*text, zones::NameView());
      if (!name) return std::nullopt;
    } else if (const auto leaf = value(line, "file"); leaf && !file) {
      file = path(*leaf, directory);
      if (!file) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  if (!name || !file) return std::nullopt;
  return zones::ZoneSettings{*name, *std::move(file), {}};
}

/// What stays of a section that was taken out: its comments, which toml++ is to judge, and the ends of its lines.
void keep_comments(std::string_view section, std::string& rest) {
  for (Lines lines(section); !lines.at_end(); lines.skip()) {
    const std::string_view line = lines.peek();
    if (without_blanks(line).starts_with('#')) rest += line;
    rest += '\n';
  }
}

}  // namespace

std::optional<PlainZones> take_plain_zones(std::string_view text, const std::filesystem::path& directory) {
  // In a string of several lines a header is none.
  if (text.find("\"\"\"") != text.npos || text.find("'''") != text.npos) return std::nullopt;
  const std::string& parent = directory.native();
  if (!is_normal(parent) || parent.ends_with('/')) return std::nullopt;

  constexpr std::size_t kUsual = 64;  // octets of a section, if not more
  PlainZones plain;
  plain.zones.reserve(text.size() / kUsual);
  const char* kept = text.data();  // up to here the text is in `rest`, or was taken out
  bool after_plain = false;
  for (Lines lines(text); !lines.at_end();) {
    const char* const begin = lines.at();
    const bool is_header = without_blanks(lines.peek()) == kHeader;
    lines.skip();
    if (!is_header) {
      after_plain = false;
      continue;
    }
    auto zone = read_section(lines, parent);
    if (zone && after_plain) {
      plain.rest.append(kept, begin);
      kept = lines.at_end() ? text.data() + text.size() : lines.at();
      keep_comments({begin, kept}, plain.rest);
      plain.zones.push_back(*std::move(zone));
    }
    after_plain = zone.has_value();
  }
  if (plain.zones.empty()) return std::nullopt;
  plain.rest.append(kept, text.data() + text.size());
  return plain;
}

}  // namespace holdfast::config
