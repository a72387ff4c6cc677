// What stands in the store: a ballot, and all that etcd's gateway may answer.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "health/store/ballot.h"
#include "health/store/session.h"

using namespace holdfast::health;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto ballot = read_ballot(text); ballot && read_ballot(write(*ballot)) != ballot) std::abort();

  Session::Time now{};
  Session session({.prefix = "/holdfast/"}, now);
  session.put("agent/a", "x", Session::Life::leased);
  session.put("override/a", "x", Session::Life::shared);
  std::uint64_t watch = 0;
  for (int i = 0; i < 8; ++i) {
    for (const Session::Action& action : session.tick(now)) {
      if (action.kind == Session::Action::Kind::watch) watch = action.id;
      if (action.kind != Session::Action::Kind::request) continue;
      // The first answer is a good one, so that there is a watch, and a store that can go back.
      const bool is_first = i == 0 && action.path == "/v3/kv/range";
      session.replied(action.id, 200, is_first ? R"({"header":{"cluster_id":"1","revision":"2"}})" : text,
                      now);
    }
    session.watched(watch, text, now);
    session.take_changes();
    now += std::chrono::seconds(2);
  }
  return 0;
}
