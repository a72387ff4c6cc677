#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "health/store/base64.h"

namespace holdfast::simulator {

using Seconds = double;  // since the start of the world

/// What etcd does with what a Session asks of it, as its v3 gateway says it: one version per write, leases, watches.
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

  /// @return the body of the answer; empty: none (HTTP 400)
  std::string ask(const std::string& path, const std::string& text, Seconds now) {
    expire(now);
    const auto body = boost::json::parse(text).as_object();
    boost::json::object answer{{"header", header()}};
    if (path == "/v3/kv/range") {
      boost::json::array kvs;
      for (const auto& [key, one] : keys_) kvs.push_back(kv(key, one));
      if (!kvs.empty()) answer["kvs"] = kvs;
    } else if (path == "/v3/lease/grant") {
      leases_[++last_lease_] = now + static_cast<double>(body.at("TTL").to_number<int>());
      answer["ID"] = std::to_string(last_lease_);
    } else if (path == "/v3/lease/keepalive") {
      const auto lease = leases_.find(body.at("ID").to_number<std::uint64_t>());
      if (lease != leases_.end()) lease->second = now + 10;
      answer = {{"result", lease == leases_.end() ? boost::json::object{{"ID", "1"}}
                                                  : boost::json::object{{"TTL", "10"}}}};
    } else if (path == "/v3/kv/txn") {
      ++revision_;
      for (const auto& one : body.at("success").as_array()) {
        const auto& put = one.as_object().at("requestPut").as_object();
        const auto lease = put.if_contains("lease");
        const std::uint64_t id = lease == nullptr ? 0 : lease->to_number<std::uint64_t>();
        if (id != 0 && leases_.count(id) == 0) return {};  // etcdserver: requested lease not found
        set(health::from_base64(put.at("key").as_string()).value(),
            {health::from_base64(put.at("value").as_string()).value(), revision_, id});
      }
    }
    return boost::json::serialize(answer);
  }

  void expire(Seconds now) {
    for (auto lease = leases_.begin(); lease != leases_.end();) {
      if (lease->second > now) {
        ++lease;
        continue;
      }
      ++revision_;
      for (auto key = keys_.begin(); key != keys_.end();) {
        if (key->second.lease != lease->first) {
          ++key;
          continue;
        }
        events_.push_back({true, key->first, {"", revision_, 0}});
        key = keys_.erase(key);
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

  void keep_copy() { copy_ = {keys_, revision_}; }
  /// A backup is restored.
  void go_back() {
    keys_ = copy_.first;
    revision_ = copy_.second;
    leases_.clear();
    events_.clear();
  }
  /// All is lost; `anew`: another cluster answers.
  void wipe(bool anew) {
    keys_.clear();
    leases_.clear();
    events_.clear();
    if (anew) {
      ++cluster_;
      revision_ = 1;
    }
  }

 private:
  boost::json::object header() const {
    return {{"cluster_id", std::to_string(cluster_)}, {"revision", std::to_string(revision_)}};
  }
  static boost::json::object kv(const std::string& key, const Key& one) {
    return {{"key", health::to_base64(key)},
            {"value", health::to_base64(one.value)},
            {"mod_revision", std::to_string(one.revision)},
            {"lease", std::to_string(one.lease)}};
  }
  void set(const std::string& key, Key one) {
    keys_[key] = one;
    events_.push_back({false, key, std::move(one)});
  }

  std::uint64_t cluster_ = 7, revision_ = 1, last_lease_ = 0;
  std::map<std::string, Key> keys_;
  std::map<std::uint64_t, Seconds> leases_;
  std::vector<Event> events_;
  std::pair<std::map<std::string, Key>, std::uint64_t> copy_{{}, 1};
};

}  // namespace holdfast::simulator
