#include "server/resolver.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace holdfast::server {

namespace asio = boost::asio;
using zones::Name;
using zones::RrType;
using zones::Served;

namespace {

constexpr std::chrono::milliseconds kHeed{50};  // between two looks at what clients wish

zones::ClientSubnet subnet_of(const zones::Wish& wish) {
  if (!wish.is_v6) {
    return {asio::ip::address_v4(static_cast<std::uint32_t>(wish.network >> 32)), wish.bits};
  }
  asio::ip::address_v6::bytes_type octets{};
  for (std::size_t i = 0; i < 8; ++i) octets[i] = static_cast<std::uint8_t>(wish.network >> (56 - 8 * i));
  return {asio::ip::address_v6(octets), wish.bits};
}

}  // namespace

class Resolver::Thread {
 public:
  explicit Thread(Listener listener)
      : listener_(std::move(listener)),
        aliases_(io_, {}, [this](const Name& target, RrType type, const Served& served) {
          listener_.changed(target, type, served);
          answered(target, type);
        }) {
    aliases_.on_refreshed(listener_.refreshed);
    aliases_.ask_first(listener_.own);
    thread_ = std::jthread([this] { run(); });
  }
  ~Thread() { io_.stop(); }

  template <class Work>
  void post(Work work) {
    asio::post(io_, std::move(work));
  }

  zones::Aliases& aliases() { return aliases_; }

  /// Those of which nothing is known yet are what wait() waits for.
  void follow(std::vector<Name> targets) {
    aliases_.follow(std::move(targets));
    const bool had_targets = has_targets_;
    has_targets_ = false;
    std::set<Key> unknown;
    for (const zones::AliasStatus& one : aliases_.status()) {
      has_targets_ = true;
      if (one.served.state == zones::AliasState::unknown) unknown.insert({one.target, one.type});
    }
    if (has_targets_ && !had_targets) look_for_wishes();
    const std::lock_guard lock(mutex_);
    unknown_ = std::move(unknown);
    known_.notify_all();
  }

  void heed(std::vector<std::shared_ptr<zones::Wishes>> wishes) { wishes_ = std::move(wishes); }

  void wait(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    known_.wait_for(lock, most, [this] { return unknown_.empty(); });
  }

 private:
  using Key = std::pair<Name, RrType>;

  /// Whatever a handler throws, most likely for want of memory, costs no more than what it was about.
  void run() {
    while (!io_.stopped()) {
      try {
        io_.run();
      } catch (const std::exception& error) {
        spdlog::error("ANAME targets: {}; they are asked for again when they are due", error.what());
        aliases_.resume();
        look_for_wishes();
      }
    }
  }

  /// Every kHeed, while there is somebody to have wishes.
  void look_for_wishes() {
    if (!has_targets_) return;
    heeding_.expires_after(kHeed);
    heeding_.async_wait([this](boost::system::error_code error) {
      if (!error) look_for_wishes();
    });
    std::vector<zones::Wish> all;
    for (const auto& wishes : wishes_) wishes->take(all);
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    for (const zones::Wish& wish : all) {
      const RrType type = wish.is_aaaa ? RrType::AAAA : RrType::A;
      const std::vector<Name> targets = listener_.targets(wish.live);
      if (targets.size() == 1) aliases_.wish(targets.front(), type, subnet_of(wish));
    }
  }

  void answered(const Name& target, RrType type) {
    const std::lock_guard lock(mutex_);
    if (unknown_.erase({target, type}) != 0 && unknown_.empty()) known_.notify_all();
  }

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  const Listener listener_;
  zones::Aliases aliases_;
  std::vector<std::shared_ptr<zones::Wishes>> wishes_;
  asio::steady_timer heeding_{io_};
  bool has_targets_ = false;
  std::mutex mutex_;
  std::condition_variable known_;
  std::set<Key> unknown_;
  std::jthread thread_;  // ends first
};

Resolver::Resolver(Listener listener) : thread_(std::make_unique<Thread>(std::move(listener))) {}
Resolver::~Resolver() = default;

void Resolver::configure(zones::ResolverSettings settings) {
  thread_->post([thread = thread_.get(), settings = std::move(settings)]() mutable {
    thread->aliases().configure(std::move(settings));
  });
}

void Resolver::remember(std::vector<zones::Known> known) {
  thread_->post([thread = thread_.get(), known = std::move(known)]() mutable {
    thread->aliases().remember(std::move(known));
  });
}

void Resolver::follow(std::vector<Name> targets) {
  thread_->post([thread = thread_.get(), targets = std::move(targets)]() mutable {
    thread->follow(std::move(targets));
  });
}

void Resolver::look_at_ours() {
  thread_->post([thread = thread_.get()] { thread->aliases().look_at_ours(); });
}

void Resolver::heed(std::vector<std::shared_ptr<zones::Wishes>> wishes) {
  thread_->post(
      [thread = thread_.get(), wishes = std::move(wishes)]() mutable { thread->heed(std::move(wishes)); });
}

void Resolver::wait_for_first(std::chrono::milliseconds most) const {
  std::promise<void> reached;  // behind what was posted before
  thread_->post([&] { reached.set_value(); });
  reached.get_future().wait();
  thread_->wait(most);
}

Resolver::Status Resolver::status() const {
  std::promise<Status> told;
  auto status = told.get_future();
  thread_->post([&, thread = thread_.get()] {
    try {
      told.set_value({thread->aliases().status(), thread->aliases().upstreams()});
    } catch (...) {
      told.set_exception(std::current_exception());
    }
  });
  return status.get();
}

}  // namespace holdfast::server
