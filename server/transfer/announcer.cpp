#include "server/transfer/announcer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <boost/asio.hpp>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "server/transfer/announcement.h"
#include "server/transfer/announcements.h"
#include "server/transfer/source_address.h"
#include "server/transfer/tsig.h"
#include "server/versions/kill_point.h"
#include "zones/replicate/transfer_query.h"

namespace holdfast::server {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;
using Clock = Announcements::Clock;
using Key = Announcements::Key;
using Question = Announcements::Question;

constexpr std::chrono::milliseconds kAfterFailure{100};
constexpr std::size_t kReply = 2048;  // octets

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
      const std::lock_guard lock(mutex_);
      announcements_.configure(*peers_);
      std::erase_if(last_, [this](const auto& one) { return !announcements_.has(one.first.first); });
    });
  }

  void announce(std::shared_ptr<const Versions::Line> version) {
    asio::post(io_, [this, line = std::move(version)] {
      {
        const std::lock_guard lock(mutex_);
        announcements_.begin(line, *peers_, Clock::now());
      }
      wait();
    });
  }

  void forget(std::vector<zones::Name> zones) {
    asio::post(io_, [this, zones = std::move(zones)] {
      const std::lock_guard lock(mutex_);
      announcements_.forget(zones);
    });
  }

  void sent(const zones::Name& zone, const std::string& peer) {
    asio::post(io_, [this, zone, peer] {
      {
        const std::lock_guard lock(mutex_);
        announcements_.sent(zone, peer, Clock::now());
      }
      wait();
    });
  }

  std::vector<SecondaryStatus> status() const {
    const std::lock_guard lock(mutex_);
    return announcements_.status(Clock::now());
  }

 private:
  struct Side {
    explicit Side(asio::io_context& io, const udp& of) : protocol(of), socket(io) {}
    udp protocol;
    udp::socket socket;
    udp::endpoint from{};
    std::array<std::uint8_t, kReply> reply{};
  };

  void run() {
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception& error) {
        spdlog::error("telling secondaries of a version failed: {}", error.what());
        std::this_thread::sleep_for(kAfterFailure);
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

  void wait() {
    const auto next = announcements_.next();
    if (!next) return;
    timer_.expires_at(*next);
    timer_.async_wait([this](error_code stopped) {
      if (stopped) return;
      {
        const std::lock_guard lock(mutex_);
        announcements_.act(Clock::now(), [this](const Key& key, const zones::Contents& version,
                                                Question question) { return ask(key, version, question); });
      }
      wait();
    });
  }

  std::string ask(const Key& key, const zones::Contents& version, Question question) {
    const bool is_notify = question == Question::notify;
    std::vector<std::uint8_t> message =
        is_notify ? notify_message(next_id(), version) : zones::soa_query(next_id(), key.zone, false);
    const Peer* const peer = find(key);
    std::size_t size = message.size();
    std::shared_ptr<TsigQuery> check;
    if (is_notify && peer != nullptr && peer->key != nullptr) {
      check = std::make_shared<TsigQuery>(peer->key);
      message.resize(size + tsig_room(*peer->key));
      size = check->sign(message, size, std::chrono::system_clock::now());
      if (size == 0) return "NOTIFY cannot be signed";
    }
    const std::uint16_t id = static_cast<std::uint16_t>(message[0] << 8 | message[1]);
    const auto [last, is_first] = last_.try_emplace({key, question}, id);
    if (!is_first) asked_.erase(std::exchange(last->second, id));
    asked_[id] = {key, std::move(check), is_notify};
    Side& side = key.address.address().is_v4() ? v4_ : v6_;
    error_code failed;
    const auto source = peer != nullptr ? peer->source_for(key.address.address()) : asio::ip::address();
    send_from(side.socket, source, key.address, std::span(message).first(size), failed);
    if (is_notify) kill_point("notify.sent");
    if (may_be_of_source(failed) && !source.is_unspecified())
      return fmt::format("{}; is its `source`, {}, an address of this machine?", failed.message(),
                         source.to_string());
    return failed ? failed.message() : std::string();
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
    if (asked->second.check != nullptr && reply->rcode == zones::Rcode::noerror) {
      const TsigAnswer verdict = asked->second.check->verify(octets, std::chrono::system_clock::now());
      if (verdict.verdict != TsigVerdict::valid) {
        const std::lock_guard lock(mutex_);
        announcements_.failed(
            key, fmt::format("its reply to NOTIFY is not signed as it must be: {}", text(verdict.verdict)));
        return;
      }
    }
    asked_.erase(asked);
    {
      const std::lock_guard lock(mutex_);
      if (reply->opcode != zones::Opcode::notify) {
        announcements_.heard_of_soa(key, *reply, Clock::now());
      } else if (announcements_.heard_of_notify(key, reply->rcode, Clock::now()) &&
                 reply->rcode != zones::Rcode::noerror) {
        was_refused(key, reply->rcode);
      }
    }
    wait();
  }

  void was_refused(const Key& key, zones::Rcode rcode) {
    const Peer* const peer = find(key);
    std::string problem = fmt::format(
        "it answers NOTIFY with {}: is it a secondary of the zone that takes NOTIFY from our address{}?",
        text(rcode), peer != nullptr && peer->key != nullptr ? " and key" : "");
    spdlog::warn("zone {}: {} at {}: {}", key.zone.text(), key.peer, key.address.address().to_string(),
                 problem);
    announcements_.failed(key, std::move(problem));
  }

  std::shared_ptr<const Peers> peers_ = std::make_shared<const Peers>();
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::steady_timer timer_;
  Side v4_{io_, udp::v4()}, v6_{io_, udp::v6()};
  std::random_device random_;
  struct Asked {
    Key key{};
    std::shared_ptr<TsigQuery> check{};  // null: it was not signed
    bool is_notify = false;
  };
  std::map<std::uint16_t, Asked> asked_;                    // by id; at most 65,536
  std::map<std::pair<Key, Question>, std::uint16_t> last_;  // ids of the questions asked last
  mutable std::mutex mutex_;                                // for status(): held to change this
  Announcements announcements_;
  std::thread thread_;
};

Announcer::Announcer() : loop_(std::make_unique<Loop>()) {}
Announcer::~Announcer() = default;
void Announcer::configure(std::shared_ptr<const Peers> peers) { loop_->configure(std::move(peers)); }
void Announcer::announce(std::shared_ptr<const Versions::Line> version) {
  loop_->announce(std::move(version));
}
void Announcer::forget(std::vector<zones::Name> zones) { loop_->forget(std::move(zones)); }
void Announcer::sent(const zones::Name& zone, const std::string& peer) { loop_->sent(zone, peer); }
std::vector<SecondaryStatus> Announcer::status() const { return loop_->status(); }

}  // namespace holdfast::server
