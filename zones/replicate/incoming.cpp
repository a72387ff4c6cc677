#include "zones/replicate/incoming.h"

#include <algorithm>
#include <utility>

#include "zones/replicate/soa.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kMaxChanges = 100'000;  // in one answer: each takes more room than its records

std::string described(const RecordView& record) { return record.owner.text() + " " + text(record.type); }
std::string text(Serial serial) { return std::to_string(serial.value()); }

}  // namespace

Incoming::Incoming(TransferQuestion question, TransferLimits limits) : question_(question), limits_(limits) {}

Incoming::Step Incoming::take(std::span<const std::uint8_t> message) {
  using Kind = Step::Kind;
  ++messages_;
  octets_ += message.size();
  edns_.reset();
  const bool can_be_read = reader_.open(message);
  std::string wrong = can_be_read ? check_header() : reader_.problem();
  if (wrong.empty()) wrong = take_records();
  if (wrong.empty()) return {.kind = expected_ == Expected::nothing ? Kind::done : Kind::more};
  const auto rcode = static_cast<Rcode>(reader_.header().rcode);
  return {.kind = Kind::failed,
          .problem = "message " + std::to_string(messages_) + " " + wrong,
          .axfr_may_help = question_.is_incremental && !is_hopeless_,
          .no_edns_may_help = messages_ == 1 && (rcode == Rcode::formerr || rcode == Rcode::notimp)};
}

std::string Incoming::check_header() {
  const MessageHeader& header = reader_.header();
  if (!header.is_response) return "is a question";
  if (header.opcode != static_cast<std::uint8_t>(Opcode::query)) {
    return "has opcode " + std::to_string(header.opcode);
  }
  if (header.id != question_.id) return "has another id than the question";
  if (header.is_truncated) return "is truncated";
  if (octets_ > limits_.octets) {
    is_hopeless_ = true;
    return "makes it more than " + std::to_string(limits_.octets) + " octets";
  }
  return header.rcode == 0 ? check_question() : "";
}

std::string Incoming::check_question() const {
  const auto& asked = reader_.question();
  if (!asked) return messages_ == 1 ? "has no question" : "";  // RFC 5936 2.2.1
  const bool is_ours =
      asked->name == question_.apex && asked->type == question_.type() && asked->rr_class == RrClass::IN;
  return is_ours ? "" : "is the answer to another question";
}

std::string Incoming::take_records() {
  bool any = false;
  unsigned rcode = reader_.header().rcode;
  while (const MessageRecord* const record = reader_.next()) {
    std::string wrong;
    if (record->record.type == RrType::OPT) {
      wrong = take_edns(*record);
    } else if (record->section == Section::answer && rcode == 0) {
      any = true;
      wrong = take_answer(*record);
    }
    if (!wrong.empty()) return wrong;
    if (is_up_to_date_) return {};  // a zone that we have may follow
  }
  if (edns_) rcode |= static_cast<unsigned>(edns_->rcode_high) << 4;
  if (rcode != 0) {
    is_hopeless_ =
        rcode != static_cast<unsigned>(Rcode::formerr) && rcode != static_cast<unsigned>(Rcode::notimp) &&
        rcode != static_cast<unsigned>(Rcode::refused) && rcode != static_cast<unsigned>(Rcode::servfail);
    return "says " + zones::text(static_cast<Rcode>(rcode));
  }
  if (!reader_.problem().empty()) return reader_.problem();
  return any ? "" : "has no records";
}

std::string Incoming::take_edns(const MessageRecord& opt) {
  const bool is_second = edns_.has_value();
  edns_ = read_edns(opt);
  if (!edns_ || is_second) return "has an OPT record that may not be there";
  if (edns_->expire) expire_ = edns_->expire;
  return {};
}

std::string Incoming::take_answer(const MessageRecord& answer) {
  const RecordView& record = answer.record;
  if (expected_ == Expected::nothing) return "goes on with " + described(record) + " behind the end";
  if (answer.rr_class != RrClass::IN) return "has " + described(record) + " of another class than IN";
  if (!is_data_type(record.type)) return "has " + described(record) + ", which is no type of zone data";
  if (++records_ > limits_.records) {
    is_hopeless_ = true;
    return "makes it more than " + std::to_string(limits_.records) + " records";
  }
  if (record.type == RrType::SOA) return take_soa(record);
  if (expected_ == Expected::first) return "begins with " + described(record) + ", and not with a SOA";
  if (!record.owner.is_at_or_below(question_.apex))
    return "has " + described(record) + ", which is not in the zone";
  if (expected_ == Expected::second) expected_ = Expected::whole;
  keep(record);
  if (kept_.octets() + deltas_octets_ > limits_.octets) {
    is_hopeless_ = true;
    return "makes it more than " + std::to_string(limits_.octets) + " octets of records";
  }
  return {};
}

void Incoming::keep(const RecordView& record) {
  kept_.add(record.owner, record.type, record.ttl, record.data);
}

bool Incoming::is_first_soa(const RecordView& soa) const noexcept {
  return std::ranges::equal(soa.data, soa_);
}

std::string Incoming::take_soa(const RecordView& soa) {
  if (soa.owner != question_.apex) return "has a SOA at " + soa.owner.text() + ", which is not the apex";
  switch (expected_) {
    case Expected::first: return take_first_soa(soa);
    case Expected::second:
    case Expected::added: return take_removed_soa(soa);
    case Expected::removed: return take_added_soa(soa);
    case Expected::whole:
    case Expected::nothing: break;
  }
  if (!is_first_soa(soa)) {
    const Serial serial = serial_of(soa.data), first = serial_of(soa_);
    if (serial == first) return "ends with another SOA than it began with";
    return "has a SOA with serial " + text(serial) + " in a zone that began with " + text(first);
  }
  expected_ = Expected::nothing;
  return {};
}

std::string Incoming::take_first_soa(const RecordView& soa) {
  const Serial serial = serial_of(soa.data);
  soa_.assign(soa.data.begin(), soa.data.end());
  if (question_.have == serial) {
    is_up_to_date_ = true;
    expected_ = Expected::nothing;
    return {};
  }
  if (question_.have && !serial.is_after(*question_.have)) {
    is_hopeless_ = true;
    return "offers serial " + text(serial) + ", which is not after ours, " + text(*question_.have);
  }
  keep(soa);
  expected_ = question_.is_incremental ? Expected::second : Expected::whole;
  return {};
}

/// The SOA of the version that a change begins with; or the one at the end of all.
std::string Incoming::take_removed_soa(const RecordView& soa) {
  const Serial serial = serial_of(soa.data);
  Serial before = *question_.have;
  if (expected_ == Expected::second) {
    if (is_first_soa(soa)) {  // a zone of nothing but its SOA
      expected_ = Expected::nothing;
      return {};
    }
    kept_ = {};
  } else {
    Delta& change = deltas_.back();
    if (std::string wrong = end_half(change.added); !wrong.empty()) return wrong;
    before = change.to();
    if (before == serial_of(soa_)) {
      if (!is_first_soa(soa)) return "ends with another SOA than it began with";
      expected_ = Expected::nothing;
      return {};
    }
  }
  if (serial != before) return "goes on from serial " + text(serial) + ", and not from " + text(before);
  if (deltas_.size() == kMaxChanges) return "has more than " + std::to_string(kMaxChanges) + " changes";
  deltas_.emplace_back().removed.add(soa);
  expected_ = Expected::removed;
  return {};
}

std::string Incoming::take_added_soa(const RecordView& soa) {
  Delta& change = deltas_.back();
  if (std::string wrong = end_half(change.removed); !wrong.empty()) return wrong;
  const Serial serial = serial_of(soa.data);
  const Serial last = serial_of(soa_);
  if (!serial.is_after(change.from())) {
    return "goes back from serial " + text(change.from()) + " to " + text(serial);
  }
  if (serial != last && !last.is_after(serial)) {
    return "goes on to serial " + text(serial) + ", behind its last one, " + text(last);
  }
  if (serial == last && !is_first_soa(soa)) return "ends with another SOA than it began with";
  change.added.add(soa);
  expected_ = Expected::added;
  return {};
}

/// Puts what was kept of a half of a change behind its SOA, in canonical order.
std::string Incoming::end_half(RecordRun& half) {
  kept_.sort(question_.apex);
  const RecordList::Entry* before = nullptr;
  for (const RecordList::Entry& entry : kept_.entries()) {
    const RecordView record{kept_.owner(entry), entry.type, entry.ttl, kept_.data(entry)};
    if (before != nullptr && before->owner == entry.owner && before->type == entry.type &&
        std::ranges::equal(kept_.data(*before), record.data)) {
      return "has " + described(record) + " twice in one change";
    }
    half.add(record);
    before = &entry;
  }
  deltas_octets_ += half.octets().size();
  kept_ = {};
  return {};
}

Received Incoming::release() {
  if (is_up_to_date_) return UpToDate{};
  if (deltas_.empty()) return WholeZone{std::move(kept_)};
  Changes changes;
  for (Delta& delta : deltas_) changes.deltas.push_back(std::make_shared<const Delta>(std::move(delta)));
  return changes;
}

std::optional<Serial> Incoming::serial() const noexcept {
  return soa_.empty() ? std::nullopt : std::optional(serial_of(soa_));
}

}  // namespace holdfast::zones
