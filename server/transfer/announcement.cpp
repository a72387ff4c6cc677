#include "server/transfer/announcement.h"

#include "server/answer/query.h"
#include "server/answer/writer.h"
#include "server/transfer/request.h"

namespace holdfast::server {
namespace {

using zones::Opcode;
using zones::RrType;

}  // namespace

std::vector<std::uint8_t> notify_message(std::uint16_t id, const zones::Contents& version) {
  std::vector<std::uint8_t> message(2048);  // a SOA takes 530 octets at most, and so does its owner twice
  Writer writer(message, 0, message.size(), zones::RrClass::IN);
  writer.put16(id);
  writer.put16(static_cast<unsigned>(Opcode::notify) << 11 | kFlagAa);
  writer.put16(1);
  writer.put16(1);
  writer.put32(0);
  writer.put({version.apex().data(), version.apex().size()});
  writer.put16(static_cast<std::uint16_t>(RrType::SOA));
  writer.put16(static_cast<std::uint16_t>(zones::RrClass::IN));
  writer.know(version.apex(), kHeader);
  const std::vector<std::uint8_t> soa = version.soa();
  writer.put_record(version.apex(), {RrType::SOA, 1, version.soa_ttl(), nullptr, nullptr}, soa);
  message.resize(writer.size());
  return message;
}

std::optional<SecondaryReply> read_reply(std::span<const std::uint8_t> octets,
                                         zones::NameView zone) noexcept {
  if (octets.size() < kHeader || (octets[2] & kFlagQr >> 8) == 0) return std::nullopt;
  SecondaryReply reply;
  reply.id = static_cast<std::uint16_t>(octets[0] << 8 | octets[1]);
  reply.opcode = static_cast<Opcode>(octets[2] >> 3 & 0xf);
  reply.rcode = static_cast<zones::Rcode>(octets[3] & 0xf);
  reply.is_authoritative = (octets[2] & kFlagAa >> 8) != 0;
  if (octets[4] == 0 && octets[5] == 0) return reply;  // some leave the question out where they refuse
  Query query;
  const std::size_t size = query.name.read(octets.subspan(kHeader));
  if (size == 0 || octets.size() - kHeader - size < 4 || query.name.name() != zone) return std::nullopt;
  query.question_size = size + 4;
  reply.serial = serial_told(octets, query);
  return reply;
}

}  // namespace holdfast::server
