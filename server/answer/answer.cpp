#include "server/answer/answer.h"

#include <algorithm>

#include "server/answer/encode.h"

namespace holdfast::server {
namespace {

constexpr std::size_t kPlainUdp = 512;  // without EDNS (RFC 1035 4.2.1)

std::size_t size_limit(const Query& query, const Identity& identity, std::size_t room,
                       Transport transport) noexcept {
  if (transport == Transport::tcp) return std::min<std::size_t>(room, 0xffff);
  const std::size_t wanted = query.edns ? std::min(query.edns->size, identity.edns_size) : kPlainUdp;
  return std::min(room, std::max(wanted, kPlainUdp));
}

}  // namespace

Answered answer(std::span<const std::uint8_t> octets, std::span<std::uint8_t> reply, const Serving& serving,
                Transport transport) noexcept {
  Query query;
  if (!parse(octets, query)) return {};

  Response response;
  response.rcode = query.rcode;
  if (query.rcode == zones::Rcode::noerror) {
    resolve(query, serving.zones, serving.live, serving.identity, response);
  }

  const std::size_t limit = size_limit(query, serving.identity, reply.size(), transport);
  const std::size_t size = encode(octets, query, response, serving.identity, reply, limit);
  return {.size = size,
          .rcode = response.rcode,
          .type = query.question_size != 0 ? query.type : zones::RrType{},
          .truncated = (reply[2] & kFlagTc >> 8) != 0,
          .zone = response.zone,
          .live = response.live};
}

}  // namespace holdfast::server
