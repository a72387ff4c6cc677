#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <span>

#include "server/answer/answer.h"

namespace holdfast::server {

/// Steps over a name in a message. @return where it ends, 0 when it is none: pointers go backwards, at most ten of
/// them, and the whole is at most 255 octets.
inline std::size_t end_of_name(std::span<const std::uint8_t> octets, std::size_t at) {
  std::size_t end = 0, size = 0, hops = 0, before = at;
  while (at < octets.size()) {
    const std::size_t length = octets[at];
    if ((length & 0xc0) == 0xc0) {
      if (at + 1 >= octets.size() || ++hops > 10) return 0;
      if (end == 0) end = at + 2;
      at = (length & 0x3f) << 8 | octets[at + 1];
      if (at >= before) return 0;
      before = at;
      continue;
    }
    if (length > 63 || (size += length + 1) > 255) return 0;
    at += length + 1;
    if (length == 0) return end == 0 ? at : end;
  }
  return 0;
}

/// What no reply may be, whatever was asked. @return what is wrong, or null
inline const char* what_is_wrong(std::span<const std::uint8_t> query, std::span<const std::uint8_t> reply,
                                 Transport transport) {
  if (query.size() < kHeader || (query[2] & 0x80) != 0)
    return reply.empty() ? nullptr : "an answer to what is no query";
  if (reply.size() < kHeader) return "shorter than a header";
  if (reply[0] != query[0] || reply[1] != query[1]) return "another id";
  if ((reply[2] & 0x80) == 0) return "no QR";
  if ((reply[2] & 0x78) != (query[2] & 0x78)) return "another opcode";
  if ((reply[3] & 0xc0) != 0) return "RA or Z";

  const auto count = [&](std::size_t at) { return static_cast<std::size_t>(reply[at] << 8 | reply[at + 1]); };
  std::size_t at = kHeader;
  if (count(4) > 1) return "more than one question";
  if (count(4) == 1) {
    at = end_of_name(reply, at);
    if (at == 0 || at + 4 > reply.size()) return "a broken question";
    at += 4;
    if (at > query.size() ||
        !std::equal(reply.begin() + kHeader, reply.begin() + static_cast<std::ptrdiff_t>(at),
                    query.begin() + kHeader)) {
      return "another question";
    }
  }
  unsigned rcode = reply[3] & 0xf;
  bool edns = false;
  for (std::size_t left = count(6) + count(8) + count(10); left > 0; --left) {
    const std::size_t name = at;
    at = end_of_name(reply, at);
    if (at == 0 || at + 10 > reply.size()) return "a broken record";
    if (count(at) == 41) {
      if (edns || left != 1 || reply[name] != 0) return "OPT twice, not last, or not at the root";
      edns = true;
      rcode |= static_cast<unsigned>(reply[at + 4]) << 4;
    }
    at += 10 + count(at + 8);
    if (at > reply.size()) return "data that reaches beyond the end";
  }
  if (at != reply.size()) return "octets behind the last record";
  if (transport == Transport::udp && reply.size() > (edns ? 1232 : 512)) return "longer than UDP takes";
  static const std::set<unsigned> kRcodes{0, 1, 2, 3, 4, 5, 6, 16};
  return kRcodes.contains(rcode) ? nullptr : "a strange rcode";
}

}  // namespace holdfast::server
