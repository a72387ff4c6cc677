#include "health/probe/dns_message.h"

#include <ldns/ldns.h>

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

std::optional<DnsReply> read_dns_reply(std::span<const std::uint8_t> message, const DnsQuestion& question,
                                       std::uint16_t id) {
  ldns_pkt* read = nullptr;
  if (ldns_wire2pkt(&read, message.data(), message.size()) != LDNS_STATUS_OK) return std::nullopt;
  const Packet packet(read, ldns_pkt_free);
  const ldns_rr_list* const asked = ldns_pkt_question(packet.get());
  const Rr wanted = question_of(question);
  if (!ldns_pkt_qr(packet.get()) || ldns_pkt_id(packet.get()) != id || ldns_rr_list_rr_count(asked) != 1 ||
      !wanted || !same_question(ldns_rr_list_rr(asked, 0), wanted.get())) {
    return std::nullopt;
  }
  DnsReply reply{static_cast<unsigned>(ldns_pkt_get_rcode(packet.get())), ldns_pkt_tc(packet.get())};
  const ldns_rr_list* const answers = ldns_pkt_answer(packet.get());
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(answers); ++i) {
    reply.answers.push_back(data_text(ldns_rr_list_rr(answers, i)));
  }
  return reply;
}

}  // namespace holdfast::health
