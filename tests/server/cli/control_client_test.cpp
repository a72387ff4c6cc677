#include "server/cli/control_client.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fstream>

#include "server/cli/commands.h"
#include "server/control/door.h"
#include "tests/server/control/sample_state.h"

namespace holdfast::server {
namespace {

const ControlSettings kAnyPort{.listen = {boost::asio::ip::address_v4::loopback(), 0}};

std::string at_door(const ControlDoor& door) { return "127.0.0.1:" + std::to_string(door.address().port()); }

struct Ended {
  int code = -1;
  std::string out, err;
};

/// `holdfast` with these arguments.
Ended run(std::vector<std::string> arguments) {
  Ended ended;
  CLI::App program;
  add_status(program, ended.code);
  add_reload(program, ended.code);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  try {
    program.parse(arguments);
  } catch (const CLI::ParseError& error) {
    std::cerr << error.what();
  }
  ended.out = testing::internal::GetCapturedStdout();
  ended.err = testing::internal::GetCapturedStderr();
  return ended;
}

TEST(StatusCommand, PrintsTablesAndTellsBadNews) {
  const ControlDoor door(kAnyPort, sample_state());
  const Ended ended = run({"status", "--control", at_door(door)});
  EXPECT_EQ(ended.code, kBadNews);
  EXPECT_NE(ended.out.find("www.example.com."), std::string::npos) << ended.out << ended.err;
}

TEST(StatusCommand, PrintsJson) {
  const ControlDoor door(kAnyPort, sample_state());
  const Ended ended = run({"status", "--json", "--control", at_door(door)});
  EXPECT_EQ(ended.code, kBadNews);
  EXPECT_EQ(boost::json::parse(ended.out).at("version"), HOLDFAST_VERSION);
}

TEST(StatusCommand, TellsGoodNews) {
  ControlState state = sample_state();
  set_zones(state, {served_zone()});
  state.targets = [] { return std::vector<health::MergedStatus>(); };
  const ControlDoor door(kAnyPort, state);
  EXPECT_EQ(run({"status", "--control", at_door(door)}).code, kFine);
}

TEST(StatusCommand, FindsTheServerByItsConfiguration) {
  const ControlDoor door(kAnyPort, sample_state());
  const std::string file = testing::TempDir() + "control_client." + std::to_string(getpid());
  std::ofstream(file) << "[server]\nlisten = [\"127.0.0.1:5300\"]\n[control]\nlisten = \"" << at_door(door)
                      << "\"\n";
  const Ended ended = run({"status", "--config", file});
  EXPECT_EQ(ended.code, kBadNews) << ended.err;
  std::ofstream(file) << "[server]\nlisten = [\"127.0.0.1:5300\"]\n";
  const Ended without = run({"status", "--config", file});
  EXPECT_EQ(without.code, kUsageError);
  EXPECT_NE(without.err.find("has no [control]"), std::string::npos) << without.err;
}

TEST(StatusCommand, SaysWhatToDoWithoutAServer) {
  std::string address;
  {
    const ControlDoor door(kAnyPort, sample_state());
    address = at_door(door);
  }
  const Ended ended = run({"status", "--control", address});
  EXPECT_EQ(ended.code, kUsageError);
  EXPECT_NE(ended.err.find("Is `holdfast serve` running"), std::string::npos) << ended.err;
}

TEST(StatusCommand, RefusesWhatIsNoAddress) {
  const ControlDoor door(kAnyPort, sample_state());
  for (const char* wrong : {"127.0.0.1", "localhost:80/x", "http://127.0.0.1:8053", "me@127.0.0.1:8053"}) {
    EXPECT_NE(run({"status", "--control", wrong}).err.find("write it as"), std::string::npos) << wrong;
  }
}

TEST(ReloadCommand, PrintsTheReport) {
  const auto reload = [](ReloadReport report, std::vector<std::string> more = {}) {
    ControlState state = sample_state();
    state.reload = [report](std::span<const std::string>) { return report; };
    const ControlDoor door(kAnyPort, state);
    std::vector<std::string> arguments{"reload", "--control", at_door(door)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  };
  const Ended good = reload({.zones_changed = 2, .problems = {}});
  EXPECT_EQ(good.code, kFine) << good.err;
  EXPECT_EQ(good.out, "zones changed: 2, refused: 0\n");

  const Ended bad = reload({.zones_changed = 1, .zones_refused = 1, .problems = {"a.zone:3: no SOA"}});
  EXPECT_EQ(bad.code, kBadNews);
  EXPECT_EQ(bad.out, "a.zone:3: no SOA\nzones changed: 1, refused: 1\n");

  const Ended refused = reload({.configuration_accepted = false, .problems = {"h.toml:1:1: no"}});
  EXPECT_EQ(refused.code, kBadNews);
  EXPECT_EQ(refused.out,
            "h.toml:1:1: no\nrefused: nothing has changed; correct the configuration and reload again\n");

  EXPECT_EQ(
      boost::json::parse(reload({.zones_changed = 3, .problems = {}}, {"--json"}).out).at("zones_changed"),
      3);
}

}  // namespace
}  // namespace holdfast::server
