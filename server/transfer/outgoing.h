#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "server/answer/query.h"
#include "server/transfer/record_stream.h"

namespace holdfast::server {

/// The messages of one answer to AXFR or IXFR, made one at a time: what it takes does not grow with the zone.
class Outgoing {
 public:
  /// Octets of one message, unless a single record takes more.
  static constexpr std::size_t kMessage = 32 * 1024;

  /// @param octets  the request, as parse() read it
  /// @param expire  seconds for which the zone is still good, for those who ask for that (RFC 7314)
  Outgoing(std::span<const std::uint8_t> octets, const Query& query, RecordStream records,
           std::optional<std::uint32_t> expire = {});

  /// Nothing is left to be sent.
  bool is_done() const noexcept { return !is_first_ && !records_; }
  /// Writes the next message, while there is one.
  /// @return its octets; 0: not even one record fits the room
  std::size_t next(std::span<std::uint8_t> room);

  std::uint64_t records_sent() const noexcept { return sent_; }

 private:
  struct Filled {
    std::size_t octets, records;
  };
  Filled fill(std::span<std::uint8_t> room, std::size_t limit);

  std::vector<std::uint8_t> question_;
  std::uint16_t id_, flags_;
  bool has_edns_;
  std::optional<std::uint32_t> expire_;
  zones::Name asked_;
  RecordStream records_;
  bool is_first_ = true;
  std::uint64_t sent_ = 0;
};

}  // namespace holdfast::server
