#include "server/tls/service.h"

#include <openssl/err.h>

#include <algorithm>
#include <new>
#include <span>
#include <stdexcept>

#include "server/tls/files.h"
#include "server/tls/socket_bio.h"

namespace holdfast::server {
namespace {

constexpr unsigned char kDot[] = {'d', 'o', 't'};

/// RFC 7301 3.2: who offers something, and not "dot", is at the wrong place.
int choose_dot(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
               unsigned offered_size, void*) {
  for (std::span<const unsigned char> left(offered, offered_size); !left.empty();) {
    const std::size_t length = std::min<std::size_t>(left[0], left.size() - 1);
    const auto one = left.subspan(1, length);
    if (std::equal(one.begin(), one.end(), std::begin(kDot), std::end(kDot))) {
      *chosen = one.data();
      *size = static_cast<unsigned char>(one.size());
      return SSL_TLSEXT_ERR_OK;
    }
    left = left.subspan(1 + length);
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int take_any(X509_STORE_CTX*, void*) { return 1; }

}  // namespace

TlsService::TlsService(TlsSettings settings) : settings_(std::move(settings)), context_(make(false)) {}

TlsService::Context TlsService::make(bool asks) const {
  const Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (context == nullptr) throw std::bad_alloc();
  if (SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1)
    throw std::runtime_error("TLS 1.3 is not there");
  // What is not taken is sent again from another place; who is silent holds on to no buffers.
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  // Whoever sends nothing but KeyUpdate lets others go before after each of them.
  SSL_CTX_clear_mode(context.get(), SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_dot, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  if (asks) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context.get(), take_any, nullptr);
  }
  // A ticket takes the client's certificate along, and leaves behind those that it was issued by.
  SSL_CTX_set_num_tickets(context.get(), asks ? 0 : 1);
  show_certificate(context.get(), settings_.certificate, settings_.key);
  return context;
}

std::string TlsService::read() {
  const std::lock_guard reading(reading_);
  try {
    Context next = make(asks_);
    const std::lock_guard lock(mutex_);
    context_.swap(next);
    return {};
  } catch (const std::exception& error) {
    return std::string(error.what()) + "; TLS goes on with the certificate of before";
  }
}

void TlsService::ask_for_certificates(bool asks) {
  const std::lock_guard reading(reading_);
  if (asks == asks_) return;
  asks_ = asks;
  try {
    Context next = make(asks);
    const std::lock_guard lock(mutex_);
    context_.swap(next);
  } catch (const std::exception&) {
    // The files became bad: the next read() says so.
  }
}

Tls TlsService::accept(int fd) const noexcept {
  Context context;
  {
    const std::lock_guard lock(mutex_);
    context = context_;
  }
  ERR_clear_error();
  Tls tls(SSL_new(context.get()));
  BIO* const socket = tls == nullptr ? nullptr : socket_bio(fd);
  if (socket == nullptr) return nullptr;
  SSL_set_bio(tls.get(), socket, socket);
  SSL_set_accept_state(tls.get());
  return tls;
}

bool is_dot(const SSL* connection) noexcept {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(connection, &chosen, &size);
  return std::equal(chosen, chosen + size, std::begin(kDot), std::end(kDot));
}

}  // namespace holdfast::server
