#include "server/transfer/outgoing.h"

#include <algorithm>

#include "server/answer/expire_option.h"
#include "server/answer/writer.h"

namespace holdfast::server {
namespace {

constexpr std::size_t kOpt = 11;  // octets, without options
constexpr std::size_t kExpire = 8;
constexpr std::uint16_t kEdnsSize = 1232;

void put_opt(Writer& writer, std::optional<std::uint32_t> expire) noexcept {
  constexpr std::uint8_t kRoot[] = {0};
  writer.put(kRoot);
  writer.put16(static_cast<std::uint16_t>(zones::RrType::OPT));
  writer.put16(kEdnsSize);
  writer.put32(0);
  writer.put16(expire ? kExpire : 0);
  if (!expire) return;
  writer.put16(kOptionExpire);
  writer.put16(sizeof *expire);
  writer.put32(*expire);
}

}  // namespace

Outgoing::Outgoing(std::span<const std::uint8_t> octets, const Query& query, RecordStream records,
                   std::optional<std::uint32_t> expire)
    : question_(octets.begin() + kHeader,
                octets.begin() + static_cast<std::ptrdiff_t>(kHeader + query.question_size)),
      id_(query.id),
      flags_(static_cast<std::uint16_t>(kFlagQr | kFlagAa | (query.flags & kFlagRd))),
      has_edns_(query.edns.has_value()),
      expire_(expire),
      asked_(query.name.name()),
      records_(std::move(records)) {}

Outgoing::Filled Outgoing::fill(std::span<std::uint8_t> room, std::size_t limit) {
  Writer writer(room, kHeader, limit, zones::RrClass::IN);
  // Some want to see the question in every message, though the first would do (RFC 5936 2.2.1).
  writer.put(question_);
  writer.know(asked_, kHeader);
  std::size_t records = 0;
  for (; records_ && records < 0xffff; records_.next(), ++records) {
    const zones::RecordView& record = records_.record();
    const Writer::Mark before = writer.mark();
    const zones::RRset rrset{record.type, 1, record.ttl, nullptr, nullptr};
    if (writer.put_record(record.owner, rrset, record.data)) continue;
    writer.cut_back(before);
    break;
  }
  return {writer.size(), records};
}

std::size_t Outgoing::next(std::span<std::uint8_t> room) {
  const bool tells_edns = has_edns_ && is_first_;  // once is enough (RFC 5936 2.2.5)
  const std::size_t opt_size = !tells_edns ? 0 : expire_ ? kOpt + kExpire : kOpt;
  const std::size_t limit = room.size() - std::min(room.size(), opt_size);
  Filled filled = fill(room, std::min(limit, kMessage));
  if (filled.records == 0) filled = fill(room, limit);  // one that is larger than most messages
  if (filled.records == 0) return 0;
  std::size_t size = filled.octets;
  if (tells_edns) {
    Writer opt(room, size, size + opt_size, zones::RrClass::IN);
    put_opt(opt, expire_);
    size = opt.size();
  }
  Writer header(room, 0, kHeader, zones::RrClass::IN);
  header.put16(id_);
  header.put16(flags_);
  header.put16(1);
  header.put16(static_cast<std::uint32_t>(filled.records));
  header.put16(0);
  header.put16(tells_edns ? 1 : 0);
  is_first_ = false;
  sent_ += filled.records;
  return size;
}

}  // namespace holdfast::server
