#include "server/listen/stream.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>

namespace holdfast::server {

Step Stream::step(int done, std::size_t size) noexcept {
  if (done == 1) return {size};
  switch (SSL_get_error(tls_.get(), done)) {
    case SSL_ERROR_WANT_READ: return {0, Step::Then::readable};
    case SSL_ERROR_WANT_WRITE: return {0, Step::Then::writable};
    case SSL_ERROR_ZERO_RETURN: return {0, Step::Then::over};
    default: is_broken_ = true; return {0, Step::Then::over};
  }
}

Step Stream::shake_hands() noexcept {
  ERR_clear_error();
  return step(SSL_do_handshake(tls_.get()), 0);
}

Step Stream::receive(std::span<std::uint8_t> room) noexcept {
  if (tls_ != nullptr) {
    ERR_clear_error();
    std::size_t size = 0;
    const int done = SSL_read_ex(tls_.get(), room.data(), room.size(), &size);
    return step(done, size);
  }
  const ssize_t received = ::recv(fd_, room.data(), room.size(), MSG_DONTWAIT);
  if (received > 0) return {static_cast<std::size_t>(received)};
  const bool nothing_yet = received < 0 && (errno == EAGAIN || errno == EINTR);
  return {0, nothing_yet ? Step::Then::readable : Step::Then::over};
}

Step Stream::send(std::span<const std::uint8_t> octets) noexcept {
  if (tls_ != nullptr) {
    ERR_clear_error();
    std::size_t size = 0;
    const int done = SSL_write_ex(tls_.get(), octets.data(), octets.size(), &size);
    return step(done, size);
  }
  for (;;) {
    const ssize_t sent = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return {static_cast<std::size_t>(sent)};
    if (errno == EINTR) continue;
    return {0, errno == EAGAIN ? Step::Then::writable : Step::Then::over};
  }
}

void Stream::end() noexcept {
  if (tls_ == nullptr || is_broken_ || SSL_is_init_finished(tls_.get()) == 0) return;
  ERR_clear_error();
  SSL_shutdown(tls_.get());
}

}  // namespace holdfast::server
