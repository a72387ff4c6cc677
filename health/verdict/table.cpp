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
    agents.back().list.reset();  // it may have said something of this list already
    agents.back().both = agents.back().against = 0;
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
    if (is_new) {
      entry.since = wall_time;
      entry.time = TimeInVerdict(now);
    }
    std::vector<Vote> votes;
    for (const std::size_t at : before)
      votes.push_back(at < entry.votes.size() ? std::move(entry.votes[at]) : Vote{});
    entry.votes = std::move(votes);
    entry.marks.assign(agents_.size(), Mark::none);
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
  std::erase_if(lists_, [&](const List& one) { return one.digest == list.digest; });
  lists_.push_front({list.digest, std::move(ids), {}});
  if (lists_.size() > kRecentLists) lists_.pop_back();
  for (List& one : lists_) {
    one.entries.clear();
    for (const TargetId& id : one.ids) {
      const auto known = entries_.find(id);
      one.entries.push_back(known == entries_.end() ? nullptr : &known->second);
    }
  }
  Touched all;
  believed_.clear();
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
  static const std::vector<Verdict> kNothing;
  Agent& who = agents_[agent];
  const auto list = std::find_if(lists_.begin(), lists_.end(),
                                 [&](const List& one) { return ballot.votes.contains(one.digest); });
  // One of another size is not of that list, whatever it says: no vote may be taken for that on another target.
  const bool is_none = list == lists_.end() || ballot.votes.at(list->digest).size() != list->entries.size();
  const std::vector<Verdict>& said = is_none ? kNothing : ballot.votes.at(list->digest);
  const bool is_same = who.list == (is_none ? std::string() : list->digest) && who.said.size() == said.size();
  if (is_same) {
    // Mostly one target or two of thousands.
    for (std::size_t i = 0; i < said.size(); ++i) {
      if (said[i] != who.said[i] && list->entries[i] != nullptr)
        set_vote(*list->entries[i], agent, said[i], touched);
    }
  } else {
    std::map<const Entry*, Verdict> votes;
    for (std::size_t i = 0; i < said.size(); ++i) votes[list->entries[i]] = said[i];
    for (auto& [id, entry] : entries_) {
      const auto vote = votes.find(&entry);
      set_vote(entry, agent, vote == votes.end() ? Verdict::unknown : vote->second, touched);
    }
    who.list = is_none ? std::string() : list->digest;
  }
  who.said = said;
  for (const Ballot::Piece& piece : ballot.evidence) {
    if (is_none || piece.list != list->digest || piece.target >= list->entries.size()) continue;
    Entry* const entry = list->entries[piece.target];
    if (entry != nullptr) entry->votes[agent].evidence = piece.evidence;
  }
}

void VerdictTable::set_vote(Entry& entry, std::size_t agent, Verdict verdict, Touched& touched) {
  Vote& vote = entry.votes[agent];
  if (vote.verdict == verdict) return;
  vote = {verdict, std::nullopt};
  touched.insert(&entry);
}

void VerdictTable::believe(const TargetId& target, Verdict verdict, Doubt doubt) {
  const auto known = entries_.find(target);
  if (known == entries_.end()) return;
  known->second.believed = verdict;
  known->second.own_doubt = doubt;
  believed_.insert(&known->second);
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
  touched.merge(std::exchange(believed_, {}));
  judge_agents(now, moves, touched);
  for (Entry* entry : touched) judge(*entry, now, wall_time, moves);
  return moves;
}

void VerdictTable::judge_agents(Time now, Moves& moves, Touched& touched) {
  std::vector<Standing> before;
  bool is_as_before = true;  // who is there
  for (Agent& agent : agents_) {
    const bool is_heard = agent.heard && now - *agent.heard <= kFresh;
    const Standing standing = !is_heard     ? Standing::absent
                              : agent.blind ? Standing::blind
                                            : Standing::counted;
    is_as_before = is_as_before && (standing == Standing::counted) == (agent.standing >= Standing::suspect);
    before.push_back(std::exchange(agent.standing, standing));
  }
  if (is_as_before) {
    for (Entry* entry : touched) mark(*entry);
  } else {
    for (auto& [id, entry] : entries_) mark(entry);
  }
  for (Agent& agent : agents_) {
    const bool is_odd = agent.against >= kSuspectLeast && agent.against * 2 >= agent.both;
    if (agent.standing == Standing::counted && is_odd) agent.standing = Standing::suspect;
  }
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    if (before[i] == agents_[i].standing) continue;
    moves.agents.push_back({before[i], status_of(agents_[i])});
    for (auto& [id, entry] : entries_) {
      if (entry.votes[i].verdict != Verdict::unknown) touched.insert(&entry);
    }
  }
}

/// Marks who agrees with the others, suspects or not, on this target. All marks together are a function of what all say who
/// are there now; only those that changed are made anew.
void VerdictTable::mark(Entry& entry) {
  count(entry, tally_, Standing::suspect);
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    Agent& agent = agents_[i];
    const Verdict verdict = entry.votes[i].verdict;
    Mark mark = Mark::none;
    if (verdict != Verdict::unknown) {
      std::size_t up = 0, down = 0;  // locations of the others
      for (std::size_t location = 0; location < tally_.size(); ++location) {
        LocationVote vote = tally_[location];
        if (location == agent.location && agent.standing >= Standing::suspect)
          --(verdict == Verdict::up ? vote.up : vote.down);
        up += vote.verdict() == Verdict::up;
        down += vote.verdict() == Verdict::down;
      }
      if (up + down > 0) mark = Mark::both;
      if (verdict == Verdict::down && up > down) mark = Mark::against;
    }
    const Mark was = std::exchange(entry.marks[i], mark);
    agent.both = agent.both + (mark != Mark::none) - (was != Mark::none);
    agent.against = agent.against + (mark == Mark::against) - (was == Mark::against);
  }
}

/// What each location says: its agents of that standing at least.
void VerdictTable::count(const Entry& entry, std::vector<LocationVote>& tally, Standing least) const {
  tally.assign(locations_, {});
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    if (agents_[i].standing < least) continue;
    LocationVote& location = tally[agents_[i].location];
    location.up += entry.votes[i].verdict == Verdict::up;
    location.down += entry.votes[i].verdict == Verdict::down;
  }
}

bool VerdictTable::may_go_down(Time now) {
  while (!downs_.empty() && now - downs_.front() >= kBrakeTime) downs_.pop_front();
  const auto most =
      std::max(kBrakeLeast, static_cast<std::size_t>(kBrakeShare * static_cast<double>(entries_.size())));
  if (downs_.size() >= most) return false;
  downs_.push_back(now);
  return true;
}

void VerdictTable::judge(Entry& entry, Time now, WallTime wall_time, Moves& moves) {
  count(entry, tally_, Standing::counted);
  const auto speaks = [](const LocationVote& location) { return location.verdict() != Verdict::unknown; };
  const auto speaking = std::count_if(tally_.begin(), tally_.end(), speaks);
  if (speaking != 1) {
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
      entry.due = downs_.front() + kBrakeTime;
    } else {
      after = entry.flap.pass(entry.verdict, wanted, now);
      entry.due = std::min(entry.due, entry.flap.due());
    }
  }
  entry.held_down = after == Verdict::down && wanted == Verdict::up;
  const Verdict said = speaking == 1 ? std::find_if(tally_.begin(), tally_.end(), speaks)->verdict() : wanted;

  const bool is_first = speaking > 0 && !entry.observed;
  entry.observed = entry.observed || speaking > 0;
  const Verdict before = std::exchange(entry.verdict, after);
  const Doubt doubt_before = std::exchange(entry.doubt, doubt(entry, said));
  if (before == after && !is_first) {
    if (entry.doubt != doubt_before) moves.doubts.push_back({entry.target.id, entry.doubt});
    return;
  }
  if (before != after) {
    entry.since = wall_time;
    entry.time.change(before, now);
    if (before != Verdict::unknown) ++entry.transitions;
  }
  moves.targets.push_back({before, status_of(entry)});
}

Doubt VerdictTable::doubt(const Entry& entry, Verdict said) const {
  if (said != entry.verdict && entry.due != Time::max()) return entry.due;
  if (entry.basis == Basis::quorum && hangs_on_one(tally_, entry.target.monitor.agents.quorum))
    return kAnyTime;
  const auto own = std::find_if(agents_.begin(), agents_.end(),
                                [this](const Agent& agent) { return agent.settings.name == self_; });
  if (own == agents_.end() || own->standing != Standing::counted) return std::nullopt;
  const Verdict vote = entry.votes[static_cast<std::size_t>(own - agents_.begin())].verdict;
  const bool is_to_be_said = entry.believed != vote && entry.believed != Verdict::unknown;
  return is_to_be_said && entry.believed != entry.verdict ? kAnyTime : entry.own_doubt;
}

MergedStatus VerdictTable::status_of(const Entry& entry) const {
  MergedStatus status{.target = entry.target,
                      .verdict = entry.verdict,
                      .basis = entry.basis,
                      .held_down = entry.held_down,
                      .since = entry.since,
                      .transitions = entry.transitions,
                      .time = entry.time,
                      .observed = entry.observed,
                      .doubt = entry.doubt};
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    const Vote& vote = entry.votes[i];
    if (vote.verdict == Verdict::unknown && !vote.evidence) continue;
    status.votes.push_back({agents_[i].settings.name, agents_[i].settings.location, vote.verdict,
                            agents_[i].standing == Standing::counted, vote.evidence});
  }
  return status;
}

AgentStatus VerdictTable::status_of(const Agent& agent) const {
  AgentStatus status{agent.settings.name,     agent.settings.location, agent.standing, agent.heard, 0,
                     agent.settings.addresses};
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
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), [](const auto& one) {
    const Entry& entry = one.second;
    return entry.verdict != Verdict::unknown && is_held(entry.basis);
  }));
}

}  // namespace holdfast::health
