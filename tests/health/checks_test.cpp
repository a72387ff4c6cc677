#include "health/checks.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>

#include "tests/health/probe/black_hole.h"

namespace holdfast::health {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

const asio::ip::address kLoopback = asio::ip::address_v4::loopback();

/// The etcd of the distribution, on loopback, with data of its own. It can be ended and started again.
class Etcd3 {
 public:
  Etcd3() { start(); }
  ~Etcd3() {
    end();
    std::filesystem::remove_all(directory_);
  }
  Etcd3(const Etcd3&) = delete;
  Etcd3& operator=(const Etcd3&) = delete;

  void start() {
    process_ = ::fork();
    if (process_ != 0) return;
    const std::string data = directory_ + "/data",
                      peer = "http://127.0.0.1:" + std::to_string(peer_.number());
    if (::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(127);
    ::close_range(3, ~0U, 0);  // or it would listen where a test listens no more
    ::execlp("etcd", "etcd", "--data-dir", data.c_str(), "--listen-client-urls", url().c_str(),
             "--advertise-client-urls", url().c_str(), "--listen-peer-urls", peer.c_str(), "--log-level",
             "error", nullptr);
    ::_exit(127);
  }
  void end() {
    if (process_ == 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(std::exchange(process_, 0), nullptr, 0);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_.number()); }
  StoreSettings settings() const { return {.endpoints = {url()}}; }

 private:
  static std::string make_directory() {
    std::string name = std::filesystem::temp_directory_path() / "holdfast-etcd-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    return name;
  }

  const std::string directory_ = make_directory();
  const ReservedPort port_, peer_;
  pid_t process_ = 0;
};

/// What was told, in order, to be waited for.
class Told {
 public:
  void add(std::string what) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(what));
    more_.notify_all();
  }
  /// False: it does not come.
  bool comes(const std::string& what) {
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, 60s, [&] {
      const auto found = std::find(all_.begin(), all_.end(), what);
      if (found == all_.end()) return false;
      all_.erase(all_.begin(), found + 1);
      return true;
    });
  }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<std::string> all_;
};

/// Lists that are only a name here: what it stands for is the same for all.
Target target(std::uint16_t port) {
  Target target{.id = {"web", kLoopback}, .monitor = {.name = "web", .type = Protocol::tcp, .port = port}};
  target.monitor.interval = 100ms;
  target.monitor.retry = 50ms;
  target.monitor.timeout = 5s;  // a probe that is slow here passes all the same
  target.monitor.fall = target.monitor.rise = 1;
  return target;
}

Watchlist shared_list(std::uint16_t port) {
  return {.targets = {target(port)},
          .locations = {},
          .agents = {{"cork", "eu", {}}, {"tokyo", "asia", {}}},
          .digest = "of " + std::to_string(port)};
}

Checks::Listener listener(Told& told) {
  return {.moved =
              [&](std::span<const VerdictTable::Moved> all) {
                for (const VerdictTable::Moved& moved : all) {
                  told.add(std::string(text(moved.before)) + " " + std::string(text(moved.now.verdict)) +
                           ", " + std::string(text(moved.now.basis)));
                }
              },
          .agent_moved =
              [&](const VerdictTable::AgentMoved& moved) {
                told.add(moved.now.name + " " + std::string(text(moved.now.standing)));
              },
          .store_moved =
              [&](const StoreStatus& before, const StoreStatus& now) {
                if (before.state != now.state) told.add("store " + std::string(text(now.state)));
              },
          .speaks = [&](bool speaks) { told.add(speaks ? "speaks" : "is silent"); }};
}

Checks::Options options(const Etcd3& etcd, const char* name, std::uint16_t port) {
  return {.self = {.name = name}, .store = etcd.settings(), .read_list = [port](std::string_view) {
            return std::optional(shared_list(port));
          }};
}

TEST(Checks, AloneBelieveTheirOwnAgentAtOnce) {
  asio::io_context io;
  tcp::acceptor acceptor(io, {kLoopback, 0});
  const std::uint16_t port = acceptor.local_endpoint().port();
  Told told;
  Checks checks({}, listener(told));
  checks.start();
  checks.watch({.targets = {target(port)}, .locations = {}, .agents = {}, .digest = "1"}, "");
  EXPECT_TRUE(told.comes("unknown up, single"));
  acceptor.close();
  EXPECT_TRUE(told.comes("up down, single"));
  const auto targets = checks.targets();
  ASSERT_EQ(targets.size(), 1U);
  ASSERT_TRUE(targets.front().own && targets.front().own->last);
  EXPECT_EQ(targets.front().own->last->outcome, Outcome::refused);
  EXPECT_FALSE(checks.status().store);
  EXPECT_FALSE(checks.accept());
}

TEST(Checks, AloneBeginWithWhatWasKept) {
  const TargetId id{"web", kLoopback};
  const ClosedPort closed;
  Told told;
  Checks checks({}, listener(told));
  checks.start();
  const auto now = std::chrono::system_clock::now();
  checks.watch({.targets = {target(closed.port())}, .locations = {}, .agents = {}, .digest = "1"}, "",
               {{id, Verdict::down, now - 1h, 7, now}});
  EXPECT_TRUE(told.comes("down down, kept"));
  EXPECT_EQ(checks.targets().at(0).transitions, 7U);
}

TEST(Checks, MeetInEtcdAndAgree) {
  const Etcd3 etcd;
  asio::io_context io;
  tcp::acceptor acceptor(io, {kLoopback, 0});
  const std::uint16_t port = acceptor.local_endpoint().port();
  Told told, second;
  Checks server(options(etcd, "ns1", port), listener(told));
  server.start();
  server.watch(shared_list(port), "the list");
  Checks other(options(etcd, "ns2", port), listener(second));
  other.start();
  other.watch(shared_list(port), "the list");
  EXPECT_TRUE(told.comes("store following"));
  Checks cork(options(etcd, "cork", port), {}), tokyo(options(etcd, "tokyo", port), {});
  cork.start();
  tokyo.start();
  EXPECT_TRUE(told.comes("unknown up, quorum"));
  EXPECT_TRUE(second.comes("is silent")) << "both watch the same, and ns1 comes first";
  acceptor.close();
  EXPECT_TRUE(told.comes("up down, quorum"));
  EXPECT_TRUE(second.comes("up down, quorum"));
}

TEST(Checks, HoldTheirVerdictsWithoutTheStoreAndMeetAgain) {
  Etcd3 etcd;
  asio::io_context io;
  tcp::acceptor acceptor(io, {kLoopback, 0});
  const std::uint16_t port = acceptor.local_endpoint().port();
  Told told, agents;  // agents by themselves: when the store follows again, the lease may have ended already
  Checks::Listener apart = listener(told);
  apart.agent_moved = listener(agents).agent_moved;
  Checks server(options(etcd, "ns1", port), std::move(apart));
  server.start();
  server.watch(shared_list(port), "the list");
  std::optional<Checks> cork(std::in_place, options(etcd, "cork", port), Checks::Listener());
  cork->start();
  Checks tokyo(options(etcd, "tokyo", port), {});
  tokyo.start();
  EXPECT_TRUE(agents.comes("cork counted"));
  EXPECT_TRUE(told.comes("unknown up, quorum"));
  etcd.end();
  EXPECT_TRUE(told.comes("store connecting"));
  cork.reset();
  etcd.start();
  EXPECT_TRUE(told.comes("store following"));
  EXPECT_TRUE(agents.comes("cork absent")) << "its lease ends";
  acceptor.close();
  const auto says_down = [&] {
    const auto votes = server.targets().at(0).votes;
    return std::any_of(votes.begin(), votes.end(),
                       [](const VoteStatus& vote) { return vote.verdict == Verdict::down; });
  };
  for (int tries = 0; tries < 600 && !says_down(); ++tries) std::this_thread::sleep_for(100ms);
  EXPECT_TRUE(says_down());
  EXPECT_EQ(server.targets().at(0).verdict, Verdict::up) << "one of two says so: that is held";
  EXPECT_EQ(server.targets().at(0).basis, Basis::alone);
}

}  // namespace
}  // namespace holdfast::health
