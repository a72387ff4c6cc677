#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "zones/load/zone_text.h"
#include "zones/replicate/message.h"

// What a primary sends, in presentation format, for the zone "example.".

namespace holdfast::zones::testing {

inline const Name kApex = Name::parse("example.").value();

inline std::string soa(std::uint32_t serial, std::string_view rest = "7200 3600 1209600 300") {
  return "@ SOA ns host " + std::to_string(serial) + " " + std::string(rest) + "\n";
}

/// One message. Records are the lines of a zone file of "example.", in the order of the lines; TTL 60 unless they say.
struct Sent {
  std::string records{};
  RrType question = RrType::AXFR;  ///< A: there is no question
  std::uint16_t id = 7;
  std::uint8_t flags = 0x84;               ///< third octet: QR and AA
  std::uint8_t rcode = 0;                  ///< fourth octet
  std::vector<std::uint8_t> additional{};  ///< records in wire form
  std::uint8_t additional_count = 0;
  RrClass rr_class = RrClass::IN;
  RrType type{};  ///< of all records, whatever the lines say
};

inline void put16(std::vector<std::uint8_t>& octets, std::size_t value) {
  octets.push_back(static_cast<std::uint8_t>(value >> 8));
  octets.push_back(static_cast<std::uint8_t>(value));
}

inline void put(std::vector<std::uint8_t>& octets, std::span<const std::uint8_t> more) {
  octets.insert(octets.end(), more.begin(), more.end());
}

/// The records of such lines, in their order.
inline RecordList records_of(const std::string& lines) {
  Findings findings;
  const std::string text = "$TTL 60\n" + lines;
  return read_zone_text(kApex, text, "sent", {}, findings).records;
}

/// @param lines  as Sent has them
inline std::vector<std::uint8_t> wire_of(const RecordList& records, RrClass rr_class = RrClass::IN,
                                         RrType type = {}) {
  std::vector<std::uint8_t> octets;
  for (const RecordList::Entry& entry : records.entries()) {
    put(octets, {entry.owner, entry.owner_size});
    put16(octets, static_cast<std::uint16_t>(type == RrType{} ? entry.type : type));
    put16(octets, static_cast<std::uint16_t>(rr_class));
    put16(octets, entry.ttl >> 16);
    put16(octets, entry.ttl & 0xffff);
    put16(octets, entry.data_size);
    put(octets, records.data(entry));
  }
  return octets;
}

inline std::vector<std::uint8_t> wire(const Sent& sent) {
  const RecordList records = records_of(sent.records);
  const bool asks = sent.question != RrType::A;
  std::vector<std::uint8_t> octets;
  put16(octets, sent.id);
  octets.push_back(sent.flags);
  octets.push_back(sent.rcode);
  put16(octets, asks ? 1 : 0);
  put16(octets, records.entries().size());
  put16(octets, 0);
  put16(octets, sent.additional_count);
  if (asks) {
    put(octets, {kApex.view().data(), kApex.view().size()});
    put16(octets, static_cast<std::uint16_t>(sent.question));
    put16(octets, 1);
  }
  put(octets, wire_of(records, sent.rr_class, sent.type));
  put(octets, sent.additional);
  return octets;
}

}  // namespace holdfast::zones::testing
