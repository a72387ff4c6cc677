#pragma once

#include <ldns/ldns.h>

#include <string>
#include <vector>

#include "zones/alias/question.h"

namespace holdfast::zones {

/// What an upstream would send, in presentation format.
struct Answer {
  std::vector<std::string> answer{};
  std::vector<std::string> authority{};
  std::vector<std::string> additional{};
  int rcode = 0;  ///< may be an extended one when `cookie` is set
  bool truncated = false;
  std::vector<std::uint8_t> cookie{};  ///< both halves
};

inline void push(ldns_pkt* packet, ldns_pkt_section section, const std::vector<std::string>& records) {
  for (const std::string& record : records) {
    ldns_rr* rr = nullptr;
    if (ldns_rr_new_frm_str(&rr, record.c_str(), 3600, nullptr, nullptr) == LDNS_STATUS_OK) {
      ldns_pkt_push_rr(packet, section, rr);
    }
  }
}

/// The reply to a query as it was received, its question octet for octet.
inline std::vector<std::uint8_t> reply_to(const std::vector<std::uint8_t>& query, const Answer& said) {
  ldns_pkt* packet = ldns_pkt_new();
  push(packet, LDNS_SECTION_ANSWER, said.answer);
  push(packet, LDNS_SECTION_AUTHORITY, said.authority);
  push(packet, LDNS_SECTION_ADDITIONAL, said.additional);
  std::vector<std::uint8_t> records;
  std::size_t counts[3] = {said.answer.size(), said.authority.size(), said.additional.size()};
  ldns_rr_list* const lists[3] = {ldns_pkt_answer(packet), ldns_pkt_authority(packet),
                                  ldns_pkt_additional(packet)};
  for (ldns_rr_list* list : lists) {
    for (std::size_t i = 0; i < ldns_rr_list_rr_count(list); ++i) {
      std::uint8_t* octets = nullptr;
      std::size_t size = 0;
      ldns_rr2wire(&octets, ldns_rr_list_rr(list, i), LDNS_SECTION_ANSWER, &size);
      records.insert(records.end(), octets, octets + size);
      LDNS_FREE(octets);
    }
  }
  ldns_pkt_free(packet);

  std::size_t end = 12;
  while (query[end] != 0) end += query[end] + 1u;
  end += 5;
  std::vector<std::uint8_t> reply(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(end));
  reply[2] = static_cast<std::uint8_t>(0x81 | (said.truncated ? 2 : 0));
  reply[3] = static_cast<std::uint8_t>(0x80 | (said.rcode & 15));
  if (!said.cookie.empty()) {
    counts[2] += 1;
    const auto size = static_cast<std::uint8_t>(said.cookie.size());
    const auto more = static_cast<std::uint8_t>(size + 4);
    const auto high = static_cast<std::uint8_t>(said.rcode >> 4);
    const std::uint8_t opt[] = {0, 0, 41, 4, 208, high, 0, 0, 0, 0, more, 0, 10, 0, size};
    records.insert(records.end(), std::begin(opt), std::end(opt));
    records.insert(records.end(), said.cookie.begin(), said.cookie.end());
  }
  for (std::size_t i = 0; i < 3; ++i) {
    reply[6 + 2 * i] = static_cast<std::uint8_t>(counts[i] >> 8);
    reply[7 + 2 * i] = static_cast<std::uint8_t>(counts[i]);
  }
  reply.insert(reply.end(), records.begin(), records.end());
  return reply;
}

}  // namespace holdfast::zones
