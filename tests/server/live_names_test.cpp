#include "server/live_names.h"
#include "tests/zones/live/answers.h"

#include <gtest/gtest.h>

using namespace holdfast;
using namespace holdfast::server;
using health::Verdict;
using namespace std::chrono_literals;

namespace {

class LiveNamesTest : public testing::Test {
 protected:
  LiveDeclaration declare(const char* name, std::initializer_list<const char*> members,
                          zones::Policy policy = zones::Policy::all) {
    LiveDeclaration declaration;
    declaration.zone = zones::Name::parse("example").value();
    declaration.name = zones::Name::parse(name).value();
    declaration.index = names.index_of(declaration.zone, declaration.name);
    declaration.sources.emplace_back().monitor.name = "web";
    std::vector<zones::MemberSettings> settings;
    std::uint16_t tier = 1;
    for (const char* member : members)
      settings.push_back({.address = boost::asio::ip::make_address(member), .tier = tier++});
    declaration.pool = {zones::PoolRules{.policy = policy}, settings};
    return declaration;
  }

  void observe(const char* address, Verdict verdict) {
    names.changed({"web", boost::asio::ip::make_address(address)}, verdict);
  }

  /// The A records that a name has now, last octets only: "1 2".
  std::string answers(zones::LiveIndex index) {
    const auto answer = table.get();
    const zones::LiveAnswer* live = answer->find(index);
    if (live == nullptr) return "nothing";
    std::string text;
    for (const zones::Rdata data : given(*live, zones::RrType::A))
      text += (text.empty() ? "" : " ") + std::to_string(data[3]);
    return text;
  }

  /// These are in force: a subject and a decision each.
  static health::OverrideSet deciding(
      std::initializer_list<std::pair<const char*, health::Decision>> decisions) {
    health::OverrideSet set;
    for (const auto& [subject, decision] : decisions) {
      set.put({.id = subject,
               .subject = health::read_subject(subject).value(),
               .decision = decision,
               .author = "alice",
               .reason = "test"},
              {}, {});
    }
    return set;
  }

  zones::Published<zones::LiveTable> table{std::make_shared<zones::LiveTable>()};
  LiveNames names{table};
};

TEST_F(LiveNamesTest, CountsAllMembersAliveUntilTheFirstRoundIsFinished) {
  names.apply({declare("www.example", {"10.0.0.1", "10.0.0.2"})});
  EXPECT_EQ(answers(0), "1 2");
  observe("10.0.0.1", Verdict::down);
  EXPECT_EQ(answers(0), "1 2") << "10.0.0.2 has not been probed yet";
  observe("10.0.0.2", Verdict::up);
  EXPECT_EQ(answers(0), "2");
}

TEST_F(LiveNamesTest, FollowsEveryTransition) {
  names.apply({declare("www.example", {"10.0.0.1", "10.0.0.2"}, zones::Policy::failover)});
  observe("10.0.0.1", Verdict::up);
  observe("10.0.0.2", Verdict::up);
  EXPECT_EQ(answers(0), "1");
  observe("10.0.0.1", Verdict::down);
  EXPECT_EQ(answers(0), "2");
  observe("10.0.0.2", Verdict::down);
  EXPECT_EQ(answers(0), "1 2");
  EXPECT_EQ(names.status()[0].rule, "all down: every member");
  EXPECT_EQ(names.status()[0].ttl, 10U);
  observe("10.0.0.1", Verdict::up);
  EXPECT_EQ(answers(0), "1");
}

TEST_F(LiveNamesTest, TakesVerdictsTogetherThatChangedTogether) {
  LiveDeclaration first = declare("www.example", {"10.0.0.1", "10.0.0.2"}, zones::Policy::failover);
  first.pool.parts[0].rules.when_down = zones::WhenDown::last_good;
  names.apply({first, declare("mail.example", {"10.0.0.2", "10.0.0.3"})});
  for (const char* address : {"10.0.0.1", "10.0.0.2", "10.0.0.3"}) observe(address, Verdict::up);
  const auto target = [](const char* address) {
    return health::TargetId{"web", boost::asio::ip::make_address(address)};
  };
  const LiveNames::MovedTarget verdicts[] = {{target("10.0.0.1"), Verdict::down},
                                             {target("10.0.0.9"), Verdict::down},
                                             {target("10.0.0.2"), Verdict::down}};
  names.changed(verdicts);
  EXPECT_EQ(answers(0), "1") << "10.0.0.2 was never alone";
  EXPECT_EQ(answers(1), "3");
}

TEST_F(LiveNamesTest, GivesAWeightBackLittleByLittle) {
  zones::Ramp::Time now{};
  LiveNames growing(table, [&] { return now; });
  LiveDeclaration declaration = declare("www.example", {"10.0.0.1", "10.0.0.2"}, zones::Policy::weighted);
  declaration.pool.parts[0].rules.ramp_up = std::chrono::seconds(10);
  growing.apply({declaration});
  const auto observe = [&](const char* address, Verdict verdict) {
    growing.changed({"web", boost::asio::ip::make_address(address)}, verdict);
  };
  const auto share = [&] {  // of the second
    const auto explained = std::get<0>(growing.explain({.name = "www.example", .type = zones::RrType::A}));
    const auto answer = table.get();
    int came = 0;
    for (std::uint64_t random = 0; random < 1000; ++random)
      came += (*given(*answer->find(0), zones::RrType::A, {.random = random * 0x9e3779b97f4a7c15ULL})
                    .begin())[3] == 2;
    EXPECT_NEAR(came / 1000., explained[0].members[1].share, 0.05) << "what is served is what is explained";
    return explained[0].members[1].share;
  };
  observe("10.0.0.1", Verdict::up);
  observe("10.0.0.2", Verdict::up);
  EXPECT_EQ(share(), 0.5);
  observe("10.0.0.2", Verdict::down);
  EXPECT_EQ(share(), 0);
  observe("10.0.0.2", Verdict::up);
  EXPECT_LT(share(), 0.02);
  const auto since = growing.status()[0].since;
  now += std::chrono::seconds(5);
  growing.tick();
  EXPECT_NEAR(share(), 1 / 3., 0.01);
  growing.apply({declaration});
  EXPECT_NEAR(share(), 1 / 3., 0.01) << "after a reload";
  now += std::chrono::seconds(5);
  growing.tick();
  EXPECT_EQ(share(), 0.5);
  EXPECT_EQ(growing.status()[0].since, since) << "the same members answer";
}

/// Two members that are up, in a time of the test's own; 10.0.0.2 comes into doubt.
class LiveDoubtsTest : public LiveNamesTest {
 protected:
  void SetUp() override {
    doubting.apply({declare("www.example", {"10.0.0.1", "10.0.0.2"})});
    changed("10.0.0.1", Verdict::up);
    changed("10.0.0.2", Verdict::up);
  }
  static health::TargetId target(const char* address) {
    return {"web", boost::asio::ip::make_address(address)};
  }
  void changed(const char* address, Verdict verdict, health::Doubt doubt = {}) {
    doubting.changed(target(address), verdict, doubt);
  }
  void doubt(health::Doubt doubt) { doubting.doubted({{target("10.0.0.2"), doubt}}); }
  /// As served; it is checked that it is told likewise.
  std::uint32_t ttl() {
    const std::uint32_t served = given(*table.get()->find(0), zones::RrType::A).ttl;
    EXPECT_EQ(doubting.status()[0].ttl, served);
    const Explanation explained = explain();
    EXPECT_EQ(explained.ttl, served);
    EXPECT_TRUE(explained.is_served);
    return served;
  }
  Explanation explain(const char* if_down = "") {
    return std::get<0>(doubting.explain({.name = "www.example", .if_down = if_down}))[0];
  }
  /// What is served each second from now on.
  std::string ttls(int seconds) {
    std::string all;
    for (int i = 0; i < seconds; ++i) {
      now += 1s;
      doubting.tick();
      all += std::to_string(ttl()) + " ";
    }
    return all;
  }

  zones::Ramp::Time now{1h};
  LiveNames doubting{table, [this] { return now; }};
};

TEST_F(LiveDoubtsTest, FallToTheFloorWithTheFirstFailureAndComeBack) {
  EXPECT_EQ(ttl(), 30U);
  const auto since = doubting.status()[0].since;
  doubt(now + 2s);
  EXPECT_EQ(ttl(), 5U);
  EXPECT_EQ(explain().doubt, "10.0.0.2 may go down soon");
  EXPECT_EQ(ttls(5), "5 5 5 5 5 ");
  doubt({});
  EXPECT_EQ(ttl(), 30U);
  EXPECT_EQ(explain().doubt, "");
  EXPECT_EQ(answers(0), "1 2");
  EXPECT_EQ(doubting.status()[0].since, since) << "the same members answer";
}

TEST_F(LiveDoubtsTest, ShrinkTowardsAMomentThatIsKnown) {
  changed("10.0.0.2", Verdict::down);
  doubt(now + 35s);  // held down
  EXPECT_EQ(ttl(), 30U);
  EXPECT_EQ(ttls(8), "30 30 30 30 29 28 27 26 ");
  EXPECT_EQ(explain().doubt, "10.0.0.2 may be back soon");
  EXPECT_EQ(ttls(22), "25 24 23 22 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 5 ");
  changed("10.0.0.2", Verdict::up);
  EXPECT_EQ(ttl(), 30U);
}

TEST_F(LiveDoubtsTest, EndWithTheVerdictUnlessThatIsInDoubtItself) {
  doubt(now + 2s);
  changed("10.0.0.2", Verdict::down);
  EXPECT_EQ(answers(0), "1");
  EXPECT_EQ(ttl(), 30U);
  changed("10.0.0.2", Verdict::up, health::kAnyTime);
  EXPECT_EQ(ttl(), 5U);
}

TEST_F(LiveDoubtsTest, DoNotCountWhereSomebodyDecidedUntilThatIsOver) {
  doubt(now + 2s);
  doubting.decide(deciding({{"10.0.0.2", health::Decision::force_up}}));
  EXPECT_EQ(ttl(), 30U) << "until somebody says so";

  health::OverrideSet drained;
  const std::chrono::system_clock::time_point wall{};
  drained.put({.id = "1",
               .subject = health::read_subject("10.0.0.2").value(),
               .decision = health::Decision::drain,
               .author = "alice",
               .reason = "test",
               .expires = wall + 40s},
              now, wall);
  doubting.decide(drained);
  EXPECT_EQ(ttl(), 30U);
  EXPECT_EQ(ttls(12), "30 30 30 30 30 30 30 30 30 29 28 27 ");
  EXPECT_EQ(explain().doubt, "10.0.0.2 may be back soon");
  doubting.decide({});
  EXPECT_EQ(ttl(), 5U) << "the verdict is in doubt still";
}

TEST_F(LiveDoubtsTest, AreNotThoseOfWhoIsSupposedToBeDown) {
  doubt(now + 2s);
  const Explanation supposed = explain("10.0.0.2");
  EXPECT_EQ(supposed.ttl, 30U);
  EXPECT_EQ(explain("10.0.0.1").ttl, 5U) << "it would be the last one";
}

TEST_F(LiveDoubtsTest, OutliveAReloadButNotTheTarget) {
  doubt(now + 2s);
  doubting.apply({declare("www.example", {"10.0.0.1", "10.0.0.2"})});
  EXPECT_EQ(ttl(), 5U);
  doubting.apply({declare("www.example", {"10.0.0.1", "10.0.0.3"})});
  doubt(now + 2s);
  doubting.apply({declare("www.example", {"10.0.0.1", "10.0.0.2"})});
  changed("10.0.0.2", Verdict::up);
  EXPECT_EQ(ttl(), 30U);
}

TEST_F(LiveNamesTest, NamesThePoolsThatUseATarget) {
  LiveDeclaration shop = declare("b.example", {"10.0.0.1"});
  shop.sources[0].pool = "shop";
  names.apply({declare("a.example", {"10.0.0.1"}), shop});
  EXPECT_EQ(names.used_by({"web", boost::asio::ip::make_address("10.0.0.1")}),
            (std::vector<std::string>{"a.example.", "shop"}));
  EXPECT_TRUE(names.used_by({"web", boost::asio::ip::make_address("10.0.0.9")}).empty());
}

TEST_F(LiveNamesTest, ProbesATargetOnceHoweverManyNamesUseIt) {
  names.apply({declare("a.example", {"10.0.0.1"}), declare("b.example", {"10.0.0.1", "10.0.0.2"})});
  EXPECT_EQ(names.targets().size(), 2U);
  observe("10.0.0.2", Verdict::up);
  observe("10.0.0.1", Verdict::down);
  EXPECT_EQ(answers(0), "1") << "all are down";
  EXPECT_EQ(answers(1), "2");
}

TEST_F(LiveNamesTest, ATargetIsWhereTheFirstMemberIsThatSaysSo) {
  LiveDeclaration shop = declare("b.example", {"10.0.0.1", "10.0.0.2"});
  shop.pool.members[0].location = "cork";
  LiveDeclaration other = declare("c.example", {"10.0.0.1"});
  other.pool.members[0].location = "dublin";
  names.apply({declare("a.example", {"10.0.0.1"}), shop, other});
  const auto targets = names.targets();
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_EQ(targets[0].location, "cork");
  EXPECT_EQ(targets[1].location, "");
}

TEST_F(LiveNamesTest, KeepsIndexesAndKnowledgeOverAReload) {
  names.apply({declare("a.example", {"10.0.0.1"}), declare("b.example", {"10.0.0.1", "10.0.0.2"})});
  observe("10.0.0.1", Verdict::down);
  observe("10.0.0.2", Verdict::up);
  names.apply({declare("b.example", {"10.0.0.1", "10.0.0.2", "10.0.0.3"})});
  EXPECT_EQ(answers(0), "1") << "what a had stays for zones that are being replaced, all down";
  EXPECT_EQ(names.status().size(), 1U);
  EXPECT_EQ(answers(1), "2 3") << "the new member is unknown, the others are not forgotten";
  names.apply({declare("a.example", {"10.0.0.1"})});
  EXPECT_EQ(names.count(), 2U);
}

TEST_F(LiveNamesTest, PublishesNothingWhenAReloadChangesNothing) {
  names.apply({declare("a.example", {"10.0.0.1"})});
  const auto before = table.get();
  names.apply({declare("a.example", {"10.0.0.1"})});
  EXPECT_EQ(table.get(), before);
}

TEST_F(LiveNamesTest, PublishesMembersWhoseAddressesChanged) {
  names.apply({declare("a.example", {"10.0.0.1"})});
  names.apply({declare("a.example", {"10.0.0.9"})});
  EXPECT_EQ(answers(0), "9");
}

TEST_F(LiveNamesTest, SaysWhoAnswersAndWhy) {
  names.apply({declare("www.example", {"10.0.0.1", "fd00::1"})});
  observe("10.0.0.1", Verdict::up);
  observe("fd00::1", Verdict::down);
  const auto status = names.status().at(0);
  EXPECT_EQ(status.name, "www.example.");
  EXPECT_EQ(status.rule, "A alive, AAAA all down: every member");
  ASSERT_EQ(status.members.size(), 2U);
  EXPECT_EQ(status.members[1].verdict, Verdict::down);
  EXPECT_TRUE(status.members[1].answering);
}

TEST_F(LiveNamesTest, IgnoresTargetsThatAReloadTookAway) {
  names.apply({declare("a.example", {"10.0.0.1"})});
  observe("10.0.0.77", Verdict::down);
  EXPECT_EQ(answers(0), "1");
}

TEST_F(LiveNamesTest, SaysWhatTheNamesOfATargetAnswerNow) {
  names.apply({declare("www.example", {"10.0.0.1", "10.0.0.2"}),
               declare("ftp.example", {"10.0.0.2", "2001:db8::1"})});
  for (const char* address : {"10.0.0.2", "2001:db8::1"}) observe(address, Verdict::up);
  observe("10.0.0.1", Verdict::down);
  const auto lines = [&](const char* address) {
    return names.answers_with({"web", boost::asio::ip::make_address(address)});
  };
  EXPECT_EQ(lines("10.0.0.1"), std::vector<std::string>{"www.example. A: 10.0.0.2 (alive), TTL 30 s"});
  EXPECT_EQ(lines("10.0.0.2"), (std::vector<std::string>{"www.example. A: 10.0.0.2 (alive), TTL 30 s",
                                                         "ftp.example. A: 10.0.0.2 (alive), TTL 30 s"}));
  EXPECT_EQ(lines("2001:db8::1"),
            std::vector<std::string>{"ftp.example. AAAA: 2001:db8::1 (alive), TTL 30 s"});
  EXPECT_EQ(lines("10.0.0.9"), std::vector<std::string>{});
}

using health::Decision;

TEST_F(LiveNamesTest, AnswersAsAnOverrideSays) {
  names.apply({declare("www.example", {"10.0.0.1", "10.0.0.2", "10.0.0.3"})});
  names.decide(deciding({{"10.0.0.1", Decision::drain}}));
  EXPECT_EQ(answers(0), "2 3") << "also before anything was probed";
  for (const char* address : {"10.0.0.1", "10.0.0.2"}) observe(address, Verdict::up);
  observe("10.0.0.3", Verdict::down);
  EXPECT_EQ(answers(0), "2");
  names.decide(deciding({{"10.0.0.1", Decision::drain}, {"10.0.0.3", Decision::force_up}}));
  EXPECT_EQ(answers(0), "2 3");
  names.decide(deciding({{"10.0.0.1", Decision::drain}, {"10.0.0.2", Decision::force_down}}));
  EXPECT_EQ(answers(0), "2 3") << "all down, and the drained one is not answered all the same";
  names.decide({});
  EXPECT_EQ(answers(0), "1 2");
}

TEST_F(LiveNamesTest, KeepsAnOverrideOverAReload) {
  names.decide(deciding({{"www.example./10.0.0.1", Decision::drain}}));
  names.apply({declare("www.example", {"10.0.0.1", "10.0.0.2"}), declare("ftp.example", {"10.0.0.1"})});
  EXPECT_EQ(answers(0), "2");
  EXPECT_EQ(answers(1), "1") << "another pool";
  names.apply({declare("www.example", {"10.0.0.1"})});
  EXPECT_EQ(answers(0), "1") << "nobody else is left";
  EXPECT_EQ(names.status().at(0).rule, "all drained: every member");
}

TEST_F(LiveNamesTest, DecidesByWhereMembersAre) {
  LiveDeclaration www = declare("www.example", {"10.0.0.1", "10.0.0.2"});
  www.pool.members[0].location = "eu-cork";
  names.apply({www});
  names.decide(deciding({{"location:eu", Decision::drain}}));
  EXPECT_EQ(answers(0), "1 2") << "nobody said that Cork is there";
  names.place(health::Locations({{"eu", "", {}, {}}, {"eu-cork", "eu", {}, {}}}));
  EXPECT_EQ(answers(0), "2");
}

TEST_F(LiveNamesTest, LeavesTheAnswersOfOthersAloneWhenSomethingIsDecided) {
  names.apply({declare("a.example", {"10.0.0.1", "10.0.0.2"}), declare("b.example", {"10.0.0.2"}),
               declare("c.example", {"10.0.0.3"})});
  const auto before = table.get();
  names.decide(deciding({{"10.0.0.1", Decision::drain}}));
  EXPECT_EQ(answers(0), "2");
  EXPECT_EQ(table.get()->find(1), before->find(1));
  EXPECT_EQ(table.get()->find(2), before->find(2));
  names.decide(deciding({{"10.0.0.1", Decision::force_up}, {"10.0.0.2", Decision::drain}}));
  EXPECT_EQ(answers(0), "1");
  names.decide({});
  EXPECT_EQ(answers(0), "1 2");
}

TEST_F(LiveNamesTest, KnowsAboutWhomSomethingCanBeDecided) {
  LiveDeclaration shop = declare("a.example", {"10.0.0.1"});
  shop.sources[0].pool = "shop";
  shop.pool.members[0].location = "cork";
  names.apply({shop});
  const auto has = [&](const char* subject) { return names.has(health::read_subject(subject).value()); };
  EXPECT_TRUE(has("10.0.0.1") && has("shop") && has("shop/10.0.0.1") && has("location:cork"));
  EXPECT_FALSE(has("10.0.0.2") || has("shop/10.0.0.2") || has("a.example./10.0.0.1") || has("location:eu"));
}

TEST_F(LiveNamesTest, ShowsWhoDecidedWhat) {
  names.apply({declare("www.example", {"10.0.0.1", "10.0.0.2"})});
  names.decide(deciding({{"10.0.0.1", Decision::drain}}));
  const auto members = names.status().at(0).members;
  EXPECT_EQ(members[0].decided->author, "alice");
  EXPECT_FALSE(members[1].decided);
}

TEST_F(LiveNamesTest, TellsWhatAnOverrideWouldDo) {
  names.apply({declare("www.example", {"10.0.0.1", "10.0.0.2", "2001:db8::1"})});
  for (const char* address : {"10.0.0.1", "2001:db8::1"}) observe(address, Verdict::up);
  observe("10.0.0.2", Verdict::down);
  const auto effect = [&](std::initializer_list<std::pair<const char*, Decision>> decisions) {
    return names.effect(deciding(decisions), health::read_subject(decisions.begin()->first).value());
  };
  const Effect harmless = effect({{"10.0.0.2", Decision::drain}});
  EXPECT_EQ(harmless.used_by, std::vector<std::string>{"www.example."});
  EXPECT_EQ(harmless.answers, (std::vector<std::string>{"www.example. A: 10.0.0.1 (alive), TTL 30 s",
                                                        "www.example. AAAA: 2001:db8::1 (alive), TTL 30 s"}));
  EXPECT_EQ(harmless.nobody + harmless.doubtful, "");

  EXPECT_EQ(effect({{"10.0.0.1", Decision::drain}}).doubtful,
            "www.example. A: 10.0.0.2 (all down: every member), TTL 10 s");
  EXPECT_EQ(effect({{"2001:db8::1", Decision::drain}}).doubtful,
            "www.example. AAAA: nobody (drained), TTL 30 s");
  EXPECT_NE(effect({{"www.example.", Decision::drain}}).nobody, "");
  EXPECT_EQ(effect({{"www.example.", Decision::force_up}}).doubtful, "");
  EXPECT_EQ(effect({{"mail", Decision::drain}}).used_by, std::vector<std::string>{});
  EXPECT_EQ(effect({{"www.example.", Decision::drain}, {"10.0.0.1", Decision::force_up}}).overruled,
            std::vector<std::string>{"www.example./10.0.0.1: force_up of 10.0.0.1 by alice: test"});
  EXPECT_EQ(answers(0), "1") << "nothing has changed";
}

TEST_F(LiveNamesTest, NamesTheMembersThatAreToStayOut) {
  LiveDeclaration one = declare("www.example", {"10.0.0.1"});
  one.sources.front().pool = "shop";
  one.sources.front().is_manual = true;
  LiveDeclaration other = declare("api.example", {"10.0.0.1"});
  other.sources.front().pool = "api";
  names.apply({one, other});
  const std::vector<health::Subject> expected{health::read_subject("shop/10.0.0.1").value()};
  EXPECT_EQ(names.manual({"web", boost::asio::ip::make_address("10.0.0.1")}), expected);
  EXPECT_TRUE(names.manual({"web", boost::asio::ip::make_address("10.0.0.2")}).empty());
}

/// Pools that come back to who answered last.
class LastGoodTest : public LiveNamesTest {
 protected:
  LiveDeclaration declare_shop(std::initializer_list<const char*> members, const char* name = "www.example") {
    LiveDeclaration declaration = declare(name, members);
    declaration.sources.front().pool = "shop";
    declaration.pool.parts[0].rules.when_down = zones::WhenDown::last_good;
    declaration.pool.parts[0].rules.min_alive = zones::Minimum{.number = 2};
    return declaration;
  }
  LiveNames::OtherGood tell() {
    return [this](const LastGood& good) {
      const health::KeptNote note = note_of(good);
      told.push_back(note.subject + ": " + note.text);
    };
  }
  void all(std::initializer_list<const char*> addresses, Verdict verdict) {
    for (const char* address : addresses) observe(address, verdict);
  }

  std::vector<std::string> told;
};

constexpr auto kThree = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
const LastGood kFirstTwo{"example. www.example. A", "shop", {"10.0.0.1", "10.0.0.2"}};

TEST_F(LastGoodTest, IsToldOfWhenItIsSeenAndOther) {
  names.remember({}, tell());
  names.apply({declare_shop(kThree)});
  EXPECT_TRUE(told.empty()) << "nobody was seen alive";
  all(kThree, Verdict::up);
  const std::string subject = "last-good example. www.example. A: ";
  EXPECT_EQ(told, std::vector{subject + "shop 10.0.0.1 10.0.0.2 10.0.0.3"});
  observe("10.0.0.3", Verdict::down);
  EXPECT_EQ(told.back(), subject + "shop 10.0.0.1 10.0.0.2");
  observe("10.0.0.2", Verdict::down);
  EXPECT_EQ(answers(0), "1 2");
  EXPECT_EQ(told.size(), 2U) << "that was for want of others";
  names.apply({});
  EXPECT_EQ(told.back(), "last-good example. www.example. A: ") << "nobody uses it any more";
}

TEST_F(LastGoodTest, IsNotToldOfWherePoolsDoNotComeBackToIt) {
  names.remember({}, tell());
  names.apply({declare("www.example", kThree)});
  all(kThree, Verdict::up);
  EXPECT_TRUE(told.empty());
}

TEST_F(LastGoodTest, IsPutBackAfterARestart) {
  const boost::asio::ip::address addresses[] = {boost::asio::ip::make_address("10.0.0.1"),
                                                boost::asio::ip::make_address("10.0.0.2"),
                                                boost::asio::ip::make_address("10.0.0.3")};
  std::vector<health::KeptVerdict> verdicts;
  for (const auto& address : addresses)
    verdicts.push_back({.target = {"web", address}, .verdict = Verdict::down});
  names.remember(verdicts);
  names.remember({kFirstTwo, {"example. gone.example. A", "shop", {"10.0.0.1"}}}, tell());
  names.apply({declare_shop(kThree), declare_shop(kThree, "other.example")});
  EXPECT_EQ(answers(0), "1 2");
  EXPECT_EQ(answers(1), "1 2 3") << "of that nothing was known";
  EXPECT_EQ(names.status()[0].rule, "too few alive: those of before");
  EXPECT_EQ(told, std::vector<std::string>{"last-good example. gone.example. A: "});
}

TEST_F(LastGoodTest, IsNotReplacedByWhatTheFirstRoundSupposes) {
  names.remember({kFirstTwo}, tell());
  names.apply({declare_shop(kThree)});
  EXPECT_EQ(answers(0), "1 2 3");
  all(kThree, Verdict::down);
  EXPECT_EQ(answers(0), "1 2");
  all(kThree, Verdict::up);
  EXPECT_EQ(told.size(), 1U);
  all(kThree, Verdict::down);
  EXPECT_NE(answers(0), "1 2") << "others were seen alive since";
}

TEST_F(LastGoodTest, LeavesOutWhoIsNoMemberAnyMore) {
  names.remember({{"example. www.example. A", "shop", {"10.0.0.2", "10.0.0.9", "nonsense"}},
                  {"example. api.example. A", "elsewhere", {"10.0.0.2"}}},
                 {});
  names.apply({declare_shop(kThree), declare_shop(kThree, "api.example")});
  all(kThree, Verdict::down);
  EXPECT_EQ(answers(0), "2");
  EXPECT_EQ(answers(1), "1 2 3") << "another pool chose these";
}

TEST_F(LastGoodTest, OutlivesAReloadThatChangesThePool) {
  names.apply({declare_shop(kThree)});
  all(kThree, Verdict::up);
  observe("10.0.0.3", Verdict::down);
  observe("10.0.0.1", Verdict::down);
  EXPECT_EQ(answers(0), "1 2");
  LiveDeclaration changed = declare_shop({"10.0.0.3", "10.0.0.2"});
  changed.pool.parts[0].rules.ttl = 60;
  names.apply({changed});
  EXPECT_EQ(answers(0), "2");
}

TEST_F(LastGoodTest, AreThoseOfTheOnePoolThatChoseThem) {
  LiveDeclaration declaration = declare_shop({"10.0.0.1", "10.0.0.2"});
  zones::PoolRules rules = declaration.pool.rules();
  rules.min_alive = zones::Minimum{.number = 2};
  declaration.pool.add(rules, {{.address = boost::asio::ip::make_address("10.0.0.1")},
                               {.address = boost::asio::ip::make_address("10.0.0.9")}});
  declaration.sources.push_back({.pool = "sorry", .monitor = declaration.sources[0].monitor});
  names.remember({{"example. www.example. A", "sorry", {"10.0.0.1", "10.0.0.9"}}}, tell());
  names.apply({declaration});
  all({"10.0.0.1", "10.0.0.2", "10.0.0.9"}, Verdict::down);
  EXPECT_EQ(answers(0), "1 9");
  all({"10.0.0.2", "10.0.0.9"}, Verdict::up);
  EXPECT_EQ(answers(0), "1 9") << "each lacks one";
  all({"10.0.0.1"}, Verdict::up);
  EXPECT_EQ(told, std::vector<std::string>{"last-good example. www.example. A: shop 10.0.0.1 10.0.0.2"});
}

TEST_F(LastGoodTest, MayBeNames) {
  LiveDeclaration mail = declare("example", {});
  mail.type = zones::RrType::MX;
  mail.sources.front().pool = "mail";
  mail.pool = {zones::PoolRules{.when_down = zones::WhenDown::last_good}, {}};
  for (const char* host : {"mx1.example.", "mx2.example."}) {
    mail.pool.groups.push_back({.name = host, .data = {0, 10, 0}, .part = mail.pool.parts.size()});
    mail.pool.parts[0].groups += 1;
    mail.pool.add_inside(
        {},
        {{.address = boost::asio::ip::make_address(mail.pool.groups.size() == 1 ? "10.0.0.1" : "10.0.0.2")}});
    mail.sources.push_back(mail.sources[0]);
  }
  names.remember({{"example. example. MX", "mail", {"mx2.example."}}}, tell());
  names.apply({mail});
  all({"10.0.0.1", "10.0.0.2"}, Verdict::down);
  std::string answering;
  const std::vector<LiveNameStatus> status = names.status();
  for (const MemberStatus& member : status.at(0).members)
    answering += member.answering && !member.name.empty() ? member.name : "";
  EXPECT_EQ(answering, "mx2.example.");
  observe("10.0.0.1", Verdict::up);
  EXPECT_EQ(told, std::vector<std::string>{"last-good example. example. MX: mail mx1.example."});
}

/// An ANAME.
class AliasedTest : public LiveNamesTest {
 protected:
  LiveDeclaration alias(const char* name, std::initializer_list<const char*> targets,
                        const char* monitor = "") {
    LiveDeclaration declaration = declare(name, {});
    declaration.sources.front().monitor.name = monitor;
    for (const char* target : targets) declaration.aliases.push_back(zones::Name::parse(target).value());
    return declaration;
  }

  /// The target has these A records now, for so long.
  bool learn(const char* target, std::initializer_list<const char*> addresses,
             zones::AliasState state = zones::AliasState::fresh,
             std::chrono::seconds left = std::chrono::seconds(60)) {
    zones::Served served{.addresses = {}, .expires = zones::AliasClock::now() + left, .state = state};
    for (const char* address : addresses) served.addresses.push_back(boost::asio::ip::make_address(address));
    return names.learned(zones::Name::parse(target).value(), zones::RrType::A, served);
  }

  const zones::LiveAnswer& answer(zones::LiveIndex index = 0) const { return *table.get()->find(index); }
  std::uint32_t ttl() const {
    zones::Client client;
    client.now = zones::AliasClock::now();
    return given(answer(), zones::RrType::A, client).ttl;
  }
};

TEST_F(AliasedTest, FailsUntilItsTargetIsKnown) {
  names.apply({alias("example", {"www.cdn"})});
  EXPECT_TRUE(answer().is_failed(zones::RrType::A));
  EXPECT_EQ(names.aliases(), std::vector{zones::Name::parse("www.cdn").value()});
  learn("www.cdn", {"10.0.0.1", "10.0.0.2"});
  EXPECT_EQ(answers(0), "1 2");
  EXPECT_TRUE(answer().is_failed(zones::RrType::AAAA)) << "of these nothing is known yet";
}

TEST_F(AliasedTest, AnswersWithWhatItsTargetsHaveTogether) {
  names.apply({alias("example", {"a.cdn", "b.cdn"})});
  learn("a.cdn", {"10.0.0.2"});
  learn("b.cdn", {"10.0.0.1", "10.0.0.2"});
  EXPECT_EQ(answers(0), "1 2");
  learn("a.cdn", {}, zones::AliasState::failed);
  learn("b.cdn", {"10.0.0.3"});
  EXPECT_EQ(answers(0), "3");
  EXPECT_EQ(names.used_by(zones::Name::parse("a.cdn").value()), std::vector<std::string>{"example."});
}

/// Of 10 s, after some milliseconds; or seconds, where the machine is busy elsewhere.
bool is_left_of_ten(std::optional<std::uint32_t> ttl) { return ttl >= 4U && ttl <= 9U; }

TEST_F(AliasedTest, NoTtlReachesBeyondTheTargets) {
  names.apply({alias("example", {"www.cdn"})});
  learn("www.cdn", {"10.0.0.1"}, zones::AliasState::fresh, std::chrono::seconds(300));
  EXPECT_EQ(ttl(), 30U) << "its own";
  learn("www.cdn", {"10.0.0.1"}, zones::AliasState::fresh, std::chrono::seconds(10));
  EXPECT_TRUE(is_left_of_ten(ttl()));
  EXPECT_TRUE(is_left_of_ten(names.status().at(0).ttl));
  EXPECT_EQ(names.status().at(0).rule, "A fresh, AAAA unknown");
}

TEST_F(AliasedTest, SaysThatAnAnswerIsStale) {
  names.apply({alias("example", {"www.cdn"})});
  learn("www.cdn", {"10.0.0.1"}, zones::AliasState::stale);
  EXPECT_EQ(answers(0), "1");
  EXPECT_EQ(answer().error(zones::RrType::A), zones::ExtendedError::stale_answer);
  learn("www.cdn", {"10.0.0.1"});
  EXPECT_EQ(answer().error(zones::RrType::A), zones::ExtendedError::none);
}

TEST_F(AliasedTest, LeavesOutAddressesThatAreDown) {
  names.apply({alias("example", {"www.cdn"}, "web")});
  EXPECT_TRUE(learn("www.cdn", {"10.0.0.1", "10.0.0.2"})) << "others are to be probed";
  EXPECT_EQ(names.targets().size(), 2U);
  observe("10.0.0.1", Verdict::down);
  observe("10.0.0.2", Verdict::up);
  EXPECT_EQ(answers(0), "2");
  EXPECT_FALSE(learn("www.cdn", {"10.0.0.1", "10.0.0.2"})) << "the same for longer";
  EXPECT_TRUE(learn("www.cdn", {"10.0.0.1", "10.0.0.3"}));
  EXPECT_EQ(answers(0), "3") << "who is new counts as alive; who was down still is";
  EXPECT_EQ(names.targets().size(), 2U);
}

TEST_F(AliasedTest, KeepsWhatIsKnownOverAReload) {
  names.apply({alias("example", {"www.cdn"})});
  learn("www.cdn", {"10.0.0.1"});
  const auto before = table.get();
  names.apply({alias("example", {"www.cdn"})});
  EXPECT_EQ(table.get(), before);
  names.apply({alias("example", {"www.cdn", "other.cdn"})});
  EXPECT_EQ(answers(0), "1");
  names.apply({});
  EXPECT_FALSE(learn("www.cdn", {"10.0.0.9"})) << "a reload took it away";
  EXPECT_TRUE(names.aliases().empty());
}

TEST_F(AliasedTest, ExplainsWhatItsTargetsSay) {
  names.apply({alias("example", {"www.cdn"})});
  learn("www.cdn", {"10.0.0.1"}, zones::AliasState::fresh, std::chrono::seconds(10));
  const auto explained = names.explain({.name = "example", .type = zones::RrType::A});
  const Explanation& one = std::get<std::vector<Explanation>>(explained).at(0);
  EXPECT_EQ(one.alias_rule, "fresh");
  EXPECT_TRUE(is_left_of_ten(one.ttl));
  EXPECT_EQ(one.aliases.at(0).target, "www.cdn.");
  EXPECT_EQ(one.members.size(), 1U);
}

}  // namespace
