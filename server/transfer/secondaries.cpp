#include "server/transfer/secondaries.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "server/transfer/boot_time.h"
#include "server/transfer/followed_zone.h"
#include "server/versions/kill_point.h"
#include "zones/chance.h"
#include "zones/replicate/soa.h"

namespace holdfast::server {
namespace {

namespace asio = boost::asio;
using std::chrono::system_clock;
using zones::Name;
using zones::Refresh;
using zones::Serial;

/// Timers stand still while the machine sleeps, BootTime does not: so often they are looked at.
constexpr std::chrono::seconds kLook{5};

std::vector<PrimaryAddress> addresses_of(const std::vector<const Peer*>& peers) {
  std::vector<PrimaryAddress> all;
  for (const Peer* const peer : peers) {
    if (!peer->is_usable()) continue;
    for (const auto& endpoint : peer->settings.addresses) {
      const zones::PeerTls& tls = peer->settings.tls;
      const std::uint16_t port = tls.empty() ? endpoint.port() : tls.port;
      all.push_back({.peer = peer->settings.name,
                     .endpoint = {endpoint.address(), port},
                     .source = peer->source_for(endpoint.address()),
                     .tls = tls,
                     .key = peer->key});
    }
  }
  return all;
}

using Zone = FollowedZone;
using SharedZone = std::shared_ptr<Zone>;

}  // namespace

class Secondaries::Loop {
 public:
  Loop(Host host, Options options)
      : host_(std::move(host)),
        io_(std::make_unique<asio::io_context>(1)),
        work_(io_->get_executor()),
        timer_(*io_),
        pull_(*io_, options.limits) {
    thread_ = std::thread([this] { run(); });
  }
  ~Loop() {
    io_->stop();
    thread_.join();
  }

  template <class Work>
  void post(Work work) {
    asio::post(*io_, std::move(work));
  }

  /// At once, where this is the thread.
  template <class Work>
  void dispatch(Work work) {
    asio::dispatch(*io_, std::move(work));
  }

  struct Wanted {
    Name zone;
    std::vector<PrimaryAddress> primaries;
    std::optional<system_clock::time_point> expires;
  };

  void follow(const std::vector<Wanted>& all) {
    std::map<Name, SharedZone> before = std::exchange(zones_, {});
    for (const Wanted& wanted : all) {
      const auto known = before.find(wanted.zone);
      if (known != before.end() && known->second->primaries == wanted.primaries) {
        zones_.emplace(wanted.zone, known->second);
        before.erase(known);
      } else {
        const SharedZone old = known == before.end() ? nullptr : known->second;
        zones_.emplace(wanted.zone, begin(wanted, old.get()));
      }
    }
    for (const auto& [name, zone] : before) forget(*zone);
    {
      const std::lock_guard lock(mutex_);
      std::erase_if(statuses_, [this](const auto& one) { return !zones_.contains(one.first); });
    }
    std::vector<SharedZone> followed;  // what a step leads to may forget some
    for (const auto& [name, zone] : zones_) followed.push_back(zone);
    for (const SharedZone& zone : followed) step(zone);
    wait();
  }

  void forget(const std::vector<Name>& zones) {
    for (const Name& name : zones) {
      const auto zone = zones_.find(name);
      if (zone == zones_.end()) continue;
      forget(*zone->second);
      zones_.erase(zone);
    }
    const std::lock_guard lock(mutex_);
    for (const Name& name : zones) forgetting_.erase(name);
  }

  void will_forget(const std::vector<Name>& zones) {
    const std::lock_guard lock(mutex_);
    forgetting_.insert(zones.begin(), zones.end());
  }
  bool is_forgetting(const Name& zone) const {
    const std::lock_guard lock(mutex_);
    return forgetting_.contains(zone);
  }

  /// However often primaries, or those who can send in their names, say something: it waits in one place for each zone.
  void notified(const Name& zone, std::optional<Serial> serial) {
    const std::lock_guard lock(mutex_);
    const auto [entry, is_new] = notified_.try_emplace(zone, serial);
    if (!is_new && entry->second && serial && serial->is_after(*entry->second)) entry->second = serial;
    if (!is_new && !serial) entry->second.reset();
    if (notified_.size() == 1 && is_new) post([this] { take_notifies(); });
  }

  void retry(const Name& name) {
    const auto found = zones_.find(name);
    if (found == zones_.end()) return;
    const SharedZone zone = found->second;
    zone->refresh.retry(boot_now());
    step(zone);
    wait();
  }

  std::optional<SecondaryZone::Time> expires(const Name& zone) const {
    const std::lock_guard lock(mutex_);
    const auto found = statuses_.find(zone);
    return found == statuses_.end() ? std::nullopt : found->second.expires;
  }

  std::vector<SecondaryZone> status() const {
    const std::lock_guard lock(mutex_);
    std::vector<SecondaryZone> all;
    for (const auto& [name, status] : statuses_) all.push_back(status);
    return all;
  }

 private:
  /// Whatever a handler throws, most likely for want of memory, costs no more than what it was about.
  void run() {
    while (!io_->stopped()) {
      try {
        io_->run();
      } catch (const std::exception& error) {
        spdlog::error("zones of other primaries: {}; they are looked at again when they are due",
                      error.what());
        wait();
      }
    }
  }

  SharedZone begin(const Wanted& wanted, Zone* old) {
    auto zone = std::make_shared<Zone>(wanted.zone, wanted.primaries);
    const auto now = boot_now();
    const auto wall_now = system_clock::now();
    auto expires = wanted.expires;
    if (old != nullptr) {
      if (const auto until = old->refresh.expires()) expires = wall_now + (*until - now);
      zone->status = old->status;
      forget(*old);
    }
    if (const auto current = current_of(wanted.zone)) {
      const auto timers = zones::timers_of(*current->rrset(current->apex_node(), zones::RrType::SOA).begin());
      zone->refresh.begin(Serial(current->serial()), timers, expires.value_or(wall_now + timers.expire), now,
                          wall_now, zones::draw_chance());
    } else {
      zone->refresh.begin(now);
    }
    if (zone->primaries.empty())
      zone->failed("no primary can be asked: the keys of all are missing, or their addresses");
    return zone;
  }

  void forget(Zone& zone) {
    zone.is_followed = false;
    (*zone.stop)();
    if (zone.wakes) times_.erase({*zone.wakes, zone.name});
  }

  std::shared_ptr<const zones::Zone> current_of(const Name& name) const {
    auto current = host_.current(name);
    return current != nullptr && current->is_available() ? current : nullptr;
  }

  void take_notifies() {
    std::map<Name, std::optional<Serial>> all;
    {
      const std::lock_guard lock(mutex_);
      all.swap(notified_);
    }
    const auto now = boot_now();
    for (const auto& [name, serial] : all) {
      const auto found = zones_.find(name);
      if (found == zones_.end()) continue;
      const SharedZone zone = found->second;
      zone->refresh.notified(serial, now);
      step(zone);
    }
    wait();
  }

  /// Does what is to be done for a zone, and sees when that is so again.
  void step(const SharedZone& zone) {
    if (!zone->is_followed) return;
    while (!zone->primaries.empty()) {
      const Refresh::Todo todo = zone->refresh.todo(boot_now(), zones::draw_chance());
      if (todo.kind == Refresh::Kind::nothing) break;
      if (todo.kind == Refresh::Kind::ask) {
        ++zone->round;
        zone->status.warning.clear();
        for (std::size_t i = 0; i < zone->primaries.size(); ++i) questions_.push_back({zone, i, zone->round});
      } else {
        zone->is_queued = true;
        transfers_.push_back({zone, todo.primary, 0});
      }
    }
    begin_questions();
    begin_transfers();
    look_at_expiry(*zone);
    if (!zone->is_followed) return;
    publish(*zone);
    sleep(*zone);
  }

  void look_at_expiry(Zone& zone) {
    const auto now = boot_now();
    const bool is_old = zone.refresh.is_old(now);
    const bool is_expired = zone.refresh.is_expired(now);
    if (is_old && !std::exchange(zone.status.is_old, is_old)) {
      spdlog::warn("zone {}: no primary has confirmed serial {} for half of the time for which it is good",
                   zone.name.text(), zone.refresh.have()->value());
    }
    zone.status.is_old = is_old;
    if (is_expired == std::exchange(zone.status.is_expired, is_expired)) return;
    if (is_expired) {
      spdlog::error("zone {}: no primary has confirmed serial {} for as long as it is good: it has expired",
                    zone.name.text(), zone.refresh.have()->value());
    } else {
      spdlog::info("zone {}: is good again", zone.name.text());
    }
    host_.expired(zone.name, is_expired);
  }

  void publish(Zone& zone) {
    zone.describe(boot_now(), system_clock::now());
    const std::lock_guard lock(mutex_);
    statuses_[zone.name] = zone.status;
  }

  void sleep(Zone& zone) {
    if (zone.wakes) times_.erase({*zone.wakes, zone.name});
    const Refresh& refresh = zone.refresh;
    zone.wakes = zone.primaries.empty() ? std::nullopt : refresh.due();
    if (refresh.expires() && !zone.status.is_expired) {
      const auto now = boot_now();
      const auto next = zone.status.is_old ? *refresh.expires() : refresh.gets_old();
      zone.wakes = std::min(zone.wakes.value_or(next), std::max(next, now));
    }
    if (zone.wakes) times_.insert({*zone.wakes, zone.name});
  }

  void wait() {
    const auto now = boot_now();
    auto pause = std::chrono::duration_cast<zones::BootClock::duration>(kLook);
    if (!times_.empty())
      pause = std::clamp(times_.begin()->first - now, zones::BootClock::duration(0), pause);
    timer_.expires_after(pause);
    timer_.async_wait([this](boost::system::error_code stopped) {
      if (!stopped) wake();
    });
  }

  void wake() {
    const auto now = boot_now();
    std::vector<SharedZone> due;
    for (auto at = times_.begin(); at != times_.end() && at->first <= now; ++at)
      due.push_back(zones_.at(at->second));
    for (const SharedZone& zone : due) step(zone);
    wait();
  }

  // ---- questions for a SOA

  struct Job {
    SharedZone zone;
    std::size_t primary = 0;
    std::uint64_t round = 0;
  };

  void begin_questions() {
    while (asking_ < kMaxSoaQuestions && !questions_.empty()) {
      const Job job = questions_.front();
      questions_.pop_front();
      if (!job.zone->is_followed || job.round != job.zone->round) continue;
      ++asking_;
      asio::co_spawn(*io_, ask(job), [this, job](const std::exception_ptr& failure) {
        --asking_;
        if (failure) unanswered(job, "cannot be asked: no memory");
        step_again(job.zone);
      });
    }
  }

  asio::awaitable<void> ask(Job job) {
    co_await asio::post(asio::use_awaitable);  // never within step()
    Zone& zone = *job.zone;
    const PrimaryAddress& primary = zone.primaries[job.primary];
    zones::SoaReply reply = co_await pull_.ask_soa(primary, zone.name, !zone.no_edns[job.primary]);
    if (reply.no_edns_may_help && !zone.no_edns[job.primary]) {
      zone.no_edns[job.primary] = true;
      reply = co_await pull_.ask_soa(primary, zone.name, false);
    }
    if (reply.kind != zones::SoaReply::Kind::serial) {
      unanswered(job, reply.problem);
      co_return;
    }
    if (job.round != zone.round) co_return;
    const auto have = zone.refresh.have();
    zone.refresh.answered(job.primary, reply.serial, reply.expire, boot_now());
    const bool is_behind = have && reply.serial != *have && !reply.serial.is_after(*have);
    if (is_behind) {
      zone.status.warning = fmt::format("{} is behind, with serial {}", primary.text(), reply.serial.value());
    } else {
      zone.status.warning.clear();
      if (have == reply.serial)
        zone.succeeded(fmt::format("{} has serial {}, as we", primary.text(), have->value()));
    }
  }

  void unanswered(const Job& job, const std::string& problem) {
    if (job.round != job.zone->round) return;
    job.zone->refresh.unanswered(job.primary);
    job.zone->failed(job.zone->primaries[job.primary].text() + " " + problem);
  }

  // ---- transfers

  void begin_transfers() {
    while (transferring_ < kMaxTransfers && !transfers_.empty()) {
      const Job job = transfers_.front();
      transfers_.pop_front();
      job.zone->is_queued = false;
      if (!job.zone->is_followed) continue;
      ++transferring_;
      asio::co_spawn(*io_, transfer(job), [this, job](const std::exception_ptr& failure) {
        --transferring_;
        if (failure) transfer_failed(*job.zone, job.primary, "cannot be asked: no memory");
        step_again(job.zone);
      });
      if (job.zone->is_followed) publish(*job.zone);
    }
  }

  asio::awaitable<void> transfer(Job job) {
    co_await asio::post(asio::use_awaitable);
    Zone& zone = *job.zone;
    const PrimaryAddress& primary = zone.primaries[job.primary];
    const auto current = current_of(zone.name);
    zones::TransferQuestion question{.id = 0, .apex = zone.name};
    if (current) question.have = Serial(current->serial());
    question.is_incremental = question.have.has_value();
    for (;;) {  // IXFR, AXFR, both again without EDNS: each is given up once at most
      const bool edns = !zone.no_edns[job.primary];
      const auto begun = std::chrono::steady_clock::now();
      Pull::Transfer done = co_await pull_.transfer(primary, question, edns, zone.stop);
      zone.status.octets += done.octets;
      if (!zone.is_followed) co_return;
      if (done.problem.empty()) done.problem = take(zone, primary, question, done, begun);
      if (done.problem.empty()) co_return;
      if (done.no_edns_may_help && edns) {
        zone.no_edns[job.primary] = true;
      } else if (done.axfr_may_help && question.is_incremental) {
        spdlog::info("zone {}: {} {}; it is asked for the whole zone", zone.name.text(), primary.text(),
                     done.problem);
        question.is_incremental = false;
      } else {
        transfer_failed(zone, job.primary, done.problem);
        co_return;
      }
    }
  }

  /// @return why it was refused, as a sentence about the primary
  std::string take(Zone& zone, const PrimaryAddress& primary, const zones::TransferQuestion& question,
                   Pull::Transfer& done, std::chrono::steady_clock::time_point begun) {
    const auto now = boot_now();
    if (std::holds_alternative<zones::UpToDate>(*done.received)) {
      zone.refresh.was_up_to_date(done.expire, now, zones::draw_chance());
      zone.succeeded(fmt::format("{} has serial {}, as we", primary.text(), question.have->value()));
      return {};
    }
    const std::vector<std::uint8_t> soa = soa_of(*done.received);
    const Serial serial = zones::serial_of(soa);
    const bool is_change = std::holds_alternative<zones::Changes>(*done.received);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    std::string refused;
    kill_point("transfer-in.received");
    try {
      refused = host_.deliver(zone.name, std::move(*done.received));
    } catch (const std::exception& error) {
      refused = error.what();
    }
    if (!refused.empty()) {
      done.axfr_may_help = is_change;
      return fmt::format("sent serial {}, which was refused: {}", serial.value(), refused);
    }
    ++(is_change ? zone.status.changes : zone.status.whole);
    const std::string from = question.have ? fmt::format("{} to ", question.have->value()) : std::string();
    zone.refresh.took(serial, zones::timers_of(soa), done.expire, boot_now(), zones::draw_chance());
    zone.said.clear();
    zone.succeeded(fmt::format("serial {}{} from {}, by {}: {} records, {} octets, {:.2f} s", from,
                               serial.value(), primary.text(), is_change ? "IXFR" : "AXFR", done.records,
                               done.octets, took.count()));
    spdlog::info("zone {}: {}", zone.name.text(), zone.status.success);
    return {};
  }

  void transfer_failed(Zone& zone, std::size_t primary, const std::string& problem) {
    if (!zone.refresh.is_transferring()) return;
    ++zone.status.failed;
    zone.refresh.failed();
    zone.failed(zone.primaries[primary].text() + " " + problem);
  }

  void step_again(const SharedZone& zone) {
    step(zone);
    begin_questions();
    begin_transfers();
    wait();
  }

  const Host host_;
  std::map<Name, SharedZone> zones_;
  std::set<std::pair<zones::BootTime, Name>> times_;  // when a zone is to be looked at
  std::deque<Job> questions_, transfers_;             // that wait for their turn
  std::size_t asking_ = 0, transferring_ = 0;

  mutable std::mutex mutex_;  // of the next three
  std::map<Name, SecondaryZone> statuses_;
  std::map<Name, std::optional<Serial>> notified_;
  std::set<Name> forgetting_;

  std::unique_ptr<asio::io_context> io_;  // what is under way in it ends before all above
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer timer_;
  Pull pull_;
  std::thread thread_;
};

Secondaries::Secondaries(Host host, Options options)
    : loop_(std::make_unique<Loop>(std::move(host), std::move(options))) {}
Secondaries::~Secondaries() = default;

void Secondaries::follow(std::vector<Followed> zones) {
  std::vector<Loop::Wanted> all;
  for (Followed& one : zones) all.push_back({one.zone, addresses_of(one.primaries), one.expires});
  loop_->post([loop = loop_.get(), all = std::move(all)] { loop->follow(all); });
}

void Secondaries::forget(std::vector<Name> zones) {
  loop_->will_forget(zones);
  loop_->dispatch([loop = loop_.get(), zones = std::move(zones)] { loop->forget(zones); });
}

void Secondaries::notified(const Name& zone, std::optional<Serial> serial) { loop_->notified(zone, serial); }

void Secondaries::retry(const Name& zone) {
  loop_->post([loop = loop_.get(), zone] { loop->retry(zone); });
}

bool Secondaries::is_forgetting(const Name& zone) const { return loop_->is_forgetting(zone); }

std::vector<SecondaryZone> Secondaries::status() const { return loop_->status(); }

std::optional<SecondaryZone::Time> Secondaries::expires(const Name& zone) const {
  return loop_->expires(zone);
}

}  // namespace holdfast::server
