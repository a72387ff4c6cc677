#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "zones/alias/reply.h"
#include "zones/alias/settings.h"
#include "zones/alias/upstreams.h"

namespace holdfast::zones {

inline constexpr std::size_t kMaxMismatches =
    20;  ///< wrong packets for one query before it is asked over TCP
inline constexpr std::size_t kMaxWaiting = 100'000;  ///< behind them; more fail at once

inline constexpr std::string_view kOwn = "own";  ///< in place of an upstream: we ourselves

struct LookupCounters {
  std::uint64_t asked = 0;       ///< questions, not packets
  std::uint64_t failed = 0;      ///< of them, without a usable answer
  std::uint64_t mismatches = 0;  ///< packets that were no reply to our query
  std::uint64_t tcp = 0;         ///< times that TCP was needed
};

/// What became of one question.
struct LookupResult {
  Reply reply;
  std::string upstream;  ///< who said so: "192.0.2.53:53", or kOwn; empty when nobody did
  LookupCounters counters;
};

/// Asks upstreams. Each query has a socket and so a random port of its own, connected to the one who is asked. Questions
/// that are the same are asked once. Belongs to the thread that runs `io`: only one may, and only it calls.
class Lookups : public std::enable_shared_from_this<Lookups> {
 public:
  using Done = std::function<void(const LookupResult&)>;
  /// What we answer a query with ourselves; empty where its name is not ours. Called from `io`.
  using Own = std::function<std::vector<std::uint8_t>(std::span<const std::uint8_t> query)>;

  /// @param own  asked before the upstreams, and on behalf of nobody; empty: nothing is ours
  Lookups(boost::asio::io_context& io, ResolverSettings settings, Own own = {});

  /// `done` is called once, from `io`, never from within; not at all after stop().
  void ask(const Question& question, Done done);
  /// Whether we answer for that name ourselves.
  bool is_ours(const Name& name) const { return ask_ourselves({name, RrType::A}).has_value(); }
  /// Questions in flight end by themselves, within tries * timeout, and say nothing.
  void stop();

  std::vector<UpstreamStatus> upstreams() const { return upstreams_.status(AliasClock::now()); }
  const LookupCounters& counters() const noexcept { return counters_; }
  std::size_t waiting() const noexcept { return waiting_.size(); }

 private:
  using Self = std::shared_ptr<Lookups>;
  static boost::asio::awaitable<void> wait_for_budget(Self self);
  static boost::asio::awaitable<LookupResult> look_up(Self self, Question question);
  static boost::asio::awaitable<LookupResult> ask_upstreams(Self self, Question question);
  std::optional<Reply> ask_ourselves(const Question& question) const;
  static boost::asio::awaitable<Reply> ask_over_udp(Self self, std::size_t upstream, const Query& query,
                                                    LookupCounters& counters);
  static boost::asio::awaitable<Reply> ask_over_tcp(Self self, std::size_t upstream, const Query& query);
  static boost::asio::awaitable<Reply> ask_one(Self self, std::size_t upstream, const Question& question,
                                               LookupCounters& counters);
  void start();
  void finish(const Question& question, const LookupResult& result);

  boost::asio::io_context& io_;
  ResolverSettings settings_;
  const Own own_;
  Upstreams upstreams_;
  std::vector<Cookie> cookies_;  ///< by upstream
  LookupCounters counters_;
  std::map<Question, std::vector<Done>> asking_;  ///< in flight or waiting
  std::deque<Question> waiting_;
  std::size_t in_flight_ = 0;
  bool is_stopped_ = false;
};

}  // namespace holdfast::zones
