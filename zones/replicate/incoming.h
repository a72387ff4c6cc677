#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "zones/load/zone_text.h"
#include "zones/record_list.h"
#include "zones/replicate/delta.h"
#include "zones/replicate/edns.h"
#include "zones/replicate/message.h"
#include "zones/replicate/serial.h"

namespace holdfast::zones {

/// What one zone transfer may bring at most.
struct TransferLimits {
  std::size_t records = kMaxRecords;
  std::size_t octets = kMaxRecordOctets;  ///< of its messages, and of the records that are kept
};

/// The question that a transfer is the answer to.
struct TransferQuestion {
  std::uint16_t id = 0;
  Name apex{};
  std::optional<Serial> have{};  ///< the version that we have: only a later one is taken
  bool is_incremental = false;   ///< IXFR from `have`; else AXFR

  RrType type() const noexcept { return is_incremental ? RrType::IXFR : RrType::AXFR; }
};

/// The primary has the version that we have.
struct UpToDate {};
/// A zone from end to end with its SOA, in any order. All is in the zone, and nothing else has been checked.
struct WholeZone {
  RecordList records;
};
/// From the version that we have to that of the primary; one at least, and each begins where the one before ends. Whether
/// what is removed was there, nobody has checked.
struct Changes {
  std::vector<std::shared_ptr<const Delta>> deltas;
};
using Received = std::variant<UpToDate, WholeZone, Changes>;

/// One transfer as the secondary sees it: AXFR (RFC 5936) or IXFR (RFC 1995), fed with its messages as they come. Pure; any
/// octets may come. Keeps what was transferred, and little more.
///
///          the first SOA                 the same SOA
///   first -------+-----> whole ----------------------------------> done       AXFR, or IXFR that is answered like one
///                |         ^ any record
///                |         |         our SOA              a SOA                  the first SOA
///                +------> second ------------> removed <--------> added ------------------------> done
class Incoming {
 public:
  explicit Incoming(TransferQuestion question, TransferLimits limits = {});

  struct Step {
    enum class Kind : std::uint8_t { more, done, failed } kind = Kind::more;
    std::string problem{};       ///< why it failed: "message 3 has www.example. A, which is not in the zone"
    bool axfr_may_help = false;  ///< where it was IXFR
    bool no_edns_may_help = false;  ///< where there was an OPT record in the question (RFC 6891 7)
  };
  /// Not to be called again once it gave anything but `more`.
  Step take(std::span<const std::uint8_t> message);

  /// What was transferred. Once, when it is done.
  Received release();
  /// The serial of the primary, once it said so.
  std::optional<Serial> serial() const noexcept;
  /// How long the primary itself goes on serving the version (RFC 7314), if it said so.
  std::optional<std::chrono::seconds> expire() const noexcept { return expire_; }

  std::size_t messages() const noexcept { return messages_; }
  std::size_t octets() const noexcept { return octets_; }    ///< of the messages
  std::size_t records() const noexcept { return records_; }  ///< of the answers, SOAs too

 private:
  enum class Expected : std::uint8_t { first, second, whole, removed, added, nothing };

  std::string check_header();
  std::string check_question() const;
  std::string take_records();
  std::string take_edns(const MessageRecord& opt);
  std::string take_answer(const MessageRecord& answer);
  std::string take_soa(const RecordView& soa);
  std::string take_first_soa(const RecordView& soa);
  std::string take_removed_soa(const RecordView& soa);
  std::string take_added_soa(const RecordView& soa);
  std::string end_half(RecordRun& half);
  void keep(const RecordView& record);
  bool is_first_soa(const RecordView& soa) const noexcept;

  TransferQuestion question_;
  TransferLimits limits_;
  MessageReader reader_;
  Expected expected_ = Expected::first;
  std::vector<std::uint8_t> soa_;  // data of the first one
  RecordList kept_;                // of the zone, or of this half of a change
  std::vector<Delta> deltas_;
  std::size_t deltas_octets_ = 0;
  bool is_up_to_date_ = false;
  bool is_hopeless_ = false;  // it would be the same with any other question
  std::optional<Edns> edns_;  // of this message
  std::optional<std::chrono::seconds> expire_;
  std::size_t messages_ = 0;
  std::size_t octets_ = 0;
  std::size_t records_ = 0;
};

}  // namespace holdfast::zones
