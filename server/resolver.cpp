#include "server/resolver.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
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

class Resolver::Thread {
 public:
  explicit Thread(Listener listener)
      : listener_(std::move(listener)), aliases_(io_, {}, [this](const Name& target, RrType type, const Served& served) {
          listener_.changed(target, type, served);
          answered(target, type);
        }) {
    aliases_.on_refreshed(listener_.refreshed);
    aliases_.ask_first(listener_.own);
    thread_ = std::jthread([this] { io_.run(); });
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
    std::set<Key> unknown;
    for (const zones::AliasStatus& one : aliases_.status()) {
      if (one.served.state == zones::AliasState::unknown) unknown.insert({one.target, one.type});
    }
    const std::lock_guard lock(mutex_);
    unknown_ = std::move(unknown);
    is_following_ = true;
    known_.notify_all();
  }

  void wait(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    known_.wait_for(lock, most, [this] { return is_following_ && unknown_.empty(); });
  }

 private:
  using Key = std::pair<Name, RrType>;

  void answered(const Name& target, RrType type) {
    const std::lock_guard lock(mutex_);
    if (unknown_.erase({target, type}) != 0 && unknown_.empty()) known_.notify_all();
  }

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  const Listener listener_;
  zones::Aliases aliases_;
  std::mutex mutex_;
  std::condition_variable known_;
  std::set<Key> unknown_;
  bool is_following_ = false;
  std::jthread thread_;  // ends first
};

Resolver::Resolver(Listener listener) : thread_(std::make_unique<Thread>(std::move(listener))) {}
Resolver::~Resolver() = default;

void Resolver::configure(zones::ResolverSettings settings) {
  thread_->post([thread = thread_.get(), settings = std::move(settings)]() mutable {
    thread->aliases().configure(std::move(settings));
  });
}

void Resolver::follow(std::vector<Name> targets) {
  thread_->post([thread = thread_.get(), targets = std::move(targets)]() mutable {
    thread->follow(std::move(targets));
  });
}

void Resolver::wait_for_first(std::chrono::milliseconds most) const { thread_->wait(most); }

Resolver::Status Resolver::status() const {
  std::promise<Status> told;
  auto status = told.get_future();
  thread_->post([&, thread = thread_.get()] {
    told.set_value({thread->aliases().status(), thread->aliases().upstreams()});
  });
  return status.get();
}

}  // namespace holdfast::server
