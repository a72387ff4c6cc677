#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "zones/replicate/record_run.h"

namespace holdfast::zones {

inline constexpr std::size_t kMessageHeader = 12;  ///< octets in front of the question (RFC 1035 4.1.1)

struct MessageHeader {
  std::uint16_t id = 0;
  bool is_response = false;
  std::uint8_t opcode = 0;
  bool is_authoritative = false;
  bool is_truncated = false;
  std::uint8_t rcode = 0;  ///< without the upper bits that EDNS adds
  std::array<std::uint16_t, 4> counts{};
};

struct MessageQuestion {
  Name name{};
  RrType type{};
  RrClass rr_class{};
};

enum class Section : std::uint8_t { answer = 1, authority, additional };

/// Borrows from the message, and from what read it.
struct MessageRecord {
  RecordView record{};  ///< the owner in lower case, no name compressed: as a Zone keeps it
  RrClass rr_class{};
  Section section{};
};

/// Reads a DNS message record by record. Any octets may come; no octet outside of the message is looked at, and nothing is
/// allocated but where it is broken.
class MessageReader {
 public:
  MessageReader();

  /// Begins with a message, which has to stay where it is. False: its header or question is broken, or it has more than one
  /// question; then problem() says what.
  bool open(std::span<const std::uint8_t> message);
  const MessageHeader& header() const noexcept { return header_; }
  const std::optional<MessageQuestion>& question() const noexcept { return question_; }

  /// The next record, which is good until the next call. Null behind the last one, and where the message is broken; then
  /// problem() is not empty. The message has to end with its last record.
  const MessageRecord* next();
  /// What is wrong with the message: "is cut off". Empty: nothing so far.
  const std::string& problem() const noexcept { return problem_; }

 private:
  std::uint16_t number16(std::size_t at) const noexcept;
  bool read_question();
  bool read_record();
  bool fail(std::string problem);

  std::span<const std::uint8_t> message_;
  std::size_t at_ = 0;
  MessageHeader header_;
  std::optional<MessageQuestion> question_;
  std::size_t left_ = 0;  // records of this section
  std::array<std::uint8_t, kMaxName> owner_;
  std::vector<std::uint8_t> room_;  // for the data of one record
  MessageRecord record_;
  std::string problem_;
};

}  // namespace holdfast::zones
