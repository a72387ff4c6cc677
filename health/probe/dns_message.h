#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace holdfast::health {

/// What a name server is asked. Both are as people write them: "www.example.com", "AAAA".
struct DnsQuestion {
  std::string name;
  std::string type;
};

/// What counts of a reply.
struct DnsReply {
  unsigned rcode = 0;
  bool truncated = false;
  bool broken = false;                 ///< its records cannot be read
  std::vector<std::string> answers{};  ///< data of the records of the answer section, as ldns prints it
};

/// "NOERROR", "SERVFAIL", or "rcode 11".
std::string rcode_text(unsigned rcode);

/// Null: no such name or type.
std::optional<std::vector<std::uint8_t>> write_query(const DnsQuestion& question, std::uint16_t id);

/// Data of a record of the type that is asked for, as ldns prints it. Null: it is no such data.
std::optional<std::string> printed_data(const DnsQuestion& question, const std::string& data);

/// Null: not a reply to that query. Of one that is truncated no answers are read.
std::optional<DnsReply> read_dns_reply(std::span<const std::uint8_t> message, const DnsQuestion& question,
                                       std::uint16_t id);

}  // namespace holdfast::health
