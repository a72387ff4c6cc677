#include "health/agent/agent.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "tests/health/probe/black_hole.h"
#include "tests/health/probe/probe_once.h"
#include "tests/health/probe/scripted_server.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 10s;  // how long an event is waited for before a test fails

const Script kHealthy{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};

MonitorSettings quick(MonitorSettings monitor = {}) {
  monitor.interval = 40ms;
  monitor.timeout = 30ms;
  monitor.retry = 5ms;
  return monitor;
}

/// An agent, and all that it told.
class Watcher {
 public:
  Watcher()
      : agent_({[this](const Observation& seen) { tell([&] { observed_[seen.target].push_back(seen); }); },
                [this](const TargetStatus& now) { tell([&] { changed_[now.target.id].push_back(now); }); }}) {
  }

  Agent& agent() { return agent_; }

  /// Waits for the next change of the target that leads to `verdict`, or for the first of all.
  bool becomes(const Target& target, Verdict verdict) {
    return wait([&] {
      const auto& changes = changed_[target.id];
      return !changes.empty() && changes.back().verdict == verdict;
    });
  }
  bool is_observed(const Target& target, std::size_t times) {
    return wait([&] { return observed_[target.id].size() >= times; });
  }
  std::size_t observations(const Target& target) {
    const std::lock_guard lock(mutex_);
    return observed_[target.id].size();
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
  auto origin = std::make_unique<Origin>();
  const auto target = loopback(Protocol::http, origin->port(), quick());
  Watcher watcher;
  watcher.agent().watch({target});
  ASSERT_TRUE(watcher.becomes(target, Verdict::up));
  origin.reset();
  ASSERT_TRUE(watcher.becomes(target, Verdict::down));
  EXPECT_EQ(text(*watcher.changes(target).back().last), "refused Connection refused");
  origin = std::make_unique<Origin>(kHealthy, target.monitor.port);
  ASSERT_TRUE(watcher.becomes(target, Verdict::up));
  EXPECT_EQ(watcher.changes(target).size(), 3u);
  EXPECT_EQ(watcher.agent().status().front().transitions, 2u);
}

}  // namespace
}  // namespace holdfast::health
