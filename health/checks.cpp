#include "health/checks.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include "health/agent/agent.h"
#include "health/event.h"
#include "health/notify/secret.h"
#include "health/probe/alarm.h"
#include "health/store/etcd.h"

namespace holdfast::health {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;
using std::chrono::system_clock;

/// What an agent is called that nobody else ever hears of.
constexpr std::string_view kNoName = "local";
constexpr std::chrono::seconds kPaceEvery{1};
constexpr int kNiceness = 5;  // as probes: many verdicts at once are much work (setpriority(2))

Session::Options session_options(const StoreSettings& store, Session::Trust trust) {
  Session::Options options{.prefix = store.prefix,
                           .endpoints = store.endpoints.size(),
                           .user = store.user,
                           .password = {},
                           .trust = trust,
                           .seed = std::random_device()()};
  if (store.user.empty()) return options;
  const auto password = read_secret(store.password_file);
  if (const auto* fault = std::get_if<SecretFault>(&password))
    throw std::runtime_error("[store] password_file: " + fault->what);
  options.password = std::get<std::string>(password);
  return options;
}

Council::Options council_options(const Checks::Options& options) {
  Council::Options result{.self = options.self.name.empty() ? std::string(kNoName) : options.self.name,
                          .incarnation = make_event_id(system_clock::now()),
                          .references = options.self.references,
                          .store = {},
                          .read_list = options.read_list};
  if (options.store) result.store = session_options(*options.store, options.trust);
  return result;
}

}  // namespace

class Checks::Thread {
 public:
  Thread(const Options& options, Listener listener)
      : listener_(std::move(listener)),
        council_(council_options(options), steady_clock::now()),
        agent_({.observed = [this](const Observation& seen) { observed(seen); },
                .changed = [this](Verdict before, const TargetStatus& now) { changed(before, now); },
                .doubted = [this](const TargetStatus& now) { doubted(now); }},
               options.probes_in_flight, options.probe_threads) {
    if (options.store) {
      etcd_.emplace(io_, *options.store,
                    Etcd::Answers{.replied =
                                      [this](std::uint64_t id, unsigned status, std::string_view body) {
                                        came([&](Session& session, steady_clock::time_point now) {
                                          session.replied(id, status, body, now);
                                        });
                                      },
                                  .watched =
                                      [this](std::uint64_t id, std::string_view line) {
                                        came([&](Session& session, steady_clock::time_point now) {
                                          session.watched(id, line, now);
                                        });
                                      },
                                  .watch_ended =
                                      [this](std::uint64_t id) {
                                        came([&](Session& session, steady_clock::time_point now) {
                                          session.watch_ended(id, now);
                                        });
                                      }});
    }
  }

  ~Thread() { stop(); }

  void start() {
    asio::post(io_, [this] { step(); });
    thread_ = std::thread([this] { run(); });
  }

  void stop() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  void watch(Watchlist own, std::string published, const std::vector<KeptVerdict>& kept) {
    const std::lock_guard lock(mutex_);
    // Alone, the agent need not settle anew what was settled; one of several says only what it has seen.
    if (council_.session() == nullptr) agent_.remember(kept);
    council_.watch(std::move(own), std::move(published), kept, steady_clock::now(), system_clock::now());
    wake();
  }

  void put_override(const std::string& id, std::optional<std::string> value) {
    const std::lock_guard lock(mutex_);
    if (council_.session() == nullptr) return;
    if (value) {
      council_.put_override(id, *std::move(value));
    } else {
      council_.drop_override(id);
    }
    wake();
  }

  std::vector<MergedStatus> targets() const {
    std::vector<MergedStatus> all;
    {
      const std::lock_guard lock(mutex_);
      all = council_.table().status();
    }
    std::vector<TargetStatus> own = agent_.status();  // by id, as those are
    auto next = own.begin();
    for (MergedStatus& one : all) {
      while (next != own.end() && next->target.id < one.target.id) ++next;
      if (next != own.end() && next->target.id == one.target.id) one.own = std::move(*next++);
    }
    return all;
  }

  std::vector<TargetStatus> probed() const { return agent_.status(); }
  Pace pace() const { return agent_.pace(); }

  MeetingStatus status() const {
    const std::lock_guard lock(mutex_);
    return {.agents = council_.table().agents(),
            .blind = council_.is_blind(),
            .duties = duties_,
            .held = council_.table().held(),
            .store = store_status()};
  }

  bool accept() {
    const std::lock_guard lock(mutex_);
    Session* const session = council_.session();
    if (session == nullptr || session->state() != Session::State::refused) return false;
    session->accept(steady_clock::now());
    wake();
    return true;
  }

 private:
  void run() {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
    while (true) {
      try {
        io_.run();
        return;
      } catch (const std::exception& error) {  // of memory, or of what others wrote
        spdlog::error("checks: {}; going on", error.what());
        alarm_.set(steady_clock::now() + kPaceEvery, [this] { step(); });
      }
    }
  }

  void changed(Verdict before, const TargetStatus& now) {
    if (listener_.changed) listener_.changed(before, now);
    const std::lock_guard lock(mutex_);
    council_.voted(now);
    wake();
  }

  void doubted(const TargetStatus& now) {
    const std::lock_guard lock(mutex_);
    council_.doubted(now);
    wake();
  }

  void observed(const Observation& seen) {
    if (listener_.observed) listener_.observed(seen);
    const std::lock_guard lock(mutex_);
    council_.observed(seen);
    wake();
  }

  /// To step before it was planned, if that is due.
  void wake() {
    if (is_woken_ || council_.due(steady_clock::now()) >= planned_) return;
    is_woken_ = true;
    asio::post(io_, [this] { step(); });
  }

  void came(const std::function<void(Session&, steady_clock::time_point)>& tell) {
    const std::lock_guard lock(mutex_);
    tell(*council_.session(), steady_clock::now());
    if (!std::exchange(is_woken_, true)) asio::post(io_, [this] { step(); });  // one for many lines
  }

  /// All that is due. What comes of it is told outside of the lock, since whoever is told may ask back.
  void step() {
    const auto now = steady_clock::now();
    if (now >= pace_at_) {
      look_at_pace(now);
      if (listener_.tick) listener_.tick(now);
    }
    std::vector<Session::Action> actions;
    std::optional<std::vector<Target>> duties;
    VerdictTable::Moves moves;
    std::vector<Council::Override> overrides;
    std::optional<StoreStatus> store;
    bool speaks = true;
    {
      const std::lock_guard lock(mutex_);
      is_woken_ = false;
      council_.tick(steady_clock::now(), system_clock::now());  // not before what was told of it meanwhile
      actions = council_.take_actions();
      duties = council_.take_duties();
      if (duties) duties_ = duties->size();
      moves = council_.take_moves();
      overrides = council_.take_overrides();
      store = store_status();
      speaks = council_.speaks(now);
      planned_ = std::min(council_.due(now), pace_at_);
    }
    alarm_.set(planned_, [this] { step(); });
    for (const Session::Action& action : actions) etcd_->perform(action);
    if (duties) agent_.watch(*duties);
    for (const Council::Override& one : overrides) {
      if (listener_.override_heard) listener_.override_heard(one.id, one.json);
    }
    if (store && (store->state != told_.state || store->problem != told_.problem ||
                  store->unreadable != told_.unreadable)) {
      const StoreStatus before = std::exchange(told_, *store);
      if (listener_.store_moved) listener_.store_moved(before, *store);
    }
    if (speaks_ != speaks) {
      speaks_ = speaks;
      if (listener_.speaks) listener_.speaks(speaks);
    }
    if (listener_.agent_moved) std::for_each(moves.agents.begin(), moves.agents.end(), listener_.agent_moved);
    for (VerdictTable::Moved& target : moves.targets) target.now.own = agent_.status(target.now.target.id);
    if (listener_.moved && !moves.targets.empty()) listener_.moved(moves.targets);
    if (!moves.doubts.empty() && listener_.doubted) listener_.doubted(moves.doubts);
  }

  /// Who does not keep up says nothing, and leaves what is its own to end: most of what it says would be old.
  void look_at_pace(steady_clock::time_point now) {
    pace_at_ = now + kPaceEvery;
    const Pace pace = agent_.pace();
    const std::lock_guard lock(mutex_);
    council_.set_alive(pace.late == 0 || pace.late * 2 < duties_);
  }

  std::optional<StoreStatus> store_status() const {
    const Session* const session = council_.session();
    if (session == nullptr) return std::nullopt;
    return StoreStatus{.state = session->state(),
                       .problem = session->problem().empty() ? session->write_problem() : session->problem(),
                       .last_contact = session->last_contact(),
                       .revision = session->revision(),
                       .waiting_writes = session->waiting_writes(),
                       .malformed = council_.malformed(),
                       .unreadable = {council_.unreadable().begin(), council_.unreadable().end()},
                       .servers = council_.view().lists().size()};
  }

  const Listener listener_;
  mutable std::mutex
      mutex_;  // guards the next four; it may be held while the agent's is taken, never the other way
  Council council_;
  bool is_woken_ = false;
  steady_clock::time_point planned_ = steady_clock::time_point::max();
  std::size_t duties_ = 0;

  // Of the council's thread.
  asio::io_context io_{1};
  const asio::executor_work_guard<asio::io_context::executor_type> stay_{io_.get_executor()};
  Alarm alarm_{io_};
  steady_clock::time_point pace_at_{};
  StoreStatus told_{};
  bool speaks_ = true;
  std::optional<Etcd> etcd_;

  Agent agent_;
  std::thread thread_;
};

Checks::Checks(Options options, Listener listener)
    : thread_(std::make_unique<Thread>(options, std::move(listener))) {}

Checks::~Checks() = default;

void Checks::start() { thread_->start(); }
void Checks::stop() { thread_->stop(); }

void Checks::watch(Watchlist own, std::string published, const std::vector<KeptVerdict>& kept) {
  thread_->watch(std::move(own), std::move(published), kept);
}
void Checks::put_override(const std::string& id, std::optional<std::string> value) {
  thread_->put_override(id, std::move(value));
}
std::vector<MergedStatus> Checks::targets() const { return thread_->targets(); }
std::vector<TargetStatus> Checks::probed() const { return thread_->probed(); }
Pace Checks::pace() const { return thread_->pace(); }
MeetingStatus Checks::status() const { return thread_->status(); }
bool Checks::accept() { return thread_->accept(); }

}  // namespace holdfast::health
