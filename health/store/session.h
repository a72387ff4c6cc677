#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "health/store/outbox.h"

namespace holdfast::health {

/// Our side of a conversation with etcd (its v3 JSON gateway), as a value machine: it says what to send and is told what
/// came. No I/O, no clock, no lock; what is sent how is the business of whoever drives it, and a test can be a bad etcd.
///
/// It keeps in the store what it was told to put there, and a copy of all that is below the prefix. The watch is only a
/// hint: everything is read again after each reconnect and every kReadAll, so that a watch that says nothing any more
/// (etcd itself only gives a sign of life every ten minutes) costs no more than that. A lease ties to this process what dies
/// with it.
class Session {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds kReadAll{30};
  static constexpr std::chrono::seconds kWriteEvery{1};  ///< one transaction in this time, at most
  static constexpr std::chrono::seconds kTryAgain =
      Outbox::kTryAgain;  ///< what etcd refused: a write, a lease, a watch
  static constexpr std::chrono::seconds kLease{
      10};  ///< what hangs on it is gone so long after the last sign of life
  static constexpr std::chrono::seconds kRenew{3};
  static constexpr std::chrono::seconds kTimeout{2};                                 ///< of a request
  static constexpr std::chrono::milliseconds kFirstRetry{250}, kLongestRetry{2000};  ///< half of it is chance
  static constexpr std::size_t kMaxKeys = 4096, kMaxValue = 4U << 20;  ///< what is larger counts as empty
  static constexpr std::size_t kMaxCopy = 64U << 20;  ///< octets of values; a store with more is not followed
  static constexpr std::size_t kPage = 128;           ///< keys in one answer

  /// Whether another store than the one known (another cluster, a lower revision, nothing below the prefix) is believed.
  enum class Trust : std::uint8_t {
    cautious,  ///< not before accept(): a server would lose votes by it
    content,   ///< as soon as others have put something there to stay: an agent, which only learns what to do
  };
  using Life = Outbox::Life;
  struct Options {
    std::string prefix;              ///< "/holdfast/"
    std::size_t endpoints = 1;       ///< tried in turn
    std::string user{}, password{};  ///< empty: no authentication
    Trust trust = Trust::cautious;
    std::uint32_t seed = 0;  ///< of the chance in retries
  };

  /// Something to do. A request has an answer, replied(); a watch has lines and an end.
  struct Action {
    enum class Kind : std::uint8_t { request, watch, unwatch };
    Kind kind = Kind::request;
    std::uint64_t id = 0;
    std::size_t endpoint = 0;
    std::string path{};
    std::string body{};   ///< JSON
    std::string token{};  ///< Authorization header; empty: none
  };
  /// What became of a key; null: it is gone. Keys are without the prefix.
  struct Change {
    std::string key;
    std::optional<std::string> value;
  };
  enum class State : std::uint8_t { connecting, following, refused };

  Session(Options options, Time now);

  /// What is to stand in the store from now on, or not to stand there. Tried until it is done.
  void put(const std::string& key, std::string value, Life life) { outbox_.put(key, std::move(value), life); }
  void erase(const std::string& key) { outbox_.erase(key); }
  /// Whether the lease is renewed: not when what hangs on it is not worth believing.
  void set_alive(bool alive) { alive_ = alive; }
  /// An operator says that the store is right, and what was known is not.
  void accept(Time now);

  std::vector<Action> tick(Time now);
  /// When to call tick() next, if nothing comes before; Time::max(): not before an answer. Whoever drives says so in
  /// replied() when there is none within kTimeout.
  Time due(Time now) const;
  /// @param status  of HTTP; 0: there was no answer
  void replied(std::uint64_t id, unsigned status, std::string_view body, Time now);
  void watched(std::uint64_t id, std::string_view line, Time now);
  void watch_ended(std::uint64_t id, Time now);

  /// What changed since the last call, in order.
  std::vector<Change> take_changes();

  State state() const noexcept { return state_; }
  /// Why we do not hear what is in the store; empty: none.
  const std::string& problem() const noexcept { return problem_.empty() ? watch_problem_ : problem_; }
  /// Why something of ours is not in the store, although etcd answers: no space, too large, not permitted; empty: none.
  const std::string& write_problem() const noexcept { return write_problem_; }
  std::optional<Time> last_contact() const noexcept { return last_contact_; }
  std::size_t waiting_writes() const noexcept { return outbox_.waiting(); }
  /// Of the store that is believed; 0: none yet. Never falls but by accept().
  std::uint64_t revision() const noexcept { return revision_; }

 private:
  enum class Asked : std::uint8_t { token, range, grant, renew, write };
  struct Known {
    std::string value;
    std::uint64_t revision = 0;
    bool leased = false;
  };
  /// A reading of everything below the prefix, page by page, all as of one revision.
  struct Reading {
    std::uint64_t known = 0;  // the revision that we knew when it began
    std::uint64_t cluster = 0, revision = 0;
    std::string last{};  // key; empty: this is the first page
    std::size_t octets = 0;
    std::map<std::string, Known> found{};
  };
  struct Error {
    int code = 0;  // of gRPC; 0: this did not come from etcd
    std::string message{};
  };

  std::uint64_t ask(Asked what, std::string path, std::string body, std::vector<Action>& actions);
  bool is_asked(Asked what) const;
  bool needs_token() const { return !options_.user.empty() && token_.empty(); }
  bool needs_lease() const;
  bool has_lease() const { return lease_ != 0 && alive_; }
  bool has_content(const std::map<std::string, Known>& found) const;
  std::string write_body(Time now);

  void failed(std::string problem, Time now);
  void denied(std::uint64_t id, Asked what, const Error& error, Time now);
  bool renew_token(std::uint64_t id);
  void watch_denied(const Error& error, Time now);
  static Error error_of(const boost::json::object& object);
  static bool is_about_token(const Error& error);
  bool got_page(const boost::json::object& answer, Time now);
  void got_all(Reading reading, Time now);
  void got_event(const boost::json::object& event, std::uint64_t& newest);
  void disbelieve(std::string problem);
  void set(const std::string& key, std::optional<Known> now);

  const Options options_;
  std::minstd_rand chance_;
  State state_ = State::connecting;
  std::string problem_, watch_problem_, write_problem_;
  std::optional<Time> last_contact_;

  std::size_t endpoint_ = 0;
  unsigned failures_ = 0;  // in a row
  Time retry_at_;
  std::string token_;
  std::uint64_t token_id_ = 0;     // of the request that it came of
  bool token_has_served_ = false;  // for anything
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Asked> asked_;
  std::uint64_t watch_ = 0;     // 0: none
  bool watch_is_open_ = false;  // told to whoever drives
  Time watch_at_;
  bool watch_spoke_ = false;  // since everything was read last
  bool read_all_ = true;      // is due, before anything else
  Time read_at_;
  Reading reading_;

  std::string refused_for_;                   // until it is accepted; empty: nothing
  std::uint64_t cluster_ = 0, revision_ = 0;  // of the store that we believe; 0: none yet
  std::uint64_t read_revision_ = 0;           // of what was read last as a whole
  std::map<std::string, Known> known_;
  std::map<std::string, std::uint64_t> gone_;  // when, since then
  std::vector<Change> changes_;

  bool alive_ = true;
  std::uint64_t lease_ = 0;
  Time renew_at_, grant_at_;
  Outbox outbox_;
  Time write_at_;
};

}  // namespace holdfast::health
