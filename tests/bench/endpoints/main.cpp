// What health checks look at: a server of one protocol at all of 127.0.0.0/8, which notes who was looked at and when, and
// at the next port a black hole. After the line "begin" on standard input it begins to count; after "report" it writes
// what it saw as a line of JSON.

#include <poll.h>
#include <sys/resource.h>

#include <array>
#include <iostream>
#include <stdexcept>
#include <vector>

#include "tests/bench/endpoints/connections.h"
#include "tests/bench/endpoints/datagrams.h"

namespace holdfast::bench {
namespace {

/// A port that answers no SYN: it listens, its queue is full, and nobody accepts.
class BlackHole {
 public:
  explicit BlackHole(std::uint16_t port) : listener_(listen_everywhere(port, 0)) {
    Options here;
    here.address = "127.0.0.1";
    here.port = port;
    for (int i = 0; i < 3; ++i) queue_.push_back(tcp_socket(server_address(here)));
  }

 private:
  Descriptor listener_;
  std::vector<Descriptor> queue_;
};

std::shared_ptr<SSL_CTX> tls(const std::string& certificate_and_key) {
  std::shared_ptr<SSL_CTX> made(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_set_num_tickets(made.get(), 0);
  const char* const file = certificate_and_key.c_str();
  if (SSL_CTX_use_certificate_chain_file(made.get(), file) != 1 ||
      SSL_CTX_use_PrivateKey_file(made.get(), file, SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error(certificate_and_key + ": no certificate with its key");
  }
  return made;
}

std::unique_ptr<Service> make(const std::string& protocol, std::uint16_t port, const std::string& identity) {
  const Manners http{
      "", "\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 25\r\nConnection: close\r\n\r\nI eat DNS for breakfast!\n"};
  const Manners smtp{"220 bench ESMTP\r\n", "QUIT\r\n", "221 bye\r\n"};
  if (protocol == "tcp") return std::make_unique<Connections>(port, Manners{}, nullptr);
  if (protocol == "http") return std::make_unique<Connections>(port, http, nullptr);
  if (protocol == "smtp") return std::make_unique<Connections>(port, smtp, nullptr);
  if (protocol == "tls") return std::make_unique<Connections>(port, Manners{}, tls(identity));
  if (protocol == "https") return std::make_unique<Connections>(port, http, tls(identity));
  if (protocol == "dns") return std::make_unique<Datagrams>(port);
  if (protocol == "ping") return std::make_unique<Echoes>();
  throw std::runtime_error("no such protocol: " + protocol);
}

std::uint32_t host(const char* text) {
  Options options;
  options.address = text;
  return ntohl(server_address(options).sin_addr.s_addr);
}

void run(Service& service, Visits& visits, std::chrono::seconds interval) {
  std::cout << "ready" << std::endl;
  while (true) {
    std::array<pollfd, 2> waits{{{service.ready(), POLLIN, 0}, {0, POLLIN, 0}}};
    ::poll(waits.data(), waits.size(), -1);
    if (waits[0].revents != 0) service.serve(visits);
    if (waits[1].revents == 0) continue;
    std::string line;
    if (!std::getline(std::cin, line)) return;
    if (line == "begin") visits.begin();
    std::cout << (line == "report" ? visits.report(interval) : line) << std::endl;
  }
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) try {
  using namespace holdfast::bench;
  if (argc < 6) {
    throw std::runtime_error(
        "usage: holdfast_endpoints PROTOCOL PORT FIRST-ADDRESS COUNT INTERVAL [PEM-FILE]");
  }
  const auto port = static_cast<std::uint16_t>(std::stoul(argv[2]));
  const auto service = make(argv[1], port, argc > 6 ? argv[6] : "");
  const BlackHole hole(static_cast<std::uint16_t>(port + 1));
  Visits visits(host(argv[3]), static_cast<std::uint32_t>(std::stoul(argv[4])));
  run(*service, visits, std::chrono::seconds(std::stol(argv[5])));
} catch (const std::exception& error) {
  std::cerr << "holdfast_endpoints: " << error.what() << '\n';
  return 1;
}
