#include "server/transfer/announcer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <boost/asio.hpp>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "server/transfer/announcement.h"
#include "server/transfer/tsig.h"
#include "server/versions/kill_point.h"

namespace holdfast::server {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr unsigned kNotifies = 5;  // until it is only asked, and told now and then
constexpr std::chrono::seconds kFirstWait{1}, kLongest{60};
constexpr std::chrono::seconds kAfterRefusal{10};
constexpr std::chrono::milliseconds kFirstLook{100};
constexpr std::size_t kReply = 2048;              // octets
constexpr std::chrono::milliseconds kBetween{1};  // two NOTIFYs of new versions

}  // namespace

class Announcer::Loop {
 public:
  Loop() : timer_(io_) {
    for (Side* side : {&v4_, &v6_}) open(*side);
    thread_ = std::thread([this] { run(); });
  }
  ~Loop() {
    asio::post(io_, [this] { io_.stop(); });
    thread_.join();
  }

  void configure(std::shared_ptr<const Peers> peers) {
    asio::post(io_, [this, next = std::move(peers)] {
      peers_ = next;
      for (auto at = entries_.begin(); at != entries_.end();) {
        const Peers::OfZone* const known = peers_->of(at->first.zone);
        const bool stays =
            known != nullptr &&
            std::any_of(known->secondaries.begin(), known->secondaries.end(), [&](const Peer* peer) {
              return peer->settings.name == at->first.peer && peer->settings.notify &&
                     has(*peer, at->first.address);
            });
        if (stays) {
          ++at;
        } else {
          times_.erase({at->second.next, at->first});
          const std::lock_guard lock(mutex_);
          at = entries_.erase(at);
        }
      }
    });
  }

  void announce(std::shared_ptr<const Versions::Line> version) {
    asio::post(io_, [this, line = std::move(version)] { begin(line); });
  }

  void sent(const zones::Name& zone, const std::string& peer) {
    asio::post(io_, [this, zone, peer] {
      for (auto at = entries_.lower_bound({zone, peer, {}});
           at != entries_.end() && at->first.zone == zone && at->first.peer == peer; ++at) {
        if (at->second.is_current) continue;
        at->second.stage = Stage::look;
        at->second.looks = 0;
        set_time(at->first, at->second, Clock::now() + kFirstLook);
      }
      wait();
    });
  }

  std::vector<SecondaryStatus> status() const {
    const std::lock_guard lock(mutex_);
    std::vector<SecondaryStatus> all;
    for (const auto& [key, entry] : entries_) {
      SecondaryStatus one{
          .zone = key.zone.text(),
          .peer = key.peer,
          .address = fmt::format("{}:{}", key.address.address().to_string(), key.address.port())};
      one.announced = entry.line->now.serial();
      one.held = entry.held;
      one.is_current = entry.is_current;
      one.is_acknowledged = entry.is_acknowledged;
      one.attempts = entry.attempts;
      one.since = entry.since;
      one.lag = entry.is_current ? entry.lag : Clock::now() - entry.begun;
      one.problem = entry.problem;
      all.push_back(std::move(one));
    }
    return all;
  }

 private:
  struct Key {
    zones::Name zone{};
    std::string peer{};
    udp::endpoint address{};

    auto tie() const { return std::tie(zone, peer, address); }
    bool operator<(const Key& other) const { return tie() < other.tie(); }
  };
  enum class Stage { notify, look, slow };
  struct Entry {
    std::shared_ptr<const Versions::Line> line{};  // to be told of
    std::optional<zones::Serial> held{};
    bool is_current = false, is_acknowledged = false;
    unsigned attempts = 0, looks = 0;
    std::uint16_t notify_id = 0, soa_id = 0;  // of the questions asked last
    Stage stage = Stage::notify;
    Clock::time_point next{}, begun{};
    Clock::duration lag{};
    std::chrono::system_clock::time_point since{};
    std::string problem{};
  };
  struct Side {
    explicit Side(asio::io_context& io, const udp& of) : protocol(of), socket(io) {}
    udp protocol;
    udp::socket socket;
    udp::endpoint from{};
    std::array<std::uint8_t, kReply> reply{};
  };

  static bool has(const Peer& peer, const udp::endpoint& address) {
    return std::any_of(peer.settings.addresses.begin(), peer.settings.addresses.end(), [&](const auto& at) {
      return at.address() == address.address() && at.port() == address.port();
    });
  }

  void run() {
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception& error) {
        spdlog::error("telling secondaries of a version failed: {}", error.what());
        std::this_thread::sleep_for(kFirstLook);
        wait();
      }
    }
  }

  void open(Side& side) {
    error_code failed;
    side.socket.open(side.protocol, failed);
    if (!failed) side.socket.non_blocking(true, failed);
    if (!failed) side.socket.bind({side.protocol, 0}, failed);
    if (!failed) receive(side);
  }

  void receive(Side& side) {
    side.socket.async_receive_from(asio::buffer(side.reply), side.from,
                                   [this, &side](error_code failed, std::size_t size) {
                                     if (failed == asio::error::operation_aborted) return;
                                     // Whatever else failed was about somebody who is not there (ICMP).
                                     try {
                                       if (!failed) heard(side.from, std::span(side.reply).first(size));
                                     } catch (const std::bad_alloc&) {
                                       // As if it had been lost.
                                     }
                                     receive(side);
                                   });
  }

  void begin(const std::shared_ptr<const Versions::Line>& line) {
    const zones::Name zone(line->now.apex());
    const Peers::OfZone* const known = peers_->of(zone);
    if (known == nullptr) return;
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    for (const Peer* peer : known->secondaries) {
      if (!peer->settings.notify || !peer->is_usable()) continue;
      for (const auto& at : peer->settings.addresses) {
        const Key key{zone, peer->settings.name, {at.address(), at.port()}};
        const auto [found, is_new] = entries_.try_emplace(key);
        Entry& entry = found->second;
        if (!is_new && !line->now.serial().is_after(entry.line->now.serial())) continue;
        if (is_new || entry.is_current) {  // else it lags since before
          entry.begun = now;
          entry.since = line->since;
        }
        entry.line = line;
        entry.is_current = entry.is_acknowledged = false;
        entry.attempts = entry.looks = 0;
        entry.stage = Stage::notify;
        // Many zones at once are spread: no secondary takes a flood well.
        next_free_ = std::max(next_free_ + kBetween, now);
        set_time(key, entry, next_free_);
      }
    }
    wait();
  }

  void set_time(const Key& key, Entry& entry, Clock::time_point next) {
    times_.erase({entry.next, key});
    entry.next = next;
    times_.insert({next, key});
  }

  void wait() {
    if (times_.empty()) return;
    timer_.expires_at(times_.begin()->first);
    timer_.async_wait([this](error_code stopped) {
      if (stopped) return;
      const auto now = Clock::now();
      while (!times_.empty() && times_.begin()->first <= now) {
        const Key key = times_.begin()->second;
        times_.erase(times_.begin());
        act(key, entries_.at(key), now);
      }
      wait();
    });
  }

  void act(const Key& key, Entry& entry, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    if (entry.is_current) return;
    const Stage stage = entry.stage;
    if (stage != Stage::look) {
      ask(key, entry, notify_message(next_id(), entry.line->now), true);
      const unsigned shift = std::min(entry.attempts++, kNotifies);
      const auto pause = kFirstWait * (1 << shift);
      if (stage == Stage::notify && entry.attempts >= kNotifies) {
        entry.stage = Stage::slow;
        spdlog::warn("zone {}: {} at {} does not answer NOTIFY; it is told again each {} s", key.zone.text(),
                     key.peer, key.address.address().to_string(), kLongest.count());
      }
      const auto next = stage == Stage::slow ? std::chrono::duration_cast<Clock::duration>(kLongest) : pause;
      entry.next = now + next;
    }
    if (stage != Stage::notify) {
      ask(key, entry, soa_question(next_id(), key.zone), false);
      if (stage == Stage::look) {
        const auto pause =
            std::min<Clock::duration>(kFirstLook * (1 << std::min(entry.looks++, 10U)), kLongest);
        entry.next = now + pause;
      }
    }
    times_.insert({entry.next, key});
  }

  void ask(const Key& key, Entry& entry, std::vector<std::uint8_t> message, bool is_notify) {
    const Peer* const peer = find(key);
    std::size_t size = message.size();
    std::shared_ptr<TsigQuery> check;
    if (is_notify && peer != nullptr && peer->key != nullptr) {
      check = std::make_shared<TsigQuery>(peer->key);
      message.resize(size + tsig_room(*peer->key));
      size = check->sign(message, size, std::chrono::system_clock::now());
      if (size == 0) return;
    }
    const std::uint16_t id = static_cast<std::uint16_t>(message[0] << 8 | message[1]);
    std::uint16_t& last = is_notify ? entry.notify_id : entry.soa_id;
    asked_.erase(last);
    last = id;
    asked_[id] = {key, std::move(check), is_notify};
    Side& side = key.address.address().is_v4() ? v4_ : v6_;
    error_code failed;
    side.socket.send_to(asio::buffer(message.data(), size), key.address, 0, failed);
    if (failed) entry.problem = failed.message();
    if (is_notify) kill_point("notify.sent");
  }

  std::uint16_t next_id() { return static_cast<std::uint16_t>(random_()); }

  const Peer* find(const Key& key) const {
    const Peers::OfZone* const known = peers_->of(key.zone);
    if (known == nullptr) return nullptr;
    for (const Peer* peer : known->secondaries) {
      if (peer->settings.name == key.peer) return peer;
    }
    return nullptr;
  }

  void heard(const udp::endpoint& from, std::span<const std::uint8_t> octets) {
    if (octets.size() < 2) return;
    const auto asked = asked_.find(static_cast<std::uint16_t>(octets[0] << 8 | octets[1]));
    if (asked == asked_.end() || asked->second.key.address != from) return;
    const auto reply = read_reply(octets, asked->second.key.zone);
    if (!reply || (reply->opcode == zones::Opcode::notify) != asked->second.is_notify) return;
    const Key key = asked->second.key;
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    Entry& entry = found->second;
    if (asked->second.check != nullptr && reply->rcode == zones::Rcode::noerror) {
      const TsigAnswer verdict = asked->second.check->verify(octets, std::chrono::system_clock::now());
      if (verdict.verdict != TsigVerdict::valid) {
        const std::lock_guard lock(mutex_);
        entry.problem =
            fmt::format("its reply to NOTIFY is not signed as it must be: {}", text(verdict.verdict));
        return;
      }
    }
    asked_.erase(asked);
    const std::lock_guard lock(mutex_);
    if (reply->opcode == zones::Opcode::notify) {
      heard_of_notify(key, entry, *reply);
    } else {
      heard_of_soa(key, entry, *reply);
    }
    wait();
  }

  void heard_of_notify(const Key& key, Entry& entry, const SecondaryReply& reply) {
    if (entry.is_current || entry.is_acknowledged) return;
    entry.is_acknowledged = true;
    entry.problem.clear();
    if (reply.rcode != zones::Rcode::noerror) {
      entry.problem = fmt::format(
          "it answers NOTIFY with {}: is it a secondary of the zone that takes NOTIFY from our address{}?",
          text(reply.rcode), find(key) != nullptr && find(key)->key != nullptr ? " and key" : "");
      spdlog::warn("zone {}: {} at {}: {}", key.zone.text(), key.peer, key.address.address().to_string(),
                   entry.problem);
    }
    // Who refused it may have been starting, so it is told again.
    const bool is_refused = reply.rcode != zones::Rcode::noerror;
    entry.stage = is_refused ? Stage::slow : Stage::look;
    set_time(key, entry,
             Clock::now() + (is_refused ? Clock::duration(kAfterRefusal) : Clock::duration(kFirstLook)));
  }

  void heard_of_soa(const Key& key, Entry& entry, const SecondaryReply& reply) {
    if (!reply.serial) {
      if (!entry.is_current)
        entry.problem = fmt::format("asked for its SOA it answers {} and none", text(reply.rcode));
      return;
    }
    entry.held = reply.serial;
    const zones::Serial announced = entry.line->now.serial();
    if (entry.is_current || (*reply.serial != announced && !reply.serial->is_after(announced))) return;
    entry.is_current = true;
    entry.lag = Clock::now() - entry.begun;
    entry.problem.clear();
    times_.erase({entry.next, key});
  }

  std::shared_ptr<const Peers> peers_ = std::make_shared<const Peers>();
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::steady_timer timer_;
  Side v4_{io_, udp::v4()}, v6_{io_, udp::v6()};
  std::random_device random_;
  Clock::time_point next_free_{};
  struct Asked {
    Key key{};
    std::shared_ptr<TsigQuery> check{};  // null: it was not signed
    bool is_notify = false;
  };
  std::map<std::uint16_t, Asked> asked_;  // by id; at most 65,536
  std::set<std::pair<Clock::time_point, Key>> times_;
  mutable std::mutex mutex_;  // for status(): held to change entries_
  std::map<Key, Entry> entries_;
  std::thread thread_;
};

Announcer::Announcer() : loop_(std::make_unique<Loop>()) {}
Announcer::~Announcer() = default;
void Announcer::configure(std::shared_ptr<const Peers> peers) { loop_->configure(std::move(peers)); }
void Announcer::announce(std::shared_ptr<const Versions::Line> version) {
  loop_->announce(std::move(version));
}
void Announcer::sent(const zones::Name& zone, const std::string& peer) { loop_->sent(zone, peer); }
std::vector<SecondaryStatus> Announcer::status() const { return loop_->status(); }

}  // namespace holdfast::server
