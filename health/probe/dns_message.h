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
  std::vector<std::string> answers{};  ///< data of the records of the answer section, as in a zone file
};

/// "NOERROR", "SERVFAIL", or "rcode 11".
std::string rcode_text(unsigned rcode);

/// Null: no such name or type.
std::optional<std::vector<std::uint8_t>> write_query(const DnsQuestion& question, std::uint16_t id);

/// Null: not a reply to that query, or it cannot be read.
std::optional<DnsReply> read_dns_reply(std::span<const std::uint8_t> message, const DnsQuestion& question,
                                       std::uint16_t id);

}  // namespace holdfast::health
