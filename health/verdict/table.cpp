#include "health/verdict/table.h"

#include <algorithm>
#include <utility>

namespace holdfast::health {
namespace {

constexpr std::size_t kRecentLists = 8;  // agents may be a few reloads behind
constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

}  // namespace

VerdictTable::Moves VerdictTable::watch(const Watchlist& list, const std::vector<KeptVerdict>& kept, Time now,
                                        WallTime wall_time) {
  list_ = list;
  // Agents: those that stay keep their votes and standing.
  std::vector<Agent> agents;
  std::vector<std::size_t> before;  // the place of each in agents_
  std::map<std::string, std::size_t> locations;
  std::vector<AgentSettings> settings = list.agents;
  if (settings.empty()) settings.push_back({self_, "", {}});
  for (const AgentSettings& one : settings) {
    const auto known = std::find_if(agents_.begin(), agents_.end(),
                                    [&](const Agent& agent) { return agent.settings.name == one.name; });
    before.push_back(known == agents_.end() ? kNobody : static_cast<std::size_t>(known - agents_.begin()));
    agents.push_back(known == agents_.end() ? Agent{} : *known);
    agents.back().settings = one;
    agents.back().said.clear();  // it may have said something of this list already
    agents.back().location = locations.try_emplace(one.location, locations.size()).first->second;
  }
  agents_ = std::move(agents);
  locations_ = locations.size();

  std::vector<TargetId> ids;
  for (const Target& target : list.targets) {
    ids.push_back(target.id);
    const auto [place, is_new] = entries_.try_emplace(target.id);
    Entry& entry = place->second;
    entry.target = target;
    if (is_new) entry.since = wall_time;
    std::vector<Vote> votes;
    for (const std::size_t at : before)
      votes.push_back(at < entry.votes.size() ? std::move(entry.votes[at]) : Vote{});
    entry.votes = std::move(votes);
  }
  std::erase_if(entries_,
                [&](const auto& one) { return !std::binary_search(ids.begin(), ids.end(), one.first); });
  for (const KeptVerdict& one : kept) {
    const auto known = entries_.find(one.target);
    if (known == entries_.end() || known->second.observed) continue;
    Entry& entry = known->second;
    entry.verdict = one.verdict;
    entry.basis = Basis::kept;
    entry.since = one.since;
    entry.transitions = one.transitions;
  }
  if (digests_.insert_or_assign(list.digest, std::move(ids)).second) recent_digests_.push_back(list.digest);
  if (recent_digests_.size() > kRecentLists) {
    if (recent_digests_.front() != list.digest) digests_.erase(recent_digests_.front());
    recent_digests_.pop_front();
  }
  Touched all;
  for (auto& [id, entry] : entries_) all.insert(&entry);
  Moves moves = judge(std::move(all), now, wall_time);
  for (const KeptVerdict& one : kept) {  // as good as looked at
    const auto known = entries_.find(one.target);
    if (known == entries_.end() || known->second.observed || known->second.basis != Basis::kept) continue;
    known->second.observed = true;
    moves.targets.push_back({known->second.verdict, status_of(known->second)});
  }
  return moves;
}

VerdictTable::Moves VerdictTable::look(const View& view, Time now, WallTime wall_time) {
  Touched touched;
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    Agent& agent = agents_[i];
    const auto known = view.agents().find(agent.settings.name);
    if (known == view.agents().end()) {
      if (agent.heard) take(i, {}, touched);
      agent.heard.reset();
      continue;
    }
    agent.heard = known->second.at;
    agent.blind = known->second.ballot.blind;
    take(i, known->second.ballot, touched);
  }
  return judge(std::move(touched), now, wall_time);
}

void VerdictTable::take(std::size_t agent, const Ballot& ballot, Touched& touched) {
  std::map<std::string, std::vector<Verdict>>& said = agents_[agent].said;
  if (said == ballot.votes) return;
  said = ballot.votes;
  std::map<TargetId, Verdict> votes;
  for (const std::string& digest : recent_digests_) {  // the newest last
    const auto list = said.find(digest);
    if (list == said.end()) continue;
    const std::vector<TargetId>& ids = digests_.at(digest);
    for (std::size_t i = 0; i < std::min(ids.size(), list->second.size()); ++i)
      votes[ids[i]] = list->second[i];
  }
  for (auto& [id, entry] : entries_) {
    const auto vote = votes.find(id);
    set_vote(entry, agent, vote == votes.end() ? Verdict::unknown : vote->second, touched);
  }
  for (const Ballot::Piece& piece : ballot.evidence) {
    const auto ids = digests_.find(piece.list);
    if (ids == digests_.end() || piece.target >= ids->second.size()) continue;
    const auto entry = entries_.find(ids->second[piece.target]);
    if (entry != entries_.end()) entry->second.votes[agent].evidence = piece.evidence;
  }
}

void VerdictTable::set_vote(Entry& entry, std::size_t agent, Verdict verdict, Touched& touched) {
  Vote& vote = entry.votes[agent];
  if (vote.verdict == verdict) return;
  vote = {verdict, std::nullopt};
  touched.insert(&entry);
}

VerdictTable::Moves VerdictTable::tick(Time now, WallTime wall_time) {
  Touched touched;
  for (auto& [id, entry] : entries_) {
    if (entry.due <= now) touched.insert(&entry);
  }
  return judge(std::move(touched), now, wall_time);
}

VerdictTable::Moves VerdictTable::judge(Touched touched, Time now, WallTime wall_time) {
  Moves moves;
  judge_agents(now, moves, touched);
  for (Entry* entry : touched) judge(*entry, now, wall_time, moves);
  return moves;
}

void VerdictTable::judge_agents(Time now, Moves& moves, Touched& touched) {
  std::vector<Standing> before;
  for (Agent& agent : agents_) {
    const bool is_heard = agent.heard && now - *agent.heard <= kFresh;
    before.push_back(std::exchange(agent.standing, !is_heard     ? Standing::absent
                                                   : agent.blind ? Standing::blind
                                                                 : Standing::counted));
  }
  std::vector<std::size_t> suspects;  // by what all say who are there, suspects or not
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    if (agents_[i].standing == Standing::counted && is_suspect(i)) suspects.push_back(i);
  }
  for (const std::size_t i : suspects) agents_[i].standing = Standing::suspect;
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    if (before[i] == agents_[i].standing) continue;
    moves.agents.push_back({before[i], status_of(agents_[i])});
    for (auto& [id, entry] : entries_) {
      if (entry.votes[i].verdict != Verdict::unknown) touched.insert(&entry);
    }
  }
}

/// What each location says: its agents of that standing at least, but one.
void VerdictTable::count(const Entry& entry, std::vector<LocationVote>& tally, Standing least,
                         std::size_t without) const {
  tally.assign(locations_, {});
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    if (i == without || agents_[i].standing < least) continue;
    LocationVote& location = tally[agents_[i].location];
    location.up += entry.votes[i].verdict == Verdict::up;
    location.down += entry.votes[i].verdict == Verdict::down;
  }
}

bool VerdictTable::is_suspect(std::size_t agent) const {
  std::size_t downs = 0;
  for (const auto& [id, entry] : entries_) downs += entry.votes[agent].verdict == Verdict::down;
  if (downs < kSuspectLeast) return false;
  std::size_t both = 0, against = 0;
  std::vector<LocationVote> tally;
  for (const auto& [id, entry] : entries_) {
    const Verdict verdict = entry.votes[agent].verdict;
    if (verdict == Verdict::unknown) continue;
    count(entry, tally, Standing::suspect, agent);
    std::size_t up = 0, down = 0;
    for (const LocationVote& location : tally) {
      up += location.verdict() == Verdict::up;
      down += location.verdict() == Verdict::down;
    }
    both += up + down > 0;
    against += verdict == Verdict::down && up > down;
  }
  return against >= kSuspectLeast && against * 2 >= both;
}

bool VerdictTable::may_go_down(Time now) {
  while (!downs_.empty() && now - downs_.front() >= kPaceTime) downs_.pop_front();
  const auto most =
      std::max(kPaceLeast, static_cast<std::size_t>(kPace * static_cast<double>(entries_.size())));
  if (downs_.size() >= most) return false;
  downs_.push_back(now);
  return true;
}

void VerdictTable::judge(Entry& entry, Time now, WallTime wall_time, Moves& moves) {
  count(entry, tally_, Standing::counted, kNobody);
  const auto speaking = std::count_if(tally_.begin(), tally_.end(), [](const LocationVote& location) {
    return location.verdict() != Verdict::unknown;
  });
  if (speaking >= 2) {
    entry.alone_since.reset();
  } else if (!entry.alone_since) {
    entry.alone_since = now;
  }
  const auto alone_for = entry.alone_since ? now - *entry.alone_since : Time::duration::zero();
  const auto [wanted, basis] =
      decide(entry.verdict, tally_, entry.target.monitor.agents.quorum, locations_, alone_for);
  const bool was_kept = entry.basis == Basis::kept && basis == Basis::nobody;
  entry.basis = was_kept ? Basis::kept : basis;
  entry.due = basis == Basis::alone ? *entry.alone_since + kAlone : Time::max();

  Verdict after = entry.verdict;
  if (!is_held(basis)) {
    const bool goes_down = wanted == Verdict::down && entry.verdict != Verdict::down;
    if (goes_down && basis == Basis::single && !may_go_down(now)) {
      entry.due = downs_.front() + kPaceTime;
    } else {
      after = entry.flap.pass(entry.verdict, wanted, now);
      entry.due = std::min(entry.due, entry.flap.due());
    }
  }
  entry.held_down = after == Verdict::down && wanted == Verdict::up;

  const bool is_first = speaking > 0 && !entry.observed;
  entry.observed = entry.observed || speaking > 0;
  const Verdict before = std::exchange(entry.verdict, after);
  if (before == after && !is_first) return;
  if (before != after) {
    entry.since = wall_time;
    if (before != Verdict::unknown) ++entry.transitions;
  }
  moves.targets.push_back({before, status_of(entry)});
}

MergedStatus VerdictTable::status_of(const Entry& entry) const {
  MergedStatus status{.target = entry.target,
                      .verdict = entry.verdict,
                      .basis = entry.basis,
                      .held_down = entry.held_down,
                      .since = entry.since,
                      .transitions = entry.transitions,
                      .observed = entry.observed};
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    const Vote& vote = entry.votes[i];
    if (vote.verdict == Verdict::unknown && !vote.evidence) continue;
    status.votes.push_back({agents_[i].settings.name, agents_[i].settings.location, vote.verdict,
                            agents_[i].standing == Standing::counted, vote.evidence});
  }
  return status;
}

AgentStatus VerdictTable::status_of(const Agent& agent) const {
  AgentStatus status{agent.settings.name, agent.settings.location, agent.standing, agent.heard, 0};
  const auto place = static_cast<std::size_t>(&agent - agents_.data());
  for (const auto& [id, entry] : entries_) status.targets += entry.votes[place].verdict != Verdict::unknown;
  return status;
}

std::vector<MergedStatus> VerdictTable::status() const {
  std::vector<MergedStatus> all;
  all.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) all.push_back(status_of(entry));
  return all;
}

std::vector<AgentStatus> VerdictTable::agents() const {
  std::vector<AgentStatus> all;
  for (const Agent& agent : agents_) all.push_back(status_of(agent));
  return all;
}

std::optional<MergedStatus> VerdictTable::status(const TargetId& id) const {
  const auto known = entries_.find(id);
  return known == entries_.end() ? std::nullopt : std::optional(status_of(known->second));
}

std::size_t VerdictTable::held() const noexcept {
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(),
                                                [](const auto& one) { return is_held(one.second.basis); }));
}

}  // namespace holdfast::health
