#include "server/own_answer.h"

#include "server/answer/query.h"

namespace holdfast::server {

std::vector<std::uint8_t> own_answer(const Source& source, std::span<const std::uint8_t> query) {
  const auto zones = source.zones.get();
  const auto live = source.live.get();
  std::vector<std::uint8_t> reply(65'535);
  const Answered answered =
      answer(query, reply, {.zones = *zones, .live = *live, .identity = source.identity, .now = coarse_now()},
             Transport::tcp);
  // SERVFAIL is that of a live name of ours, or of a zone that could not be loaded: nobody else knows more of it.
  const bool is_ours =
      answered.size != 0 && ((reply[2] & kFlagAa >> 8) != 0 || answered.rcode == zones::Rcode::servfail);
  reply.resize(is_ours ? answered.size : 0);
  return reply;
}

}  // namespace holdfast::server
