// One packet, over UDP and TCP, to answer() with zones that have every kind of answer in them.

#include <cstdio>
#include <cstdlib>

#include "tests/server/answer/all_kinds.h"
#include "tests/server/answer/well_formed.h"

using namespace holdfast::server;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Zones zones = zones_of_all_kinds();
  const std::span<const std::uint8_t> packet(data, size);
  for (const Transport transport : {Transport::udp, Transport::tcp}) {
    static std::vector<std::uint8_t> udp(1232), tcp(65535);
    std::vector<std::uint8_t>& room = transport == Transport::udp ? udp : tcp;
    const std::span reply(room.data(), answer(packet, room, zones.serving(), transport).size);
    if (const char* wrong = what_is_wrong(packet, reply, transport)) {
      std::fprintf(stderr, "%s\n", wrong);
      std::abort();
    }
    if (!reply.empty() && answer(reply, room, zones.serving(), transport).size != 0) {
      std::fputs("an answer to an answer\n", stderr);
      std::abort();
    }
  }
  return 0;
}
