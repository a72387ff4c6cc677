#include "health/probe/smtp.h"

#include <gtest/gtest.h>

#include "tests/health/probe/black_hole.h"
#include "tests/health/probe/line_server.h"
#include "tests/health/probe/nginx.h"
#include "tests/health/probe/probe_once.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;
using Then = LineServer::Then;

const char* const kBanner = "220 mx.example.com ESMTP\r\n";
const char* const kFeatures = "250-mx.example.com\r\n250-SIZE 1000\r\n250 STARTTLS\r\n";

class SmtpProbe : public testing::Test {
 protected:
  std::string probe(const LineServer& server, MonitorSettings monitor = {}) {
    return text(observe_once(io_, loopback(Protocol::smtp, server.port(), std::move(monitor))));
  }
  std::string probe(std::vector<std::string> says, MonitorSettings monitor = {}, Then then = Then::hold) {
    const LineServer server(io_, std::move(says), then);
    return probe(server, std::move(monitor));
  }

  boost::asio::io_context io_;
};

TEST_F(SmtpProbe, PassesWithABannerAndSaysGoodbye) {
  const LineServer server(io_, {kBanner, "221 bye\r\n"});
  EXPECT_EQ(probe(server), "passed 220 mx.example.com ESMTP");
  EXPECT_EQ(server.heard(), "QUIT\r\n");
}

TEST_F(SmtpProbe, HowItTakesLeaveMakesNoDifference) {
  const std::string passed = "passed 220 mx.example.com ESMTP";
  EXPECT_EQ(probe({kBanner, "500 what?\r\n"}), passed);
  EXPECT_EQ(probe({kBanner}, {}, Then::close), passed);
  EXPECT_EQ(probe({kBanner}, {}, Then::reset), passed);
  EXPECT_EQ(probe({kBanner}, {.body_timeout = 500ms}), passed);  // never answers QUIT
}

TEST_F(SmtpProbe, ABannerOfSeveralLinesIsOne) {
  EXPECT_EQ(probe({"220-mx.example.com\r\n220 ready\r\n", "221\r\n"}), "passed 220 mx.example.com");
}

TEST_F(SmtpProbe, AnyOtherBannerFails) {
  EXPECT_EQ(probe({"554 5.7.1 go away\r\n"}), "bad_banner 554 5.7.1 go away");
  EXPECT_EQ(probe({"421 too busy\r\n"}, {}, Then::close), "bad_banner 421 too busy");
  EXPECT_EQ(probe({"SSH-2.0-OpenSSH_9.2p1\r\n"}), "bad_banner not SMTP: SSH-2.0-OpenSSH_9.2p1");
  EXPECT_EQ(probe({std::string(10'000, 'x')}), "bad_banner too long");
  std::string endless;
  for (int i = 0; i < 1000; ++i) endless += "220-line\r\n";
  EXPECT_EQ(probe({endless}), "bad_banner too long");
}

TEST_F(SmtpProbe, NoBannerFails) {
  EXPECT_EQ(probe({""}, {.header_timeout = 50ms}),
            "header_timeout connected, but no banner, or no answer after it, within 50 ms");
  EXPECT_EQ(probe({"220-and so on\r\n"}, {.header_timeout = 40ms}),
            "header_timeout connected, but no banner, or no answer after it, within 40 ms");
  EXPECT_EQ(probe({""}, {}, Then::close), "reset closed by the target");
  EXPECT_EQ(probe({"220-and\r\n"}, {}, Then::reset), "reset Connection reset by peer");
}

TEST_F(SmtpProbe, NoConnectionFails) {
  const BlackHole hole;
  const ClosedPort closed;
  EXPECT_EQ(text(observe_once(io_, loopback(Protocol::smtp, closed.port()))), "refused Connection refused");
  EXPECT_EQ(text(observe_once(io_, loopback(Protocol::smtp, hole.port(), {.connect_timeout = 50ms}))),
            "connect_timeout no connection within 50 ms");
}

TEST_F(SmtpProbe, SaysEhloWhereThatIsWanted) {
  const LineServer server(io_, {kBanner, kFeatures, "221 bye\r\n"});
  EXPECT_EQ(probe(server, {.ehlo = true}), "passed 220 mx.example.com ESMTP");
  EXPECT_EQ(server.heard(), "EHLO [127.0.0.1]\r\nQUIT\r\n");
  EXPECT_EQ(probe({kBanner, "502 no EHLO here\r\n"}, {.ehlo = true}),
            "bad_banner after EHLO: 502 no EHLO here");
}

TEST_F(SmtpProbe, GoesOnOverTls) {
  const TemporaryDirectory directory;
  const Identity authority = issue({.common_name = "Ours"});
  const Identity mx = issue({.names = "DNS:mx.example.com"}, &authority);
  const auto ca_file = directory.write("ca.pem", authority.certificate_pem());
  const LineServer server(
      io_, {kBanner, kFeatures, "220 go ahead\r\n", LineServer::kTls, "250 mx\r\n", "221 bye\r\n"},
      Then::hold, &mx);
  const MonitorSettings monitor{.host = "mx.example.com", .starttls = true, .ca_file = ca_file};
  const auto seen = observe_once(io_, loopback(Protocol::smtp, server.port(), monitor));
  EXPECT_EQ(text(seen), "passed 220 mx.example.com ESMTP");
  EXPECT_EQ(server.heard(), "EHLO [127.0.0.1]\r\nSTARTTLS\r\n(TLS)\nEHLO [127.0.0.1]\r\nQUIT\r\n");
  for (const auto phase : {seen.connect, seen.header, seen.tls, seen.body}) EXPECT_GT(phase, 0us);
  EXPECT_LE(seen.connect + seen.header + seen.tls + seen.body, seen.total);

  EXPECT_EQ(probe(server, {.host = "other.example", .starttls = true, .ca_file = ca_file}),
            "tls_handshake name mismatch: the certificate is for mx.example.com");
}

TEST_F(SmtpProbe, ASlowBannerTakesNoTimeFromTls) {
  const Identity mx = issue({.names = "DNS:mx.example.com"});
  const LineServer server(io_,
                          {kBanner, kFeatures, "220 go ahead\r\n", LineServer::kTls, "250 mx\r\n", "221\r\n"},
                          Then::hold, &mx, 2500ms);
  const MonitorSettings monitor{.starttls = true, .verify = false, .connect_timeout = 2s};
  EXPECT_EQ(probe(server, monitor), "passed 220 mx.example.com ESMTP");
}

TEST_F(SmtpProbe, FailsWithoutTlsWhereItIsWanted) {
  const MonitorSettings monitor{.starttls = true, .timeout = 30s};
  EXPECT_EQ(probe({kBanner, "250 mx.example.com\r\n"}, monitor), "tls_handshake STARTTLS is not offered");
  EXPECT_EQ(probe({kBanner, kFeatures, "454 not now\r\n"}, monitor),
            "bad_banner after STARTTLS: 454 not now");
  // What comes before the handshake could be said by anybody (CVE-2011-0411).
  EXPECT_EQ(probe({kBanner, kFeatures, "220 go\r\n250 mx\r\n"}, monitor),
            "tls_handshake octets after STARTTLS that are not TLS");
}

}  // namespace
}  // namespace holdfast::health
