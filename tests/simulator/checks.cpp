// What must never happen. The numbers are those of the messages that tell so:
//   I1  an answer is empty                          I6  servers of one store have other overrides, after the faults
//   I2  a server believes an older revision         I7  somebody writes more than once a second
//   I3  down on too few words, or on no evidence    I8  after the faults, a verdict is not true
//   I4  a verdict changes without votes             I9  a verdict changes too often
//   I5  servers that are connected disagree         I10 probes come too soon or too late
//                                                   I11 a store that is right is refused
#include <algorithm>

#include "tests/simulator/process.h"

namespace holdfast::simulator {

using namespace health;

namespace {

constexpr Seconds kCalm = 40;       // after the last fault: what a bad store can delay is over
constexpr Seconds kAgree = 3;       // servers that are connected are of one mind after that (I5)
constexpr Seconds kEvidence = 120;  // a verdict may rest on a probe so old
/// Changes in ten minutes: 3, and those that holds of 30 to 240 s leave room for.
constexpr std::size_t kFlapBound = 11;

std::string votes_of(const MergedStatus& status) {
  std::string votes;
  for (const VoteStatus& vote : status.votes) {
    votes += " " + vote.agent + "@" + vote.location + "=" + std::string(text(vote.verdict)) +
             (vote.counts ? "" : "!");
  }
  return votes;
}

std::string name_of(const TargetId& id) { return id.monitor + " " + id.address.to_string(); }

std::string text_of(const std::map<std::string, std::string>& overrides) {
  std::string list;
  for (const auto& [id, value] : overrides) list += " " + id + "=" + value;
  return list.empty() ? " none" : list;
}

/// Locations that must say down, where `all` say something.
std::size_t needed(const Quorum& quorum, std::size_t all) {
  switch (quorum.rule) {
    case Quorum::Rule::any: return 2;
    case Quorum::Rule::all: return all;
    case Quorum::Rule::number: return std::max<std::size_t>(2, std::min<std::size_t>(quorum.number, all));
    default: return std::max<std::size_t>(2, all / 2 + 1);
  }
}

}  // namespace

void World::check_transition(Process& process, const VerdictTable::Moved& moved) {
  const MergedStatus& status = moved.now;
  const TargetId& id = status.target.id;
  process.kept[id] = {id, status.verdict, status.since, status.transitions, wall_time()};
  if (moved.before == status.verdict) return;
  ++transitions_;
  if (verbose_)
    say(process.name + ": " + name_of(id) + " " + std::string(text(moved.before)) + " -> " +
        std::string(text(status.verdict)) + " (" + std::string(text(status.basis)) + ")" + votes_of(status));

  if (is_held(status.basis)) wrong("I4: " + name_of(id) + " changed without votes");
  auto& changes = process.changes[id];
  changes.push_back(now_);
  while (!changes.empty() && now_ - changes.front() > 600) changes.pop_front();
  if (changes.size() > kFlapBound)
    wrong("I9: " + name_of(id) + " changed " + std::to_string(changes.size()) + " times in 10 min");

  if (status.verdict != Verdict::down) return;
  std::map<std::string, std::pair<int, int>> locations;  // up, down
  std::set<std::string> seen_failing;
  for (const VoteStatus& vote : status.votes) {
    if (!vote.counts || vote.verdict == Verdict::unknown) continue;
    ++(vote.verdict == Verdict::up ? locations[vote.location].first : locations[vote.location].second);
    const auto failed = failed_.find({vote.agent, id.address.to_string()});
    if (vote.verdict == Verdict::down && failed != failed_.end() && now_ - failed->second < kEvidence)
      seen_failing.insert(vote.location);
  }
  std::size_t down = 0;
  for (const auto& [location, votes_of] : locations) down += votes_of.second > votes_of.first;
  const Quorum& quorum = status.target.monitor.agents.quorum;
  if (locations.size() >= 2 && down < needed(quorum, locations.size())) {
    wrong("I3: " + name_of(id) + " is down on the word of " + std::to_string(down) + " of " +
          std::to_string(locations.size()) + " locations");
  }
  if (seen_failing.size() < std::min<std::size_t>(2, locations.size()))
    wrong("I3: nobody of those who say so saw " + name_of(id) + " fail");
}

void World::check_answers(Process& process) {
  if (!process.is_server) return;
  const List& list = list_of(process);
  for (std::size_t i = 0; i < list.pools.size(); ++i) {
    std::vector<zones::MemberState> states;
    for (const TargetId& member : list.members[i]) {
      const Verdict verdict = process.council->table().status(member)->verdict;
      states.push_back(verdict == Verdict::unknown ? zones::MemberState::unknown
                       : verdict == Verdict::up    ? zones::MemberState::up
                                                   : zones::MemberState::down);
    }
    if (zones::select(list.pools[i], states, zones::Family::v4).members.empty())
      wrong("I1: an answer is empty");
  }
}

void World::check_agreement() {
  if (now_ - agreement_checked_ < 0.25) return;
  agreement_checked_ = now_;
  if (now_ - calm_since_ < kCalm || !store_is_up_ || etcd_.is_full) {
    disagree_since_.clear();
    return;
  }
  // What a watch loses is known when everything is read again.
  const Seconds longest =
      kAgree + (store_loses_ ? std::chrono::duration<double>(Session::kReadAll).count() : 0);
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    for (const Target& target : lists_[i].watchlist.targets) {
      std::set<Verdict> verdicts;
      std::string said;
      bool is_decided = true;  // by what all of them see: neither held, nor on the word of one
      for (const auto& process : processes_) {
        if (!process->is_server || process->life == 0 || now_ < process->paused_until) continue;
        const Session* session = process->council->session();
        if (process->list != i || session == nullptr || session->state() != Session::State::following ||
            !process->store_link)
          continue;
        const auto status = process->council->table().status(target.id);
        verdicts.insert(status->verdict);
        said +=
            "; " + process->name + " says " + std::string(text(status->verdict)) + " of" + votes_of(*status);
        is_decided = is_decided && status->basis == Basis::quorum && !status->held_down;
      }
      if (verdicts.size() < 2 || !is_decided) {
        disagree_since_.erase({i, target.id});
      } else if (now_ - disagree_since_.try_emplace({i, target.id}, now_).first->second > longest) {
        wrong("I5: servers disagree on " + name_of(target.id) + said);
      }
    }
  }
}

void World::check_end() {
  for (const auto& process : processes_) {
    const Session* session = process->council->session();
    if (session != nullptr && session->state() != Session::State::following)
      wrong("I11: " + process->name + " does not follow the store: " + session->problem());
    if (!process->is_server) continue;
    std::size_t downs =
        0;  // a moment ago: on the word of one location, no more than that may go down at a time
    for (const auto& [id, changes] : process->changes) {
      for (const Seconds change : changes)
        downs += now_ - change < std::chrono::duration<double>(kBrakeTime).count();
    }
    for (const Target& target : list_of(*process).watchlist.targets) {
      const auto status = process->council->table().status(target.id);
      const bool is_up = status->verdict != Verdict::down;
      const bool is_braked = is_up && status->basis == Basis::single && downs >= kBrakeLeast;
      if (status->held_down || is_braked || is_up == truth_[target.id.address.to_string()]) continue;
      wrong("I8: " + process->name + " says " + std::string(text(status->verdict)) + " of " +
            name_of(target.id) + ", 20 s after the last fault: " + std::string(text(status->basis)) +
            votes_of(*status));
    }
    if (session == nullptr) continue;
    std::map<std::string, std::string> overrides;
    constexpr std::string_view kPrefix = "/holdfast/override/";
    for (const auto& [key, one] : etcd_.keys()) {
      if (key.starts_with(kPrefix)) overrides[key.substr(kPrefix.size())] = one.value;
    }
    if (overrides != process->overrides)
      wrong("I6: " + process->name + " has other overrides than the store:" + text_of(process->overrides) +
            " instead of" + text_of(overrides));
  }
}

/// After everything was read, from that store.
void World::check_store(Process& process, std::uint64_t store) {
  const Session::State state = process.council->session()->state();
  if (state == Session::State::refused && process.store == store)
    wrong("I11: " + process.name +
          " refuses a store that is right: " + process.council->session()->problem());
  if (state == Session::State::following) process.store = store;
}

void World::check_spacing(Process& process, const Target& target) {
  auto& [started, undisturbed] = process.started[target.id];
  const Seconds interval = std::chrono::duration<double>(target.monitor.interval).count();
  const Seconds gap = now_ - started;
  if (undisturbed >= 2 &&
      (gap < 0.8 * interval || gap > 1.2 * interval)) {  // the first comes whenever it does
    wrong("I10: " + process.name + " probed " + name_of(target.id) + " after " + std::to_string(gap) + " s");
  }
  ++undisturbed;
  started = now_;
}

}  // namespace holdfast::simulator
