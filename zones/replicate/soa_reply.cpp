#include "zones/replicate/soa_reply.h"

#include "zones/replicate/edns.h"
#include "zones/replicate/message.h"
#include "zones/replicate/soa.h"

namespace holdfast::zones {
namespace {

bool is_about(const MessageReader& reader, NameView apex) {
  const auto& asked = reader.question();
  if (!asked) return reader.header().rcode != 0;  // who cannot read a question need not repeat it
  return asked->name == apex && asked->type == RrType::SOA && asked->rr_class == RrClass::IN;
}

}  // namespace

SoaReply read_soa_reply(std::span<const std::uint8_t> message, std::uint16_t id, NameView apex) {
  using Kind = SoaReply::Kind;
  MessageReader reader;
  SoaReply reply;
  const bool can_be_read = reader.open(message);
  const MessageHeader& header = reader.header();
  if (!can_be_read || header.id != id || !header.is_response || header.opcode != 0 ||
      !is_about(reader, apex)) {
    return reply;
  }
  const auto failed = [&](std::string problem) {
    reply.kind = Kind::failed;
    reply.problem = std::move(problem);
    return reply;
  };
  if (header.is_truncated) {
    reply.kind = Kind::truncated;
    return reply;
  }
  unsigned rcode = header.rcode;
  bool has_soa = false;
  while (const MessageRecord* const one = reader.next()) {
    const RecordView& record = one->record;
    if (record.type == RrType::OPT) {
      const auto edns = read_edns(*one);
      if (!edns) return failed("has a broken OPT record");
      rcode |= static_cast<unsigned>(edns->rcode_high) << 4;
      reply.expire = edns->expire;
    } else if (one->section == Section::answer && record.type == RrType::SOA &&
               one->rr_class == RrClass::IN && record.owner == apex) {
      reply.serial = serial_of(record.data);
      has_soa = true;
    }
  }
  if (rcode != 0) {
    const auto known = static_cast<Rcode>(rcode);
    reply.no_edns_may_help = known == Rcode::formerr || known == Rcode::notimp || known == Rcode::badvers;
    return failed("says " + text(known));
  }
  if (!reader.problem().empty()) return failed("sends a SOA in a message that " + reader.problem());
  if (!has_soa) return failed("has no SOA of " + apex.text());
  if (!header.is_authoritative) return failed("is not authoritative for " + apex.text());
  reply.kind = Kind::serial;
  return reply;
}

}  // namespace holdfast::zones
