#include "health/probe/http.h"

#include <gtest/gtest.h>

#include "tests/health/probe/black_hole.h"
#include "tests/health/probe/probe_once.h"
#include "tests/health/probe/scripted_server.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;
using Then = Script::Then;

const std::string kOk = "HTTP/1.1 200 OK\r\nServer: x\r\n";

MonitorSettings brief(MonitorSettings monitor = {}) {
  monitor.timeout = 150ms;
  return monitor;
}

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
     {.header_timeout = 100ms},
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
  EXPECT_LE(seen.total, GetParam().monitor.timeout + 200ms);
}

INSTANTIATE_TEST_SUITE_P(Server, HttpProbeOf, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace holdfast::health
