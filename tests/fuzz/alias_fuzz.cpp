#include <cstdlib>

#include "zones/alias/reply.h"

using namespace holdfast::zones;

namespace {

Query made_query() {
  return write_query({*Name::parse("www.example.")}, {{1, 2, 3, 4, 5, 6, 7, 8}, {}}, {0x1234});
}

}  // namespace

/// What an upstream, or somebody in its place, sends: the header's id and the question are made to fit, so that the
/// rest is looked at.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Query query = made_query();
  std::vector<std::uint8_t> message(data, data + size);
  if (size >= 12 + query.asked.size()) {
    message[0] = 0x12, message[1] = 0x34, message[4] = 0, message[5] = 1;
    std::copy(query.asked.begin(), query.asked.end(), message.begin() + 12);
  }
  const Reply reply = judge(message, query, false);
  if (reply.addresses.size() > kMaxAddresses) std::abort();
  if ((reply.kind == ReplyKind::addresses) == reply.addresses.empty()) std::abort();
  return 0;
}
