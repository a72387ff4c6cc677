#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::health {

/// Our side of a conversation with etcd (its v3 JSON gateway), as a value machine: it says what to send and is told what
/// came. No I/O, no clock, no lock; what is sent how is the business of whoever drives it, and a test can be a bad etcd.
///
/// It keeps in the store what it was told to put there, and a copy of all that is below the prefix. The watch is only a
/// hint: everything is read again after each reconnect and every kReadAll. A lease ties to this process what dies with it.
class Session {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds kReadAll{30};
  static constexpr std::chrono::seconds kWriteEvery{1};  ///< one transaction in this time, at most
  static constexpr std::chrono::seconds kLease{
      10};  ///< what hangs on it is gone so long after the last sign of life
  static constexpr std::chrono::seconds kRenew{3};
  static constexpr std::chrono::seconds kTimeout{2};                                 ///< of a request
  static constexpr std::chrono::milliseconds kFirstRetry{250}, kLongestRetry{2000};  ///< half of it is chance
  static constexpr std::size_t kMaxKeys = 4096, kMaxValue = 4U << 20;

  /// Whether another store than the one known (another cluster, a lower revision, nothing below the prefix) is believed.
  enum class Trust : std::uint8_t {
    cautious,  ///< not before accept(): a server would lose votes by it
    content,   ///< as soon as there is something below the prefix: an agent, which only learns what to do
  };
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

  /// What is to stand in the store from now on. @param leased  dies with this process, or when it does not see
  void put(const std::string& key, std::string value, bool leased);
  void erase(const std::string& key);
  /// Whether the lease is renewed: not when what hangs on it is not worth believing.
  void set_alive(bool alive) { alive_ = alive; }
  /// An operator says that the store is right, and what was known is not.
  void accept(Time now);

  std::vector<Action> tick(Time now);
  /// When to call tick() next, if nothing comes before.
  Time due(Time now) const;
  /// @param status  of HTTP; 0: there was no answer
  void replied(std::uint64_t id, unsigned status, std::string_view body, Time now);
  void watched(std::uint64_t id, std::string_view line, Time now);
  void watch_ended(std::uint64_t id, Time now);

  /// What changed since the last call, in order.
  std::vector<Change> take_changes();

  State state() const noexcept { return state_; }
  const std::string& problem() const noexcept { return problem_; }  ///< empty: none
  std::optional<Time> last_contact() const noexcept { return last_contact_; }
  std::size_t waiting_writes() const noexcept;
  /// Of the store that is believed; 0: none yet. Never falls but by accept().
  std::uint64_t revision() const noexcept { return revision_; }

 private:
  enum class Asked : std::uint8_t { token, range, grant, renew, write };
  struct Known {
    std::string value;
    std::uint64_t revision = 0;
    bool leased = false;
  };
  struct Wanted {
    std::string value;
    bool leased = false;
    bool erased = false;
    bool is_there = false;  // as far as we know
  };

  std::uint64_t ask(Asked what, std::string path, std::string body, std::vector<Action>& actions);
  bool is_asked(Asked what) const;
  void failed(std::string problem, Time now);
  void got_range(std::string_view body, Time now);
  void refuse(std::string problem);
  void set(const std::string& key, std::optional<Known> now);
  std::string write_body();

  const Options options_;
  std::minstd_rand chance_;
  State state_ = State::connecting;
  std::string problem_;
  std::optional<Time> last_contact_;

  std::size_t endpoint_ = 0;
  unsigned failures_ = 0;  // in a row
  Time retry_at_;
  std::string token_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Asked> asked_;
  std::uint64_t watch_ = 0;     // 0: none
  bool watch_is_open_ = false;  // told to whoever drives
  bool read_all_ = true;        // is due
  Time read_at_;

  std::uint64_t cluster_ = 0, revision_ = 0;  // of the store that we believe; 0: none yet
  std::uint64_t read_revision_ = 0;           // of what was read last as a whole
  std::map<std::string, Known> known_;
  std::map<std::string, std::uint64_t> gone_;  // when, since then
  std::vector<Change> changes_;

  bool alive_ = true;
  std::uint64_t lease_ = 0;
  Time renew_at_;
  std::map<std::string, Wanted> wanted_;
  std::vector<std::string> writing_;
  Time write_at_;
};

}  // namespace holdfast::health
