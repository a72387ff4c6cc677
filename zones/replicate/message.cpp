#include "zones/replicate/message.h"

#include "zones/load/rdata_writer.h"
#include "zones/load/ttl.h"
#include "zones/replicate/expand_name.h"
#include "zones/replicate/received_data.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kRecordFields = 10;  // type, class, TTL, size of the data

}  // namespace

MessageReader::MessageReader() : room_(kMaxRdata) {}

std::uint16_t MessageReader::number16(std::size_t at) const noexcept {
  return static_cast<std::uint16_t>(message_[at] << 8 | message_[at + 1]);
}

bool MessageReader::fail(std::string problem) {
  problem_ = std::move(problem);
  return false;
}

bool MessageReader::open(std::span<const std::uint8_t> message) {
  message_ = message;
  at_ = kMessageHeader;
  header_ = {};
  question_.reset();
  record_ = {};
  left_ = 0;
  problem_.clear();
  if (message.size() < kMessageHeader) return fail("is shorter than a header");
  header_ = {.id = number16(0),
             .is_response = (message[2] & 0x80) != 0,
             .opcode = static_cast<std::uint8_t>(message[2] >> 3 & 0x0f),
             .is_authoritative = (message[2] & 0x04) != 0,
             .is_truncated = (message[2] & 0x02) != 0,
             .rcode = static_cast<std::uint8_t>(message[3] & 0x0f),
             .counts = {number16(4), number16(6), number16(8), number16(10)}};
  return read_question();
}

bool MessageReader::read_question() {
  if (header_.counts[0] == 0) return true;
  if (header_.counts[0] > 1) return fail("has " + std::to_string(header_.counts[0]) + " questions");
  const ExpandedName name = expand_name(message_, at_, owner_.data());
  if (name.taken == 0 || message_.size() - at_ - name.taken < 4) return fail("has a broken question");
  at_ += name.taken;
  question_ = {Name(NameView(owner_.data(), name.size)), static_cast<RrType>(number16(at_)),
               static_cast<RrClass>(number16(at_ + 2))};
  at_ += 4;
  return true;
}

const MessageRecord* MessageReader::next() {
  if (!problem_.empty()) return nullptr;
  auto section = static_cast<std::size_t>(record_.section);
  while (left_ == 0 && section < header_.counts.size()) {
    if (++section < header_.counts.size()) left_ = header_.counts[section];
  }
  record_.section = static_cast<Section>(section);
  if (left_ == 0) {
    if (at_ < message_.size()) fail("goes on behind its last record");
    return nullptr;
  }
  --left_;
  return read_record() ? &record_ : nullptr;
}

bool MessageReader::read_record() {
  const ExpandedName name = expand_name(message_, at_, owner_.data());
  if (name.taken == 0) return fail(at_ == message_.size() ? "is cut off" : "has a broken owner name");
  std::size_t at = at_ + name.taken;
  if (message_.size() - at < kRecordFields) return fail("is cut off");
  RecordView& record = record_.record;
  record.owner = {owner_.data(), name.size};
  record.type = static_cast<RrType>(number16(at));
  record_.rr_class = static_cast<RrClass>(number16(at + 2));
  record.ttl = static_cast<std::uint32_t>(number16(at + 4)) << 16 | number16(at + 6);
  const std::size_t size = number16(at + 8);
  at += kRecordFields;
  if (message_.size() - at < size) return fail("is cut off");
  at_ = at + size;
  record.data = message_.subspan(at, size);
  // Of other types and classes we know nothing, and no TTL of theirs is one.
  if (record_.rr_class != RrClass::IN || !is_data_type(record.type)) return true;
  if (record.ttl > kMaxTtl) record.ttl = 0;  // RFC 2181 8
  const auto data = received_data(record.type, message_.first(at_), at, room_);
  if (!data) {
    return fail("has a record " + record.owner.text() + " " + text(record.type) +
                " with data that is none of this type");
  }
  record.data = *data;
  return true;
}

}  // namespace holdfast::zones
