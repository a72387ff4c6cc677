#include <gtest/gtest.h>
#include <openssl/err.h>

#include <csignal>

#include "server/listen/tcp.h"
#include "tests/server/listen/fixture.h"
#include "tests/server/tls/certificate_directory.h"

using namespace holdfast;
using namespace holdfast::server;
using namespace std::chrono_literals;
using boost::asio::ip::make_address;

namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::size_t kAnswer = 12U + 22 + 16;  // octets of that to "www.example.test. A"

Octets framed(const Octets& message) {
  Octets octets{static_cast<std::uint8_t>(message.size() >> 8), static_cast<std::uint8_t>(message.size())};
  octets.insert(octets.end(), message.begin(), message.end());
  return octets;
}

struct Offer {
  std::string alpn = "\3dot";  // empty: none
  int most = 0;                // version of TLS; 0: any
  const health::Identity* shown = nullptr;
};

/// A client of TLS on loopback. A read that gets nothing for half a minute fails.
class TlsConnection {
 public:
  explicit TlsConnection(const boost::asio::ip::udp::endpoint& server, const Offer& offer = {})
      : socket_(server, SOCK_STREAM), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    SSL_CTX_set_max_proto_version(context_.get(), offer.most);
    SSL_CTX_set_alpn_protos(context_.get(), reinterpret_cast<const unsigned char*>(offer.alpn.data()),
                            static_cast<unsigned>(offer.alpn.size()));
    if (offer.shown != nullptr) {
      SSL_CTX_use_certificate(context_.get(), offer.shown->certificate.get());
      SSL_CTX_use_PrivateKey(context_.get(), offer.shown->key.get());
    }
    tls_.reset(SSL_new(context_.get()));
    SSL_set_fd(tls_.get(), socket_.fd());
    ERR_clear_error();
    is_open_ = SSL_connect(tls_.get()) == 1;
    if (!is_open_) problem_ = tls_error();
  }

  bool is_open() const { return is_open_; }
  const std::string& problem() const { return problem_; }
  SSL* tls() { return tls_.get(); }

  void send(const Octets& octets) {
    EXPECT_EQ(SSL_write(tls_.get(), octets.data(), static_cast<int>(octets.size())),
              static_cast<int>(octets.size()));
  }
  /// One message; empty at the end.
  Octets next_message() {
    const Octets length = read(2);
    return length.empty() ? length : read(static_cast<std::size_t>(length[0] << 8 | length[1]));
  }
  std::size_t ask() {
    send(framed(Zones::query("www.example.test. A")));
    return next_message().size();
  }
  /// The server said that nothing more comes.
  bool was_ended() const { return (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  /// The name that it showed.
  std::string server() const {
    const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(tls_.get()), X509_free);
    char name[64] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name, sizeof name);
    return name;
  }

 private:
  Octets read(std::size_t size) {
    Octets octets(size);
    for (std::size_t at = 0; at < size;) {
      const int got = SSL_read(tls_.get(), octets.data() + at, static_cast<int>(size - at));
      if (got <= 0) return {};
      at += static_cast<std::size_t>(got);
    }
    return octets;
  }

  Client socket_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  server::Tls tls_;
  bool is_open_ = false;
  std::string problem_;
};

class TlsListener : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);  // of our clients
    serve_example(source);
    files.write("server", health::issue({.common_name = "first"}));
    service.emplace(TlsSettings{.certificate = files / "server.pem", .key = files / "server.key"});
  }
  void TearDown() override {
    worker.reset();
    std::signal(SIGPIPE, SIG_DFL);
  }
  void start(TcpLimits limits = {.idle = 60s, .message = 60s, .handshake = 60s}) {
    Listening listening = listen_for_tls({make_address("127.0.0.1"), 0}, 1);
    address = listening.address;
    worker.emplace(std::move(listening.tcp), source, limits, &*service);
  }
  const TcpCounters& counted() const { return worker->connections(); }
  /// What a counter says once everything that was opened is closed.
  std::uint64_t at_the_end(const Counter& counter) const {
    const auto patience = std::chrono::steady_clock::now() + 60s;
    while (counted().closed.read() < counted().accepted.read() || counted().accepted.read() == 0) {
      if (std::chrono::steady_clock::now() > patience) break;
      std::this_thread::yield();
    }
    return counter.read();
  }

  CertificateDirectory files;
  Source source;
  std::optional<TlsService> service;
  boost::asio::ip::udp::endpoint address;
  std::optional<TcpWorker> worker;
};

TEST_F(TlsListener, AnswersAndKeepsTheConnection) {
  start();
  TlsConnection client(address);
  ASSERT_TRUE(client.is_open()) << client.problem();
  EXPECT_TRUE(is_dot(client.tls()));
  EXPECT_EQ(SSL_version(client.tls()), TLS1_3_VERSION);
  EXPECT_EQ(client.ask(), kAnswer);
  EXPECT_EQ(client.ask(), kAnswer);
  EXPECT_EQ(counted().accepted.read(), 1U);
  EXPECT_EQ(worker->counters().transport(), Transport::tls);
}

TEST_F(TlsListener, AnswersPipelinedQueriesInOrderAndWhole) {
  start();
  TlsConnection client(address);
  ASSERT_TRUE(client.is_open()) << client.problem();
  Octets burst;
  for (int i = 0; i < 500; ++i) {
    Octets query = Zones::query("big.example.test. A");
    query[0] = static_cast<std::uint8_t>(i >> 8);
    query[1] = static_cast<std::uint8_t>(i);
    const Octets one = framed(query);
    burst.insert(burst.end(), one.begin(), one.end());
  }
  client.send(burst);
  for (int i = 0; i < 500; ++i) {  // about 1.6 MB of answers
    const Octets reply = client.next_message();
    ASSERT_EQ(reply.size(), 12U + 22 + 200 * 16);
    ASSERT_EQ(reply[0] << 8 | reply[1], i);
  }
}

TEST_F(TlsListener, AnswersWhoOffersNoProtocol) {
  start();
  TlsConnection client(address, {.alpn = ""});
  ASSERT_TRUE(client.is_open()) << client.problem();
  EXPECT_EQ(client.ask(), kAnswer);
  EXPECT_FALSE(is_dot(client.tls()));
}

TEST_F(TlsListener, ChoosesDotAmongOthers) {
  start();
  TlsConnection client(address, {.alpn = "\2h2\3dot\4dots"});
  ASSERT_TRUE(client.is_open()) << client.problem();
  EXPECT_TRUE(is_dot(client.tls()));
}

TEST_F(TlsListener, RefusesThoseWhoWantAnotherProtocol) {
  start();
  TlsConnection client(address, {.alpn = "\2h2\4dots"});
  EXPECT_FALSE(client.is_open());
  EXPECT_EQ(client.problem(), "tlsv1 alert no application protocol");
  EXPECT_EQ(at_the_end(counted().bad_handshakes), 1U);
}

TEST_F(TlsListener, RefusesTls12) {
  start();
  TlsConnection old(address, {.most = TLS1_2_VERSION});
  EXPECT_FALSE(old.is_open());
  EXPECT_EQ(old.problem(), "tlsv1 alert protocol version");
  EXPECT_EQ(at_the_end(counted().bad_handshakes), 1U);
  TlsConnection client(address);
  EXPECT_EQ(client.ask(), kAnswer);
}

TEST_F(TlsListener, ClosesWhatIsNoClientHello) {
  start();
  Client client(address, SOCK_STREAM);
  client.send(framed(Zones::query("www.example.test. A")));
  while (!client.receive().empty()) {  // an alert
  }
  EXPECT_EQ(at_the_end(counted().bad_handshakes), 1U);
}

TEST_F(TlsListener, ForgetsWhoGoesWithinTheHandshake) {
  start();
  {
    Client client(address, SOCK_STREAM);
    client.send({0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3});  // the beginning of a ClientHello
  }
  EXPECT_EQ(at_the_end(counted().bad_handshakes), 1U);
  TlsConnection client(address);
  EXPECT_EQ(client.ask(), kAnswer);
}

TEST_F(TlsListener, WaitsOnlySoLongForAHandshake) {
  start({.idle = 1h, .handshake = 3s});
  Client silent(address, SOCK_STREAM), dripping(address, SOCK_STREAM);
  for (const std::uint8_t octet : Octets{0x16, 3, 1}) dripping.send({octet});
  EXPECT_TRUE(silent.receive().empty());
  EXPECT_TRUE(dripping.receive().empty());
  EXPECT_EQ(at_the_end(counted().timed_out), 2U);
}

TEST_F(TlsListener, TellsTheEndToWhoIsIdle) {
  start({.idle = 3s, .message = 60s, .handshake = 60s});
  TlsConnection client(address);
  EXPECT_EQ(client.ask(), kAnswer);
  EXPECT_TRUE(client.next_message().empty());
  EXPECT_TRUE(client.was_ended());
  EXPECT_EQ(counted().timed_out.read(), 1U);
}

TEST_F(TlsListener, MakesRoomByClosingTheConnectionThatIsIdleLongest) {
  start({.connections = 2, .idle = 60s, .message = 60s, .handshake = 60s});
  TlsConnection oldest(address);
  EXPECT_EQ(oldest.ask(), kAnswer);
  TlsConnection older(address);
  EXPECT_EQ(older.ask(), kAnswer);
  TlsConnection newest(address);
  EXPECT_EQ(newest.ask(), kAnswer);
  EXPECT_TRUE(oldest.next_message().empty());
  EXPECT_EQ(older.ask(), kAnswer);
  EXPECT_EQ(counted().evicted.read(), 1U);
}

TEST_F(TlsListener, DoesNotReadFromAClientThatDoesNotTakeItsAnswers) {
  start({.idle = 60s, .message = 300ms, .handshake = 60s});
  TlsConnection client(address);
  ASSERT_TRUE(client.is_open()) << client.problem();
  const Octets one = framed(Zones::query("big.example.test. A"));
  const timeval patience{.tv_sec = 60, .tv_usec = 0};
  ::setsockopt(SSL_get_fd(client.tls()), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  std::size_t sent = 0;  // until the server's patience ends
  for (; sent < 2'000'000; ++sent) {
    if (SSL_write(client.tls(), one.data(), static_cast<int>(one.size())) <= 0) break;
  }
  EXPECT_LT(sent, 2'000'000U);
  EXPECT_EQ(counted().timed_out.read(), 1U);
}

TEST_F(TlsListener, ShowsAnotherCertificateOnceItIsRead) {
  start();
  TlsConnection before(address);
  EXPECT_EQ(before.server(), "first");
  files.write("server", health::issue({.common_name = "second"}));
  EXPECT_EQ(TlsConnection(address).server(), "first");
  EXPECT_EQ(service->read(), "");
  EXPECT_EQ(TlsConnection(address).server(), "second");
  EXPECT_EQ(before.ask(), kAnswer);
}

TEST_F(TlsListener, KeepsItsCertificateWhenTheNextIsBroken) {
  start();
  files.write("server.pem", health::issue({.common_name = "second"}).certificate_pem());
  EXPECT_EQ(service->read(), files / "server.key" + ": is not the key of the certificate in " +
                                 files / "server.pem" +
                                 ": key values mismatch; TLS goes on with the certificate of before");
  EXPECT_EQ(TlsConnection(address).server(), "first");
}

TEST_F(TlsListener, AsksForACertificateWhenToldTo) {
  start();
  const health::Identity identity = health::issue({});
  const auto is_asked = [&] {
    TlsConnection client(address, {.shown = &identity});
    EXPECT_EQ(client.ask(), kAnswer);
    int signed_with = 0;
    return SSL_get_signature_type_nid(client.tls(), &signed_with) == 1;
  };
  EXPECT_FALSE(is_asked());
  service->ask_for_certificates(true);
  EXPECT_TRUE(is_asked());
  EXPECT_EQ(TlsConnection(address).ask(), kAnswer);  // it need not show any
}

}  // namespace
