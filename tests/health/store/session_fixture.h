#pragma once

#include "health/store/session.h"

#include <gtest/gtest.h>

#include "tests/simulator/etcd_model.h"

namespace holdfast::health {

using namespace std::chrono_literals;
using simulator::EtcdModel;

/// A session, and an etcd that does what it is asked at once, unless it is down.
class SessionTest : public testing::Test {
 protected:
  void start(Session::Trust trust = Session::Trust::cautious) {
    session.emplace(Session::Options{.prefix = "/hf/",
                                     .endpoints = 2,
                                     .user = etcd.token.empty() ? "" : "hf",
                                     .password = {},
                                     .trust = trust},
                    now);
  }

  /// Time passes, with all that is due in it.
  void pass(std::chrono::milliseconds time) {
    for (const auto end = now + time; now < end; now += 50ms) {
      etcd.expire(seconds());
      tell();
      for (const Session::Action& action : session->tick(now)) act(action);
    }
  }
  void act(const Session::Action& action) {
    if (action.kind == Session::Action::Kind::watch) {
      watch = action.id;
      const auto first = boost::json::parse(action.body).at("create_request").at("start_revision");
      if (const auto missed = etcd.since(first.to_number<std::uint64_t>()))
        session->watched(watch, etcd.line(*missed), now);
    }
    if (action.kind == Session::Action::Kind::unwatch) watch = 0;
    if (action.kind != Session::Action::Kind::request) return;
    ++asked[action.path];
    endpoint = action.endpoint;
    const auto answer =
        is_up ? etcd.ask(action.path, action.body, seconds(), is_forgetful ? "void" : action.token)
              : EtcdModel::Answer{0, ""};
    if (action.path == "/v3/lease/grant" && has_no_leases) {
      session->replied(action.id, 200, "{}", now);
    } else if (action.path == "/v3/kv/range" && is_late) {
      delayed.emplace_back(action.id, answer);
    } else {
      session->replied(action.id, answer.status, answer.body, now);
    }
    tell();
  }
  void tell() {
    const auto events = etcd.take_events();
    if (!events.empty() && watch != 0) session->watched(watch, etcd.line(events), now);
  }
  void down() {
    is_up = false;
    if (watch != 0) session->watch_ended(std::exchange(watch, 0), now);
  }
  /// Somebody else writes.
  void write(const std::string& key, const std::string& value) {
    etcd.ask("/v3/kv/txn",
             R"({"success":[{"requestPut":{"key":")" + to_base64(key) + R"(","value":")" + to_base64(value) +
                 R"("}}]})",
             seconds(), etcd.token);
    tell();
  }
  void take_away(const std::string& key) {
    etcd.ask("/v3/kv/txn", R"({"success":[{"requestDeleteRange":{"key":")" + to_base64(key) + R"("}}]})",
             seconds(), etcd.token);
    tell();
  }
  std::string changes() {
    std::string text;
    for (const auto& [key, value] : session->take_changes())
      text += key + (value ? "=" + *value : " gone") + ' ';
    return text;
  }
  double seconds() const { return std::chrono::duration<double>(now.time_since_epoch()).count(); }

  Session::Time now{1h};
  EtcdModel etcd;
  std::optional<Session> session;
  std::map<std::string, int> asked;
  std::uint64_t watch = 0;
  std::size_t endpoint = 0;
  bool is_up = true, is_late = false, is_forgetful = false, has_no_leases = false;
  std::vector<std::pair<std::uint64_t, EtcdModel::Answer>> delayed;  // answers on their way
};

}  // namespace holdfast::health
