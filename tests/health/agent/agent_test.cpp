#include "health/agent/agent.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "tests/health/probe/black_hole.h"
#include "tests/health/probe/probe_once.h"
#include "tests/health/probe/scripted_server.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 60s;  // how long an event is waited for before a test fails

const Script kHealthy{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};

MonitorSettings quick(MonitorSettings monitor = {}) {
  monitor.interval = 40ms;
  monitor.timeout = kPatience;  // a probe that is slow here passes all the same
  monitor.retry = 5ms;
  return monitor;
}

/// An agent, and all that it told.
class Watcher {
 public:
  explicit Watcher(std::size_t threads = 1)
      : agent_({[this](const Observation& seen) { tell([&] { observed_[seen.target].push_back(seen); }); },
                [this](Verdict, const TargetStatus& now) {
                  tell([&] { changed_[now.target.id].push_back(now); });
                }},
               512, threads) {}

  Agent& agent() { return agent_; }

  /// Waits until the last change told of the target is to `verdict`.
  bool becomes(const Target& target, Verdict verdict) {
    return wait([&] {
      const auto& changes = changed_[target.id];
      return !changes.empty() && changes.back().verdict == verdict;
    });
  }
  bool is_observed(const Target& target, std::size_t times) {
    return wait([&] { return observed_[target.id].size() >= times; });
  }
  std::vector<Observation> observed(const Target& target) {
    const std::lock_guard lock(mutex_);
    return observed_[target.id];
  }
  std::vector<TargetStatus> changes(const Target& target) {
    const std::lock_guard lock(mutex_);
    return changed_[target.id];
  }

 private:
  void tell(const std::function<void()>& keep) {
    const std::lock_guard lock(mutex_);
    keep();
    told_.notify_all();
  }
  bool wait(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex_);
    return told_.wait_for(lock, kPatience, condition);
  }

  std::mutex mutex_;
  std::condition_variable told_;
  std::map<TargetId, std::vector<Observation>> observed_;
  std::map<TargetId, std::vector<TargetStatus>> changed_;
  Agent agent_;  // the last to come and the first to go: it calls into all of the above
};

/// A scripted server with a thread of its own.
class Origin {
 public:
  explicit Origin(Script script = kHealthy, std::uint16_t port = 0)
      : server_(std::make_unique<ScriptedServer>(io_, std::move(script), "127.0.0.1", port)),
        thread_([this] { io_.run(); }) {}
  ~Origin() {
    io_.stop();
    thread_.join();
  }
  std::uint16_t port() const { return server_->port(); }

 private:
  boost::asio::io_context io_;
  std::unique_ptr<ScriptedServer> server_;
  std::thread thread_;
};

TEST(Agent, KnowsAHealthyTargetAfterOneProbe) {
  const Origin origin;
  const auto target = loopback(Protocol::http, origin.port(), quick());
  Watcher watcher;
  watcher.agent().watch({target});
  ASSERT_TRUE(watcher.becomes(target, Verdict::up));
  const auto first = watcher.changes(target).front();
  EXPECT_EQ(first.verdict, Verdict::up);
  EXPECT_EQ(first.transitions, 0u);
  EXPECT_EQ(text(*first.last), "passed 200");
}

TEST(Agent, NoticesThatATargetGoesAndComesBack) {
  const ReservedPort port;
  auto origin = std::make_unique<Origin>(kHealthy, port.number());
  const auto target = loopback(Protocol::http, port.number(), quick());
  Watcher watcher;
  watcher.agent().watch({target});
  ASSERT_TRUE(watcher.becomes(target, Verdict::up));
  origin.reset();
  ASSERT_TRUE(watcher.becomes(target, Verdict::down));
  EXPECT_EQ(text(*watcher.changes(target).back().last), "refused Connection refused");
  origin = std::make_unique<Origin>(kHealthy, port.number());
  ASSERT_TRUE(watcher.becomes(target, Verdict::up));
  EXPECT_EQ(watcher.changes(target).size(), 3u);
  EXPECT_EQ(watcher.agent().status().front().transitions, 2u);
}

TEST(Agent, UnknownTargetNeedsFallFailures) {
  const ClosedPort closed;
  const auto target = loopback(Protocol::tcp, closed.port(), quick({.fall = 3}));
  Watcher watcher;
  watcher.agent().watch({target});
  ASSERT_TRUE(watcher.becomes(target, Verdict::down));
  const auto changes = watcher.changes(target);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes.front().verdict, Verdict::unknown) << "the first probe is told";
  EXPECT_GE(watcher.observed(target).size(), 3u);
  EXPECT_EQ(changes.back().transitions, 0u) << "from unknown is none";
}

TEST(Agent, WatchReplacesTheTargets) {
  const Origin a, b;
  const auto first = loopback(Protocol::http, a.port(), quick());
  auto second = loopback(Protocol::http, b.port(), quick());
  second.id.monitor = "other";
  Watcher watcher;
  watcher.agent().watch({first});
  ASSERT_TRUE(watcher.becomes(first, Verdict::up));
  watcher.agent().watch({second});
  ASSERT_EQ(watcher.agent().status().size(), 1u);
  EXPECT_EQ(watcher.agent().status().front().target, second);
  const auto before = watcher.observed(first).size();
  ASSERT_TRUE(watcher.is_observed(second, 5));
  EXPECT_LE(watcher.observed(first).size(), before + 1) << "one may have ended while watch() ran";
}

TEST(Agent, OfATargetThatIsCheckedOtherwiseNothingIsKnown) {
  const Origin origin;
  const ClosedPort closed;
  auto target = loopback(Protocol::http, origin.port(), quick());
  Watcher watcher;
  watcher.agent().watch({target});
  ASSERT_TRUE(watcher.becomes(target, Verdict::up));
  target.monitor.port = closed.port();
  watcher.agent().watch({target});
  EXPECT_NE(watcher.agent().status().front().verdict, Verdict::up);
  EXPECT_TRUE(watcher.becomes(target, Verdict::down));
}

TEST(Agent, EndsWithProbesInFlight) {
  const BlackHole hole;
  const Origin silent({""});
  std::vector<Target> targets;
  for (int i = 0; i < 50; ++i) {
    auto target = loopback(i % 2 ? Protocol::http : Protocol::tcp, i % 3 ? hole.port() : silent.port(),
                           {.interval = 60s, .timeout = 50s});
    target.id.monitor += std::to_string(i);
    targets.push_back(target);
  }
  const ClosedPort closed;  // its end tells that probes of the others have begun
  targets.push_back(loopback(Protocol::tcp, closed.port(), quick()));
  const auto begin = std::chrono::steady_clock::now();
  {
    Watcher watcher;
    watcher.agent().watch(targets);
    ASSERT_TRUE(watcher.is_observed(targets.back(), 10));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s) << "its probes end after 50 s";
}

TEST(Agent, WhoAsksSeesThatItsThreadHangs) {
  const ClosedPort closed;
  auto target = loopback(Protocol::tcp, closed.port(), quick());
  target.monitor.timeout = 30ms;  // one that has time to pass is not late
  std::promise<void> hung, go_on;
  std::atomic<int> seen = 0;
  Agent agent({[&](const Observation&) {
                 if (seen++ != 0) return;
                 hung.set_value();
                 go_on.get_future().wait();
               },
               {}});
  agent.watch({target});
  hung.get_future().wait();
  const auto wait_until_late = [&](bool late) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    const auto is_so = [&] {
      return agent.status().front().late == late && agent.pace().late == (late ? 1u : 0u);
    };
    bool is_seen = false;
    while (!(is_seen = is_so()) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return is_seen;
  };
  EXPECT_TRUE(wait_until_late(true));
  EXPECT_EQ(agent.pace().waiting, 1u);
  go_on.set_value();
  EXPECT_TRUE(wait_until_late(false));
}

TEST(Agent, OneThreadThatHangsHoldsUpOnlyItsOwnTargets) {
  const ClosedPort closed;
  std::vector<Target> targets;
  for (int i = 0; i < 20; ++i) {
    targets.push_back(loopback(Protocol::tcp, closed.port(), quick()));
    targets.back().id.monitor += std::to_string(i);
  }
  std::promise<void> go_on;
  std::mutex mutex;
  std::condition_variable told;
  std::map<TargetId, int> seen;
  bool hangs = false;
  Agent agent({[&](const Observation& what) {
                 std::unique_lock lock(mutex);
                 ++seen[what.target];
                 told.notify_all();
                 if (std::exchange(hangs, true)) return;
                 lock.unlock();
                 go_on.get_future().wait();
               },
               {}},
              512, 2);
  agent.watch(targets);
  {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(told.wait_for(lock, kPatience, [&] {
      return std::count_if(seen.begin(), seen.end(), [](const auto& one) { return one.second >= 5; }) >= 5;
    }));
    const auto held_up =
        std::count_if(targets.begin(), targets.end(), [&](const Target& one) { return seen[one.id] < 2; });
    EXPECT_GE(held_up, 5);
  }
  go_on.set_value();
}

TEST(Agent, SeveralThreadsShareTheTargetsAndTellOfAllInOrder) {
  const Origin origin;
  std::vector<Target> targets;
  for (int i = 0; i < 40; ++i) {
    targets.push_back(loopback(Protocol::http, origin.port(), quick()));
    targets.back().id.monitor += std::to_string(i);
  }
  std::sort(targets.begin(), targets.end(), [](const Target& a, const Target& b) { return a.id < b.id; });
  Watcher watcher(3);
  watcher.agent().watch(targets);
  for (const Target& target : targets) ASSERT_TRUE(watcher.is_observed(target, 2)) << target.id.monitor;
  const auto status = watcher.agent().status();
  ASSERT_EQ(status.size(), targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    EXPECT_EQ(status[i].target, targets[i]);
    EXPECT_EQ(watcher.agent().status(targets[i].id)->target, targets[i]);
    EXPECT_EQ(watcher.changes(targets[i]).size(), 1u);
  }
  targets.resize(1);
  watcher.agent().watch(targets);
  EXPECT_EQ(watcher.agent().status().size(), 1u);
}

TEST(Agent, WatchAndStatusComeFromAnyThread) {
  const Origin origin;
  const auto target = loopback(Protocol::http, origin.port(), quick());
  Watcher watcher;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 100; ++n) {
        auto mine = target;
        mine.monitor.path = "/" + std::to_string(i);
        watcher.agent().watch({mine});
        EXPECT_EQ(watcher.agent().status().size(), 1u);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  watcher.agent().watch({target});
  EXPECT_TRUE(watcher.becomes(target, Verdict::up));
}

TEST(Agent, BlackHolesDoNotDelayTheOthers) {
  const BlackHole hole;
  const Origin origin;
  std::vector<Target> good, holes, all;
  for (int i = 0; i < 500; ++i) {
    const bool is_hole = i % 10 < 3;
    auto target = loopback(i % 2 ? Protocol::http : Protocol::tcp, is_hole ? hole.port() : origin.port(),
                           {.interval = 1s, .retry = 200ms, .timeout = is_hole ? 600ms : 10s});
    target.id.monitor += std::to_string(i);
    (is_hole ? holes : good).push_back(target);
    all.push_back(target);
  }
  Watcher watcher;
  watcher.agent().watch(all);
  for (const auto& target : good) ASSERT_TRUE(watcher.is_observed(target, 4)) << target.id.monitor;
  auto longest = 0ns;
  for (const auto& target : good) {
    const auto seen = watcher.observed(target);
    for (std::size_t i = 1; i < seen.size(); ++i) {
      longest = std::max<std::chrono::nanoseconds>(longest, seen[i].ended - seen[i - 1].ended);
    }
    EXPECT_EQ(watcher.changes(target).back().verdict, Verdict::up) << target.id.monitor;
  }
  // The exact bound is shown in virtual time (roster_test); this one leaves room for a busy machine.
  EXPECT_LE(longest, 5s);
  for (const auto& target : holes) ASSERT_TRUE(watcher.becomes(target, Verdict::down)) << target.id.monitor;
}

}  // namespace
}  // namespace holdfast::health
