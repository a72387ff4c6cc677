#include "server/versions/versions.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>

#include "tests/zones/replicate/versions.h"

namespace holdfast::server {
namespace {

using zones::Serial;
using zones::testing::flat;
using zones::testing::inner;
using zones::testing::lines;
using zones::testing::name;

const zones::LiveName kWww{.name = name("www.example.com"), .index = 0};

/// The zone of these tests, with a serial of its own.
std::shared_ptr<const zones::Zone> zone(unsigned serial, const std::string& text) {
  const zones::LoadedZone loaded = zones::testing::load(
      "example.com", "$TTL 60\n@ SOA ns1 admin " + std::to_string(serial) + " 2 3 4 5\n@ NS ns1\n" + text, {},
      {kWww});
  return loaded.zone;
}

class VersionsTest : public testing::Test {
 protected:
  ~VersionsTest() override { std::filesystem::remove_all(directory); }

  void start() {
    journal.emplace(directory);
    versions.emplace(serials, &*journal,
                     Versions::Sources{.flat =
                                           [this](zones::NameView) {
                                             const std::lock_guard lock(mutex);
                                             return *view;
                                           },
                                       .made =
                                           [this](std::shared_ptr<const Versions::Line> line) {
                                             const std::lock_guard lock(mutex);
                                             made.push_back(line->now.serial().value());
                                             is_made.notify_all();
                                           }});
  }
  void restart() {
    versions.reset();
    journal.reset();
    start();
  }
  /// As if nothing had been before.
  void start_anew() {
    versions.reset();
    journal.reset();
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory);
    serials.publish(std::make_shared<zones::SerialTable>());
    view = flat({"www A 192.0.2.1"});
    made.clear();
    start();
  }
  /// Plays what has to be done within kApart; anew where the machine was too slow for that, three times at most.
  /// @param play  begins with start_anew(). @return when that began which was to be done
  void within_apart(const std::function<std::chrono::steady_clock::time_point()>& play) {
    for (int i = 0; i < 3; ++i) {
      const auto begun = play();
      if (std::chrono::steady_clock::now() - begun < Versions::kApart) return;
    }
    FAIL() << "the machine is too slow";
  }
  void deploy(std::shared_ptr<const zones::Zone> now) {
    versions->deploy({{.zone = std::move(now), .number = 3}});
  }
  /// Live names answer something else.
  void answer(const std::vector<std::string>& records) {
    {
      const std::lock_guard lock(mutex);
      view = flat(records);
    }
    versions->touch({name("example.com")});
  }
  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(is_made.wait_for(lock, std::chrono::seconds(60), [&] { return made.size() >= count; }));
  }
  std::shared_ptr<const Versions::Line> line() const { return versions->of(name("example.com")); }
  unsigned serial() const { return line()->now.serial().value(); }

  const std::filesystem::path directory = [] {
    const auto path =
        std::filesystem::temp_directory_path() /
        ("holdfast-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + "-" +
         std::to_string(::getpid()));
    std::filesystem::create_directories(path);
    return path;
  }();
  zones::Published<zones::SerialTable> serials{std::make_shared<zones::SerialTable>()};
  std::mutex mutex;
  std::condition_variable is_made;
  std::shared_ptr<const zones::FlatView> view = flat({"www A 192.0.2.1"});
  std::vector<unsigned> made;
  std::optional<Journal> journal;
  std::optional<Versions> versions;
};

TEST_F(VersionsTest, TheFirstHasTheSerialOfTheFile) {
  start();
  deploy(zone(7, "www A 192.0.2.9\n"));
  EXPECT_EQ(serial(), 7U);
  EXPECT_EQ(serials.get()->find(3), Serial(7));
  EXPECT_EQ(inner(line()->now), std::vector<std::string>{"www.example.com. 30 IN A 192.0.2.1"});
}

TEST_F(VersionsTest, WhatIsTheSameIsNoOther) {
  start();
  deploy(zone(7, "www A 192.0.2.9\n"));
  deploy(zone(7, "www A 192.0.2.9\n"));
  EXPECT_EQ(serial(), 7U);
  EXPECT_EQ(made, std::vector<unsigned>{7});
}

TEST_F(VersionsTest, AreForgottenAlsoInTheJournal) {
  start();
  deploy(zone(7, "www A 192.0.2.9\n"));
  versions->forget(std::vector{name("example.com"), name("never.example")});
  EXPECT_EQ(line(), nullptr);
  EXPECT_EQ(serials.get()->find(3), std::nullopt);
  EXPECT_TRUE(journal->at_start().empty());
  deploy(zone(3, "www A 192.0.2.9\n"));
  EXPECT_EQ(serial(), 3U) << "another zone of that name";
  EXPECT_TRUE(line()->history.deltas().empty());
  versions->deploy({});
  versions->forget(std::vector{name("example.com")});
  deploy(zone(2, "www A 192.0.2.9\n"));
  EXPECT_EQ(serial(), 2U) << "nor is what it had before it went";
}

TEST_F(VersionsTest, HaveSerialsByPolicyAloneWhereThatOfTheZoneMeansNothing) {
  start();
  const auto deploy_made = [&](const std::string& text) {
    versions->deploy(
        {{.zone = zone(1, text), .number = 3, .policy = zones::SerialPolicy::unixtime, .has_serial = false}});
  };
  deploy_made("mail A 192.0.2.9\n");
  const unsigned first = serial();
  EXPECT_GT(first, 1'700'000'000U);
  deploy_made("mail A 192.0.2.9\n");
  EXPECT_EQ(serial(), first);
  restart();
  deploy_made("mail A 192.0.2.9\n");
  EXPECT_EQ(serial(), first) << "the same is no other version after a restart";
  deploy_made("mail A 192.0.2.8\n");
  EXPECT_GT(serial(), first);
}

TEST_F(VersionsTest, AnEditWithoutAnotherSerialGetsTheNext) {
  start();
  deploy(zone(7, "www A 192.0.2.9\n"));
  deploy(zone(7, "www A 192.0.2.9\nmail A 192.0.2.9\n"));
  EXPECT_EQ(serial(), 8U);
  const auto history = line()->history.since(Serial(7));
  ASSERT_TRUE(history);
  EXPECT_EQ(lines(history->front()->added)[1], "mail.example.com. 60 IN A 192.0.2.9");
}

TEST_F(VersionsTest, AnOperatorsSerialIsTakenWhereItIsAfterOurs) {
  start();
  deploy(zone(7, ""));
  deploy(zone(20, ""));
  EXPECT_EQ(serial(), 20U);
  deploy(zone(10, "mail A 192.0.2.9\n"));
  EXPECT_EQ(serial(), 21U);
}

TEST_F(VersionsTest, OtherAnswersOfLiveNamesAreOneAtOnceAndThenAtMostEveryTwoSeconds) {
  std::chrono::steady_clock::time_point begun;
  ASSERT_NO_FATAL_FAILURE(within_apart([&] {
    start_anew();
    deploy(zone(7, ""));
    made.clear();
    begun = std::chrono::steady_clock::now();
    answer({"www A 192.0.2.100"});
    wait_for(1);
    for (int i = 1; i < 50; ++i) answer({"www A 192.0.2." + std::to_string(100 + i)});
    return begun;
  }));
  wait_for(2);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, Versions::kApart);
  EXPECT_EQ(inner(line()->now), std::vector<std::string>{"www.example.com. 30 IN A 192.0.2.149"});
  EXPECT_EQ(serial(), 9U);
  EXPECT_TRUE(line()->history.since(Serial(7))->front()->is_live);
}

TEST_F(VersionsTest, UpdatesAreOneAtOnceAndThenAtMostEveryTwoSeconds) {
  const auto update = [&](const std::string& text) {
    versions->replace({{.zone = zone(1, text), .number = 3, .may_wait = true}});
  };
  std::chrono::steady_clock::time_point begun;
  unsigned at_once = 0, then = 0;
  ASSERT_NO_FATAL_FAILURE(within_apart([&] {
    start_anew();
    deploy(zone(1, ""));
    begun = std::chrono::steady_clock::now();
    update("a A 192.0.2.1\n");
    at_once = serial();
    update("b A 192.0.2.1\n");
    update("c A 192.0.2.1\n");
    then = serial();
    return begun;
  }));
  EXPECT_EQ(at_once, 2U);
  EXPECT_EQ(then, 2U);
  wait_for(3);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, Versions::kApart);
  EXPECT_EQ(made, (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_EQ(inner(line()->now).front(), "c.example.com. 60 IN A 192.0.2.1");
}

TEST_F(VersionsTest, AnswersThatComeBackInTimeAreNoVersion) {
  ASSERT_NO_FATAL_FAILURE(within_apart([&] {
    start_anew();
    deploy(zone(7, ""));
    const auto begun = std::chrono::steady_clock::now();
    answer({"www A 192.0.2.2"});
    wait_for(2);
    answer({"www A 192.0.2.3"});
    answer({"www A 192.0.2.2"});
    answer({"www A 192.0.2.4"});
    return begun;
  }));
  wait_for(3);
  EXPECT_EQ(made, (std::vector<unsigned>{7, 8, 9}));
}

TEST_F(VersionsTest, ARestartGoesOnWithTheSameSerialAndHistory) {
  start();
  deploy(zone(7, ""));
  deploy(zone(7, "mail A 192.0.2.9\n"));
  restart();
  deploy(zone(7, "mail A 192.0.2.9\n"));
  EXPECT_EQ(serial(), 8U);
  EXPECT_TRUE(line()->history.since(Serial(7)));
  EXPECT_EQ(made, (std::vector<unsigned>{7, 8}));
}

TEST_F(VersionsTest, WhatLiveNamesDidMeanwhileIsTheNextVersionAfterARestart) {
  start();
  deploy(zone(7, ""));
  restart();
  view = flat({"www A 192.0.2.2"});
  deploy(zone(7, ""));
  EXPECT_EQ(serial(), 8U);
  EXPECT_TRUE(line()->history.since(Serial(7)));
}

TEST_F(VersionsTest, AFileThatChangedMeanwhileIsTheNextVersionWithoutHistory) {
  start();
  deploy(zone(7, ""));
  restart();
  deploy(zone(7, "mail A 192.0.2.9\n"));
  EXPECT_EQ(serial(), 8U);
  EXPECT_FALSE(line()->history.since(Serial(7)));
}

TEST_F(VersionsTest, WhatIsServedNoMoreHasNone) {
  start();
  deploy(zone(7, ""));
  versions->deploy({});
  EXPECT_EQ(line(), nullptr);
  EXPECT_EQ(serials.get()->find(3), std::nullopt);
}

TEST_F(VersionsTest, AZoneThatComesBackGoesOnWhereItWas) {
  start();
  deploy(zone(7, ""));
  deploy(zone(7, "mail A 192.0.2.9\n"));
  versions->deploy({});
  deploy(zone(7, "mail A 192.0.2.9\nftp A 192.0.2.9\n"));
  EXPECT_EQ(serial(), 9U);
}

TEST_F(VersionsTest, TheVersionBeforeStaysWhileTheDiskRefuses) {
  start();
  deploy(zone(7, ""));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit full{.rlim_cur = 1, .rlim_max = before.rlim_max};  // octets of any file: a disk that is full
  ::setrlimit(RLIMIT_FSIZE, &full);
  deploy(zone(7, "mail A 192.0.2.9\n"));
  EXPECT_EQ(serial(), 7U);
  EXPECT_NE(versions->problem(), "");
  ::setrlimit(RLIMIT_FSIZE, &before);
  wait_for(2);
  EXPECT_EQ(serial(), 8U);
  EXPECT_EQ(versions->problem(), "");
}

}  // namespace
}  // namespace holdfast::server
