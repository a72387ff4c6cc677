#include "server/control/export_reply.h"

#include <gtest/gtest.h>

#include <boost/asio.hpp>

#include "server/control/door.h"
#include "tests/server/control/sample_state.h"
#include "zones/load/load.h"

namespace holdfast::server {
namespace {

using boost::asio::ip::tcp;
using namespace std::chrono_literals;

const ControlSettings kAnyPort{.listen = {boost::asio::ip::address_v4::loopback(), 0}};

/// Serves "example.", which takes some of the pieces in which it is sent.
ControlState state_with_zone(std::size_t names = 20'000) {
  std::string text = "$TTL 300\n@ SOA ns host 1 7200 3600 1209600 60\n@ NS ns\nns A 192.0.2.53\n";
  for (std::size_t i = 0; i < names; ++i) text += "host" + std::to_string(i) + " A 192.0.2.1\n";
  const std::shared_ptr<const zones::Zone> zone =
      zones::load_zone_text(*zones::Name::parse("example."), text, "zone", {}).zone;
  ControlState state = sample_state();
  state.contents = [zone](zones::NameView name, bool) -> std::variant<zones::Contents, NoContents> {
    if (name.text() == "expired.") return NoContents::unavailable;
    if (name != zone->apex()) return NoContents::unknown;
    return zones::Contents(zones::Serial(1), zone, nullptr);
  };
  return state;
}

class Client {
 public:
  explicit Client(const ControlDoor& door) : socket_(io_) {
    socket_.open(tcp::v4());
    socket_.set_option(boost::asio::socket_base::receive_buffer_size(4096));  // else the system takes all
    socket_.connect(door.address());
  }
  void ask(std::string_view line, std::string_view version = "1.1") {
    const std::string request =
        std::string(line) + " HTTP/" + std::string(version) + "\r\nHost: localhost\r\n\r\n";
    boost::asio::write(socket_, boost::asio::buffer(request));
  }
  std::string until(std::string_view end) {
    boost::system::error_code error;
    const std::size_t size =
        boost::asio::read_until(socket_, boost::asio::dynamic_buffer(got_), std::string(end), error);
    std::string text = error ? std::exchange(got_, "") : got_.substr(0, size);
    if (!error) got_.erase(0, size);
    return text;
  }

 private:
  boost::asio::io_context io_;
  tcp::socket socket_;
  std::string got_;
};

/// What the chunks hold (RFC 9112 7.1); "cut off" where the last is missing.
std::string body_of(std::string_view answer) {
  answer.remove_prefix(std::min(answer.size(), answer.find("\r\n\r\n") + 4));
  std::string body;
  for (;;) {
    const std::size_t line = answer.find("\r\n");
    if (line == answer.npos) return "cut off";
    const std::size_t size = std::stoul(std::string(answer.substr(0, line)), nullptr, 16);
    if (size == 0) return body;
    if (answer.size() < line + 2 + size + 2) return "cut off";
    body += answer.substr(line + 2, size);
    answer.remove_prefix(line + 2 + size + 2);
  }
}

constexpr char kAsk[] = "GET /api/v1/export?zone=example";
constexpr char kEnd[] = "\r\n0\r\n\r\n";

TEST(Export, IsAZoneFileOfAllRecords) {
  const ControlDoor door(kAnyPort, state_with_zone());
  Client client(door);
  for (int again = 0; again < 2; ++again) {  // on the same connection
    client.ask(kAsk);
    const auto loaded =
        zones::load_zone_text(*zones::Name::parse("example."), body_of(client.until(kEnd)), "export", {});
    ASSERT_NE(loaded.zone, nullptr);
    EXPECT_EQ(loaded.zone->records(), 20'003U);
  }
}

TEST(Export, SaysWhatIsWrong) {
  const ControlDoor door(kAnyPort, state_with_zone(1));
  for (const auto& [query, status] : {std::pair("?zone=example.org", "404"),
                                      {"?zone=expired", "503"},
                                      {"", "400"},
                                      {"?zone=..", "400"},
                                      {"?zone=example&live=maybe", "400"},
                                      {"?zone=%", "400"}}) {
    Client client(door);
    client.ask("GET /api/v1/export" + std::string(query));
    const std::string answer = client.until("\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::string(status))) << query << ": " << answer;
  }
  Client old(door);
  old.ask(kAsk, "1.0");
  EXPECT_NE(old.until("\r\n").find(" 505 "), std::string::npos);
}

TEST(Export, HasALimitOfHowManyTakeOne) {
  DoorLimits limits;
  limits.streams = 1;
  const ControlDoor door(kAnyPort, state_with_zone(200'000), limits);
  std::optional<Client> slow(door);
  slow->ask(kAsk);
  slow->until("\r\n\r\n");
  Client second(door);
  second.ask(kAsk);
  EXPECT_NE(second.until("\r\n").find(" 503 "), std::string::npos);
  slow.reset();  // who hangs up makes room
  std::string answer;
  do {
    Client third(door);
    third.ask(kAsk);
    answer = third.until("\r\n");
  } while (answer.find(" 503 ") != answer.npos);
  EXPECT_NE(answer.find(" 200 "), answer.npos) << answer;
}

TEST(Export, EndsWhenItTakesTooLong) {
  DoorLimits limits;
  limits.stream = 0ms;
  const ControlDoor door(kAnyPort, state_with_zone(200'000), limits);
  Client client(door);
  client.ask(kAsk);
  EXPECT_TRUE(body_of(client.until(kEnd)) == "cut off");
}

TEST(Export, LeavesTheDoorOpenForOthers) {
  const ControlDoor door(kAnyPort, state_with_zone(200'000));
  Client slow(door);
  slow.ask(kAsk);
  slow.until("\r\n\r\n");
  Client other(door);
  other.ask("GET /healthz");
  EXPECT_NE(other.until("ok\n").find("200 OK"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::server
