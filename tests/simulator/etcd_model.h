#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "health/store/base64.h"

namespace holdfast::simulator {

using Seconds = double;  // since the start of the world

/// What etcd does with what a Session asks of it, as its v3 gateway says it: one version per write, leases, watches,
/// refusals. The texts and codes of these are those of etcd 3.4.
class EtcdModel {
 public:
  struct Key {
    std::string value;
    std::uint64_t revision = 0, lease = 0;
  };
  struct Event {
    bool is_gone = false;
    std::string key;
    Key now;
  };
  struct Answer {
    unsigned status;  // of HTTP
    std::string body;
  };

  bool is_full = false;  // NOSPACE
  std::size_t max_value = 1'500'000;
  std::string token{};            // that is right; empty: there is no authentication
  std::string forbidden{"\xff"};  // no key from this one on may be written

  Answer ask(const std::string& path, const std::string& text, Seconds now, const std::string& by = {}) {
    expire(now);
    const auto body = boost::json::parse(text).as_object();
    if (path == "/v3/auth/authenticate") return good({{"header", header()}, {"token", token}});
    if (by != token) return refused(401, 16, "etcdserver: invalid auth token");
    if (path == "/v3/kv/range") return range(body);
    if (path == "/v3/kv/txn") return write(body.at("success").as_array());
    if (path == "/v3/lease/grant") {
      if (is_full) return refused(429, 8, "etcdserver: mvcc: database space exceeded");
      leases_[++last_lease_] = now + kLease;
      return good({{"header", header()}, {"ID", std::to_string(last_lease_)}});
    }
    const auto lease = leases_.find(body.at("ID").to_number<std::uint64_t>());  // keepalive
    if (lease == leases_.end()) return good({{"result", boost::json::object{{"header", header()}}}});
    lease->second = now + kLease;
    return good({{"result", boost::json::object{{"header", header()}, {"TTL", "10"}}}});
  }

  void expire(Seconds now) {
    for (auto lease = leases_.begin(); lease != leases_.end();) {
      if (lease->second > now) {
        ++lease;
        continue;
      }
      ++revision_;
      for (auto key = keys_.begin(); key != keys_.end();) {
        const auto one = key++;
        if (one->second.lease == lease->first) erase(one);
      }
      lease = leases_.erase(lease);
    }
  }

  /// What happened since the last call, for all who watch.
  std::vector<Event> take_events() { return std::exchange(events_, {}); }
  std::string line(const std::vector<Event>& events) const {
    boost::json::array all;
    for (const Event& event : events) {
      boost::json::object one{{"kv", kv(event.key, event.now)}};
      if (event.is_gone) one["type"] = "DELETE";
      all.push_back(std::move(one));
    }
    return boost::json::serialize(
        boost::json::object{{"result", boost::json::object{{"header", header()}, {"events", all}}}});
  }

  /// What a watch that begins at a revision is told first. Null: that is compacted.
  std::optional<std::vector<Event>> since(std::uint64_t first) const {
    if (first <= compacted_) return std::nullopt;
    std::vector<Event> events;
    for (const Event& event : history_) {
      if (event.now.revision >= first) events.push_back(event);
    }
    return events;
  }
  std::string compacted_line() const {
    return boost::json::serialize(boost::json::object{
        {"result",
         boost::json::object{
             {"header", header()}, {"canceled", true}, {"compact_revision", std::to_string(compacted_)}}}});
  }

  void keep_copy() { copy_ = {keys_, leases_, revision_}; }
  /// A backup is restored. Leases begin anew, and what hangs on those that nobody renews dies with them.
  void go_back(Seconds now) {
    keys_ = copy_.keys;
    leases_ = copy_.leases;
    for (auto& [lease, end] : leases_) end = now + kLease;
    revision_ = copy_.revision;
    forget();
  }
  /// All is lost; `anew`: another cluster answers.
  void wipe(bool anew) {
    keys_.clear();
    leases_.clear();
    if (anew) {
      ++cluster_;
      revision_ = 1;
    }
    forget();
  }

  const std::map<std::string, Key>& keys() const noexcept { return keys_; }
  std::uint64_t revision() const noexcept { return revision_; }

 private:
  static constexpr Seconds kLease = 10;
  static constexpr std::size_t kHistory = 1000;  // events; what is older is compacted
  struct Copy {
    std::map<std::string, Key> keys{};
    std::map<std::uint64_t, Seconds> leases{};
    std::uint64_t revision = 1;
  };

  static Answer good(const boost::json::object& answer) { return {200, boost::json::serialize(answer)}; }
  static Answer refused(unsigned status, int code, const char* why) {
    return {status,
            boost::json::serialize(boost::json::object{{"error", why}, {"message", why}, {"code", code}})};
  }

  Answer range(const boost::json::object& body) {
    const std::string first = health::from_base64(body.at("key").as_string()).value();
    const std::string end = health::from_base64(body.at("range_end").as_string()).value();
    const auto limit = body.at("limit").to_number<std::size_t>();
    const auto* at = body.if_contains("revision");
    if (at != nullptr && !pages_.contains(at->to_number<std::uint64_t>()))
      return refused(400, 11, "etcdserver: mvcc: required revision has been compacted");
    const auto& keys = at == nullptr ? keys_ : pages_.at(at->to_number<std::uint64_t>());
    boost::json::array kvs;
    auto one = keys.lower_bound(first);
    for (; one != keys.end() && one->first < end && kvs.size() < limit; ++one)
      kvs.push_back(kv(one->first, one->second));
    boost::json::object answer{{"header", header()}};
    if (!kvs.empty()) answer["kvs"] = std::move(kvs);
    if (one != keys.end() && one->first < end) {
      answer["more"] = true;
      if (at == nullptr) pages_[revision_] = keys_;
    }
    return good(answer);
  }

  /// All of it or nothing.
  Answer write(const boost::json::array& operations) {
    for (const auto& one : operations) {
      const auto* put = one.as_object().if_contains("requestPut");
      if (put == nullptr) continue;
      const auto& object = put->as_object();
      if (is_full) return refused(429, 8, "etcdserver: mvcc: database space exceeded");
      if (object.at("value").as_string().size() / 4 * 3 > max_value)
        return refused(400, 3, "etcdserver: request is too large");
      if (health::from_base64(object.at("key").as_string()).value() >= forbidden)
        return refused(403, 7, "etcdserver: permission denied");
      if (lease_of(object) != 0 && !leases_.contains(lease_of(object)))
        return refused(404, 5, "etcdserver: requested lease not found");
    }
    ++revision_;
    for (const auto& one : operations) {
      if (const auto* put = one.as_object().if_contains("requestPut")) {
        const auto& object = put->as_object();
        const std::string key = health::from_base64(object.at("key").as_string()).value();
        Key& now = keys_[key];
        now = {health::from_base64(object.at("value").as_string()).value(), revision_, lease_of(object)};
        note({false, key, now});
      } else {
        const auto& object = one.as_object().at("requestDeleteRange").as_object();
        const auto key = keys_.find(health::from_base64(object.at("key").as_string()).value());
        if (key != keys_.end()) erase(key);
      }
    }
    return good({{"header", header()}, {"succeeded", true}});
  }

  static std::uint64_t lease_of(const boost::json::object& put) {
    const auto* lease = put.if_contains("lease");
    return lease == nullptr ? 0 : lease->to_number<std::uint64_t>();
  }
  void erase(std::map<std::string, Key>::iterator key) {
    note({true, key->first, {"", revision_, 0}});
    keys_.erase(key);
  }
  void note(const Event& event) {
    events_.push_back(event);
    history_.push_back(event);
    if (history_.size() <= kHistory) return;
    compacted_ = history_.front().now.revision;
    history_.pop_front();
  }
  void forget() {
    events_.clear();
    history_.clear();
    pages_.clear();
    compacted_ = revision_;
  }
  boost::json::object header() const {
    return {{"cluster_id", std::to_string(cluster_)}, {"revision", std::to_string(revision_)}};
  }
  static boost::json::object kv(const std::string& key, const Key& one) {
    return {{"key", health::to_base64(key)},
            {"value", health::to_base64(one.value)},
            {"mod_revision", std::to_string(one.revision)},
            {"lease", std::to_string(one.lease)}};
  }

  std::uint64_t cluster_ = 7, revision_ = 1, last_lease_ = 0;
  std::map<std::string, Key> keys_;
  std::map<std::uint64_t, Seconds> leases_;  // and when they end
  std::vector<Event> events_;
  std::deque<Event> history_;
  std::uint64_t compacted_ = 0;
  std::map<std::uint64_t, std::map<std::string, Key>> pages_;  // by revision: what is being read page by page
  Copy copy_;
};

}  // namespace holdfast::simulator
