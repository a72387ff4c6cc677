#include "server/transfer/announcements.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace holdfast::server {
namespace {

constexpr unsigned kNotifies = 5;  // until it is only asked, and told now and then
constexpr std::chrono::seconds kFirstWait{1}, kLongest{60};
constexpr std::chrono::seconds kAfterRefusal{10};
constexpr std::chrono::milliseconds kFirstLook{100};
constexpr std::chrono::milliseconds kBetween{1};  // two NOTIFYs of new versions

bool has(const Peer& peer, const boost::asio::ip::udp::endpoint& address) {
  return std::any_of(peer.settings.addresses.begin(), peer.settings.addresses.end(), [&](const auto& at) {
    return at.address() == address.address() && at.port() == address.port();
  });
}

}  // namespace

void Announcements::configure(const Peers& peers) {
  std::erase_if(entries_, [&](const auto& one) {
    const Key& key = one.first;
    const Peers::OfZone* const known = peers.of(key.zone);
    return known == nullptr ||
           std::none_of(known->secondaries.begin(), known->secondaries.end(), [&](const Peer* peer) {
             return peer->settings.name == key.peer && peer->settings.notify &&
                    server::has(*peer, key.address);
           });
  });
}

void Announcements::begin(const std::shared_ptr<const Versions::Line>& line, const Peers& peers,
                          Clock::time_point now) {
  const zones::Name zone(line->now.apex());
  const Peers::OfZone* const known = peers.of(zone);
  if (known == nullptr) return;
  for (const Peer* peer : known->secondaries) {
    if (!peer->settings.notify || !peer->is_usable()) continue;
    for (const auto& at : peer->settings.addresses) {
      const Key key{zone, peer->settings.name, {at.address(), at.port()}};
      const auto [found, is_new] = entries_.try_emplace(key);
      Entry& entry = found->second;
      if (entry.line != nullptr && !line->now.serial().is_after(entry.line->now.serial())) continue;
      // Many zones at once are spread: no secondary takes a flood well.
      next_free_ = std::max(next_free_ + kBetween, now);
      set_time(key, entry, next_free_);
      if (is_new || entry.is_current) {  // else it lags since before
        entry.begun = now;
        entry.since = line->since;
      }
      entry.line = line;
      entry.is_current = entry.is_acknowledged = false;
      entry.attempts = entry.looks = 0;
      entry.stage = Stage::notify;
    }
  }
}

void Announcements::forget(const std::vector<zones::Name>& zones) {
  for (const zones::Name& zone : zones) {
    auto at = entries_.lower_bound({zone, {}, {}});
    while (at != entries_.end() && at->first.zone == zone) {
      times_.erase({at->second.next, at->first});
      at = entries_.erase(at);
    }
  }
}

void Announcements::sent(const zones::Name& zone, const std::string& peer, Clock::time_point now) {
  for (auto at = entries_.lower_bound({zone, peer, {}});
       at != entries_.end() && at->first.zone == zone && at->first.peer == peer; ++at) {
    if (at->second.is_current) continue;
    at->second.stage = Stage::look;
    at->second.looks = 0;
    set_time(at->first, at->second, now + kFirstLook);
  }
}

/// It has one or the other, whatever is thrown.
void Announcements::set_time(const Key& key, Entry& entry, Clock::time_point next) {
  auto node = times_.extract({entry.next, key});
  if (node.empty()) {
    times_.insert({next, key});
  } else {
    node.value().first = next;
    times_.insert(std::move(node));
  }
  entry.next = next;
}

std::optional<Announcements::Clock::time_point> Announcements::next() const {
  if (times_.empty()) return std::nullopt;
  return times_.begin()->first;
}

void Announcements::act(Clock::time_point now, const Send& send) {
  while (!times_.empty() && times_.begin()->first <= now) {
    auto node = times_.extract(times_.begin());
    const Key key = node.value().second;
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.is_current || found->second.line == nullptr) continue;
    Entry& entry = found->second;
    const Stage stage = entry.stage;
    Clock::duration pause = kLongest;
    if (stage == Stage::notify) {
      pause = kFirstWait * (1 << entry.attempts);
      if (entry.attempts + 1 >= kNotifies) entry.stage = Stage::slow;
    } else if (stage == Stage::look) {
      pause = std::min<Clock::duration>(kFirstLook * (1 << std::min(entry.looks++, 10U)), kLongest);
    }
    if (stage != Stage::look) ++entry.attempts;
    // First its next time: what is thrown below costs no more than this one.
    node.value().first = entry.next = now + pause;
    times_.insert(std::move(node));
    if (entry.stage != stage)
      spdlog::warn("zone {}: {} at {} does not answer NOTIFY; it is told again each {} s", key.zone.text(),
                   key.peer, key.address.address().to_string(), kLongest.count());
    for (const Question question : {Question::notify, Question::soa}) {
      if (stage == (question == Question::notify ? Stage::look : Stage::notify)) continue;
      if (std::string failed = send(key, entry.line->now, question); !failed.empty())
        entry.problem = std::move(failed);
    }
  }
}

bool Announcements::heard_of_notify(const Key& key, zones::Rcode rcode, Clock::time_point now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return false;
  Entry& entry = found->second;
  const bool refused_before = entry.is_acknowledged && entry.stage == Stage::slow;
  if (entry.is_current || (entry.is_acknowledged && !(refused_before && rcode == zones::Rcode::noerror)))
    return false;
  entry.is_acknowledged = true;
  entry.problem.clear();
  // Who refused it may have been starting, so it is told again.
  const bool is_refused = rcode != zones::Rcode::noerror;
  entry.stage = is_refused ? Stage::slow : Stage::look;
  set_time(key, entry, now + (is_refused ? Clock::duration(kAfterRefusal) : Clock::duration(kFirstLook)));
  return true;
}

void Announcements::heard_of_soa(const Key& key, const SecondaryReply& reply, Clock::time_point now) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.line == nullptr) return;
  Entry& entry = found->second;
  if (!reply.serial) {
    if (!entry.is_current)
      entry.problem = fmt::format("asked for its SOA it answers {} and none", text(reply.rcode));
    return;
  }
  entry.held = reply.serial;
  const zones::Serial announced = entry.line->now.serial();
  if (entry.is_current || (*reply.serial != announced && !reply.serial->is_after(announced))) return;
  entry.is_current = true;
  entry.lag = now - entry.begun;
  entry.problem.clear();
  times_.erase({entry.next, key});
}

void Announcements::failed(const Key& key, std::string problem) {
  if (const auto found = entries_.find(key); found != entries_.end())
    found->second.problem = std::move(problem);
}

std::vector<SecondaryStatus> Announcements::status(Clock::time_point now) const {
  std::vector<SecondaryStatus> all;
  for (const auto& [key, entry] : entries_) {
    if (entry.line == nullptr) continue;
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
    one.lag = entry.is_current ? entry.lag : now - entry.begun;
    one.problem = entry.problem;
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace holdfast::server
