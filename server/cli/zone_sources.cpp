#include "server/cli/zone_sources.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "server/transfer/key_file.h"
#include "zones/load/load.h"
#include "zones/load/soa_owner.h"

namespace holdfast::server {
namespace {

constexpr std::size_t kHeadSize = 1U << 20;  // octets of a file in which its SOA is looked for

zones::Contents contents(std::shared_ptr<const zones::Zone> zone) {
  const zones::Serial serial(zone->serial());
  return {serial, std::move(zone), nullptr};
}

zones::Contents contents(zones::LoadedZone loaded) {
  if (loaded.zone != nullptr) return contents(std::shared_ptr<const zones::Zone>(std::move(loaded.zone)));
  std::string text = "it cannot be read:";
  for (const zones::Problem& problem : loaded.problems) {
    if (problem.severity == zones::Problem::Severity::error) text += "\n" + problem.text();
  }
  throw NoAnswer(text);
}

}  // namespace

zones::Name name_of(const std::string& text) {
  const auto name = zones::Name::parse(text);
  if (!name) throw NoAnswer(text + " is no domain name");
  return *name;
}

TransferSource source_of(const std::string& server, const ZoneOptions& options) {
  const auto address = parse_server(server);
  if (!address)
    throw NoAnswer(server + " is no server: write it as @192.0.2.53, @[2001:db8::53]:53 or @ns2.example.net");
  TransferSource source{*address, nullptr, {.name = options.tls, .ca_file = options.ca_file}};
  if (options.key.empty()) return source;
  const LoadedKey key = load_key(options.key);
  if (key.key == nullptr)
    throw NoAnswer(key.problems.empty() ? options.key + " holds no key" : key.problems.front().text());
  source.key = key.key;
  return source;
}

std::string export_path(zones::NameView zone, bool with_live) {
  return "/api/v1/export?zone=" + percent_encoded(zone.text()) + (with_live ? "&live=true" : "");
}

zones::Contents running_zone(zones::NameView zone, const ZoneOptions& options) {
  std::string text;
  const std::string refused = read_control(*options.control, export_path(zone, options.with_live),
                                           [&](std::string_view piece) { text += piece; });
  if (!refused.empty()) throw NoAnswer(refused);
  return contents(zones::load_zone_text(zone, text, "zone " + zone.text() + " of the running server", {}));
}

ZoneOperand::ZoneOperand(std::string text) : text_(std::move(text)) {
  std::error_code not_there;
  is_file_ =
      !text_.starts_with('@') && (text_.find('/') != text_.npos || std::filesystem::exists(text_, not_there));
}

std::optional<zones::Name> ZoneOperand::zone() const {
  if (text_.starts_with('@')) return std::nullopt;
  if (!is_file_) return name_of(text_);
  std::ifstream file(text_, std::ios::binary);
  if (!file) throw NoAnswer(fmt::format("{}: {}", text_, std::strerror(errno)));
  std::string head(kHeadSize, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  return zones::soa_owner(head);
}

zones::Contents ZoneOperand::load(zones::NameView zone, const ZoneOptions& options) const {
  if (text_.starts_with('@')) return contents(transferred_zone(source_of(text_, options), zone));
  if (is_file_) return contents(zones::load_zone(zone, text_));
  try {
    return running_zone(name_of(text_), options);
  } catch (const NoAnswer& error) {
    throw NoAnswer(
        fmt::format("{} is no file, and of the running server it cannot be had: {}", text_, error.what()));
  }
}

}  // namespace holdfast::server
