#include "config/plain_zones.h"

#include <algorithm>

#include "config/options.h"

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

/// What stands behind KEY =; else null.
std::optional<std::string_view> behind(std::string_view line, std::string_view key) {
  if (!line.starts_with(key)) return std::nullopt;
  line = without_blanks(line.substr(key.size()));
  if (!line.starts_with('=')) return std::nullopt;
  return without_blanks(line.substr(1));
}

/// The text in the quotes of a line KEY = "TEXT" in which no octet stands for another; else null.
std::optional<std::string_view> value(std::string_view line, std::string_view key) {
  const auto found = behind(line, key);
  if (!found) return std::nullopt;
  line = *found;
  if (line.size() < 3 || line.front() != '"' || line.back() != '"') return std::nullopt;
  line = line.substr(1, line.size() - 2);
  const bool is_plain = std::all_of(line.begin(), line.end(),
                                    [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
  return is_plain ? std::optional(line) : std::nullopt;
}

/// The names of a line KEY = ["NAME", "NAME"], each of them once; else null.
std::optional<std::vector<std::string>> names(std::string_view line, std::string_view key) {
  const auto found = behind(line, key);
  if (!found || found->size() < 2 || found->front() != '[' || found->back() != ']') return std::nullopt;
  std::string_view left = found->substr(1, found->size() - 2);
  std::vector<std::string> all;
  for (bool is_last = false; !is_last;) {
    const std::size_t comma = std::min(left.find(','), left.size());
    const std::string_view word = without_blanks(left.substr(0, comma));
    is_last = comma == left.size();
    left.remove_prefix(is_last ? comma : comma + 1);
    if (word.size() < 2 || word.front() != '"' || word.back() != '"' || all.size() == kMaxPeersOfZone)
      return std::nullopt;
    std::string name(word.substr(1, word.size() - 2));
    if (!Identifier::is_one(name) || std::find(all.begin(), all.end(), name) != all.end())
      return std::nullopt;
    all.push_back(std::move(name));
  }
  return all;
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
  std::optional<std::string> file, catalog;
  std::vector<std::string> primaries, secondaries;
  for (; !lines.at_end() && without_blanks(lines.peek()) != kHeader; lines.skip()) {
    const std::string_view line = without_blanks(lines.peek());
    if (line.empty() || line.starts_with('#')) continue;
    if (const auto text = value(line, "name"); text && !name) {
      name = zones::Name::parse(*text, zones::NameView());
      if (!name) return std::nullopt;
    } else if (const auto leaf = value(line, "file"); leaf && !file) {
      file = path(*leaf, directory);
      if (!file) return std::nullopt;
    } else if (const auto listing = value(line, "catalog");
               listing && !catalog && Identifier::is_one(*listing)) {
      catalog = *listing;
    } else if (auto from = names(line, "primaries"); from && primaries.empty()) {
      primaries = *std::move(from);
    } else if (auto to = names(line, "secondaries"); to && secondaries.empty()) {
      secondaries = *std::move(to);
    } else {
      return std::nullopt;
    }
  }
  if (!name || file.has_value() == !primaries.empty()) return std::nullopt;
  zones::ZoneSettings zone{.name = *name};
  if (file) zone.file = *std::move(file);
  zone.primaries = std::move(primaries);
  zone.secondaries = std::move(secondaries);
  if (catalog) zone.catalog = *std::move(catalog);
  return zone;
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

bool have_right_peers(std::span<const zones::ZoneSettings> plain, const Config& config) {
  const auto find = [&](const std::string& name) {
    const auto peer =
        std::lower_bound(config.peers.begin(), config.peers.end(), name,
                         [](const auto& one, const std::string& text) { return one.name < text; });
    return peer != config.peers.end() && peer->name == name ? &*peer : nullptr;
  };
  return std::all_of(plain.begin(), plain.end(), [&](const zones::ZoneSettings& zone) {
    if (!zone.is_versioned()) return true;
    const auto is_source = [&](const std::string& name) {
      const zones::PeerSettings* peer = find(name);
      return peer != nullptr && !peer->addresses.empty();
    };
    const auto is_other = [&](const std::string& name) {
      const zones::PeerSettings* peer = find(name);
      return peer != nullptr && (peer->tls.empty() || config.server.tls.is_on()) &&
             std::find(zone.primaries.begin(), zone.primaries.end(), name) == zone.primaries.end();
    };
    return !config.server.state.empty() &&
           std::all_of(zone.primaries.begin(), zone.primaries.end(), is_source) &&
           std::all_of(zone.secondaries.begin(), zone.secondaries.end(), is_other);
  });
}

bool have_right_catalogs(std::span<const zones::ZoneSettings> plain, const Config& config) {
  return std::all_of(plain.begin(), plain.end(), [&](const zones::ZoneSettings& zone) {
    const auto& all = config.catalogs;
    return (zone.catalog.empty() ||
            std::any_of(all.begin(), all.end(),
                        [&](const auto& one) { return one.name == zone.catalog && one.is_made(); })) &&
           std::none_of(all.begin(), all.end(), [&](const auto& one) { return one.zone == zone.name; });
  });
}

std::set<std::string, std::less<>> peers_of(std::span<const zones::ZoneSettings> plain) {
  std::set<std::string, std::less<>> peers;
  for (const zones::ZoneSettings& zone : plain) {
    for (const auto* list : {&zone.primaries, &zone.secondaries}) {
      for (const std::string& name : *list) {
        if (!peers.contains(name)) peers.insert(name);
      }
    }
  }
  return peers;
}

std::set<std::string, std::less<>> catalogs_of(std::span<const zones::ZoneSettings> plain) {
  std::set<std::string, std::less<>> catalogs;
  for (const zones::ZoneSettings& zone : plain) {
    if (!zone.catalog.empty() && !catalogs.contains(zone.catalog)) catalogs.insert(zone.catalog);
  }
  return catalogs;
}

}  // namespace holdfast::config
