#pragma once

#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <unordered_map>

#include "health/probe/alarm.h"

namespace holdfast::health {

/// Runs libcurl's transfers on an io_context: its multi interface tells which sockets and timer to wait for, Asio waits.
///
/// Belongs to the thread that runs the io_context. Takes two descriptors per connection.
class CurlLoop {
 public:
  using Done = std::function<void(CURLcode)>;

  /// Throws std::bad_alloc if libcurl cannot start.
  explicit CurlLoop(boost::asio::io_context& io);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  /// Starts a transfer; `easy` stays the caller's. `done` is called once, never from within add() and not after
  /// remove(); `easy` may be cleaned up in it. False: libcurl refused.
  [[nodiscard]] bool add(CURL* easy, Done done);
  /// Ends a transfer; nothing happens if there is none. Not to be called from a callback of libcurl.
  void remove(CURL* easy) noexcept;

 private:
  struct Watched;

  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* watched);
  static int on_timer(CURLM* multi, long milliseconds, void* self);
  void wait(curl_socket_t socket, const std::shared_ptr<Watched>& watched, int direction);
  void act(curl_socket_t socket, int events);
  void finish(CURL* easy, CURLcode code);

  boost::asio::io_context& io_;
  std::unique_ptr<CURLM, CURLMcode (*)(CURLM*)> multi_;
  Alarm alarm_;
  std::unordered_map<curl_socket_t, std::shared_ptr<Watched>> watched_;
  std::unordered_map<CURL*, Done> transfers_;
};

}  // namespace holdfast::health
