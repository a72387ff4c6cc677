#include "server/transfer/record_stream.h"

namespace holdfast::server {

using zones::Contents;
using zones::RRset;
using zones::RrType;

RecordStream::RecordStream(const Contents& now, bool is_only_soa)
    : zone_(now.zone()), soa_(now.soa()), soa_ttl_(now.soa_ttl()), is_only_soa_(is_only_soa) {
  set_soa();
}

RecordStream RecordStream::whole(const Contents& now) {
  RecordStream stream(now, false);
  stream.cursor_.emplace(now);
  if (*stream.cursor_) stream.data_ = stream.cursor_->rrset().begin();
  return stream;
}

RecordStream RecordStream::changes(const Contents& now, zones::History::Deltas deltas) {
  RecordStream stream(now, false);
  stream.deltas_ = std::move(deltas);
  stream.at_ = stream.deltas_.front()->removed.begin();
  return stream;
}

RecordStream RecordStream::only_soa(const Contents& now) { return {now, true}; }

void RecordStream::set_soa() noexcept { record_ = {zone_->apex(), RrType::SOA, soa_ttl_, soa_}; }

void RecordStream::next() {
  if (part_ == Part::first_soa)
    part_ = is_only_soa_ ? Part::end : Part::records;
  else if (part_ == Part::last_soa)
    part_ = Part::end;
  if (part_ != Part::records) return;
  if (cursor_ ? next_of_zone() : next_of_deltas()) return;
  part_ = Part::last_soa;
  set_soa();
}

bool RecordStream::next_of_zone() {
  if (!*cursor_) return false;
  const RRset& rrset = cursor_->rrset();
  record_ = {cursor_->owner(), rrset.type, rrset.ttl, *data_};
  if (++data_ != rrset.end()) return true;
  // What was set borrows from the zone, or from the flat view that the cursor shares: it stays when that goes on.
  cursor_->next();
  if (*cursor_) data_ = cursor_->rrset().begin();
  return true;
}

bool RecordStream::next_of_deltas() {
  const auto run = [this]() -> const zones::RecordRun& {
    const zones::Delta& delta = *deltas_[run_ / 2];
    return run_ % 2 == 0 ? delta.removed : delta.added;
  };
  while (run_ < 2 * deltas_.size() && at_ == run().end()) {
    if (++run_ < 2 * deltas_.size()) at_ = run().begin();
  }
  if (run_ == 2 * deltas_.size()) return false;
  record_ = *at_;
  ++at_;
  return true;
}

}  // namespace holdfast::server
