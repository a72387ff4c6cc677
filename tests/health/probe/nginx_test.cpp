#include "tests/health/probe/nginx.h"

#include <gtest/gtest.h>

#include "health/probe/command.h"
#include "tests/health/probe/probe_once.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

/// One nginx for all: certificates of all kinds on ports of their own.
class HttpProbeOfNginx : public testing::Test {
 protected:
  struct World {
    World()
        : plain(nginx.serve(
              "location / { return 200 'hello'; } location /gone { return 404; }"
              "location /moved { return 302 https://example.com/x; }"
              "location /agent { return 200 '$http_user_agent|$http_accept_encoding|$http_host'; }"
              "location /echo { return 200 '$request_method|$content_length|'; }"
              "location /line { return 200 '$request'; }")),
          good(tls({.names = "DNS:www.example.com,DNS:*.example.net,IP:127.0.0.1"})),
          expired(tls({.names = "DNS:www.example.com", .from = -2h, .until = -1h})),
          future(tls({.names = "DNS:www.example.com", .from = 25h, .until = 26h})),
          other_name(tls({.names = "DNS:a.example,DNS:b.example,IP:192.0.2.1,IP:2001:db8::1"})),
          no_name(tls({})),
          stranger(tls({.names = "DNS:www.example.com"}, &other)),
          self_signed(tls({.common_name = "myself", .names = "DNS:www.example.com"}, nullptr)),
          http_2(nginx.serve("location / { return 200 '$server_protocol|$http_x_a|$request_method'; } "
                             "location /moved { return 302 https://example.com/; }",
                             &www, 0, "http2")),
          picky(picky_server()),
          old(nginx.serve("ssl_protocols TLSv1.1; return 200 old;", &www)),
          by_name(nginx.serve("server_name one.example; ssl_reject_handshake on;", &www)) {
      const auto two = issue({.names = "DNS:two.example"}, &authority);
      nginx.serve("server_name two.example; return 200 'I am $ssl_server_name';", &two, by_name);
      nginx.start();
    }
    /// Asks for a certificate of ours.
    std::uint16_t picky_server() {
      ca_file = nginx.directory().write("ca.pem", authority.certificate_pem());
      client_key = nginx.directory().write("client.key", client.key_pem());
      client_certificate = nginx.directory().write("client.pem", client.certificate_pem());
      client_both = nginx.directory().write("both.pem", client.certificate_pem() + client.key_pem());
      return nginx.serve(
          "ssl_verify_client on; ssl_client_certificate " + ca_file + "; return 200 '$ssl_client_s_dn';",
          &www);
    }
    std::uint16_t tls(const Wish& wish, const Identity* issuer) {
      const auto identity = issue(wish, issuer);
      return nginx.serve("return 200 secret;", &identity);
    }
    std::uint16_t tls(const Wish& wish) { return tls(wish, &authority); }

    const Identity authority = issue({.common_name = "Ours"}), other = issue({.common_name = "Not Ours"});
    const Identity www = issue({.names = "DNS:www.example.com"}, &authority);
    const Identity client = issue({.common_name = "prober"}, &authority);
    Nginx nginx;
    std::string ca_file, client_certificate, client_key, client_both;
    std::uint16_t plain, good, expired, future, other_name, no_name, stranger, self_signed, http_2, picky,
        old, by_name;
  };

  static void SetUpTestSuite() { world_ = std::make_unique<World>(); }
  static void TearDownTestSuite() { world_.reset(); }

  std::string get(std::uint16_t port, MonitorSettings monitor = {}) {
    return text(observe_once(io_, loopback(Protocol::http, port, std::move(monitor))));
  }
  std::string get_tls(std::uint16_t port, MonitorSettings monitor = {.host = "www.example.com"}) {
    return text(observe_tls(port, std::move(monitor)));
  }
  Observation observe_tls(std::uint16_t port, MonitorSettings monitor = {.host = "www.example.com"}) {
    monitor.ca_file = world_->ca_file;
    return observe_once(io_, loopback(Protocol::https, port, std::move(monitor)));
  }
  std::string shake_hands(std::uint16_t port, MonitorSettings monitor = {.host = "www.example.com"}) {
    monitor.ca_file = world_->ca_file;
    return text(observe_once(io_, loopback(Protocol::tls, port, std::move(monitor))));
  }

  boost::asio::io_context io_;
  static inline std::unique_ptr<World> world_;
};

std::string day(std::chrono::hours from_now) {
  const auto time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + from_now);
  char text[sizeof "2026-01-02"];
  std::strftime(text, sizeof text, "%F", std::gmtime(&time));
  return text;
}

/// The exit status of the command line that repeats a check by hand.
int by_hand(const Target& target) { return std::system((command(target) + " >/dev/null 2>&1").c_str()); }

TEST_F(HttpProbeOfNginx, PassesWith200) { EXPECT_EQ(get(world_->plain), "passed 200"); }
TEST_F(HttpProbeOfNginx, FailsWith404) { EXPECT_EQ(get(world_->plain, {.path = "/gone"}), "bad_status 404"); }
TEST_F(HttpProbeOfNginx, RedirectNamesItsLocation) {
  EXPECT_EQ(get(world_->plain, {.path = "/moved"}), "bad_status 302 to https://example.com/x");
}
TEST_F(HttpProbeOfNginx, FindsExpect) { EXPECT_EQ(get(world_->plain, {.expect = "ell"}), "passed 200"); }
TEST_F(HttpProbeOfNginx, MissesExpect) {
  EXPECT_EQ(get(world_->plain, {.expect = "bye"}), "expect_missing not in the body of 5 octets");
}
TEST_F(HttpProbeOfNginx, HostIsSentWithThePort) {
  const auto expect = "holdfast/" HOLDFAST_VERSION "||www.example.com:" + std::to_string(world_->plain);
  EXPECT_EQ(get(world_->plain, {.host = "www.example.com", .path = "/agent", .expect = expect}),
            "passed 200");
}
TEST_F(HttpProbeOfNginx, PathIsSentAsItIs) {
  EXPECT_EQ(get(world_->plain, {.path = "/line?a=b&c={%20}", .expect = "GET /line?a=b&c={%20} HTTP/1.1"}),
            "passed 200");
}
TEST_F(HttpProbeOfNginx, PlainHttpToATlsPortFails) { EXPECT_EQ(get(world_->good), "bad_status 400"); }

TEST_F(HttpProbeOfNginx, NoProxyFromTheEnvironment) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("ALL_PROXY", "socks5://127.0.0.1:1", 1);
  EXPECT_EQ(get(world_->plain), "passed 200");
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
}

TEST_F(HttpProbeOfNginx, PassesOverTls) {
  const auto seen = observe_tls(world_->good, {.host = "www.example.com", .expect = "secret"});
  EXPECT_EQ(text(seen), "passed 200");
  for (const auto phase : {seen.connect, seen.tls, seen.header}) EXPECT_GT(phase, 0us);
  EXPECT_LE(seen.connect + seen.tls + seen.header + seen.body, seen.total);
}
TEST_F(HttpProbeOfNginx, WildcardCertificatePasses) {
  EXPECT_EQ(get_tls(world_->good, {.host = "shop.example.net"}), "passed 200");
}
TEST_F(HttpProbeOfNginx, WithoutAHostTheAddressIsVerified) {
  EXPECT_EQ(get_tls(world_->good, {}), "passed 200");
  EXPECT_EQ(get_tls(world_->no_name, {}), "tls_handshake name mismatch: the certificate is for no name");
}
TEST_F(HttpProbeOfNginx, ExpiredSaysWhen) {
  EXPECT_EQ(get_tls(world_->expired), "tls_handshake certificate expired " + day(-1h));
}
TEST_F(HttpProbeOfNginx, NotYetValidSaysFromWhen) {
  EXPECT_EQ(get_tls(world_->future), "tls_handshake certificate not yet valid, only from " + day(25h));
}
TEST_F(HttpProbeOfNginx, WrongNameSaysWhichItHas) {
  EXPECT_EQ(
      get_tls(world_->other_name),
      "tls_handshake name mismatch: the certificate is for a.example, b.example, 192.0.2.1, 2001:db8::1");
}
TEST_F(HttpProbeOfNginx, UnknownIssuerSaysWho) {
  EXPECT_EQ(get_tls(world_->stranger), "tls_handshake unknown issuer: CN=Not Ours");
  EXPECT_EQ(get_tls(world_->self_signed), "tls_handshake unknown issuer: CN=myself");
}
TEST_F(HttpProbeOfNginx, SystemCaFileDoesNotKnowOurs) {
  const auto target = loopback(Protocol::https, world_->good, {.host = "www.example.com"});
  EXPECT_EQ(text(observe_once(io_, target)), "tls_handshake unknown issuer: CN=Ours");
}
TEST_F(HttpProbeOfNginx, ACertificateThatExpiresSoonFailsWhereThatIsWanted) {
  const std::string soon = "tls_handshake certificate expires " + day(1h) + ", in 0 days, and 14 are wanted";
  for (const bool verify : {true, false}) {
    const MonitorSettings monitor{.host = "www.example.com", .verify = verify, .certificate_days = 14};
    EXPECT_EQ(get_tls(world_->good, monitor), soon);
    EXPECT_EQ(shake_hands(world_->good, monitor), soon);
  }
}
TEST_F(HttpProbeOfNginx, TlsAloneShakesHands) {
  EXPECT_EQ(shake_hands(world_->good), "passed TLSv1.2");
  EXPECT_EQ(shake_hands(world_->good, {}), "passed TLSv1.2");
  EXPECT_EQ(shake_hands(world_->expired, {.host = "www.example.com", .verify = false}), "passed TLSv1.2");
  EXPECT_EQ(shake_hands(world_->by_name, {.host = "two.example"}), "passed TLSv1.2");
}
TEST_F(HttpProbeOfNginx, TlsAloneSaysWhatIsWrongInTheSameWords) {
  for (const auto port : {world_->expired, world_->future, world_->other_name, world_->no_name,
                          world_->stranger, world_->self_signed}) {
    EXPECT_EQ(shake_hands(port), get_tls(port));
  }
  const std::string refused = "tls_handshake protocol: ";
  EXPECT_EQ(shake_hands(world_->old).substr(0, refused.size()), refused);
  EXPECT_EQ(shake_hands(world_->plain).substr(0, refused.size()), refused);
}
TEST_F(HttpProbeOfNginx, ANameMayBeWrittenAsAbsolute) {
  EXPECT_EQ(shake_hands(world_->good, {.host = "www.example.com."}), "passed TLSv1.2");
  EXPECT_EQ(get_tls(world_->good, {.host = "www.example.com."}), "passed 200");
}
TEST_F(HttpProbeOfNginx, TlsIsNotRunWithoutItsCaFile) {
  EXPECT_EQ(shake_hands(world_->good), "passed TLSv1.2");
  const auto target = loopback(Protocol::tls, world_->good, {.ca_file = "/does/not/exist"});
  const auto result = probe_once(io_, target);
  ASSERT_TRUE(std::holds_alternative<NotRun>(result));
  EXPECT_EQ(std::get<NotRun>(result).why, "/does/not/exist: No such file or directory");
}
TEST_F(HttpProbeOfNginx, VerifyCanBeTurnedOff) {
  for (const auto port : {world_->expired, world_->stranger, world_->other_name}) {
    EXPECT_EQ(get_tls(port, {.host = "www.example.com", .verify = false}), "passed 200");
  }
}
TEST_F(HttpProbeOfNginx, TlsToAPlainPortFailsByProtocol) {
  const auto seen = get_tls(world_->plain);
  EXPECT_EQ(seen.find("tls_handshake protocol: "), 0u) << seen;
  EXPECT_NE(seen.find("wrong version number"), std::string::npos) << seen;
}
TEST_F(HttpProbeOfNginx, OldTlsFailsByProtocol) {
  const auto seen = get_tls(world_->old);
  EXPECT_EQ(seen.find("tls_handshake protocol: "), 0u) << seen;
}
TEST_F(HttpProbeOfNginx, HostIsSentAsSni) {
  EXPECT_EQ(get_tls(world_->by_name, {.host = "two.example", .expect = "I am two.example"}), "passed 200");
  const auto seen = get_tls(world_->by_name, {.host = "one.example"});
  EXPECT_EQ(seen.find("tls_handshake protocol: "), 0u) << seen;
}

TEST_F(HttpProbeOfNginx, SpeaksHttp2WhereThatIsWanted) {
  const MonitorSettings monitor{.host = "www.example.com", .http_version = HttpVersion::http_2};
  auto http_2 = monitor;
  http_2.headers = {"X-A: b"};
  http_2.expect = "HTTP/2.0|b|GET";
  EXPECT_EQ(get_tls(world_->http_2, http_2), "passed 200");
  http_2.method = "POST";
  http_2.body = "hello";
  http_2.expect = "HTTP/2.0|b|POST";
  EXPECT_EQ(get_tls(world_->http_2, http_2), "passed 200");
  http_2.method = "HEAD";
  http_2.expect = {};
  EXPECT_EQ(get_tls(world_->http_2, http_2), "passed 200");
  http_2.method = "GET";
  http_2.path = "/moved";
  EXPECT_EQ(get_tls(world_->http_2, http_2), "bad_status 302 to https://example.com/");
  EXPECT_EQ(get_tls(world_->http_2, {.host = "www.example.com", .expect = "HTTP/1.1|"}), "passed 200");
}
TEST_F(HttpProbeOfNginx, FailsWithoutHttp2WhereThatIsWanted) {
  EXPECT_EQ(get_tls(world_->good, {.host = "www.example.com", .http_version = HttpVersion::http_2}),
            "tls_handshake HTTP/2 is not offered (ALPN)");
}
TEST_F(HttpProbeOfNginx, ShowsAClientCertificate) {
  const MonitorSettings nobody{.host = "www.example.com"};
  EXPECT_EQ(get_tls(world_->picky, nobody), "bad_status 400");
  for (const bool in_one_file : {false, true}) {
    auto monitor = nobody;
    monitor.client_certificate = in_one_file ? world_->client_both : world_->client_certificate;
    monitor.client_key = in_one_file ? "" : world_->client_key;
    EXPECT_EQ(shake_hands(world_->picky, monitor), "passed TLSv1.2");
    monitor.expect = "CN=prober";
    EXPECT_EQ(get_tls(world_->picky, monitor), "passed 200");
    auto target = loopback(Protocol::https, world_->picky, monitor);
    target.monitor.ca_file = world_->ca_file;
    EXPECT_EQ(by_hand(target), 0) << command(target);
  }
}

TEST_F(HttpProbeOfNginx, CommandRepeatsTheCheck) {
  auto target = loopback(Protocol::https, world_->good, {.host = "www.example.com", .path = "/it's?a&b"});
  EXPECT_NE(by_hand(target), 0) << "the issuer is not known";
  target.monitor.ca_file = world_->ca_file;
  EXPECT_EQ(by_hand(target), 0) << command(target);
  target.monitor.port = world_->expired;
  EXPECT_NE(by_hand(target), 0);
  target.monitor.verify = false;
  EXPECT_EQ(by_hand(target), 0) << command(target);
}

TEST_F(HttpProbeOfNginx, CommandAsksTheSame) {
  const auto body = [](const Target& target) {
    std::string said;
    FILE* const pipe = popen((command(target) + " 2>&1").c_str(), "r");
    for (int c = 0; (c = std::fgetc(pipe)) != EOF;) said += static_cast<char>(c);
    pclose(pipe);
    return said;
  };
  MonitorSettings monitor{
      .host = "www.example.com", .http_version = HttpVersion::http_2, .headers = {"X-A: it's"}};
  monitor.ca_file = world_->ca_file;
  EXPECT_NE(body(loopback(Protocol::https, world_->http_2, monitor)).find("HTTP/2.0|it's|GET"),
            std::string::npos);
  const MonitorSettings post{.path = "/echo", .method = "POST", .body = "100%\n'\\"};
  EXPECT_NE(body(loopback(Protocol::http, world_->plain, post)).find("POST|7|"), std::string::npos)
      << body(loopback(Protocol::http, world_->plain, post));
  EXPECT_NE(
      body(loopback(Protocol::http, world_->plain, {.path = "/echo", .method = "OPTIONS"})).find("OPTIONS||"),
      std::string::npos);
}

}  // namespace
}  // namespace holdfast::health
