#pragma once

#include <optional>

#include "zones/replicate/contents.h"
#include "zones/replicate/history.h"

namespace holdfast::server {

/// The records of one transfer, one after the other. Shares what they are in; of the zone nothing is copied.
///
///   of            records
///   whole()       SOA, all others, SOA                                      RFC 5936 2.2
///   changes()     SOA, for each delta what it removes and what it adds      RFC 1995 4
///                 (each of which begins with its SOA), SOA
///   only_soa()    SOA                                                       there is nothing newer, or no room
class RecordStream {
 public:
  static RecordStream whole(const zones::Contents& now);
  /// @param deltas  not empty; they lead to `now`
  static RecordStream changes(const zones::Contents& now, zones::History::Deltas deltas);
  static RecordStream only_soa(const zones::Contents& now);

  /// False at the end; then record() may not be called.
  explicit operator bool() const noexcept { return part_ != Part::end; }
  /// Valid until next().
  const zones::RecordView& record() const noexcept { return record_; }
  void next();

 private:
  enum class Part : std::uint8_t { first_soa, records, last_soa, end };

  RecordStream(const zones::Contents& now, bool is_only_soa);
  bool next_of_zone();
  bool next_of_deltas();
  void set_soa() noexcept;

  std::shared_ptr<const zones::Zone> zone_;
  std::vector<std::uint8_t> soa_;
  std::uint32_t soa_ttl_;
  Part part_ = Part::first_soa;
  bool is_only_soa_;
  zones::RecordView record_;

  std::optional<zones::Contents::Cursor> cursor_;  // of the whole zone; where it stands
  zones::RRset::Iterator data_;                    // and of its RRset what is left
  zones::History::Deltas deltas_;
  std::size_t run_ = 0;  // those of deltas_, two each
  zones::RecordRun::Iterator at_{};
};

}  // namespace holdfast::server
