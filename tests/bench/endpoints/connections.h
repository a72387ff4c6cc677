#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <unordered_map>

#include "tests/bench/endpoints/service.h"
#include "tests/bench/load/sockets.h"

namespace holdfast::bench {

/// What an endpoint says over TCP.
struct Manners {
  std::string greeting{};  ///< at once; empty: the client goes first
  std::string asked{};     ///< how what the client says ends; empty: nothing is waited for but its leave
  std::string answer{};    ///< to that; the endpoint closes then
};

/// tcp, http and smtp; with a certificate tls and https.
class Connections final : public Service {
 public:
  /// @param context  null: no TLS
  Connections(std::uint16_t port, Manners manners, std::shared_ptr<SSL_CTX> context);
  ~Connections() override;

  int ready() const override { return ready_.number(); }
  void serve(Visits& visits) override;

 private:
  struct Connection {
    Descriptor socket;
    std::unique_ptr<SSL, decltype(&SSL_free)> tls{nullptr, SSL_free};
    std::string heard{};
  };

  void accept(Visits& visits);
  bool go_on(Connection& connection) const;  ///< false: it is over
  long read(Connection& connection, char* room, std::size_t size) const;
  void write(Connection& connection, const std::string& text) const;

  Manners manners_;
  std::shared_ptr<SSL_CTX> context_;
  Descriptor ready_, listener_;
  std::unordered_map<int, Connection> open_;
};

/// A TCP listener at every address.
Descriptor listen_everywhere(std::uint16_t port, int backlog);

}  // namespace holdfast::bench
