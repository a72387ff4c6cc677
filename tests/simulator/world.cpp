#include "tests/simulator/world.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace holdfast::simulator {
namespace {

using namespace health;
using namespace std::chrono_literals;

constexpr Seconds kCalm = 40;       // after the last fault: what a bad store can delay is over
constexpr Seconds kAgree = 3;       // servers that are connected are of one mind after that (I5)
constexpr Seconds kTruth = 20;      // after the last fault, what is served is true (I8)
constexpr Seconds kEvidence = 120;  // a verdict may rest on a probe so old
constexpr std::size_t kFlapBound =
    11;  // changes in ten minutes: 3, and those that holds of 30 to 240 s leave room for

const char* const kLocationNames[] = {"eu-cork", "eu-dublin", "us-east", "asia-tokyo"};

std::string votes_of(const MergedStatus& status) {
  std::string votes;
  for (const VoteStatus& vote : status.votes) {
    votes += " " + vote.agent + "@" + vote.location + "=" + std::string(text(vote.verdict)) +
             (vote.counts ? "" : "!");
  }
  return votes;
}

}  // namespace

struct World::Process {
  std::string name, location;
  bool is_server = false;
  // as it runs
  std::uint64_t life = 0;  // another one after each start; 0: not running
  std::unique_ptr<Council> council;
  std::unique_ptr<Roster> roster;
  Seconds paused_until = 0, wakes_at = 0;
  std::uint64_t watch = 0;  // id of the session's watch; 0: none
  Seconds wrote_at = -10;
  std::uint64_t revision = 0;
  std::string problem;
  // the world around it
  bool store_link = true, world_link = true, lies = false;
  std::set<std::size_t> unreachable;  // targets
  // what it keeps on disk
  std::map<TargetId, KeptVerdict> kept;
  // for the checks
  std::map<TargetId, std::pair<Seconds, int>> started;  // last start; how many there were undisturbed
  std::map<TargetId, std::deque<Seconds>> changes;
};

World::World(std::uint64_t seed) : random_(seed) {
  for (const char* name : kLocationNames)
    list_.locations.push_back({name, std::string(name).substr(0, 2), {}, {}});
  for (const char* name : {"eu", "us", "as"}) list_.locations.push_back({name, "", {}, {}});
  has_store_ = chance() < 0.9;
  const std::size_t servers = has_store_ ? 1 + any(3) : 1;
  const std::size_t agents = has_store_ ? any(4) : 0;
  for (std::size_t i = 0; i < servers + agents; ++i) {
    auto process = std::make_unique<Process>();
    process->is_server = i < servers;
    process->name = (process->is_server ? "ns" : "agent") + std::to_string(i);
    process->location = kLocationNames[any(std::size(kLocationNames))];
    list_.agents.push_back({process->name, process->location, {}});
    processes_.push_back(std::move(process));
  }
  if (!has_store_) list_.agents.clear();

  MonitorSettings monitor;
  monitor.name = "web";
  monitor.type = Protocol::tcp;
  monitor.port = 80;
  constexpr std::chrono::milliseconds kIntervals[] = {1s, 2s, 5s, 5s};
  monitor.interval = kIntervals[any(std::size(kIntervals))];
  monitor.retry = 1s;
  monitor.timeout = std::min<std::chrono::milliseconds>(3s, monitor.interval * 3 / 5);
  if (chance() < 0.3) monitor.agents.prefer = {"eu", "us"};
  if (chance() < 0.3) monitor.agents.nearest = 2;
  const std::size_t targets = 3 + any(8);
  for (std::size_t i = 0; i < targets; ++i) {
    const auto address = boost::asio::ip::make_address("192.0.2." + std::to_string(100 + i));
    list_.targets.push_back({{"web", address}, monitor, kLocationNames[i % std::size(kLocationNames)]});
    truth_[address.to_string()] = chance() < 0.9;
    is_black_hole_[address.to_string()] = chance() < 0.5;
  }
  list_.digest = "list";
  for (std::size_t first = 0; first < targets; first += 3) {
    zones::Pool pool{
        .policy = chance() < 0.5 ? zones::Policy::all : zones::Policy::failover, .ttl = 30, .members = {}};
    for (std::size_t i = first; i < std::min(first + 3, targets); ++i) {
      zones::MemberSettings member;
      member.address = list_.targets[i].id.address;
      member.tier = static_cast<std::uint16_t>(1 + i - first);
      pool.members.push_back(member);
    }
    pools_.push_back(pool);
  }
}

World::~World() = default;

void World::wrong(const std::string& what) {
  if (wrong_.empty()) wrong_ = "at " + std::to_string(now_) + " s: " + what;
}

void World::say(const std::string& what) {
  if (verbose_) std::printf("%10.3f %s\n", now_, what.c_str());
}

std::string World::run(Seconds duration) {
  for (auto& process : processes_) {
    Process* one = process.get();
    at(chance() * 5, [this, one] { start(*one); });
  }
  faults_end_ = duration - 2 * kTruth;
  plan_faults(faults_end_);
  at(faults_end_, [this] { end_faults(); });
  at(faults_end_ + kTruth, [this] { check_truth(); });
  while (!queue_.empty() && wrong_.empty()) {
    Happening next = queue_.top();
    queue_.pop();
    if (next.at > duration) break;
    now_ = std::max(now_, next.at);
    next.what();
  }
  return wrong_;
}

// ---- processes

void World::start(Process& process) {
  if (process.life != 0) return;
  say(process.name + " starts");
  process.life = ++order_;
  Council::Options options{.self = process.name, .incarnation = std::to_string(process.life)};
  if (has_store_) {
    options.store = Session::Options{.prefix = "/holdfast/"};
    options.store->trust = process.is_server ? Session::Trust::cautious : Session::Trust::content;
    options.store->seed = static_cast<std::uint32_t>(process.life);
    options.read_list = [this](std::string_view text) {
      return text == "list" ? std::optional(list_) : std::nullopt;
    };
  }
  if (chance() < 0.5) options.references = {{boost::asio::ip::make_address("192.0.2.1"), 53}};
  process.council = std::make_unique<Council>(options, time());
  process.roster = std::make_unique<Roster>(512);
  process.started.clear();
  process.changes.clear();
  process.wrote_at = now_ - 10;
  process.revision = 0;
  if (process.is_server) {
    std::vector<KeptVerdict> kept;
    for (const auto& [id, one] : process.kept) kept.push_back(one);
    // With others, what was believed was not only its own opinion: it would vote for what they saw.
    if (list_.agents.size() <= 1) process.roster->remember(kept);
    process.council->watch(list_, "list", kept, time(), wall_time());
  }
  step(process);
}

void World::stop(Process& process) {
  say(process.name + " stops");
  process.life = 0;
  process.watch = 0;
  process.council.reset();
  process.roster.reset();
}

void World::wake(Process& process, Seconds when) {
  if (process.wakes_at > now_ && process.wakes_at <= when) return;
  process.wakes_at = when;
  at(when, [this, &process, life = process.life] {
    if (process.life == life && life != 0) step(process);
  });
}

void World::step(Process& process) {
  if (now_ < process.paused_until) return wake(process, process.paused_until);
  Council& council = *process.council;
  council.tick(time(), wall_time());
  if (auto duties = council.take_duties()) {
    for (auto& [id, one] : process.started) one.second = 0;
    process.roster->watch(*duties, time(), wall_time());
  }
  for (const Roster::Start& start : process.roster->take_due(time())) probe(process, start);
  const auto moves = council.take_moves();
  for (const VerdictTable::Moved& moved : moves.targets) check_transition(process, moved);
  if (council.session() != nullptr) {
    if (process.is_server && council.session()->revision() < process.revision)
      wrong("I2: " + process.name + " believes an older revision");
    process.revision = council.session()->revision();
    if (process.problem != council.session()->problem()) {
      process.problem = council.session()->problem();
      say(process.name + ": " + (process.problem.empty() ? "the store is fine" : process.problem));
    }
  }
  for (const Session::Action& action : council.take_actions()) send(process, action);
  if (!moves.targets.empty()) check_answers(process);
  check_agreement();

  Time next = council.due(time());
  if (const auto due = process.roster->next_due()) next = std::min(next, *due);
  wake(process, now_ + std::max(0.001, std::chrono::duration<double>(next - time()).count()));
}

bool World::reaches(const Process& process, std::size_t target) const {
  return process.world_link && !process.unreachable.contains(target);
}

void World::probe(Process& process, const Roster::Start& start) {
  ++probes_;
  const std::string address = start.target.id.address.to_string();
  const bool is_reference = start.target.id.monitor.starts_with(kReference);
  if (!is_reference) check_spacing(process, start.target);
  Observation seen;
  seen.target = start.target.id;
  bool passes = process.world_link;
  if (!is_reference) {
    const auto at = std::find_if(list_.targets.begin(), list_.targets.end(), [&](const Target& one) {
      return one.id.address == start.target.id.address;
    });
    passes = truth_.at(address) && reaches(process, static_cast<std::size_t>(at - list_.targets.begin()));
    if (process.lies) passes = !passes;
  }
  Seconds takes = 0.005 + 0.05 * chance();
  if (!passes) {
    seen.outcome = Outcome::refused;
    if (is_reference || is_black_hole_[address] || !process.world_link) {
      seen.outcome = Outcome::connect_timeout;
      takes = std::chrono::duration<double>(start.target.monitor.timeout).count();
    }
  }
  at(now_ + takes, [this, &process, seen, ticket = start.ticket, life = process.life, takes]() mutable {
    const auto finish = [this, &process, ticket, life, takes](Observation what) {
      if (process.life != life) return;
      what.ended = time();
      what.wall_time = wall_time();
      what.total = std::chrono::microseconds(static_cast<std::int64_t>(takes * 1e6));
      if (verbose_)
        say(process.name + " saw " + what.target.address.to_string() + " " + std::string(text(what.outcome)));
      if (!what.passed()) failed_[{process.name, what.target.address.to_string()}] = now_;
      if (!what.passed()) process.started[what.target].second = 0;
      if (const auto ended = process.roster->ended(ticket, what)) {
        process.council->observed(what);
        if (ended->changed) process.council->voted(*ended->changed);
      }
      step(process);
    };
    if (now_ < process.paused_until) {  // it is told when it goes on
      at(process.paused_until, [finish, seen] { finish(seen); });
    } else {
      finish(seen);
    }
  });
}

// ---- the store

void World::send(Process& process, const Session::Action& action) {
  const std::uint64_t life = process.life;
  if (action.kind == Session::Action::Kind::unwatch) {
    process.watch = 0;
    return;
  }
  if (action.kind == Session::Action::Kind::watch) {
    process.watch = action.id;
    if (!process.store_link || !store_is_up_) {
      at(now_ + 0.01, [this, &process, life, id = action.id] {
        if (process.life != life) return;
        process.council->session()->watch_ended(id, time());
        wake(process, now_);
      });
    }
    return;
  }
  if (action.path == "/v3/kv/txn") {
    // I7: what is written does not depend on what happens; after a failure it is written again.
    if (now_ - process.wrote_at < 0.999) wrong("I7: " + process.name + " writes twice within a second");
    process.wrote_at = now_;
  }
  const bool is_lost = !process.store_link || !store_is_up_ || chance() < 0.0005;
  const Seconds there = 0.001 + 0.02 * chance(), back = 0.001 + 0.02 * chance();
  at(now_ + there, [=, this, &process] {
    std::string answer;
    if (!is_lost && store_is_up_) {
      answer = etcd_.ask(action.path, action.body, now_);
      deliver_events();
    }
    const Seconds wait = is_lost && process.store_link ? 0.01 : is_lost ? 2 : back;
    at(now_ + wait, [=, this, &process] {
      if (process.life != life) return;
      if (now_ < process.paused_until) {
        // It comes when the process goes on; a request that was out for that long has failed.
        at(process.paused_until, [=, this, &process] {
          if (process.life != life) return;
          process.council->session()->replied(action.id, 0, "", time());
          wake(process, now_);
        });
        return;
      }
      process.council->session()->replied(action.id,
                                          is_lost          ? 0
                                          : answer.empty() ? 400
                                                           : 200,
                                          answer, time());
      step(process);
    });
  });
}

void World::deliver_events() {
  const auto events = etcd_.take_events();
  if (events.empty()) return;
  const std::string line = etcd_.line(events);
  for (auto& one : processes_) {
    Process& process = *one;
    if (process.life == 0 || process.watch == 0) continue;
    if (!process.store_link) continue;
    const int times = store_loses_ && chance() < 0.3 ? 0 : store_repeats_ && chance() < 0.3 ? 2 : 1;
    for (int i = 0; i < times; ++i) {
      const Seconds delay = 0.001 + 0.05 * chance() + (i > 0 ? 3 * chance() : 0);
      at(now_ + delay, [=, this, &process, life = process.life, watch = process.watch] {
        if (process.life != life) return;
        const auto tell = [=, this, &process] {
          if (process.life != life || process.council->session() == nullptr) return;
          process.council->session()->watched(watch, line, time());
          wake(process, now_);
        };
        if (now_ < process.paused_until) {
          at(process.paused_until, tell);
        } else {
          tell();
        }
      });
    }
  }
}

// ---- faults

void World::plan_faults(Seconds end) {
  for (Seconds when = 30 + 60 * chance(); when < end; when += 2 + 90 * chance() * chance()) {
    at(when, [this] { fault(); });
  }
  for (Seconds when = 1; when < end; when += 1) {
    at(when, [this] {
      etcd_.expire(now_);
      deliver_events();
    });
  }
}

void World::fault() {
  ++faults_;
  calm_since_ = now_;
  Process& process = *processes_[any(processes_.size())];
  const std::size_t target = any(list_.targets.size());
  const std::string address = list_.targets[target].id.address.to_string();
  const auto end_watches = [this] {
    for (auto& one : processes_) {
      if (one->life == 0 || one->watch == 0) continue;
      const auto watch = std::exchange(one->watch, 0);
      one->council->session()->watch_ended(watch, time());
      wake(*one, now_);
    }
  };
  switch (any(17)) {
    case 0:
    case 1:
    case 2:
      say(address + (truth_[address] ? " dies" : " lives"));
      truth_[address] = !truth_[address];
      is_black_hole_[address] = chance() < 0.5;
      break;
    case 3:  // it flaps for a while
      say(address + " flaps");
      for (int i = 0; i < 40; ++i) {
        at(now_ + (i + 1) * (2 + 30 * chance()), [this, address] {
          if (!has_faults_) return;
          calm_since_ = now_;
          truth_[address] = !truth_[address];
        });
      }
      break;
    case 4:
      say(process.name + (process.store_link ? " loses the store" : " has the store again"));
      process.store_link = !process.store_link;
      if (!process.store_link && process.life != 0 && process.watch != 0) {
        process.council->session()->watch_ended(std::exchange(process.watch, 0), time());
      }
      break;
    case 5:
      say(process.name + (process.world_link ? " loses the world" : " has the world again"));
      process.world_link = !process.world_link;
      break;
    case 6:
      say(process.name + " loses or finds " + address);
      if (!process.unreachable.insert(target).second) process.unreachable.erase(target);
      break;
    case 7:
      if (process.life != 0) stop(process);
      at(now_ + 60 * chance(), [this, &process] {
        calm_since_ = now_;
        start(process);
      });
      break;
    case 8:
      process.paused_until = std::min(now_ + 60 * chance(), faults_end_);
      say(process.name + " is paused");
      for (auto& [id, one] : process.started) one.second = 0;
      calm_since_ = process.paused_until;
      break;
    case 9: wall_step_ += (chance() - 0.5) * 7200; break;
    case 10:
      if (!has_store_) break;
      say(store_is_up_ ? "the store stops" : "the store is back");
      store_is_up_ = !store_is_up_;
      if (!store_is_up_) end_watches();
      break;
    case 11: store_loses_ = !store_loses_; break;
    case 12: store_repeats_ = !store_repeats_; break;
    case 13: etcd_.keep_copy(); break;
    case 14:
      if (!has_store_ || chance() < 0.5) break;
      say("the store goes back");
      etcd_.go_back();
      end_watches();
      break;
    case 15:
      if (!has_store_ || chance() < 0.5) break;
      say("the store is wiped");
      etcd_.wipe(chance() < 0.5);
      end_watches();
      break;
    case 16: {
      const bool is_first =
          std::none_of(processes_.begin(), processes_.end(), [](auto& one) { return one->lies; });
      if (!process.lies && !is_first) break;  // one at a time
      say(process.name + (process.lies ? " lies no more" : " lies"));
      process.lies = !process.lies;
      break;
    }
  }
}

void World::end_faults() {
  say("no more faults");
  has_faults_ = false;
  store_is_up_ = true;
  store_loses_ = store_repeats_ = false;
  for (auto& process : processes_) {
    process->store_link = process->world_link = true;
    process->lies = false;
    process->unreachable.clear();
    if (process->life == 0) start(*process);
    wake(*process, now_);
  }
  calm_since_ = now_;
  for (int second = 0; second < 5; ++second) {
    at(now_ + second, [this] { accept_store(); });
  }
}

/// The operator looks after servers that refuse what the store says now.
void World::accept_store() {
  for (auto& process : processes_) {
    if (process->life == 0 || process->council->session() == nullptr) continue;
    if (process->council->session()->state() != Session::State::refused) continue;
    process->council->session()->accept(time());
    process->revision = 0;
    wake(*process, now_);
  }
}

// ---- what must never happen

void World::check_transition(Process& process, const VerdictTable::Moved& moved) {
  const MergedStatus& status = moved.now;
  const TargetId& id = status.target.id;
  process.kept[id] = {id, status.verdict, status.since, status.transitions, wall_time()};
  if (moved.before == status.verdict) return;
  ++transitions_;
  if (verbose_)
    say(process.name + ": " + id.address.to_string() + " " + std::string(text(moved.before)) + " -> " +
        std::string(text(status.verdict)) + " (" + std::string(text(status.basis)) + ")" + votes_of(status));

  if (is_held(status.basis)) wrong("I4: " + id.address.to_string() + " changed without votes");
  auto& changes = process.changes[id];
  changes.push_back(now_);
  while (!changes.empty() && now_ - changes.front() > 600) changes.pop_front();
  if (changes.size() > kFlapBound)
    wrong("I9: " + id.address.to_string() + " changed " + std::to_string(changes.size()) +
          " times in 10 min");

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
  if (locations.size() >= 2 && (down < 2 || down * 2 <= locations.size())) {
    wrong("I3: " + id.address.to_string() + " is down on the word of " + std::to_string(down) + " of " +
          std::to_string(locations.size()) + " locations");
  }
  if (seen_failing.size() < std::min<std::size_t>(2, locations.size())) {
    wrong("I3: nobody of those who say so saw " + id.address.to_string() + " fail");
  }
}

void World::check_answers(Process& process) {
  if (!process.is_server) return;
  std::map<TargetId, Verdict> verdicts;
  for (const auto& [id, one] : process.kept) verdicts[id] = one.verdict;
  for (const zones::Pool& pool : pools_) {
    std::vector<zones::MemberState> states;
    for (const auto& member : pool.members) {
      const auto known = verdicts.find({"web", member.address});
      states.push_back(known == verdicts.end() || known->second == Verdict::unknown
                           ? zones::MemberState::unknown
                       : known->second == Verdict::up ? zones::MemberState::up
                                                      : zones::MemberState::down);
    }
    if (zones::select(pool, states, zones::Family::v4).members.empty()) wrong("I1: an answer is empty");
  }
}

void World::check_agreement() {
  if (now_ - agreement_checked_ < 0.25) return;
  agreement_checked_ = now_;
  if (now_ - calm_since_ < kCalm || !store_is_up_) {
    disagree_since_.clear();
    return;
  }
  for (const Target& target : list_.targets) {
    std::set<Verdict> verdicts;
    bool is_decided = true;  // by what all of them see: neither held, nor on the word of one
    for (const auto& process : processes_) {
      if (!process->is_server || process->life == 0 || now_ < process->paused_until) continue;
      const Session* session = process->council->session();
      if (session == nullptr || session->state() != Session::State::following || !process->store_link)
        continue;
      const auto status = process->council->table().status(target.id);
      verdicts.insert(status->verdict);
      is_decided = is_decided && status->basis == Basis::quorum && !status->held_down;
    }
    const std::string address = target.id.address.to_string();
    if (verdicts.size() < 2 || !is_decided) {
      disagree_since_.erase(address);
    } else if (now_ - disagree_since_.try_emplace(address, now_).first->second > kAgree) {
      wrong("I5: servers disagree on " + address);
    }
  }
}

void World::check_truth() {
  for (const auto& process : processes_) {
    if (!process->is_server) continue;
    for (const Target& target : list_.targets) {
      const std::string address = target.id.address.to_string();
      const auto status = process->council->table().status(target.id);
      if (status->held_down) continue;
      const auto known = process->kept.find(target.id);
      const Verdict verdict = known == process->kept.end() ? Verdict::unknown : known->second.verdict;
      const bool is_up = verdict != Verdict::down;
      if (is_up == truth_[address]) continue;
      wrong("I8: " + process->name + " says " + std::string(text(verdict)) + " of " + address +
            ", 20 s after the last fault: " + std::string(text(status->basis)) + votes_of(*status));
    }
  }
}

void World::check_spacing(Process& process, const Target& target) {
  auto& [started, undisturbed] = process.started[target.id];
  const Seconds interval = std::chrono::duration<double>(target.monitor.interval).count();
  const Seconds gap = now_ - started;
  if (undisturbed >= 2 &&
      (gap < 0.8 * interval || gap > 1.2 * interval)) {  // the first comes whenever it does
    wrong("I10: " + process.name + " probed " + target.id.address.to_string() + " after " +
          std::to_string(gap) + " s");
  }
  ++undisturbed;
  started = now_;
}

}  // namespace holdfast::simulator
