#include "server/control/explain_reply.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <set>

#include "server/control/explain_json.h"
#include "server/control/json_reply.h"
#include "server/control/replay_json.h"
#include "server/replay_log.h"

namespace holdfast::server {
namespace {

Reply unread(const health::DatabaseError& why) {
  if (!why.is_timeout())
    return error(503, fmt::format("the log cannot be read at the moment: {}", why.what()));
  return error(
      503, fmt::format("the log could not be read within {} ms; ask again", health::kLongestRead.count()));
}

Present present(const ControlState& state) {
  Present present{.targets = state.targets()};
  if (state.overrides != nullptr) present.overrides = state.overrides->in_force();
  if (state.passes_every) present.passes_every = state.passes_every();
  return present;
}

/// The targets of the members.
std::vector<health::TargetId> targets_of(const std::vector<Explanation>& explanations) {
  std::set<health::TargetId> targets;
  for (const Explanation& one : explanations) {
    for (const Explanation::Member& member : one.members) {
      if (!member.monitor.empty() && member.name.empty()) targets.insert({member.monitor, member.address});
    }
  }
  return {targets.begin(), targets.end()};
}

Reply late(const OutOfTime& why, std::string_view advice) {
  if (!why.limit) return error(503, "the server ends");
  return error(503, fmt::format("to go through the log takes longer than {} s; {}",
                                std::chrono::duration<double>(*why.limit).count(), advice));
}

/// What `use` makes of the log, or what to reply instead.
///
/// @param advice  where that takes too long
template <class Use>
auto with_log(const Asked& asked, std::string_view advice, const Use& use)
    -> std::variant<std::variant_alternative_t<0, decltype(use(ReadLog()))>, Reply> {
  const ReadLog& log = asked.state.read_log;
  if (!log) {
    return error(
        503,
        "what was so before is not known, for there is no log: say where it may be kept, [server] state = "
        "\"/var/lib/holdfast\", and restart");
  }
  try {
    auto result = use([&](const health::LogQuery& query) {
      if (asked.go_on) asked.go_on();
      return log(query);
    });
    if (const auto* wrong = std::get_if<std::string>(&result)) return error(404, *wrong);
    return std::get<0>(std::move(result));
  } catch (const health::DatabaseError& why) {
    return unread(why);
  } catch (const OutOfTime& why) {
    return late(why, advice);
  }
}

}  // namespace

bool explains_past(const Asked& asked) {
  const auto wish = explain_wish(asked.query, asked.now);
  return std::holds_alternative<ExplainWish>(wish) && std::get<ExplainWish>(wish).at;
}

Reply explain(const Asked& asked) {
  const auto read = explain_wish(asked.query, asked.now);
  if (const auto* wrong = std::get_if<std::string>(&read)) return error(400, *wrong);
  const auto& wish = std::get<ExplainWish>(read);
  const ControlState& state = asked.state;
  if (!state.explain) return error(404, "no zones are served here");
  auto explained = state.explain(wish, nullptr, {});
  if (wish.at && std::holds_alternative<std::vector<Explanation>>(explained)) {
    using Explained = decltype(explained);
    const auto targets = targets_of(std::get<0>(explained));
    auto then = with_log(asked, "ask again, or of a later moment", [&](const ReadLog& log) -> Explained {
      const auto past = read_past(log, present(state), targets, *wish.at);
      if (const auto* wrong = std::get_if<std::string>(&past)) return *wrong;
      return state.explain(wish, &std::get<Past>(past), asked.go_on);
    });
    if (const auto* wrong = std::get_if<Reply>(&then)) return *wrong;
    explained = std::get<0>(std::move(then));
  }
  if (const auto* wrong = std::get_if<std::string>(&explained)) return error(404, *wrong);
  return as_json(to_json(std::get<0>(explained), state.targets()));
}

Reply replay(const Asked& asked) {
  const auto read = replay_wish(asked.query, asked.now);
  if (const auto* wrong = std::get_if<std::string>(&read)) return error(400, *wrong);
  const auto& wish = std::get<ReplayWish>(read);
  const ControlState& state = asked.state;
  if (!state.explain) return error(404, "no zones are served here");
  const auto now = state.explain({.name = wish.name, .type = wish.type}, nullptr, {});
  if (const auto* wrong = std::get_if<std::string>(&now)) return error(404, *wrong);
  const auto targets = targets_of(std::get<0>(now));
  const auto replayed = with_log(asked, "say a later --since", [&](const ReadLog& log) {
    return read_replay(
        log, present(state), targets, wish,
        [&](const Past& past) { return state.course(wish.name, wish.type, past, asked.go_on); }, asked.now);
  });
  if (const auto* wrong = std::get_if<Reply>(&replayed)) return *wrong;
  const std::size_t agents = state.meeting ? state.meeting().agents.size() : 1;
  return as_json(to_json(std::get<Replayed>(replayed), std::get<0>(now).front().name, agents));
}

}  // namespace holdfast::server
