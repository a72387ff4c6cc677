#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "tests/zones/replicate/sent.h"
#include "tests/zones/replicate/versions.h"
#include "zones/replicate/update.h"

// Updates in the words of nsupdate, for the zone "example.com.".

namespace holdfast::zones::testing {

/// One row: its words, or a class, type, TTL and data of its own.
struct Row {
  Row(std::string text) : words(std::move(text)) {}
  Row(const char* text) : words(text) {}
  Row(std::string owner, RrType of_type, RrClass of_class, std::uint32_t for_ttl = 0,
      std::vector<std::uint8_t> octets = {})
      : words(std::move(owner)), type(of_type), rr_class(of_class), ttl(for_ttl), data(std::move(octets)) {}

  std::string words;
  RrType type{};
  RrClass rr_class{};
  std::uint32_t ttl = 0;
  std::vector<std::uint8_t> data{};
};
using Rows = std::vector<Row>;

inline void put_row(std::vector<std::uint8_t>& octets, NameView owner, RrType type, RrClass rr_class,
                    std::uint32_t ttl, Rdata data) {
  put(octets, {owner.data(), owner.size()});
  put16(octets, static_cast<std::size_t>(type));
  put16(octets, static_cast<std::size_t>(rr_class));
  put16(octets, ttl >> 16);
  put16(octets, ttl & 0xffff);
  put16(octets, data.size());
  put(octets, data);
}

/// The first of the records that a line of a zone file gives.
inline void put_record(std::vector<std::uint8_t>& octets, const std::string& line, RrClass rr_class,
                       bool with_ttl) {
  Findings findings;
  const RecordList records =
      read_zone_text(name("example.com"), "$TTL 60\n" + line + "\n", "row", {}, findings).records;
  ASSERT_EQ(records.entries().size(), 1U) << line;
  const RecordList::Entry& entry = records.entries().front();
  put_row(octets, records.owner(entry), entry.type, rr_class, with_ttl ? entry.ttl : 0, records.data(entry));
}

/// "yxdomain NAME", "nxdomain NAME", "yxrrset NAME TYPE", "yxrrset NAME TYPE DATA", "nxrrset NAME TYPE";
/// "add NAME TTL TYPE DATA", "delete NAME", "delete NAME TYPE", "delete NAME TYPE DATA".
inline void put(std::vector<std::uint8_t>& octets, const Row& row) {
  if (row.rr_class != RrClass{}) {
    const Name owner = *Name::parse(row.words, name("example.com"));
    return put_row(octets, owner, row.type, row.rr_class, row.ttl, row.data);
  }
  std::istringstream words(row.words);
  std::string verb, owner, type, data;
  words >> verb;
  const std::string rest = row.words.substr(verb.size() + 1);
  if (verb == "add") return put_record(octets, rest, RrClass::IN, true);
  words >> owner >> type;
  std::getline(words, data);
  if (!data.empty()) return put_record(octets, rest, verb == "delete" ? RrClass::NONE : RrClass::IN, false);
  const bool is_none = verb.starts_with("nx");
  put_row(octets, *Name::parse(owner, name("example.com")), type.empty() ? RrType::ANY : *parse_type(type),
          is_none ? RrClass::NONE : RrClass::ANY, 0, {});
}

struct SentUpdate {
  Rows prerequisites{};
  Rows rows{};
  std::string zone = "example.com.";
  RrType zone_type = RrType::SOA;
  RrClass zone_class = RrClass::IN;
  std::uint8_t flags = 5 << 3;  ///< third octet
};

inline std::vector<std::uint8_t> message_of(const SentUpdate& sent) {
  std::vector<std::uint8_t> octets{0, 7, sent.flags, 0, 0, 1};
  put16(octets, sent.prerequisites.size());
  put16(octets, sent.rows.size());
  put16(octets, 0);
  const Name zone = name(sent.zone);
  put(octets, {zone.view().data(), zone.view().size()});
  put16(octets, static_cast<std::size_t>(sent.zone_type));
  put16(octets, static_cast<std::size_t>(sent.zone_class));
  for (const Row& row : sent.prerequisites) put(octets, row);
  for (const Row& row : sent.rows) put(octets, row);
  return octets;
}

}  // namespace holdfast::zones::testing
