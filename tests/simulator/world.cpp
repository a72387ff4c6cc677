#include "tests/simulator/world.h"

#include <algorithm>
#include <cstdio>

#include "tests/simulator/process.h"

namespace holdfast::simulator {

using namespace health;
using namespace std::chrono_literals;

namespace {

constexpr const char* kLocationNames[] = {"eu-cork", "eu-dublin", "us-east", "asia-tokyo"};
constexpr std::size_t kLists = 3;

}  // namespace

World::World(std::uint64_t seed) : random_(seed) {
  has_store_ = chance() < 0.9;
  const std::size_t servers = has_store_ ? 1 + any(3) : 1;
  const std::size_t agents = has_store_ ? any(4) : 0;
  std::vector<AgentSettings> settings;
  for (std::size_t i = 0; i < servers + agents; ++i) {
    auto process = std::make_unique<Process>();
    process->is_server = i < servers;
    process->name = (process->is_server ? "ns" : "agent") + std::to_string(i);
    process->location = kLocationNames[any(std::size(kLocationNames))];
    settings.push_back({process->name, process->location, {}});
    processes_.push_back(std::move(process));
  }
  if (!has_store_) settings.clear();
  if (chance() < 0.3) etcd_.token = "first";
  const std::size_t targets = 3 + any(8);
  for (std::size_t i = 0; i < targets; ++i) {
    addresses_.push_back("192.0.2." + std::to_string(100 + i));
    truth_[addresses_.back()] = chance() < 0.9;
    is_black_hole_[addresses_.back()] = chance() < 0.5;
  }
  for (std::size_t i = 0; i < kLists; ++i) make_list(i, settings);
}

World::~World() = default;

/// Two monitors; which of them watches what differs from list to list, and so does who is to probe.
void World::make_list(std::size_t number, const std::vector<AgentSettings>& agents) {
  List& list = lists_.emplace_back();
  Watchlist& watchlist = list.watchlist;
  watchlist.digest = "list " + std::to_string(number);
  watchlist.agents = agents;
  for (const char* name : kLocationNames)
    watchlist.locations.push_back({name, std::string(name).substr(0, 2), {}, {}});
  for (const char* name : {"eu", "us", "as"}) watchlist.locations.push_back({name, "", {}, {}});

  MonitorSettings monitors[2];
  for (MonitorSettings& monitor : monitors) {
    monitor.name = &monitor == monitors ? "mail" : "web";
    monitor.type = Protocol::tcp;
    monitor.port = &monitor == monitors ? 25 : 80;
    constexpr std::chrono::milliseconds kIntervals[] = {1s, 2s, 5s, 5s};
    monitor.interval = kIntervals[any(std::size(kIntervals))];
    monitor.retry = 1s;
    monitor.timeout = std::min<std::chrono::milliseconds>(3s, monitor.interval * 3 / 5);
    if (chance() < 0.3) monitor.agents.prefer = {"eu", "us"};
    if (chance() < 0.3) monitor.agents.nearest = 1 + static_cast<unsigned>(any(3));
    monitor.agents.min = 1 + static_cast<unsigned>(any(3));
    constexpr Quorum::Rule kRules[] = {Quorum::Rule::majority, Quorum::Rule::majority, Quorum::Rule::any,
                                       Quorum::Rule::all, Quorum::Rule::number};
    monitor.agents.quorum.rule = kRules[any(std::size(kRules))];
    monitor.agents.quorum.number = 1 + static_cast<unsigned>(any(3));
  }
  for (std::size_t i = 0; i < addresses_.size(); ++i) {
    if (i > 0 && chance() < 0.1) continue;
    const MonitorSettings& monitor = monitors[chance() < 0.7];
    const TargetId id{monitor.name, boost::asio::ip::make_address(addresses_[i])};
    watchlist.targets.push_back({id, monitor, kLocationNames[i % std::size(kLocationNames)]});
  }
  for (std::size_t i = 0; i < watchlist.targets.size(); ++i) {
    if (i % 3 == 0) {
      const zones::PoolRules rules{.policy = chance() < 0.5 ? zones::Policy::all : zones::Policy::failover};
      list.pools.emplace_back(rules, std::vector<zones::MemberSettings>{});
      list.members.emplace_back();
    }
    zones::MemberSettings member;
    member.address = watchlist.targets[i].id.address;
    member.tier = static_cast<std::uint16_t>(1 + i % 3);
    list.pools.back().members.push_back(member);
    ++list.pools.back().parts.front().size;
    list.members.back().push_back(watchlist.targets[i].id);
  }
  std::sort(watchlist.targets.begin(), watchlist.targets.end(),
            [](const Target& a, const Target& b) { return a.id < b.id; });
}

const World::List& World::list_of(const Process& process) const { return lists_[process.list]; }

void World::wrong(const std::string& what) {
  if (wrong_.empty()) wrong_ = "at " + std::to_string(now_) + " s: " + what;
}

void World::say(const std::string& what) {
  if (verbose_) std::printf("%10.3f %s\n", now_, what.c_str());
}

std::string World::run(Seconds duration) {
  constexpr Seconds kTruth = 20;  // after the last fault, what is served is true (I8)
  for (auto& process : processes_) {
    Process* one = process.get();
    at(chance() * 5, [this, one] { start(*one); });
  }
  faults_end_ = duration - 2 * kTruth;
  plan_faults(faults_end_);
  at(faults_end_, [this] { end_faults(); });
  at(faults_end_ + kTruth, [this] { check_end(); });
  while (!queue_.empty() && wrong_.empty()) {
    Happening next = std::move(const_cast<Happening&>(queue_.top()));  // it is not looked at any more
    queue_.pop();
    if (next.at > duration) break;
    now_ = std::max(now_, next.at);
    next.what();
  }
  return wrong_;
}

void World::start(Process& process) {
  if (process.life != 0) return;
  say(process.name + " starts");
  process.life = ++order_;
  Council::Options options{.self = process.name, .incarnation = std::to_string(process.life)};
  if (has_store_) {
    options.store = Session::Options{.prefix = "/holdfast/"};
    if (!etcd_.token.empty()) options.store->user = "holdfast";
    options.store->trust = process.is_server ? Session::Trust::cautious : Session::Trust::content;
    options.store->seed = static_cast<std::uint32_t>(process.life);
    options.read_list = [this](std::string_view text) {
      for (const List& one : lists_) {
        if (one.watchlist.digest == text) return std::optional(one.watchlist);
      }
      return std::optional<Watchlist>();
    };
  }
  if (chance() < 0.5) options.references = {{boost::asio::ip::make_address("192.0.2.1"), 53}};
  process.council = std::make_unique<Council>(options, time());
  process.roster = std::make_unique<Roster>(512);
  process.started.clear();
  process.changes.clear();
  process.wrote_at = now_ - 10;
  process.revision = process.store = 0;
  process.overrides.clear();
  process.sees = true;
  if (process.is_server) {
    std::vector<KeptVerdict> kept;
    for (const auto& [id, one] : process.kept) kept.push_back(one);
    // With others, what was believed was not only its own opinion: it would vote for what they saw.
    const Watchlist& list = list_of(process).watchlist;
    if (list.agents.size() <= 1) process.roster->remember(kept);
    process.council->watch(list, list.digest, kept, time(), wall_time());
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

void World::reload(Process& process) {
  process.list = any(lists_.size());
  const Watchlist& list = list_of(process).watchlist;
  say(process.name + " takes " + list.digest);
  if (process.life == 0) return;
  process.roster->remember({});
  process.council->watch(list, list.digest, {}, time(), wall_time());
  const auto is_gone = [&](const auto& one) {
    return std::none_of(list.targets.begin(), list.targets.end(),
                        [&](const Target& target) { return target.id == one.first; });
  };
  std::erase_if(process.kept, is_gone);
  std::erase_if(process.changes, is_gone);  // what comes back with a later list begins anew, its flaps too
  wake(process, now_);
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
    if (verbose_) say(process.name + " is to probe " + std::to_string(duties->size()) + " targets");
    process.roster->watch(*duties, time(), wall_time());
  }
  for (const Roster::Start& start : process.roster->take_due(time())) probe(process, start);
  const auto moves = council.take_moves();
  for (const VerdictTable::Moved& moved : moves.targets) check_transition(process, moved);
  for (const auto& [id, json] : council.take_overrides()) {
    if (json) {
      process.overrides[id] = *json;
    } else {
      process.overrides.erase(id);
    }
  }
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

void World::probe(Process& process, const Roster::Start& start) {
  ++probes_;
  const std::string address = start.target.id.address.to_string();
  const bool is_reference = start.target.id.monitor.starts_with(kReference);
  if (!is_reference) check_spacing(process, start.target);
  Observation seen;
  seen.target = start.target.id;
  bool passes = process.world_link;
  if (!is_reference) {
    passes = truth_.at(address) && passes && !process.unreachable.contains(address);
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
        say(process.name + " saw " + what.target.monitor + " " + what.target.address.to_string() + " " +
            std::string(text(what.outcome)));
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
  if (action.kind == Session::Action::Kind::watch) return open_watch(process, action);
  if (action.path == "/v3/kv/txn") {
    // I7: what is written does not depend on what happens; after a failure it is written again.
    if (now_ - process.wrote_at < 0.999) wrong("I7: " + process.name + " writes twice within a second");
    process.wrote_at = now_;
  }
  const bool is_reached = process.store_link && store_is_up_;
  const bool is_lost = !is_reached || (chance() < 0.0005 && has_faults_);  // the question, or only the answer
  const bool is_asked = is_reached && (!is_lost || chance() < 0.5);
  const Seconds there = 0.001 + 0.02 * chance(), back = 0.001 + 0.02 * chance();
  at(now_ + there, [=, this, &process] {
    EtcdModel::Answer answer{0, ""};
    const std::uint64_t store = store_;
    if (is_asked && store_is_up_) {
      answer = etcd_.ask(action.path, action.body, now_, action.token);
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
      if (answer.status == 401)
        process.wrote_at = now_ - 10;  // that was no write: it comes again with another token
      process.council->session()->replied(action.id, is_lost ? 0 : answer.status, answer.body, time());
      if (action.path == "/v3/kv/range" && !is_lost) check_store(process, store);
      step(process);
    });
  });
}

void World::open_watch(Process& process, const Session::Action& action) {
  process.watch = action.id;
  if (!process.store_link || !store_is_up_) {
    at(now_ + 0.01, [this, &process, life = process.life, id = action.id] {
      if (process.life != life) return;
      process.council->session()->watch_ended(id, time());
      wake(process, now_);
    });
    return;
  }
  const auto first = boost::json::parse(action.body).at("create_request").at("start_revision");
  const auto missed = etcd_.since(first.to_number<std::uint64_t>());
  deliver(process, missed ? etcd_.line(*missed) : etcd_.compacted_line(), 0.001 + 0.02 * chance());
}

/// As when etcd ends.
void World::end_watches() {
  for (auto& one : processes_) {
    if (one->life == 0 || one->watch == 0) continue;
    one->council->session()->watch_ended(std::exchange(one->watch, 0), time());
    wake(*one, now_);
  }
}

void World::deliver_events() {
  const auto events = etcd_.take_events();
  if (events.empty()) return;
  const std::string line = etcd_.line(events);
  for (auto& process : processes_) {
    if (process->life == 0 || process->watch == 0 || !process->store_link) continue;
    const int times = store_loses_ && chance() < 0.3 ? 0 : store_repeats_ && chance() < 0.3 ? 2 : 1;
    for (int i = 0; i < times; ++i)
      deliver(*process, line, 0.001 + 0.05 * chance() + (i > 0 ? 3 * chance() : 0));
  }
}

void World::deliver(Process& process, const std::string& line, Seconds delay) {
  at(now_ + delay, [=, this, &process, life = process.life, watch = process.watch] {
    const auto tell = [=, this, &process] {
      if (process.life != life) return;
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

}  // namespace holdfast::simulator
