#include "health/probe/dns_message.h"

#include <ldns/ldns.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <memory>

#include "health/settings.h"

namespace holdfast::health {
namespace {

using Packet = std::unique_ptr<ldns_pkt, void (*)(ldns_pkt*)>;
using Rr = std::unique_ptr<ldns_rr, void (*)(ldns_rr*)>;
using Text = std::unique_ptr<char, decltype(&std::free)>;

/// The question section, a new one; null: no such name or type.
Rr question_of(const DnsQuestion& question) {
  const ldns_rr_type type = ldns_get_rr_type_by_name(question.type.c_str());
  ldns_rdf* const name = ldns_dname_new_frm_str(question.name.c_str());
  Rr made(name != nullptr && type != 0 ? ldns_rr_new() : nullptr, ldns_rr_free);
  if (!made) {
    ldns_rdf_deep_free(name);
    return made;
  }
  ldns_rr_set_question(made.get(), true);
  ldns_rr_set_owner(made.get(), name);
  ldns_rr_set_type(made.get(), type);
  ldns_rr_set_class(made.get(), LDNS_RR_CLASS_IN);
  return made;
}

bool same_question(const ldns_rr* a, const ldns_rr* b) {
  return ldns_rr_get_type(a) == ldns_rr_get_type(b) && ldns_rr_get_class(a) == ldns_rr_get_class(b) &&
         ldns_dname_compare(ldns_rr_owner(a), ldns_rr_owner(b)) == 0;
}

std::string data_text(const ldns_rr* record) {
  std::string data;
  for (std::size_t i = 0; i < ldns_rr_rd_count(record); ++i) {
    const Text part(ldns_rdf2str(ldns_rr_rdf(record, i)), std::free);
    if (part) (data += data.empty() ? "" : " ") += part.get();
  }
  return data;
}

Packet parse(std::span<const std::uint8_t> message) {
  ldns_pkt* read = nullptr;
  const ldns_status status = ldns_wire2pkt(&read, message.data(), message.size());
  return {status == LDNS_STATUS_OK ? read : nullptr, ldns_pkt_free};
}

}  // namespace

std::string rcode_text(unsigned rcode) {
  return rcode < std::size(kRcodes) ? std::string(kRcodes[rcode]) : "rcode " + std::to_string(rcode);
}

std::optional<std::vector<std::uint8_t>> write_query(const DnsQuestion& question, std::uint16_t id) {
  Rr asked = question_of(question);
  const Packet packet(ldns_pkt_new(), ldns_pkt_free);
  if (!asked || !packet || !ldns_pkt_push_rr(packet.get(), LDNS_SECTION_QUESTION, asked.get()))
    return std::nullopt;
  (void)asked.release();
  ldns_pkt_set_id(packet.get(), id);
  ldns_pkt_set_rd(packet.get(), true);
  std::uint8_t* octets = nullptr;
  std::size_t size = 0;
  if (ldns_pkt2wire(&octets, packet.get(), &size) != LDNS_STATUS_OK) return std::nullopt;
  const std::unique_ptr<std::uint8_t, decltype(&std::free)> owned(octets, std::free);
  return std::vector<std::uint8_t>(octets, octets + size);
}

std::optional<std::string> printed_data(const DnsQuestion& question, const std::string& data) {
  if (data.find_first_of(std::string_view("\0\n", 2)) != std::string::npos) return std::nullopt;
  const std::string line = question.name + " 0 IN " + question.type + ' ' + data;
  ldns_rr* read = nullptr;
  if (ldns_rr_new_frm_str(&read, line.c_str(), 0, nullptr, nullptr) != LDNS_STATUS_OK) return std::nullopt;
  return data_text(Rr(read, ldns_rr_free).get());
}

std::optional<DnsReply> read_dns_reply(std::span<const std::uint8_t> message, const DnsQuestion& question,
                                       std::uint16_t id) {
  // RFC 1035 4.1.1. What counts of the header is looked at before ldns sees anything.
  constexpr std::size_t kHeader = 12;
  constexpr std::uint8_t kReply = 0x80, kTruncated = 0x02;
  if (message.size() < kHeader || (message[0] << 8 | message[1]) != id || (message[2] & kReply) == 0) {
    return std::nullopt;
  }
  DnsReply reply{message[3] & 0x0fU, (message[2] & kTruncated) != 0};
  const bool has_question = message[4] != 0 || message[5] != 0;
  if (!has_question && reply.rcode != 0) return reply;  // many refuse with a bare header

  // The authority and additional sections are of no use here, and ldns 1.8 leaks all but the last TSIG of a message.
  std::vector<std::uint8_t> copy(message.begin(), message.end());
  std::fill(copy.begin() + 8, copy.begin() + kHeader, std::uint8_t{0});
  const auto answers = std::array{copy[6], copy[7]};
  copy[6] = copy[7] = 0;
  const Packet asked = parse(copy);
  const Rr wanted = question_of(question);
  if (!asked || !wanted || ldns_rr_list_rr_count(ldns_pkt_question(asked.get())) != 1 ||
      !same_question(ldns_rr_list_rr(ldns_pkt_question(asked.get()), 0), wanted.get())) {
    return std::nullopt;
  }
  if (reply.truncated) return reply;
  copy[6] = answers[0];
  copy[7] = answers[1];
  const Packet whole = parse(copy);
  reply.broken = whole == nullptr;
  const ldns_rr_list* const records = whole ? ldns_pkt_answer(whole.get()) : nullptr;
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(records); ++i) {
    reply.answers.push_back(data_text(ldns_rr_list_rr(records, i)));
  }
  return reply;
}

}  // namespace holdfast::health
