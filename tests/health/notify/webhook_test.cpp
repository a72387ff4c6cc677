#include "health/notify/webhook.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

#include "tests/health/notify/happenings.h"
#include "tests/health/probe/nginx.h"
#include "tests/health/probe/scripted_server.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

/// Runs one attempt to its end.
AttemptResult attempt(boost::asio::io_context& io, const ContactSettings& contact,
                      const Notification& notification) {
  CurlLoop loop(io);
  std::optional<AttemptResult> result;
  Started started = start_webhook(loop, {notification, contact, "ns1"},
                                  [&](AttemptResult ended) { result = std::move(ended); });
  if (auto* failed = std::get_if<AttemptResult>(&started)) return *failed;
  while (!result) io.run_one();
  return *result;
}

Notification some() {
  return {.id = "0192-ab", .contact = "ops", .time = at(70).wall, .events = {down("a")}};
}

ContactSettings contact(std::uint16_t port) {
  return {.name = "ops", .url = "http://127.0.0.1:" + std::to_string(port) + "/hook"};
}

TEST(Webhook, PostsTheDocumentUnderItsId) {
  boost::asio::io_context io;
  ScriptedServer server(io, {.says = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"});
  EXPECT_TRUE(attempt(io, contact(server.port()), some()).is_delivered);
  const std::string& request = server.request();
  EXPECT_TRUE(request.starts_with("POST /hook HTTP/1.1\r\n")) << request;
  for (const char* header : {"\r\nIdempotency-Key: 0192-ab\r\n", "\r\nX-Holdfast-Event: 0192-ab\r\n",
                             "\r\nContent-Type: application/json\r\n", "\r\nUser-Agent: holdfast/"}) {
    EXPECT_NE(request.find(header), request.npos) << header;
  }
  EXPECT_EQ(request.find("Signature"), request.npos);
  EXPECT_EQ(request.find("Expect:"), request.npos);
}

TEST(Webhook, JudgesByStatus) {
  Nginx nginx;
  const std::uint16_t port = nginx.serve(R"(
    location = /200 { return 200 "ok"; }   location = /204 { return 204; }
    location = /302 { return 302 /200; }   location = /400 { return 400 "no\r\nsuch channel"; }
    location = /401 { return 401; }        location = /404 { return 404; }
    location = /408 { return 408 "late"; }
    location = /429 { add_header Retry-After 17 always; return 429 "slower"; }
    location = /500 { return 500 "oops"; } location = /503 { return 503 "busy"; })");
  nginx.start();
  boost::asio::io_context io;
  const auto status = [&](const char* path) {
    return attempt(io, {.name = "ops", .url = "http://127.0.0.1:" + std::to_string(port) + path}, some());
  };
  for (const char* good : {"/200", "/204"}) EXPECT_TRUE(status(good).is_delivered) << good;
  for (const char* final : {"/302", "/400", "/401", "/404"}) {
    const AttemptResult result = status(final);
    EXPECT_FALSE(result.is_delivered || result.again) << final;
    EXPECT_TRUE(result.why.starts_with("status " + std::string(final + 1))) << result.why;
  }
  for (const char* passing : {"/408", "/429", "/500", "/503"}) {
    const AttemptResult result = status(passing);
    EXPECT_TRUE(!result.is_delivered && result.again) << passing;
  }
  EXPECT_EQ(status("/429").asked, 17s);
  EXPECT_EQ(status("/400").why, "status 400: no  such channel");
  EXPECT_NE(status("/302").why.find("redirects are not followed"), std::string::npos);
}

TEST(Webhook, ReadsNoMoreThanTheBeginningOfAnAnswer) {
  boost::asio::io_context io;
  ScriptedServer endless(
      io, {.says = "HTTP/1.1 200 OK\r\n\r\n", .then = Script::Then::pour, .more = std::string(1000, 'x')});
  EXPECT_TRUE(attempt(io, contact(endless.port()), some()).is_delivered);
  ScriptedServer chatty(
      io, {.says = "HTTP/1.1 200 OK\r\n", .then = Script::Then::pour, .more = "X-Header: 1234567890\r\n"});
  const AttemptResult result = attempt(io, contact(chatty.port()), some());
  EXPECT_TRUE(!result.is_delivered && result.again) << result.why;
}

TEST(Webhook, IsToldOnceTheStatusIsThereWhateverBecomesOfTheBody) {
  boost::asio::io_context io;
  const auto ends = [&](const char* says, Script::Then then) {
    ScriptedServer server(io, {.says = says, .then = then});
    ContactSettings impatient = contact(server.port());
    impatient.timeout = then == Script::Then::hold ? 4s : 30s;  // what holds is waited for to the end
    return attempt(io, impatient, some());
  };
  const char* const cut = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok";
  const char* const odd = "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n";
  for (const char* says : {cut, odd}) {
    for (const auto then : {Script::Then::close, Script::Then::reset, Script::Then::hold})
      EXPECT_TRUE(ends(says, then).is_delivered) << says;
  }
  const AttemptResult refused =
      ends("HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nno", Script::Then::close);
  EXPECT_TRUE(!refused.is_delivered && !refused.again) << refused.why;
  const AttemptResult torn = ends("HTTP/1.1 200 OK\r\nContent-Le", Script::Then::close);
  EXPECT_TRUE(!torn.is_delivered && torn.again) << torn.why;
}

TEST(Webhook, GivesUpOnAServerThatHangs) {
  boost::asio::io_context io;
  ScriptedServer silent(io, {});
  ContactSettings impatient = contact(silent.port());
  impatient.timeout = 100ms;
  const AttemptResult result = attempt(io, impatient, some());
  EXPECT_TRUE(!result.is_delivered && result.again);
  EXPECT_NE(result.why.find("timed out"), std::string::npos) << result.why;
}

TEST(Webhook, TakesNothingFromTheEnvironment) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  boost::asio::io_context io;
  ScriptedServer server(io, {.says = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
  EXPECT_TRUE(attempt(io, contact(server.port()), some()).is_delivered);
  unsetenv("http_proxy");
}

TEST(Webhook, WantsACertificateThatItTrusts) {
  const Identity identity = issue({.names = "DNS:localhost"});
  Nginx nginx;
  const std::uint16_t port = nginx.serve("return 200;", &identity);
  nginx.start();
  boost::asio::io_context io;
  ContactSettings over_tls{.name = "ops", .url = "https://localhost:" + std::to_string(port) + "/"};
  EXPECT_FALSE(attempt(io, over_tls, some()).is_delivered);
  over_tls.ca_file = nginx.directory().write("ca.pem", identity.certificate_pem());
  const AttemptResult result = attempt(io, over_tls, some());
  EXPECT_TRUE(result.is_delivered) << result.why;
}

TEST(Webhook, SignsWithTheSecretOfTheFile) {
  const TemporaryDirectory directory;
  boost::asio::io_context io;
  ScriptedServer server(io, {.says = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
  ContactSettings with_secret = contact(server.port());
  with_secret.secret_file = directory.write("secret", "s3cret\n");
  ::chmod(with_secret.secret_file.c_str(), 0644);
  const AttemptResult refused = attempt(io, with_secret, some());
  EXPECT_TRUE(!refused.is_delivered && refused.again && refused.why.find("chmod 0640") != refused.why.npos)
      << refused.why;
  ::chmod(with_secret.secret_file.c_str(), 0640);
  EXPECT_TRUE(attempt(io, with_secret, some()).is_delivered);
  EXPECT_NE(server.request().find("\r\nX-Holdfast-Signature: t="), std::string::npos);
}

TEST(WebhookBody, IsTheTemplateFilledIn) {
  Notification notification = some();
  ContactSettings contact{.name = "ops",
                          .body = R"({"text": "{{subject}}", "key": "{{id}}", "all": "{{text}}"})"};
  const auto json = boost::json::parse(body({notification, contact, "ns1"}));
  EXPECT_EQ(json.at("text"), "web 192.0.2.10 down (shop)");
  EXPECT_EQ(json.at("key"), "0192-ab");
  EXPECT_NE(json.at("all").as_string().find("refused: Connection refused\n"), std::string::npos);
}

TEST(WebhookBody, IsNotEscapedWhereItIsNotJson) {
  Notification notification = some();
  ContactSettings contact{.name = "ops",
                          .body = "{{contact}} {{server}} {{kind}} {{time}}\n{{text}}",
                          .content_type = "text/plain"};
  EXPECT_TRUE(body({notification, contact, "ns1"})
                  .starts_with("ops ns1 news 2026-03-01T00:01:10.000Z\nweb 192.0.2.10 is down since"));
}

}  // namespace
}  // namespace holdfast::health
