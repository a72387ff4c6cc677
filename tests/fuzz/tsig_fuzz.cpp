// Messages, each with its length in front, as a server gets requests and as a client gets an answer to its query. What nobody
// signed is never valid; what we sign, whatever it is, always is.

#include <cstdio>
#include <cstdlib>

#include "tests/server/transfer/messages.h"

using namespace holdfast::server;

namespace {

void require(bool is_so, const char* what) {
  if (is_so) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // That of the seeds has the same name, and another secret.
  static const SharedKey key = key_named("xfr.example.", TsigAlgorithm::hmac_sha256, 77);
  static const KeyRing ring({key_named("a."), key, key_named("z.", TsigAlgorithm::hmac_sha512_256)});
  TsigQuery stream(key);
  sign(stream, question("example.", holdfast::zones::RrType::AXFR));
  while (size >= 2) {
    const std::size_t length = std::min(static_cast<std::size_t>(data[0] << 8 | data[1]), size - 2);
    const Message message(data + 2, data + 2 + length);
    data += 2 + length;
    size -= 2 + length;
    require(stream.verify(message, kNow).verdict != TsigVerdict::valid,
            "an answer that nobody signed is valid");
    require(!stream.complete(), "an answer that nobody signed is complete");

    const TsigRequest request = check_tsig(message, ring, kNow);
    require(request.state != TsigState::valid, "a request that nobody signed is valid");
    if (request.state == TsigState::malformed) continue;
    Message plain = message;
    if (request.state == TsigState::absent) {
      require(request.size == plain.size(), "cut without TSIG");
    } else {
      plain.resize(cut_tsig(plain, request.size).size());
    }
    if (request.is_refused()) {
      TsigAnswers answers(request);
      const Message answer = sign(answers, question("example.", holdfast::zones::RrType::SOA, 0x8009));
      TsigRecord record;
      std::size_t at = 0;
      require(find_tsig(answer, record, at) == TsigPresence::present, "a refusal without TSIG");
    }
    TsigQuery client(key);
    const Message query = sign(client, plain);
    if (query.empty()) continue;  // too long
    const TsigRequest ours = check_tsig(query, ring, kNow);
    require(ours.state == TsigState::valid && ours.size == plain.size(), "what we signed is not valid");
    TsigAnswers answers(ours);
    for (int i = 0; i < 3; ++i) {
      const Message answer = sign(answers, plain);
      require(client.verify(answer, kNow).verdict == TsigVerdict::valid, "our answer is not valid");
    }
    require(client.complete(), "our answer is not complete");
  }
  return 0;
}
