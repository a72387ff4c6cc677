#pragma once

#include <ldns/ldns.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "zones/load/load.h"

// What the tests of zones/load share: texts instead of files, problems and records as lines of text.

namespace holdfast::zones::testing {

using Files = std::map<std::string, std::string>;

inline ReadFile from(const Files& files) {
  return [files](const std::string& path) -> FileText {
    const auto file = files.find(path);
    if (file == files.end()) return {.text = {}, .error = "No such file or directory"};
    return {.text = file->second, .error = {}};
  };
}

inline Name name(std::string_view text) { return Name::parse(text).value(); }

inline LoadedZone load(std::string_view apex, std::string_view text, const Files& files = {},
                       const std::vector<LiveName>& live = {}) {
  return load_zone_text(name(apex), text, "zone", from(files), live);
}

inline std::vector<std::string> lines(const std::vector<Problem>& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems) lines.push_back(problem.text());
  return lines;
}

inline std::vector<std::uint8_t> record_wire(NameView owner, RrType type, std::uint32_t ttl, Rdata data) {
  std::vector<std::uint8_t> wire(owner.data(), owner.data() + owner.size());
  const auto put16 = [&](std::size_t value) {
    wire.push_back(static_cast<std::uint8_t>(value >> 8));
    wire.push_back(static_cast<std::uint8_t>(value));
  };
  put16(static_cast<std::uint16_t>(type));
  put16(1);
  put16(ttl >> 16);
  put16(ttl & 0xffff);
  put16(data.size());
  wire.insert(wire.end(), data.begin(), data.end());
  return wire;
}

/// One record as ldns prints it: owner, TTL, class, type, data, with single spaces.
inline std::string presentation(NameView owner, RrType type, std::uint32_t ttl, Rdata data) {
  const auto wire = record_wire(owner, type, ttl, data);
  std::size_t at = 0;
  ldns_rr* rr = nullptr;
  if (ldns_wire2rr(&rr, wire.data(), wire.size(), &at, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK) return "?";
  char* printed = ldns_rr2str(rr);
  std::string text = printed;
  std::free(printed);
  ldns_rr_free(rr);
  for (char& c : text) c = c == '\t' ? ' ' : c;
  while (text.ends_with('\n') || text.ends_with(' ')) text.pop_back();
  return text;
}

/// All records, in canonical order of the owners.
inline std::vector<std::string> records(const Zone& zone) {
  std::vector<std::string> records;
  for (const Node node : zone.nodes()) {
    for (std::size_t i = 0; i < node.rrset_count(); ++i) {
      const RRset rrset = zone.rrset_at(node, i);
      for (const Rdata data : rrset)
        records.push_back(presentation(node.name(), rrset.type, rrset.ttl, data));
    }
  }
  return records;
}

}  // namespace holdfast::zones::testing
