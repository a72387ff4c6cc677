#include "server/overrides.h"
#include "tests/zones/live/answers.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>

namespace holdfast::server {
namespace {

using namespace std::chrono_literals;
using health::Decision;
using Result = OverrideAnswer::Result;

/// What was told, from whatever thread; can be waited for.
class Told {
 public:
  void operator()(const health::Event& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    came_.notify_all();
  }
  health::Event at(std::size_t index) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, 20s, [&] { return events_.size() > index; });
    return events_.at(index);
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return events_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<health::Event> events_;
};

/// A server: a pool shop of three members that are up, and what it told others.
struct Server {
  explicit Server(health::KeptState* kept = nullptr) : overrides(names, kept, std::ref(told)) {
    LiveDeclaration www;
    www.zone = zones::Name::parse("example").value();
    www.name = zones::Name::parse("www.example").value();
    www.index = names.index_of(www.zone, www.name);
    www.sources.emplace_back().pool = "shop";
    www.sources.front().monitor.name = "web";
    std::vector<zones::MemberSettings> members;
    for (const char* member : {"10.0.0.1", "10.0.0.2", "10.0.0.3"})
      members.push_back({boost::asio::ip::make_address(member)});
    www.pool = {{}, members};
    names.apply({www});
    for (const char* member : {"10.0.0.1", "10.0.0.2", "10.0.0.3"}) observe(member, health::Verdict::up);
    overrides.share([this](const std::string& id, std::optional<std::string> value) {
      if (value) {
        store[id] = *value;
      } else {
        store.erase(id);
      }
    });
  }

  void observe(const char* address, health::Verdict verdict) {
    names.changed({"web", boost::asio::ip::make_address(address)}, verdict);
  }

  OverrideAnswer drain(const char* subject, std::optional<std::chrono::milliseconds> lasts = {}) {
    return overrides.decide(
        {.subject = subject, .author = "alice", .reason = "kernel update", .lasts = lasts});
  }

  /// Last octets of the A records: "1 2".
  std::string answers() {
    const auto served = table.get();
    std::string text;
    for (const zones::Rdata data : given(*served->find(0), zones::RrType::A))
      text += (text.empty() ? "" : " ") + std::to_string(data[3]);
    return text;
  }

  zones::Published<zones::LiveTable> table{std::make_shared<zones::LiveTable>()};
  LiveNames names{table};
  Told told;
  std::map<std::string, std::string> store;
  Overrides overrides;
};

/// Each hears all that the other one told, until that changes nothing.
void meet(Server& a, Server& b) {
  for (int round = 0; round < 4; ++round) {
    for (const auto& [id, value] : std::map(a.store)) b.overrides.heard(id, value);
    for (const auto& [id, value] : std::map(b.store)) a.overrides.heard(id, value);
  }
}

TEST(Overrides, DrainAndRelease) {
  Server server;
  const OverrideAnswer drained = server.drain("shop/10.0.0.1");
  ASSERT_EQ(drained.result, Result::done) << drained.error;
  EXPECT_EQ(server.answers(), "2 3");
  EXPECT_EQ(drained.effect.answers,
            std::vector<std::string>{"www.example. A: 10.0.0.2, 10.0.0.3 (alive), TTL 30 s"});
  EXPECT_TRUE(drained.is_kept) << "in the store";
  const health::Event event = server.told.at(0);
  EXPECT_EQ(event.kind, health::EventKind::override_);
  EXPECT_EQ(event.id, drained.override_->id);
  EXPECT_EQ(event.text, "drain of shop/10.0.0.1 by alice: kernel update");
  EXPECT_EQ(event.used_by, std::vector<std::string>{"shop"});
  EXPECT_EQ(event.answers, drained.effect.answers);

  EXPECT_EQ(server.overrides.release("shop/10.0.0.1", "bob").result, Result::done);
  EXPECT_EQ(server.answers(), "1 2 3");
  EXPECT_EQ(server.told.at(1).text, "drain of shop/10.0.0.1 by alice (kernel update) ended: released by bob");
  EXPECT_EQ(server.told.at(1).answers,
            std::vector<std::string>{"www.example. A: 10.0.0.1, 10.0.0.2, 10.0.0.3 (alive), TTL 30 s"});
  EXPECT_TRUE(server.overrides.in_force().empty());
}

TEST(Overrides, KeepOutWhoWentDownUntilSomebodyReleasesIt) {
  Server server;
  const auto member = health::read_subject("shop/10.0.0.1").value();
  server.observe("10.0.0.1", health::Verdict::down);
  server.overrides.keep_out(member);
  server.observe("10.0.0.1", health::Verdict::up);
  EXPECT_EQ(server.answers(), "2 3");
  EXPECT_EQ(server.told.at(0).text,
            "force_down of shop/10.0.0.1 by holdfast: it went down, and recovery is manual: when it is right "
            "again, "
            "holdfast release shop/10.0.0.1");
  server.overrides.keep_out(member);
  EXPECT_EQ(server.told.size(), 1U) << "it is out already";
  EXPECT_EQ(server.overrides.release("shop/10.0.0.1", "bob").result, Result::done);
  EXPECT_EQ(server.answers(), "1 2 3");
}

TEST(Overrides, KeepOutAlsoTheLast) {
  Server server;
  for (const char* address : {"10.0.0.1", "10.0.0.2", "10.0.0.3"}) {
    server.observe(address, health::Verdict::down);
    server.overrides.keep_out(health::read_subject(std::string("shop/") + address).value());
  }
  EXPECT_EQ(server.overrides.in_force().size(), 3U);
  EXPECT_EQ(server.answers(), "1 2 3") << "as when all are down";
}

TEST(Overrides, KeepOutNobodyAboutWhomSomebodyDecided) {
  Server server;
  ASSERT_EQ(server.drain("shop/10.0.0.1").result, Result::done);
  server.overrides.keep_out(health::read_subject("shop/10.0.0.1").value());
  ASSERT_EQ(server.overrides.in_force().size(), 1U);
  EXPECT_EQ(server.overrides.in_force().front().author, "alice");
}

TEST(Overrides, ReleaseById) {
  Server server;
  const std::string id = server.drain("10.0.0.1").override_->id;
  const OverrideAnswer unknown = server.overrides.release("10.0.0.2", "bob");
  EXPECT_EQ(unknown.result, Result::unknown);
  EXPECT_EQ(unknown.error, "no override is about \"10.0.0.2\"; in force are: 10.0.0.1");
  EXPECT_EQ(server.overrides.release(id, "").result, Result::unfit);
  EXPECT_EQ(server.overrides.release(id, "bob").result, Result::done);
  EXPECT_EQ(server.overrides.release(id, "bob").error,
            "no override is about \"" + id + "\"; none is in force");
}

TEST(Overrides, RefuseToLeaveNobody) {
  Server server;
  EXPECT_EQ(server.drain("10.0.0.1").result, Result::done);
  EXPECT_EQ(server.drain("10.0.0.2").result, Result::done);
  OverrideWish last{.subject = "10.0.0.3", .author = "alice", .reason = "test", .force = true};
  const OverrideAnswer refused = server.overrides.decide(last);
  EXPECT_EQ(refused.result, Result::refused);
  EXPECT_NE(refused.error.find("nobody who is not drained would be left (www.example. A"), std::string::npos)
      << refused.error;
  EXPECT_EQ(server.drain("shop").result, Result::refused);
  EXPECT_EQ(server.answers(), "3");
  EXPECT_EQ(server.overrides.figures().refused, 2U);
  EXPECT_EQ(server.told.size(), 2U);
}

TEST(Overrides, RefuseWhatWouldLeaveOnlyMembersThatAreDownUnlessForced) {
  Server server;
  server.observe("10.0.0.2", health::Verdict::down);
  server.observe("10.0.0.3", health::Verdict::down);
  const OverrideAnswer refused = server.drain("10.0.0.1");
  EXPECT_EQ(refused.result, Result::refused);
  EXPECT_EQ(
      refused.error,
      "what would be left is down, or nobody: www.example. A: 10.0.0.2, 10.0.0.3 (all down: every member), "
      "TTL 10 s; if that is meant: force");
  OverrideWish meant{.subject = "10.0.0.1", .author = "alice", .reason = "test", .force = true};
  EXPECT_EQ(server.overrides.decide(meant).result, Result::done);
  EXPECT_EQ(server.answers(), "2 3");
}

TEST(Overrides, RefuseWhatIsUnfit) {
  Server server;
  const auto error = [&](auto change) {
    OverrideWish wish{.subject = "10.0.0.1", .author = "alice", .reason = "test"};
    change(wish);
    const OverrideAnswer answer = server.overrides.decide(wish);
    EXPECT_EQ(answer.result, Result::unfit);
    return answer.error;
  };
  EXPECT_EQ(error([](OverrideWish& wish) { wish.reason = ""; }),
            "the reason is empty; say in at most 500 octets what a colleague should know");
  EXPECT_EQ(error([](OverrideWish& wish) { wish.author = "a\nb"; }),
            "the author has control characters; say who you are, in at most 64 octets");
  EXPECT_EQ(error([](OverrideWish& wish) { wish.lasts = 400 * 24h; }),
            "400d is outside 1s .. 366d; without a time it lasts until it is released");
  EXPECT_NE(error([](OverrideWish& wish) { wish.lasts = 0ms; }), "");
  EXPECT_EQ(server.drain("10.0.0.9").result, Result::unknown);
  EXPECT_EQ(server.answers(), "1 2 3");
}

TEST(Overrides, TheNewestOfASubjectTakesThePlaceOfTheOther) {
  Server server;
  const std::string first = server.drain("10.0.0.1").override_->id;
  OverrideWish up{.subject = "10.0.0.1", .decision = Decision::force_up, .author = "bob", .reason = "test"};
  const std::string second = server.overrides.decide(up).override_->id;
  EXPECT_EQ(server.answers(), "1 2 3");
  ASSERT_EQ(server.overrides.in_force().size(), 1U);
  EXPECT_EQ(server.overrides.in_force()[0].id, second);
  EXPECT_TRUE(health::read_end(server.store.at(first)));
}

TEST(Overrides, EndByThemselves) {
  Server server;
  ASSERT_EQ(server.drain("10.0.0.1", 3s).result, Result::done);
  EXPECT_EQ(server.answers(), "2 3");
  EXPECT_EQ(server.told.at(1).text, "drain of 10.0.0.1 by alice (kernel update) ended: its time is over");
  EXPECT_EQ(server.answers(), "1 2 3");
  EXPECT_EQ(server.overrides.figures().expired, 1U);
  EXPECT_TRUE(server.store.empty());
}

TEST(Overrides, AreSharedByServers) {
  Server a, b;
  const std::string id = a.drain("10.0.0.1", 1h).override_->id;
  meet(a, b);
  EXPECT_EQ(b.answers(), "2 3");
  EXPECT_EQ(b.told.at(0).id, a.told.at(0).id);
  EXPECT_EQ(b.store, a.store);

  EXPECT_EQ(b.overrides.release(id, "bob").result, Result::done);
  meet(a, b);
  EXPECT_EQ(a.answers(), "1 2 3");
  EXPECT_EQ(a.told.at(1).text, b.told.at(1).text);
  EXPECT_EQ(b.store, a.store);
}

TEST(Overrides, DoNotComeBackFromWhoeverMissedTheEnd) {
  Server a, b;
  const std::string id = a.drain("10.0.0.1").override_->id;
  meet(a, b);
  const std::string old = a.store.at(id);
  EXPECT_EQ(a.overrides.release(id, "bob").result, Result::done);
  a.overrides.heard(id, old);  // b says it again, or a backup was brought back
  EXPECT_EQ(a.answers(), "1 2 3");
  meet(a, b);
  EXPECT_EQ(b.answers(), "1 2 3");
  EXPECT_TRUE(health::read_end(b.store.at(id)));
}

TEST(Overrides, StayWhenAStoreIsEmptied) {
  Server a, b;
  const std::string id = a.drain("10.0.0.1").override_->id;
  meet(a, b);
  b.overrides.heard(id, std::nullopt);
  EXPECT_EQ(b.answers(), "2 3");
}

TEST(Overrides, OfTwoServersForTheSameSubjectTheNewestStays) {
  Server a, b;
  a.drain("10.0.0.1");
  OverrideWish up{.subject = "10.0.0.1", .decision = Decision::force_up, .author = "bob", .reason = "test"};
  b.overrides.decide(up);
  meet(a, b);
  ASSERT_EQ(a.overrides.in_force().size(), 1U);
  EXPECT_EQ(a.overrides.in_force(), b.overrides.in_force());
  EXPECT_EQ(a.store, b.store);
}

TEST(Overrides, OfTwoReleasesAllServersKeepTheSame) {
  Server a, b;
  const std::string id = a.drain("10.0.0.1").override_->id;
  meet(a, b);
  a.overrides.release(id, "carol");
  b.overrides.release(id, "bob");
  meet(a, b);
  EXPECT_EQ(a.store, b.store);
}

TEST(Overrides, CountWhatIsNoneInTheStore) {
  Server server;
  server.overrides.heard("x", "nonsense");
  const std::string good = write(health::Override{.id = "y",
                                                  .subject = *health::read_subject("10.0.0.1"),
                                                  .author = "alice",
                                                  .reason = "test",
                                                  .created = std::chrono::system_clock::now()});
  server.overrides.heard("x", good);  // under another id
  EXPECT_EQ(server.overrides.malformed(), 2U);
  EXPECT_EQ(server.answers(), "1 2 3");
  server.overrides.heard("y", good);
  EXPECT_EQ(server.answers(), "2 3");
}

class KeptOverridesTest : public testing::Test {
 protected:
  KeptOverridesTest()
      : directory_(std::filesystem::temp_directory_path() /
                   ("holdfast-overrides-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(directory_);
  }
  ~KeptOverridesTest() override { std::filesystem::remove_all(directory_); }

  const std::filesystem::path directory_;
};

TEST_F(KeptOverridesTest, StandAgainAfterARestart) {
  std::vector<health::Override> before;
  {
    health::KeptState kept(directory_);
    Server server(&kept);
    EXPECT_TRUE(server.drain("10.0.0.1", 1h).is_kept);
    server.drain("10.0.0.2");
    server.overrides.release("10.0.0.2", "bob");
    before = server.overrides.in_force();
  }
  health::KeptState kept(directory_);
  Server server(&kept);
  EXPECT_EQ(server.answers(), "2 3");
  EXPECT_EQ(server.overrides.in_force(), before);
  EXPECT_EQ(server.store.at(before.at(0).id), write(before.at(0)));
}

TEST_F(KeptOverridesTest, SayThatTheyEndedMeanwhile) {
  {
    health::KeptState kept(directory_);
    health::Override over{.id = "x",
                          .subject = *health::read_subject("10.0.0.1"),
                          .author = "alice",
                          .reason = "test",
                          .created = std::chrono::system_clock::now() - 2h,
                          .expires = std::chrono::system_clock::now() - 1h};
    kept.save(to_kept(over));
  }
  {
    health::KeptState kept(directory_);
    Server server(&kept);
    EXPECT_EQ(server.answers(), "1 2 3");
    EXPECT_EQ(server.told.at(0).text, "drain of 10.0.0.1 by alice (test) ended while holdfast did not run");
  }
  EXPECT_TRUE(health::KeptState(directory_).at_start().overrides.empty());
}

}  // namespace
}  // namespace holdfast::server
