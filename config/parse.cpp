#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "config/catalogs.h"
#include "config/document.h"
#include "config/nesting.h"
#include "config/plain_zones.h"
#include "zones/dns/canonical_key.h"

namespace holdfast::config {
namespace {

namespace fs = std::filesystem;

/// What is most often meant, by what toml++ complains of.
constexpr struct {
  std::string_view complaint;
  std::string_view hint;
} kHints[] = {
    {"cannot redefine", "each key and each section stands only once"},
    {"unescaped control characters", "is the closing quote missing?"},
    {"integer: ", "words, durations and addresses stand in quotes"},
    {"floating-point: ", "words, durations and addresses stand in quotes"},
    {"value type", "words, durations and addresses stand in quotes"},
    {"boolean: ", "words, durations and addresses stand in quotes"},
};

std::string syntax_error(std::string_view description) {
  constexpr std::string_view kPrefix = "Error while parsing ";
  const bool has_prefix = description.starts_with(kPrefix);
  const std::string shown = (has_prefix ? "not TOML, at a " : "not TOML: ") +
                            printed(description.substr(has_prefix ? kPrefix.size() : 0));
  for (const auto& [complaint, hint] : kHints) {
    if (shown.find(complaint) != std::string::npos) return fmt::format("{}; {}", shown, hint);
  }
  return shown;
}

template <class Settings>
std::vector<Settings> settings_of(std::vector<Section<Settings>>& sections) {
  std::vector<Settings> all;
  all.reserve(sections.size());
  for (Section<Settings>& section : sections) all.push_back(std::move(section.settings));
  sort_by_name(all);
  return all;
}

Config config_of(Document& document) {
  Config config;
  if (document.server) config.server = std::move(document.server->settings);
  if (document.control) config.control = std::move(document.control->settings);
  if (document.log) config.log = document.log->settings;
  if (document.self) config.self = std::move(document.self->settings);
  if (document.store) config.store = std::move(document.store->settings);
  config.locations = settings_of(document.locations);
  if (document.geo) config.geo = std::move(document.geo->settings);
  config.clients = settings_of(document.clients);
  if (document.resolver) config.resolver = document.resolver->settings;
  // Without a store nobody could hear of them, and nobody else would count either.
  if (config.store) config.agents = settings_of(document.agents);
  if (document.probes) config.probes = std::move(document.probes->settings);
  config.monitors = settings_of(document.monitors);
  config.pools = settings_of(document.pools);
  config.keys = settings_of(document.keys);
  config.peers = settings_of(document.peers);
  config.catalogs = settings_of(document.catalogs);
  config.zones = settings_of(document.zones);
  if (document.notify) config.notify = std::move(document.notify->settings);
  config.contacts = settings_of(document.contacts);
  return config;
}

Loaded failed(const fs::path& file, std::string what) {
  return {std::nullopt, {{file.string(), 0, 0, Problem::Severity::error, std::move(what)}}};
}

/// By name. Not in place: there may be very many, and they are not small.
std::vector<zones::ZoneSettings> sorted(std::vector<zones::ZoneSettings> all) {
  constexpr std::size_t kRoot = 1;  // octets of the root, which all names end with
  struct Place {
    zones::CanonicalKey key;
    std::size_t at;
  };
  std::vector<Place> places;
  places.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    places.push_back({zones::canonical_key(all[i].name, kRoot), i});
  std::sort(places.begin(), places.end(), [&](const Place& a, const Place& b) {
    return a.key != b.key ? a.key < b.key : all[a.at].name < all[b.at].name;
  });
  std::vector<zones::ZoneSettings> result;
  result.reserve(all.size());
  for (const Place& place : places) result.push_back(std::move(all[place.at]));
  return result;
}

/// False when a name is there twice.
bool add_zones(Config& config, std::vector<zones::ZoneSettings> more) {
  auto& zones = config.zones;
  // The few that toml++ read go to the many.
  more.insert(more.end(), std::make_move_iterator(zones.begin()), std::make_move_iterator(zones.end()));
  zones = sorted(std::move(more));
  return std::adjacent_find(zones.begin(), zones.end(),
                            [](const auto& a, const auto& b) { return a.name == b.name; }) == zones.end();
}

/// @param others  zones that are not in the text
Loaded parse_all(std::string_view toml, const fs::path& name,
                 std::span<const zones::ZoneSettings> others = {}) {
  Report report(name.string());
  const fs::path directory = fs::absolute(name).parent_path();
  const Scope scope{report, directory, {}, ""};
  if (const auto place = too_deep(toml)) {
    scope.error(*place, fmt::format("nested deeper than {} levels", kMaxNesting));
    return {std::nullopt, report.take()};
  }
  try {
    const toml::table root = toml::parse(toml);
    Document document = read_document(root, scope);
    document.used_peers = peers_of(others);
    document.used_catalogs = catalogs_of(others);
    complete(document);
    check(document, root, scope);
    Loaded loaded;
    if (!report.has_error()) loaded.config = config_of(document);
    loaded.problems = report.take();
    return loaded;
  } catch (const toml::parse_error& error) {
    scope.error(error.source().begin, syntax_error(error.description()));
    return {std::nullopt, report.take()};
  }
}

}  // namespace

std::string Problem::text() const {
  return fmt::format("{}: {}{}", line == 0 ? file : fmt::format("{}:{}:{}", file, line, column),
                     severity == Severity::warning ? "warning: " : "", what);
}

namespace {

Loaded parse_zones(std::string_view toml, const fs::path& name) {
  if (auto plain = take_plain_zones(toml, fs::absolute(name).parent_path())) {
    Loaded loaded = parse_all(plain->rest, name, plain->zones);
    // What is wrong is found, and told of, in the whole.
    if (loaded.config && have_right_peers(plain->zones, *loaded.config) &&
        have_right_catalogs(plain->zones, *loaded.config) &&
        add_zones(*loaded.config, std::move(plain->zones)))
      return loaded;
  }
  return parse_all(toml, name);
}

}  // namespace

Loaded parse(std::string_view toml, const fs::path& name) {
  Loaded loaded = parse_zones(toml, name);
  if (loaded.config && !loaded.config->catalogs.empty())
    loaded.config->zones = sorted(with_catalogs(std::move(loaded.config->zones), loaded.config->catalogs));
  return loaded;
}

Loaded load(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return failed(file, fmt::format("cannot be opened: {}", std::strerror(errno)));
  std::string text(kMaxFile + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return failed(file, "cannot be read: is it a file?");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kMaxFile)
    return failed(file, fmt::format("longer than {} octets, the most that is read", kMaxFile));
  return parse(text, file);
}

}  // namespace holdfast::config
