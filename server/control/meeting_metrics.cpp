#include "server/control/meeting_metrics.h"

#include "server/control/family.h"
#include "server/control/seconds.h"

namespace holdfast::server {
namespace {

using Families = std::vector<prometheus::MetricFamily>;

void add_agents(Families& families, const health::MeetingStatus& status,
                std::chrono::steady_clock::time_point now) {
  Family standing = gauge("holdfast_agent_standing", "1 for how the agent counts, 0 for the others.");
  Family heard = gauge("holdfast_agent_heard_seconds", "How long ago something new was heard of the agent.");
  Family targets = gauge("holdfast_agent_targets", "Targets that the agent says something of.");
  for (const health::AgentStatus& agent : status.agents) {
    const Labels labels{{"agent", agent.name}, {"location", agent.location}};
    for (const std::string_view one : health::kStandings) {
      Labels with_standing = labels;
      with_standing.push_back({"standing", std::string(one)});
      standing.add(std::move(with_standing), one == text(agent.standing));
    }
    if (agent.heard) heard.add(labels, seconds(now - *agent.heard));
    targets.add(labels, static_cast<double>(agent.targets));
  }
  for (Family* family : {&standing, &heard, &targets}) family->move_to(families);
  gauge("holdfast_agent_blind", "1 when the agent of this process reaches none of its references.")
      .add({}, status.blind)
      .move_to(families);
}

/// What single agents say, where some are configured; a server that is alone has only its own.
void add_votes(Families& families, const std::vector<health::MergedStatus>& targets) {
  Family votes = gauge("holdfast_target_vote", "What an agent says of the target: 1 up, 0 down.");
  for (const health::MergedStatus& target : targets) {
    for (const health::VoteStatus& vote : target.votes) {
      if (vote.location.empty() || vote.verdict == health::Verdict::unknown) continue;
      votes.add({{"monitor", target.target.id.monitor},
                 {"address", target.target.id.address.to_string()},
                 {"agent", vote.agent},
                 {"location", vote.location}},
                vote.verdict == health::Verdict::up);
    }
  }
  votes.move_to(families);
}

void add_store(Families& families, const health::StoreStatus& store,
               std::chrono::steady_clock::time_point now) {
  Family state = gauge("holdfast_store_state", "1 for the state of the store, 0 for the others.");
  for (const std::string_view one : health::kStoreStates)
    state.add({{"state", std::string(one)}}, one == text(store.state));
  state.move_to(families);
  if (store.last_contact) {
    gauge("holdfast_store_contact_seconds", "How long ago the store last answered.")
        .add({}, seconds(now - *store.last_contact))
        .move_to(families);
  }
  gauge("holdfast_store_revision", "Revision of the store that is believed.")
      .add({}, static_cast<double>(store.revision))
      .move_to(families);
  gauge("holdfast_store_writes_waiting", "Keys that are not yet written.")
      .add({}, static_cast<double>(store.waiting_writes))
      .move_to(families);
  gauge("holdfast_store_unreadable", "Values that stand in the store and cannot be read.")
      .add({}, static_cast<double>(store.unreadable.size()))
      .move_to(families);
  counter("holdfast_store_malformed_total", "Values of the store that could not be read.")
      .add({}, static_cast<double>(store.malformed))
      .move_to(families);
}

}  // namespace

Families collect(const health::MeetingStatus& status, const std::vector<health::MergedStatus>& targets,
                 std::chrono::steady_clock::time_point now) {
  Families families;
  gauge("holdfast_targets_held", "Verdicts that nothing supports now; they stay as they are.")
      .add({}, static_cast<double>(status.held))
      .move_to(families);
  if (status.store || !status.agents.empty()) add_agents(families, status, now);
  add_votes(families, targets);
  if (status.store) add_store(families, *status.store, now);
  return families;
}

}  // namespace holdfast::server
