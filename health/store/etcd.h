#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "health/probe/curl_loop.h"
#include "health/settings.h"
#include "health/store/session.h"

namespace holdfast::health {

/// Sends what a Session wants sent to etcd's JSON gateway, by libcurl, and tells what came. Of the thread that runs the
/// io_context. Certificates are verified, nothing is taken from the environment, nobody is followed elsewhere.
class Etcd {
 public:
  /// Never called from within perform(). As Session has them; a text is valid during the call.
  struct Answers {
    std::function<void(std::uint64_t id, unsigned status, std::string_view body)> replied;
    std::function<void(std::uint64_t id, std::string_view line)> watched;
    std::function<void(std::uint64_t id)> watch_ended;
  };
  /// Of one answer, and of one line of a watch, octets. What is longer counts as no answer.
  static constexpr std::size_t kMaxAnswer = 64U << 20;

  Etcd(boost::asio::io_context& io, StoreSettings settings, Answers answers);
  ~Etcd();
  Etcd(const Etcd&) = delete;
  Etcd& operator=(const Etcd&) = delete;

  void perform(const Session::Action& action);

 private:
  class Exchange;
  void ended(std::uint64_t id, CURLcode code);

  boost::asio::io_context& io_;
  const StoreSettings settings_;
  const Answers answers_;
  CurlLoop loop_;
  std::map<std::uint64_t, std::unique_ptr<Exchange>> exchanges_;  // by id; they go before the loop
  std::uint64_t watch_ = 0;                                       // 0: none
};

}  // namespace holdfast::health
