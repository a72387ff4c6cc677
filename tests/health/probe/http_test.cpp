#include "health/probe/http.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <map>

#include "tests/health/probe/black_hole.h"
#include "tests/health/probe/probe_once.h"
#include "tests/health/probe/scripted_server.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;
using Then = Script::Then;

const std::string kOk = "HTTP/1.1 200 OK\r\nServer: x\r\n";

/// A limit of the whole probe, for one that comes so far and no further: as short as a slow machine bears.
MonitorSettings brief() { return {.timeout = 2500ms}; }

struct Case {
  const char* name;
  Script script;
  MonitorSettings monitor;
  const char* seen;
};

const Case kCases[] = {
    {"PassesWithTheBody", {kOk + "Content-Length: 2\r\n\r\nhi"}, {}, "passed 200"},
    {"PassesWithoutABody", {kOk + "Content-Length: 0\r\n\r\n"}, {}, "passed 200"},
    {"PassesWhenTheBodyEndsWithTheConnection", {kOk + "\r\nhi", Then::close}, {}, "passed 200"},
    {"PassesAfterAnInterimResponse",
     {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + kOk + "Content-Length: 0\r\n\r\n"},
     {},
     "passed 200"},
    {"PassesWithAnotherWantedStatus",
     {"HTTP/1.1 204 No Content\r\n\r\n"},
     {.status = {200, 204}},
     "passed 204"},
    {"PassesWhenARedirectIsWanted",
     {"HTTP/1.1 301 Moved\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"},
     {.status = {301}},
     "passed 301"},
    {"WrongStatusFails", {"HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\n"}, {}, "bad_status 503"},
    {"RedirectFailsAndSaysWhereTo",
     {"HTTP/1.1 302 Found\r\nLocation:   https://169.254.169.254/latest \r\nContent-Length: 0\r\n\r\n"},
     {},
     "bad_status 302 to https://169.254.169.254/latest"},
    {"RedirectToAFileIsNotFollowed",
     {"HTTP/1.1 302 Found\r\nlocation: file:///etc/passwd\r\n\r\n", Then::close},
     {},
     "bad_status 302 to file:///etc/passwd"},
    {"DetailIsEscaped",
     {"HTTP/1.1 302 Found\r\nLocation: /\x1b[2J\x07\r\n\r\n", Then::close},
     {},
     "bad_status 302 to /\\x1b[2J\\x07"},

    {"ExpectIsFound", {kOk + "\r\nI eat DNS for breakfast!"}, {.expect = "DNS"}, "passed 200"},
    {"ExpectIsFoundInADrip", {kOk + "\r\n", Then::drip, "nothing but "}, {.expect = "but no"}, "passed 200"},
    {"ExpectMatchesCase",
     {kOk + "\r\ni eat dns", Then::close},
     {.expect = "DNS"},
     "expect_missing not in the body of 9 octets"},
    {"ExpectIsFoundAtTheEndOfTheWindow",
     {kOk + "\r\n" + std::string(5117, '.') + "DNS."},
     {.expect = "DNS"},
     "passed 200"},
    {"ExpectIsNotFoundAfterTheWindow",
     {kOk + "\r\n" + std::string(5118, '.') + "DNS."},
     {.expect = "DNS"},
     "expect_missing not in the first 5120 octets of the body"},
    {"ExpectEndsAnEndlessBody",
     {kOk + "\r\n", Then::pour, std::string(10'000, '.')},
     {.expect = "DNS"},
     "expect_missing not in the first 5120 octets of the body"},

    {"ExpectInAnyCase",
     {kOk + "\r\ni eat dns", Then::close},
     {.expect = {"I Eat DNS", Matching::any_case}},
     "passed 200"},
    {"ExpectInAnyCaseIsNoPattern",
     {kOk + "\r\nI eat DNS", Then::close},
     {.expect = {"i.*dns", Matching::any_case}},
     "expect_missing not in the body of 9 octets"},
    {"ExpectAsAPattern",
     {kOk + "\r\nqueue: 17 jobs\n", Then::close},
     {.expect = {"queue: [0-9]{1,2} jobs", Matching::regex}},
     "passed 200"},
    {"ExpectAsAPatternMissing",
     {kOk + "\r\nqueue: 170 jobs\n", Then::close},
     {.expect = {"queue: [0-9]{1,2} jobs", Matching::regex}},
     "expect_missing not in the body of 16 octets"},
    {"APatternThatBacktracksWouldTakeForEver",
     {kOk + "\r\n", Then::pour, std::string(5000, 'a')},
     {.expect = {"^(a|a|aa)+$b", Matching::regex}},
     "expect_missing not in the first 5120 octets of the body"},
    {"APatternIsOverOctets",
     {kOk + "\r\n\xff\x00\xfe", Then::close},
     {.expect = {"^\\xff", Matching::regex}},
     "passed 200"},
    {"RejectedTextFails",
     {kOk + "\r\nall is well, but ERROR 7", Then::hold},
     {.expect = "well", .reject = "ERROR"},
     "expect_missing what `reject` says is in the first 24 octets of the body"},
    {"RejectedPatternFails",
     {kOk + "\r\nerror 7", Then::close},
     {.reject = {"(?i)ERROR [1-9]", Matching::regex}},
     "expect_missing what `reject` says is in the first 7 octets of the body"},
    {"RejectedTextAfterTheWindowPasses",
     {kOk + "\r\n" + std::string(5118, '.') + "ERROR"},
     {.reject = "ERROR"},
     "passed 200"},
    {"NothingRejectedPasses",
     {kOk + "\r\nfine", Then::close},
     {.expect = "fine", .reject = "ERROR"},
     "passed 200"},
    {"NothingRejectedButNotExpectedFails",
     {kOk + "\r\nfine", Then::close},
     {.expect = "well", .reject = "ERROR"},
     "expect_missing not in the body of 4 octets"},
    {"RejectIsLookedForToTheEnd",
     {kOk + "Content-Length: 50\r\n\r\nfine"},
     {.expect = "fine", .reject = "ERROR", .body_timeout = 500ms},
     "body_timeout 200, but only 4 octets of the body came in time"},

    {"StatusOfARange",
     {"HTTP/1.1 206 Part\r\nContent-Length: 0\r\n\r\n"},
     {.status = {{200, 206}}},
     "passed 206"},
    {"StatusOutsideOfARange",
     {"HTTP/1.1 207 Much\r\nContent-Length: 0\r\n\r\n"},
     {.status = {{200, 206}, 404}},
     "bad_status 207"},
    {"HeadWaitsForNoBody", {kOk + "Content-Length: 1000\r\n\r\n"}, {.method = "HEAD"}, "passed 200"},

    {"EndlessBodyIsReadInPart", {kOk + "\r\n", Then::pour, std::string(10'000, '.')}, {}, "passed 200"},
    {"StalledBodyTimesOut",
     {kOk + "Content-Length: 5\r\n\r\nhi"},
     brief(),
     "body_timeout 200, but only 2 octets of the body came in time"},
    {"StalledBodyHasItsOwnClock",
     {kOk + "Content-Length: 5\r\n\r\nhi"},
     {.body_timeout = 50ms},
     "body_timeout 200, but only 2 octets of the body came in time"},
    {"BodyThatEndsEarlyFails",
     {kOk + "Content-Length: 5\r\n\r\nhi", Then::close},
     {},
     "reset closed after 2 octets of the body"},

    {"SilenceTimesOut", {""}, brief(), "header_timeout no answer"},
    {"SilenceHasItsOwnClock", {""}, {.header_timeout = 50ms}, "header_timeout no answer"},
    {"DrippedHeaderTimesOut",
     {"HTTP/1.1 200 OK\r\nX: ", Then::drip},
     brief(),
     "header_timeout the header did not end"},
    {"DrippedHeaderLinesTimeOut",
     {"HTTP/1.1 200 OK\r\nX: ", Then::drip, "x\r\ny:"},
     {.header_timeout = 2500ms},
     "header_timeout the header did not end"},
    {"EndlessHeaderFails",
     {"HTTP/1.1 200 OK\r\n", Then::pour, "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n"},
     {},
     "bad_status 200 with a header of more than 16384 octets"},
    {"EndlessInterimResponsesFail",
     {"", Then::pour, "HTTP/1.1 102 Wait\r\n\r\n"},
     {},
     "bad_status 102 with a header of more than 16384 octets"},

    {"ClosedWithoutAnAnswerFails", {"", Then::close}, {}, "reset closed without an answer"},
};

class HttpProbe : public testing::Test {
 protected:
  boost::asio::io_context io_;
};

class HttpProbeOf : public testing::TestWithParam<Case> {};

TEST_P(HttpProbeOf, Script) {
  boost::asio::io_context io;
  const ScriptedServer server(io, GetParam().script);
  const auto seen = observe_once(io, loopback(Protocol::http, server.port(), GetParam().monitor));
  EXPECT_EQ(text(seen), GetParam().seen);
  const auto& monitor = GetParam().monitor;
  const auto own_clock = monitor.header_timeout + monitor.body_timeout;  // a row sets one at most
  EXPECT_LT(seen.total, (own_clock > 0ms ? own_clock : monitor.timeout) + 10s);
}

INSTANTIATE_TEST_SUITE_P(Server, HttpProbeOf, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

TEST_F(HttpProbe, RequestIsPlainAndAsksForNothingElse) {
  const ScriptedServer server(io_, {kOk + "Content-Length: 0\r\n\r\n"});
  observe_once(io_, loopback(Protocol::http, server.port(), {.host = "www.example.com", .path = "/../a?b"}));
  EXPECT_EQ(server.request(),
            "GET /../a?b HTTP/1.1\r\nHost: www.example.com:" + std::to_string(server.port()) +
                "\r\nUser-Agent: holdfast/" HOLDFAST_VERSION "\r\nAccept: */*\r\nConnection: close\r\n\r\n");
}

TEST_F(HttpProbe, RequestSaysWhatIsWanted) {
  const ScriptedServer server(io_, {kOk + "Content-Length: 0\r\n\r\n"});
  const auto request = [&](MonitorSettings monitor) {
    monitor.host = "a.example";
    observe_once(io_, loopback(Protocol::http, server.port(), monitor));
    return server.request();
  };
  const std::string rest = " / HTTP/1.1\r\nHost: a.example:" + std::to_string(server.port()) +
                           "\r\nUser-Agent: holdfast/" HOLDFAST_VERSION "\r\nAccept: */*\r\n";
  EXPECT_EQ(request({.method = "HEAD"}), "HEAD" + rest + "Connection: close\r\n\r\n");
  EXPECT_EQ(request({.method = "OPTIONS"}), "OPTIONS" + rest + "Connection: close\r\n\r\n");
  EXPECT_EQ(request({.method = "POST", .body = "a&b"}),
            "POST" + rest + "Connection: close\r\nContent-Length: 3\r\n\r\na&b");
  EXPECT_EQ(request({.method = "POST"}), "POST" + rest + "Connection: close\r\nContent-Length: 0\r\n\r\n");
  const std::string said = request({.method = "POST",
                                    .headers = {"Content-Type: text/plain", "user-agent: me", "X-A: b  c"},
                                    .body = "x"});
  for (const auto* line :
       {"\r\nContent-Type: text/plain\r\n", "\r\nuser-agent: me\r\n", "\r\nX-A: b  c\r\n"}) {
    EXPECT_NE(said.find(line), std::string::npos) << said;
  }
  EXPECT_EQ(said.find("holdfast"), std::string::npos) << said;
}

TEST_F(HttpProbe, UnusableClientCertificateIsNotTheTargetsFault) {
  const ScriptedServer server(io_, {});
  for (const auto type : {Protocol::https, Protocol::tls}) {
    const auto target =
        loopback(type, server.port(), {.verify = false, .client_certificate = "/nowhere/client.pem"});
    const auto result = probe_once(io_, target);
    ASSERT_TRUE(std::holds_alternative<NotRun>(result));
    EXPECT_NE(std::get<NotRun>(result).why.find("/nowhere/client.pem"), std::string::npos)
        << std::get<NotRun>(result).why;
  }
}

TEST_F(HttpProbe, PassesOverIpv6) {
  const ScriptedServer server(io_, {kOk + "Content-Length: 0\r\n\r\n"}, "::1");
  auto target = loopback(Protocol::http, server.port());
  target.id.address = boost::asio::ip::address_v6::loopback();
  EXPECT_EQ(text(observe_once(io_, target)), "passed 200");
  EXPECT_NE(server.request().find("Host: [::1]:" + std::to_string(server.port())), std::string::npos);
}

TEST_F(HttpProbe, RefusedByAClosedPort) {
  const ClosedPort port;
  for (const auto type : {Protocol::http, Protocol::https}) {
    EXPECT_EQ(text(observe_once(io_, loopback(type, port.port()))), "refused Connection refused");
  }
}

TEST_F(HttpProbe, ResetFails) {
  const ScriptedServer server(io_, {"", Then::reset});
  EXPECT_EQ(observe_once(io_, loopback(Protocol::http, server.port())).outcome, Outcome::reset);
}

TEST_F(HttpProbe, ResetInTheMiddleFails) {
  for (const auto* start : {"HTTP/1.1 200 OK\r\nX", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"}) {
    const ScriptedServer server(io_, {start, Then::reset});
    EXPECT_EQ(observe_once(io_, loopback(Protocol::http, server.port())).outcome, Outcome::reset) << start;
  }
}

TEST_F(HttpProbe, WhatIsNotHttpFails) {
  for (const auto* start : {"SSH-2.0-OpenSSH_9.2\r\n", "220 mail.example ESMTP\r\n", "HTTP/9.9 hello\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"}) {
    const ScriptedServer server(io_, {start, Then::close});
    EXPECT_EQ(observe_once(io_, loopback(Protocol::http, server.port())).outcome, Outcome::bad_status)
        << start;
  }
}

TEST_F(HttpProbe, EndlessHeaderLineFails) {
  const ScriptedServer server(io_, {"HTTP/1.1 200 OK\r\nX: ", Then::pour, std::string(1000, 'x')});
  EXPECT_EQ(observe_once(io_, loopback(Protocol::http, server.port())).outcome, Outcome::bad_status);
}

TEST_F(HttpProbe, BlackHoleEndsAtTheTimeout) {
  const BlackHole hole;
  for (const auto type : {Protocol::http, Protocol::https}) {
    const auto seen = observe_once(io_, loopback(type, hole.port(), {.timeout = 50ms}));
    EXPECT_EQ(text(seen), "connect_timeout no TCP connection");
    EXPECT_GT(seen.connect, 0us);
    EXPECT_GE(seen.total, 50ms);
    EXPECT_LT(seen.total, 30s);
  }
}

TEST_F(HttpProbe, TlsThatStallsIsAConnectTimeout) {
  const ScriptedServer server(io_, {});
  const auto target = loopback(Protocol::https, server.port(), {.connect_timeout = 2500ms});
  const auto seen = observe_once(io_, target);
  EXPECT_EQ(text(seen), "connect_timeout TCP connected, but the TLS handshake did not end");
  EXPECT_GT(seen.connect, 0us);
  EXPECT_GT(seen.tls, 0us);
  EXPECT_LT(seen.total, 30s);
}

TEST_F(HttpProbe, CompressedBodyIsNotUnpacked) {
  // 10 bytes of a gzip header: an unpacker would fail, or find what is in it.
  const ScriptedServer server(io_, {kOk + "Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08 packed", Then::close});
  EXPECT_EQ(text(observe_once(io_, loopback(Protocol::http, server.port(), {.expect = "packed"}))),
            "passed 200");
}

TEST_F(HttpProbe, ChunksAreJoined) {
  const ScriptedServer server(io_, {kOk + "Transfer-Encoding: chunked\r\n\r\n4\r\nI ea\r\n4\r\nt DN\r\n"});
  EXPECT_EQ(text(observe_once(io_, loopback(Protocol::http, server.port(), {.expect = "eat"}))),
            "passed 200");
}

TEST_F(HttpProbe, ReadsAtMost64KiB) {
  // The server has no more than that to give: a probe that wanted one octet more would time out.
  const ScriptedServer server(io_, {kOk + "\r\n" + std::string(kBodyLimit, '.')});
  const ScriptedServer less(io_, {kOk + "\r\n" + std::string(kBodyLimit - 1, '.')});
  EXPECT_EQ(text(observe_once(io_, loopback(Protocol::http, server.port()))), "passed 200");
  EXPECT_EQ(observe_once(io_, loopback(Protocol::http, less.port(), {.body_timeout = 500ms})).outcome,
            Outcome::body_timeout);
}

TEST_F(HttpProbe, UnreadableCaFileIsNotTheTargetsFault) {
  const ScriptedServer server(io_, {});
  const auto result =
      probe_once(io_, loopback(Protocol::https, server.port(), {.ca_file = "/nowhere/ca.pem"}));
  ASSERT_TRUE(std::holds_alternative<NotRun>(result));
  EXPECT_NE(std::get<NotRun>(result).why.find("/nowhere/ca.pem"), std::string::npos);
}

TEST_F(HttpProbe, ImpossibleHostIsNotTheTargetsFault) {
  const ScriptedServer server(io_, {});
  for (const auto* host : {"a b", "user@host", "x\r\ny"}) {
    const auto result = probe_once(io_, loopback(Protocol::http, server.port(), {.host = host}));
    EXPECT_TRUE(std::holds_alternative<NotRun>(result)) << host;
  }
}

TEST_F(HttpProbe, NoDescriptorIsNotTheTargetsFault) {
  const ScriptedServer server(io_, {});
  const auto target = loopback(Protocol::http, server.port());
  probe_once(io_, loopback(Protocol::http, ClosedPort().port()));  // what is opened once is open now
  io_.restart();
  Prober prober(io_);
  prober.start(target, [](const ProbeResult&) {}).reset();  // and what the prober opens
  std::optional<ProbeResult> result;
  const int next = dup(0);
  close(next);
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  for (const int room : {0, 1}) {  // none for the socket; none for Asio to wait for it with
    const auto probe = prober.start(target, [&](ProbeResult seen) {
      result = std::move(seen);
      io_.stop();
    });
    const rlimit few{static_cast<rlim_t>(next + room), before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
    io_.run();
    setrlimit(RLIMIT_NOFILE, &before);
    io_.restart();
    ASSERT_TRUE(result && std::holds_alternative<NotRun>(*result)) << room;
    EXPECT_EQ(std::get<NotRun>(*result).why, room == 0 ? "socket: Too many open files" : "Out of memory");
    result.reset();
  }
}

TEST_F(HttpProbe, SaysNothingWhenDestroyed) {
  const BlackHole hole;
  const ScriptedServer server(io_, {kOk + "\r\n", Then::drip});
  Prober prober(io_);
  for (const auto port : {hole.port(), server.port()}) {
    for (const auto wait : {0ms, 1ms, 20ms}) {
      const auto is_gone = std::make_shared<bool>(false);  // before that, a slow machine may let it time out
      auto probe = prober.start(loopback(Protocol::http, port, {.timeout = 25ms}),
                                [is_gone](auto) { EXPECT_FALSE(*is_gone); });
      if (wait > 0ms) io_.run_for(wait);
      *is_gone = true;
      probe.reset();
    }
  }
  io_.run_for(60ms);
}

TEST_F(HttpProbe, ManyAtOnceEndEachForItself) {
  const ScriptedServer good(io_, {kOk + "Content-Length: 2\r\n\r\nhi"}),
      bad(io_, {"HTTP/1.1 500 No\r\n\r\n", Then::close}), slow(io_, {""});
  Prober prober(io_);
  std::vector<std::unique_ptr<Probe>> probes;
  std::map<Outcome, int> seen;
  int left = 90;
  for (int i = 0; i < left; ++i) {
    const auto& server = i % 3 == 0 ? good : i % 3 == 1 ? bad : slow;
    const MonitorSettings monitor{.header_timeout = &server == &slow ? 1s : 0s};
    probes.push_back(
        prober.start(loopback(Protocol::http, server.port(), monitor), [&, i](ProbeResult result) {
          ++seen[std::get<Observation>(result).outcome];
          probes[static_cast<std::size_t>(i)].reset();
          if (--left == 0) io_.stop();
        }));
  }
  const int all = left;
  io_.run();
  EXPECT_EQ(all, 90);
  EXPECT_EQ(seen, (std::map<Outcome, int>{
                      {Outcome::passed, 30}, {Outcome::bad_status, 30}, {Outcome::header_timeout, 30}}));
}

}  // namespace
}  // namespace holdfast::health
