#include "server/control/door.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <future>
#include <stdexcept>
#include <thread>

#include "tests/server/control/sample_state.h"

namespace holdfast::server {
namespace {

using boost::asio::ip::tcp;
using namespace std::chrono_literals;

const ControlSettings kAnyPort{.listen = {boost::asio::ip::address_v4::loopback(), 0}};

/// A connection of a client that writes whatever it likes.
class Client {
 public:
  explicit Client(const ControlDoor& door) : socket_(io_) { socket_.connect(door.address()); }

  /// False where the door does not take them any more.
  bool send(std::string_view octets) {
    boost::system::error_code reset;
    boost::asio::write(socket_, boost::asio::buffer(octets), reset);
    return !reset;
  }
  /// All that comes until the door closes the connection.
  std::string rest() {
    std::string got;
    boost::system::error_code end;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(got), end);
    return got;
  }
  /// Waits for the door to say something.
  std::string some() {
    std::string got(65536, '\0');
    got.resize(socket_.read_some(boost::asio::buffer(got)));
    return got;
  }

 private:
  boost::asio::io_context io_;
  tcp::socket socket_;
};

std::string request(std::string_view line, std::string_view headers = "", std::string_view body = "") {
  return std::string(line) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + std::string(headers) +
         "\r\n" + std::string(body);
}

struct Answer {
  int status = 0;
  std::string head, body;
  boost::json::value json() const { return boost::json::parse(body); }
};

Answer parse(const std::string& text) {
  const std::size_t end = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || end == text.npos) return {};
  return {std::stoi(text.substr(9, 3)), text.substr(0, end), text.substr(end + 4)};
}

Answer ask(const ControlDoor& door, const std::string& octets) {
  Client client(door);
  client.send(octets);
  return parse(client.rest());
}

/// The value of one series; empty where there is none.
std::string figure(const ControlDoor& door, const std::string& series) {
  const std::string text = "\n" + ask(door, request("GET /metrics")).body;
  const std::size_t found = text.find("\n" + series + " ");
  if (found == text.npos) return "";
  const std::size_t value = found + series.size() + 2;
  return text.substr(value, text.find('\n', value) - value);
}

std::string refused(const ControlDoor& door, const std::string& reason) {
  return figure(door, "holdfast_control_refused_total{reason=\"" + reason + "\"}");
}

TEST(ControlDoor, AnswersEveryRoute) {
  const ControlDoor door(kAnyPort, sample_state());
  for (const char* line :
       {"GET /", "GET /metrics", "GET /healthz", "GET /readyz", "GET /api/v1/status", "GET /api/v1/zones",
        "GET /api/v1/live", "GET /api/v1/targets", "GET /api/v1/overrides", "GET /api/v1/agents",
        "POST /api/v1/reload", "GET /api/v1/notifications", "HEAD /metrics", "GET /healthz?verbose"}) {
    EXPECT_EQ(ask(door, request(line)).status, 200) << line;
  }
}

TEST(ControlDoor, TellsWhatBecameOfADecision) {
  zones::Published<zones::LiveTable> table{std::make_shared<zones::LiveTable>()};
  LiveNames names(table);
  LiveDeclaration www;
  www.zone = www.name = zones::Name::parse("www.example").value();
  www.index = names.index_of(www.zone, www.name);
  www.sources.emplace_back();
  www.pool = {zones::PoolRules(), {{address("192.0.2.10")}, {address("192.0.2.11")}}};
  names.apply({www});
  Overrides overrides(names, nullptr, [](const health::Event&) {});
  ControlState state = sample_state();
  state.overrides = &overrides;
  const ControlDoor door(kAnyPort, state);
  const std::string drain = "POST /api/v1/override?decision=drain&author=alice&reason=test&subject=";
  const Answer drained = ask(door, request(drain + "192.0.2.10"));
  EXPECT_EQ(drained.status, 200);
  EXPECT_EQ(ask(door, request("GET /api/v1/overrides")).json().at(0), drained.json().at("override"));
  EXPECT_EQ(figure(door, "holdfast_overrides{decision=\"drain\"}"), "1");
  EXPECT_EQ(ask(door, request(drain + "192.0.2.11")).status, 409);
  EXPECT_EQ(ask(door, request(drain + "192.0.2.12")).status, 404);
  EXPECT_EQ(ask(door, request(drain)).status, 400);
  EXPECT_EQ(ask(door, request("POST /api/v1/override")).status, 400);
  EXPECT_EQ(ask(door, request("POST /api/v1/release?subject=192.0.2.10")).status, 400);
  EXPECT_EQ(ask(door, request("POST /api/v1/release?subject=192.0.2.10&author=bob")).status, 200);
  EXPECT_EQ(ask(door, request("POST /api/v1/release?subject=192.0.2.10&author=bob")).status, 404);
  EXPECT_EQ(figure(door, "holdfast_overrides_total{result=\"refused\"}"), "1");
}

TEST(ControlDoor, SaysWhereProbesComeFrom) {
  ControlState state = sample_state();
  state.meeting = [] { return meeting(); };
  const ControlDoor door(kAnyPort, std::move(state));
  const auto addresses = [&](const char* form) {
    return ask(door, request(std::string("GET /api/v1/agents?addresses=") + form));
  };
  EXPECT_EQ(addresses("plain").body, "192.0.2.1\n192.0.2.3\n2001:db8::1\n");
  EXPECT_EQ(addresses("cidr").body, "192.0.2.1/32\n192.0.2.3/32\n2001:db8::1/128\n");
  EXPECT_EQ(addresses("json").body, "[\"192.0.2.1\",\"192.0.2.3\",\"2001:db8::1\"]\n");
  EXPECT_EQ(addresses("xml").status, 400);
}

TEST(ControlDoor, AcceptsAStoreThatWasRefusedAndNoOther) {
  ControlState state = sample_state();
  bool refused = true;
  state.accept_store = [&] { return std::exchange(refused, false); };
  const ControlDoor door(kAnyPort, std::move(state));
  EXPECT_EQ(ask(door, request("POST /api/v1/store/accept")).status, 200);
  EXPECT_EQ(ask(door, request("POST /api/v1/store/accept")).status, 409);
}

TEST(ControlDoor, ListsItsRoutes) {
  const ControlDoor door(kAnyPort, sample_state());
  for (const char* line : {"GET /", "GET /nothing"}) {
    const Answer answer = ask(door, request(line));
    EXPECT_NE(answer.body.find("POST /api/v1/reload"), std::string::npos) << answer.body;
  }
}

TEST(ControlDoor, SaysWhichPathsAndMethodsThereAre) {
  const ControlDoor door(kAnyPort, sample_state());
  EXPECT_EQ(ask(door, request("GET /nothing")).status, 404);
  const Answer answer = ask(door, request("GET /api/v1/reload"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_NE(answer.head.find("Allow: POST"), std::string::npos) << answer.head;
  EXPECT_NE(ask(door, request("POST /metrics")).head.find("Allow: GET, HEAD"), std::string::npos);
}

TEST(ControlDoor, AnswersHeadWithoutABody) {
  const ControlDoor door(kAnyPort, sample_state());
  const Answer answer = ask(door, request("HEAD /healthz"));
  EXPECT_NE(answer.head.find("Content-Length: 3"), std::string::npos) << answer.head;
  EXPECT_EQ(answer.body, "");
}

TEST(ControlDoor, ForbidsBrowsersToMakeAnythingOfIt) {
  const ControlDoor door(kAnyPort, sample_state());
  const std::string head = ask(door, request("GET /")).head;
  EXPECT_NE(head.find("Content-Security-Policy: default-src 'none'"), std::string::npos) << head;
  EXPECT_NE(head.find("X-Content-Type-Options: nosniff"), std::string::npos) << head;
  EXPECT_EQ(head.find("Access-Control"), std::string::npos) << head;
}

TEST(ControlDoor, KeepsAConnectionForFurtherRequests) {
  const ControlDoor door(kAnyPort, sample_state());
  Client client(door);
  client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(client.some().ends_with("\r\n\r\nok\n"));
  client.send(request("GET /readyz"));
  EXPECT_TRUE(client.rest().ends_with("\r\n\r\nready\n"));
}

TEST(ControlDoor, AnswersPipelinedRequestsInTheirOrder) {
  const ControlDoor door(kAnyPort, sample_state());
  Client client(door);
  client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + request("GET /readyz"));
  const std::string all = client.rest();
  const std::size_t first = all.find("\r\n\r\nok\n");
  ASSERT_NE(first, all.npos) << all;
  EXPECT_NE(all.find("\r\n\r\nready\n", first), all.npos) << all;
}

TEST(ControlDoor, IsReadyFromTheFirstZoneOn) {
  const auto readiness = [](std::vector<ZoneStatus> zones) {
    ControlState state = sample_state();
    set_zones(state, zones);
    return ask(ControlDoor(kAnyPort, state), request("GET /readyz"));
  };
  EXPECT_EQ(readiness({}).status, 503);
  const Answer without = readiness({broken_zone()});
  EXPECT_EQ(without.status, 503);
  EXPECT_NE(without.body.find("example.org.zone:3: no SOA"), std::string::npos) << without.body;
  EXPECT_EQ(readiness({broken_zone(), served_zone()}).status, 200);
}

TEST(ControlDoor, TellsTheWholeStatus) {
  const ControlDoor door(kAnyPort, sample_state());
  const boost::json::value status = ask(door, request("GET /api/v1/status")).json();
  EXPECT_EQ(status.at("version"), HOLDFAST_VERSION);
  EXPECT_EQ(status.at("started"), "2026-03-01T00:00:00.000Z");
  EXPECT_EQ(status.at("ready"), true);
  EXPECT_EQ(status.at("zones").at(0).at("serial"), 2026030101);
  EXPECT_EQ(status.at("live").at(0).at("ttl_seconds"), 30);
  EXPECT_EQ(status.at("targets").at(0).at("last").at("outcome"), "bad_status");
}

TEST(ControlDoor, SurvivesAStateThatThrows) {
  ControlState state = sample_state();
  state.live_names = []() -> std::vector<LiveNameStatus> { throw std::runtime_error("out of luck"); };
  const ControlDoor door(kAnyPort, state);
  const Answer answer = ask(door, request("GET /api/v1/live"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_NE(answer.body.find("out of luck"), std::string::npos);
  EXPECT_EQ(ask(door, request("GET /healthz")).status, 200);
}

TEST(ControlDoor, ReportsAReload) {
  const auto reload = [](ReloadReport report) {
    ControlState state = sample_state();
    state.reload = [report](std::span<const std::string>) { return report; };
    return ask(ControlDoor(kAnyPort, state), request("POST /api/v1/reload"));
  };
  const Answer good = reload({.zones_changed = 2, .problems = {}});
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.json().at("zones_changed"), 2);
  const Answer bad = reload({.zones_refused = 1, .problems = {"example.zone:7: no such type \"AAAAA\""}});
  EXPECT_EQ(bad.status, 422);
  EXPECT_EQ(bad.json().at("ok"), false);
  EXPECT_EQ(bad.json().at("problems").at(0), "example.zone:7: no such type \"AAAAA\"");
}

TEST(ControlDoor, ReloadsTheZonesThatAreNamed) {
  std::vector<std::string> asked{"not yet"};
  ControlState state = sample_state();
  state.reload = [&](std::span<const std::string> zones) {
    asked.assign(zones.begin(), zones.end());
    return ReloadReport{.zones_changed = 1, .problems = {}};
  };
  const ControlDoor door(kAnyPort, state);
  EXPECT_EQ(ask(door, request("POST /api/v1/reload?zone=a.example&zone=b%2eexample")).status, 200);
  EXPECT_EQ(asked, (std::vector<std::string>{"a.example", "b.example"}));
  EXPECT_EQ(ask(door, request("POST /api/v1/reload?zones=a.example")).status, 400);
  EXPECT_EQ(asked.size(), 2U) << "what is not understood reloads nothing";
  EXPECT_EQ(ask(door, request("POST /api/v1/reload?")).status, 200);
  EXPECT_TRUE(asked.empty());
}

TEST(ControlDoor, TestsAContact) {
  const ControlDoor door(kAnyPort, sample_state());
  const Answer told = ask(door, request("POST /api/v1/notify?contact=ops"));
  EXPECT_EQ(told.status, 200);
  EXPECT_EQ(told.json().at("result"), "delivered");
  EXPECT_EQ(ask(door, request("POST /api/v1/notify?contact=chat")).status, 502);
  EXPECT_EQ(ask(door, request("POST /api/v1/notify?contact=nobody")).status, 404);
  EXPECT_EQ(ask(door, request("POST /api/v1/notify")).status, 400);
  EXPECT_EQ(ask(door, request("POST /api/v1/notify?contact=a&contact=b")).status, 400);
  EXPECT_EQ(ask(door, request("POST /api/v1/notify?zone=a")).status, 400);
}

TEST(ControlDoor, ShowsOnlyWhatIsWrongWhereThereAreMoreZonesThanWereAskedFor) {
  const ControlDoor door(kAnyPort, sample_state());
  EXPECT_EQ(ask(door, request("GET /api/v1/zones")).json().as_array().size(), 2U);
  const auto few = ask(door, request("GET /api/v1/status?zones=1")).json();
  EXPECT_EQ(few.at("zones").as_array().size(), 1U);
  EXPECT_EQ(few.at("zones").at(0).at("name"), "example.org.");
  EXPECT_EQ(few.at("zone_totals").at("zones"), 2);
  EXPECT_EQ(ask(door, request("GET /api/v1/zones?zones=x")).status, 400);
}

/// A reload that begins, and ends when it is told to.
struct SlowReload {
  std::promise<void> begun, end;
  bool finished = false;
  ReloadReport operator()(std::span<const std::string>) {
    begun.set_value();
    end.get_future().wait();
    finished = true;
    return {};
  }
};

TEST(ControlDoor, IsScrapedWhileAReloadRunsAndRunsNoSecondOne) {
  SlowReload slow;
  ControlState state = sample_state();
  state.reload = std::ref(slow);
  const ControlDoor door(kAnyPort, state);
  Client first(door);
  first.send(request("POST /api/v1/reload"));
  slow.begun.get_future().wait();
  EXPECT_EQ(ask(door, request("GET /healthz")).status, 200);
  EXPECT_EQ(ask(door, request("POST /api/v1/reload")).status, 409);
  EXPECT_EQ(refused(door, "busy"), "1");
  EXPECT_EQ(ask(door, request("POST /api/v1/notify?contact=ops")).status, 200)
      << "the one does not wait for the other";
  slow.end.set_value();
  EXPECT_EQ(parse(first.rest()).status, 200);
}

TEST(ControlDoor, SaysWhyThereIsNoLog) {
  const Answer answer = ask(ControlDoor(kAnyPort, sample_state()), request("GET /api/v1/log"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find("state = "), std::string::npos) << answer.body;
}

TEST(ControlDoor, ReadsTheLogAsItIsAsked) {
  ControlState state = sample_state();
  state.read_log = [](const health::LogQuery& query) {
    EXPECT_EQ(query.outcome, "failed");
    health::LogPage page;
    page.entries.emplace_back().text = "reloaded";
    page.last = 17;
    return page;
  };
  const ControlDoor door(kAnyPort, state);
  const Answer answer = ask(door, request("GET /api/v1/log?outcome=failed"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json().at("entries").at(0).at("text"), "reloaded");
  EXPECT_EQ(answer.json().at("last"), 17);
  EXPECT_EQ(ask(door, request("GET /api/v1/log?outcome=")).status, 400);
}

TEST(ControlDoor, TellsThatTheLogCannotBeRead) {
  ControlState state = sample_state();
  state.read_log = [](const health::LogQuery&) -> health::LogPage {
    throw health::DatabaseError(10, "disk I/O error");
  };
  const Answer answer = ask(ControlDoor(kAnyPort, state), request("GET /api/v1/log"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find("disk I/O error"), std::string::npos) << answer.body;
}

TEST(ControlDoor, IsScrapedWhileTheLogIsReadAndLetsFewWaitForIt) {
  std::promise<void> begun, end;
  std::atomic<int> reads = 0;
  ControlState state = sample_state();
  state.read_log = [&](const health::LogQuery&) {
    if (++reads == 1) begun.set_value(), end.get_future().wait();
    return health::LogPage();
  };
  const ControlDoor door(kAnyPort, state, {.reading = 1});
  Client first(door);
  first.send(request("GET /api/v1/log"));
  begun.get_future().wait();
  EXPECT_EQ(ask(door, request("GET /api/v1/log")).status, 503);
  EXPECT_EQ(refused(door, "busy"), "1");
  EXPECT_EQ(ask(door, request("POST /api/v1/reload")).status, 200);
  end.set_value();
  EXPECT_EQ(parse(first.rest()).status, 200);
  EXPECT_EQ(ask(door, request("GET /api/v1/log")).status, 200);
}

/// A server with www.example and a log that does not end.
struct EndlessLog {
  std::promise<void> begun;
  std::atomic<int> pages = 0;

  ControlState state() {
    ControlState state = sample_state();
    state.explain = [](const ExplainWish&, const Past*, const GoOn&) {
      return std::vector<Explanation>{{.name = "www.example."}};
    };
    state.read_log = [this](const health::LogQuery&) {
      if (++pages == 10) begun.set_value();
      health::LogPage page;
      page.entries.emplace_back().time = at(0);
      page.more = true;
      return page;
    };
    return state;
  }
};

TEST(ControlDoor, EndsWhoReadsTheLogForTooLong) {
  for (const char* target :
       {"/api/v1/explain?name=www.example&at=1m", "/api/v1/replay?name=www.example&fall=2"}) {
    EndlessLog log;
    const ControlDoor door(kAnyPort, log.state(), {.log = std::chrono::milliseconds(20)});
    const Answer answer = ask(door, request(std::string("GET ") + target));
    EXPECT_EQ(answer.status, 503) << target;
    EXPECT_NE(answer.body.find("takes longer than 0.02 s; "), std::string::npos) << answer.body;
    EXPECT_NE(answer.body.find("later"), std::string::npos) << answer.body;
  }
}

TEST(ControlDoor, DoesNotWaitForTheLogToEnd) {
  EndlessLog log;
  auto door = std::make_unique<ControlDoor>(kAnyPort, log.state(), DoorLimits{.log = std::chrono::hours(1)});
  Client first(*door);
  first.send(request("GET /api/v1/replay?name=www.example&fall=2"));
  log.begun.get_future().wait();
  EXPECT_EQ(ask(*door, request("GET /api/v1/explain?name=www.example")).status, 200) << "that is of now";
  door.reset();
}

TEST(ControlDoor, FinishesAReloadBeforeItCloses) {
  SlowReload slow;
  ControlState state = sample_state();
  state.reload = std::ref(slow);
  auto door = std::make_unique<ControlDoor>(kAnyPort, state);
  {
    Client impatient(*door);
    impatient.send(request("POST /api/v1/reload"));
    slow.begun.get_future().wait();
  }
  slow.end.set_value();
  door.reset();
  EXPECT_TRUE(slow.finished);
}

struct Refusing {
  const char* name;
  std::string octets;
  int status;
  const char* reason;  // of the counter
};

class ControlDoorRefuses : public testing::TestWithParam<Refusing> {};

TEST_P(ControlDoorRefuses, AndCounts) {
  bool reloaded = false;
  ControlState state = sample_state();
  state.reload = [&](std::span<const std::string>) {
    reloaded = true;
    return ReloadReport{};
  };
  {
    const ControlDoor door(kAnyPort, state);
    EXPECT_EQ(ask(door, GetParam().octets).status, GetParam().status);
    EXPECT_EQ(refused(door, GetParam().reason), "1");
  }
  EXPECT_FALSE(reloaded);
}

std::string chunks(std::size_t octets) {
  std::string text;
  for (std::size_t i = 0; i < octets; i += 256) text += "100\r\n" + std::string(256, 'x') + "\r\n";
  return text + "0\r\n\r\n";
}

const std::string kReload = "POST /api/v1/reload";

INSTANTIATE_TEST_SUITE_P(
    Requests, ControlDoorRefuses,
    testing::Values(
        Refusing{"LargeHeader", request("GET /", "X: " + std::string(17U << 10, 'x') + "\r\n"), 431,
                 "header_size"},
        Refusing{"EndlessLine", "GET /" + std::string(100U << 10, 'x'), 431, "header_size"},
        Refusing{"LargeBody", request(kReload, "Content-Length: 99999\r\n", std::string(99999, 'x')), 413,
                 "body_size"},
        Refusing{"LargeChunkedBody", request(kReload, "Transfer-Encoding: chunked\r\n", chunks(99999)), 413,
                 "body_size"},
        Refusing{"NoHttp", "\x16\x03\x01\x02 hello\r\n\r\n", 400, "malformed"},
        Refusing{"TwoHosts", request("GET /", "Host: localhost\r\n"), 400, "malformed"},
        Refusing{"NoHost", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 421, "host"},
        Refusing{"ReboundHost", "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421,
                 "host"},
        Refusing{"OtherOrigin", request(kReload, "Origin: http://evil.example\r\n"), 403, "origin"},
        Refusing{"Form", request(kReload, "Content-Type: multipart/form-data; boundary=x\r\n"), 415, "form"}),
    [](const auto& row) { return std::string(row.param.name); });

// What reaches a closed socket resets the connection, and with some clients the answer is lost then.
TEST(ControlDoor, HearsOutAClientThatItRefuses) {
  const ControlDoor door(kAnyPort, sample_state());
  Client client(door);
  client.send(request(kReload, "Content-Length: 100000\r\n"));
  EXPECT_EQ(parse(client.rest()).status, 413);
  EXPECT_TRUE(client.send(std::string(50000, 'x')));
  EXPECT_TRUE(client.send(std::string(50000, 'x')));
}

TEST(ControlDoor, CutsARequestThatDrips) {
  const ControlDoor door(kAnyPort, sample_state(), {.request = 2s});  // and for whoever asks for the figures
  Client client(door);
  std::atomic<bool> cut{false};
  std::thread dripping([&] {
    while (!cut) {
      client.send("G");
      std::this_thread::sleep_for(20ms);
    }
  });
  EXPECT_EQ(client.rest(), "") << "it ends although the drip does not";
  cut = true;
  dripping.join();
  EXPECT_EQ(refused(door, "deadline"), "1");
}

TEST(ControlDoor, HasNoPatienceWithAClientThatDoesNotTakeItsAnswer) {
  ControlState state = sample_state();
  ZoneStatus large = served_zone();
  large.problems.assign(64, std::string(1U << 20, 'x'));  // more than the sockets on the way hold
  set_zones(state, {large});
  const ControlDoor door(kAnyPort, state, {.request = 2s, .backlog = 32U << 20});
  Client client(door);
  client.send(request("GET /api/v1/zones"));
  while (refused(door, "deadline") != "1") {  // meanwhile everybody else is refused
  }
  EXPECT_NE(refused(door, "backlog"), "0");
  EXPECT_LT(client.rest().size(), 64U << 20);
}

TEST(ControlDoor, TurnsTheHundredAndFirstConnectionAway) {
  const ControlDoor door(kAnyPort, sample_state());
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<Client>(door));
    clients.back()->send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_EQ(parse(clients.back()->some()).status, 200);
  }
  EXPECT_EQ(ask(door, request("GET /healthz")).status, 503);
  clients.pop_back();
  while (ask(door, request("GET /healthz")).status !=
         200) {  // until the door has seen the end of that connection
  }
  EXPECT_NE(refused(door, "connections"), "0");
}

TEST(ControlDoor, SaysWhyItCannotListen) {
  const ControlDoor door(kAnyPort, sample_state());
  try {
    const ControlDoor second({.listen = door.address()}, sample_state());
    FAIL() << "two doors at one address";
  } catch (const std::runtime_error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("127.0.0.1:" + std::to_string(door.address().port())), std::string::npos) << text;
    EXPECT_NE(text.find("another process has it"), std::string::npos) << text;
  }
}

TEST(ControlDoor, ListensOnIPv6) {
  const ControlDoor door({.listen = {boost::asio::ip::address_v6::loopback(), 0}}, sample_state());
  EXPECT_EQ(ask(door, "GET /healthz HTTP/1.1\r\nHost: [::1]:8053\r\nConnection: close\r\n\r\n").status, 200);
}

}  // namespace
}  // namespace holdfast::server
