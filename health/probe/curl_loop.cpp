#include "health/probe/curl_loop.h"

#include <fcntl.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <new>
#include <utility>

namespace holdfast::health {

namespace asio = boost::asio;

/// A socket of libcurl's that Asio waits for, by a descriptor of its own: libcurl 7.88 closes a socket that was still
/// connecting before it says CURL_POLL_REMOVE, when another thread may have been given its number already.
struct CurlLoop::Watched {
  Watched(asio::io_context& io, int copy) : descriptor(io, copy) {}

  asio::posix::stream_descriptor descriptor;
  int wanted = CURL_POLL_NONE;   // a set of CURL_POLL_IN and CURL_POLL_OUT, as is
  int waiting = CURL_POLL_NONE;  // what Asio waits for now
};

CurlLoop::CurlLoop(asio::io_context& io)
    : io_(io),
      multi_((curl_global_init(CURL_GLOBAL_DEFAULT), curl_multi_init()), curl_multi_cleanup),
      alarm_(io) {
  if (!multi_) throw std::bad_alloc();
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

CurlLoop::~CurlLoop() {
  while (!transfers_.empty()) remove(transfers_.begin()->first);
  multi_.reset();  // releases the sockets that it still has, so before watched_ goes
}

bool CurlLoop::add(CURL* easy, Done done) {
  transfers_[easy] = std::move(done);
  if (curl_multi_add_handle(multi_.get(), easy) == CURLM_OK) return true;
  transfers_.erase(easy);
  return false;
}

void CurlLoop::remove(CURL* easy) noexcept {
  if (transfers_.erase(easy) != 0) curl_multi_remove_handle(multi_.get(), easy);
}

int CurlLoop::on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void*) {
  auto& loop = *static_cast<CurlLoop*>(self);
  if (what == CURL_POLL_REMOVE) {
    const auto gone = loop.watched_.extract(socket);
    boost::system::error_code ignored;
    if (!gone.empty()) gone.mapped()->descriptor.close(ignored);  // its handlers come, and see that
    return 0;
  }
  const auto place = loop.watched_.find(socket);
  auto watched = place == loop.watched_.end() ? nullptr : place->second;
  if (!watched) {
    const int copy = fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
      asio::post(loop.io_, [&loop, easy] { loop.finish(easy, CURLE_OUT_OF_MEMORY); });
      return 0;
    }
    watched = loop.watched_[socket] = std::make_shared<Watched>(loop.io_, copy);
  }
  watched->wanted = what;
  loop.wait(socket, watched, CURL_POLL_IN);
  loop.wait(socket, watched, CURL_POLL_OUT);
  return 0;
}

int CurlLoop::on_timer(CURLM*, long milliseconds, void* self) {
  auto& loop = *static_cast<CurlLoop*>(self);
  if (milliseconds < 0) {
    loop.alarm_.cancel();
  } else {
    loop.alarm_.set(std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds),
                    [&loop] { loop.act(CURL_SOCKET_TIMEOUT, 0); });
  }
  return 0;
}

void CurlLoop::wait(curl_socket_t socket, const std::shared_ptr<Watched>& watched, int direction) {
  if ((watched->wanted & direction) == 0 || (watched->waiting & direction) != 0) return;
  watched->waiting |= direction;
  const auto type = direction == CURL_POLL_IN ? asio::posix::descriptor_base::wait_read
                                              : asio::posix::descriptor_base::wait_write;
  watched->descriptor.async_wait(type, [=, this](boost::system::error_code error) {
    if (!watched->descriptor.is_open()) return;
    watched->waiting &= ~direction;
    if ((watched->wanted & direction) == 0) return;  // libcurl changed its mind meanwhile
    const int events = error                       ? CURL_CSELECT_ERR
                       : direction == CURL_POLL_IN ? CURL_CSELECT_IN
                                                   : CURL_CSELECT_OUT;
    act(socket, events);
    if (watched->descriptor.is_open()) wait(socket, watched, direction);
  });
}

void CurlLoop::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_.get(), socket, events, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
  }
}

void CurlLoop::finish(CURL* easy, CURLcode code) {
  const auto transfer = transfers_.extract(easy);
  if (transfer.empty()) return;
  curl_multi_remove_handle(multi_.get(), easy);
  transfer.mapped()(code);
}

}  // namespace holdfast::health
