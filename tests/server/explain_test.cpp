#include <gtest/gtest.h>

#include <future>

#include "server/live_names.h"
#include "tests/zones/live/answers.h"

using namespace holdfast;
using namespace holdfast::server;
using health::Verdict;
using zones::MemberState;
using zones::Policy;

namespace {

class Explain : public testing::Test {
 protected:
  Explain() { put({.policy = Policy::all}); }

  /// www.example has 10.0.0.1 to 10.0.0.3 and fd00::1 of the pool shop, of weights 10, 20, 70 and 5; the first is in eu-cork.
  void put(zones::PoolRules rules) {
    LiveDeclaration www;
    www.zone = zones::Name::parse("example").value();
    www.name = zones::Name::parse("www.example").value();
    www.index = names.index_of(www.zone, www.name);
    www.sources.emplace_back().pool = "shop";
    www.sources.front().monitor.name = "web";
    std::vector<zones::MemberSettings> members;
    std::uint16_t weight = 10;
    for (const char* address : {"10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1"}) {
      members.push_back({.address = boost::asio::ip::make_address(address), .weight = weight});
      weight = weight == 20 ? 70 : weight == 10 ? 20 : 5;
    }
    members[0].location = "eu-cork";
    www.pool = {rules, members};
    names.apply({www});
  }

  void observe(const char* address, Verdict verdict) {
    names.changed({"web", boost::asio::ip::make_address(address)}, verdict);
  }
  void observe_all(Verdict verdict) {
    for (const char* address : {"10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1"}) observe(address, verdict);
  }

  std::vector<Explanation> explain(const ExplainWish& wish) {
    auto explained = names.explain(wish);
    if (const auto* wrong = std::get_if<std::string>(&explained)) {
      ADD_FAILURE() << *wrong;
      return {};
    }
    return std::get<0>(explained);
  }
  Explanation explain_v4(ExplainWish wish = {}) {
    wish.name = "www.example";
    wish.type = zones::RrType::A;
    return explain(wish).at(0);
  }
  std::string refusal(const ExplainWish& wish) { return std::get<std::string>(names.explain(wish)); }

  zones::Published<zones::LiveTable> table{std::make_shared<zones::LiveTable>()};
  LiveNames names{table};
};

TEST_F(Explain, TellsWhatEachFamilyIsServed) {
  observe_all(Verdict::up);
  observe("10.0.0.1", Verdict::down);
  const auto both = explain({.name = "WWW.example."});
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].name, "www.example.");
  EXPECT_EQ(both[0].pool, "shop");
  EXPECT_EQ(text(both[0].selection), "alive");
  EXPECT_EQ(both[0].selection.members, (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(both[0].members[0].state, MemberState::down);
  EXPECT_TRUE(both[0].is_served);
  EXPECT_EQ(both[1].selection.members, std::vector<std::size_t>{3});
}

TEST_F(Explain, TellsOfTheFirstRound) {
  observe("10.0.0.1", Verdict::down);
  EXPECT_TRUE(explain_v4().is_first_round);
  EXPECT_EQ(explain_v4().members[0].state, MemberState::unknown) << "all count as alive until then";
}

TEST_F(Explain, SupposesThatMembersAreDown) {
  observe_all(Verdict::up);
  for (const char* supposed : {"10.0.0.1", "shop/10.0.0.1", "location:eu-cork"}) {
    const Explanation one = explain_v4({.if_down = supposed});
    EXPECT_EQ(one.selection.members, (std::vector<std::size_t>{1, 2})) << supposed;
    EXPECT_TRUE(one.members[0].is_supposed);
    EXPECT_FALSE(one.members[1].is_supposed);
    EXPECT_FALSE(one.is_served);
  }
  EXPECT_EQ(text(explain_v4({.if_down = "shop"}).selection), "all down: every member");
  EXPECT_EQ(names.status()[0].rule, "alive") << "nothing was changed by asking";
}

TEST_F(Explain, GivesTheSharesOfWhatIsDrawn) {
  observe_all(Verdict::up);
  put({.policy = Policy::weighted});
  observe("10.0.0.1", Verdict::down);
  Explanation one = explain_v4();
  EXPECT_EQ(one.members[0].share, 0);
  EXPECT_NEAR(one.members[1].share, 20. / 90, 1e-9);
  EXPECT_NEAR(one.members[2].share, 70. / 90, 1e-9);
  put({.policy = Policy::all, .limit = 1});
  EXPECT_NEAR(explain_v4().members[1].share, 1. / 2, 1e-9);
  put({.policy = Policy::weighted, .limit = 2});
  observe("10.0.0.1", Verdict::up);
  one = explain_v4();
  EXPECT_NEAR(one.members[0].share + one.members[1].share + one.members[2].share, 2, 1e-9);
  EXPECT_GT(one.members[2].share, 0.9);
}

/// What it says of a client is what the client is served.
TEST_F(Explain, SaysWhomAClientGetsByItsNetwork) {
  observe_all(Verdict::up);
  put({.policy = Policy::hashed});
  for (std::uint8_t i = 0; i < 50; ++i) {
    const boost::asio::ip::address_v4::bytes_type octets{10, 1, i, 7};
    const Explanation one = explain_v4({.client = boost::asio::ip::address_v4(octets)});
    const auto served = given(*table.get()->find(0), zones::RrType::A, {.address = octets});
    ASSERT_EQ(served.count, 1);
    const std::uint8_t last = (*served.begin())[3];
    for (std::size_t member = 0; member < 3; ++member)
      EXPECT_EQ(one.members[member].is_given, member + 1 == last);
    EXPECT_EQ(one.scope, 24);
  }
}

class ExplainThen : public Explain {
 protected:
  static Past::Time at(int second) {
    return Past::Time(std::chrono::hours(24) + std::chrono::seconds(second));
  }

  /// Verdicts of 10.0.0.1 to 10.0.0.3 from second to second, of which the first are those of before: "uud".
  static Past past(std::initializer_list<std::string_view> timelines) {
    Past past;
    std::map<int, std::vector<Past::Change>> changes;
    int host = 0;
    for (const std::string_view timeline : timelines) {
      const health::TargetId target{"web", boost::asio::ip::make_address("10.0.0." + std::to_string(++host))};
      const auto verdict = [&](std::size_t i) { return timeline[i] == 'u' ? Verdict::up : Verdict::down; };
      past.first[target] = verdict(0);
      for (std::size_t i = 1; i < timeline.size(); ++i) {
        if (timeline[i] != timeline[i - 1])
          changes[static_cast<int>(i)].push_back({at(static_cast<int>(i)), target, verdict(i)});
      }
    }
    for (const auto& [second, some] : changes)
      past.changes.insert(past.changes.end(), some.begin(), some.end());
    return past;
  }

  Explanation explain_at(const Past& past, int second, ExplainWish wish = {}) {
    wish.name = "www.example";
    wish.type = zones::RrType::A;
    wish.at = at(second);
    return std::get<0>(names.explain(wish, &past)).at(0);
  }
  /// Who answered in each second, by last digit: "123 13 13".
  std::string answers(const Past& past, int seconds) {
    std::string text;
    for (int i = 0; i < seconds; ++i) {
      text += i == 0 ? "" : " ";
      for (const std::size_t member : explain_at(past, i).selection.members)
        text += std::to_string(member + 1);
    }
    return text;
  }
};

TEST_F(ExplainThen, GoesByTheVerdictsOfThen) {
  observe_all(Verdict::up);
  EXPECT_EQ(answers(past({"uudduu", "uuuduu", "uuuuuu"}), 6), "123 123 23 3 123 123");
  EXPECT_EQ(explain_v4().selection.members.size(), 3U) << "nothing was changed by asking";
}

TEST_F(ExplainThen, SaysFromWhenToWhen) {
  const Past all = past({"uudddd", "uuuduu", "uuuuuu"});
  EXPECT_EQ(explain_at(all, 0).since, std::nullopt) << "the log does not reach farther back";
  EXPECT_EQ(explain_at(all, 0).until, at(2));
  EXPECT_EQ(explain_at(all, 2).since, at(2));
  EXPECT_EQ(explain_at(all, 2).until, at(3));
  EXPECT_EQ(explain_at(all, 9).since, at(4));
  EXPECT_EQ(explain_at(all, 9).until, std::nullopt);
}

TEST_F(ExplainThen, GoesByTheOverridesOfThen) {
  Past all = past({"uuuuuu", "uuuuuu", "uddddd"});
  health::Override drain{.id = "a", .subject = *health::read_subject("shop/10.0.0.1")};
  drain.created = at(2);
  all.decisions = {{drain, at(2), at(4)}};
  EXPECT_EQ(answers(all, 6), "123 12 2 2 12 12");
  EXPECT_EQ(explain_at(all, 3).members[0].decided->id, "a");
  EXPECT_EQ(explain_at(all, 3).members[0].state, MemberState::drained);
  EXPECT_FALSE(explain_at(all, 4).members[0].decided);
}

TEST_F(ExplainThen, KnowsWhoWasGoodBefore) {
  put({.policy = Policy::all, .when_down = zones::WhenDown::last_good});
  EXPECT_EQ(answers(past({"uddddd", "uudddd", "dddduu"}), 6), "12 2 2 2 3 3");
}

/// Whoever looks at a past for long keeps no verdict waiting: with the lock of LiveNames held this would never end.
TEST_F(ExplainThen, LetsVerdictsComeMeanwhile) {
  observe_all(Verdict::up);
  const Past all = past({"uudduu", "uuuduu", "uuuuuu"});
  std::size_t asked = 0;
  const GoOn go_on = [&] {
    ++asked;
    std::async(std::launch::async, [&] { observe("10.0.0.1", Verdict::down); }).get();
  };
  ExplainWish wish{.name = "www.example", .type = zones::RrType::A};
  wish.at = at(2);
  EXPECT_EQ(std::get<0>(names.explain(wish, &all, go_on)).at(0).since, at(2));
  EXPECT_GT(std::exchange(asked, 0), 0U);
  EXPECT_EQ(std::get<0>(names.course("www.example", zones::RrType::A, all, go_on)).at(0).answers.size(), 4U);
  EXPECT_GT(asked, 0U);
}

TEST_F(ExplainThen, GoesThroughTheOverridesOfItsMembersAlone) {
  Past all = past({"uuuu", "uuuu", "uuuu"});
  const auto decide = [&](const char* subject) {
    all.decisions.clear();
    for (int i = 0; i < static_cast<int>(kMostSteps / 2) + 1; ++i)
      all.decisions.push_back(
          {{.id = std::to_string(i), .subject = *health::read_subject(subject)}, at(i), at(i + 1)});
  };
  ExplainWish wish{.name = "www.example", .type = zones::RrType::A};
  wish.at = at(2);
  decide("other/10.0.0.1");
  EXPECT_EQ(std::get<0>(names.explain(wish, &all)).at(0).selection.members.size(), 3U);
  decide("shop/10.0.0.1");
  EXPECT_EQ(
      std::get<std::string>(names.explain(wish, &all)),
      "more than 100000 transitions and overrides of www.example. are to be gone through; how far the log "
      "reaches back is said by [log] keep and size");
  EXPECT_EQ(std::get<std::string>(names.course("www.example", {}, all)),
            "more than 100000 transitions and overrides of www.example. are to be gone through");
}

TEST_F(ExplainThen, SupposesToo) {
  const Past all = past({"uuud", "uuuu", "uuuu"});
  const Explanation one = explain_at(all, 1, {.if_down = "10.0.0.2"});
  EXPECT_EQ(one.selection.members, (std::vector<std::size_t>{0, 2}));
  EXPECT_FALSE(one.is_served);
  EXPECT_FALSE(one.since || one.until);
}

TEST_F(ExplainThen, TellsWhatWasKnown) {
  Past all = past({"uuud", "uuuu", "uuuu"});
  all.known[{"web", boost::asio::ip::make_address("10.0.0.1")}] = {
      .verdict = Verdict::up, .since = at(0), .outcome = "passed"};
  all.reloads = 2;
  const Explanation one = explain_at(all, 1);
  EXPECT_EQ(one.members[0].then->since, at(0));
  EXPECT_EQ(one.members[1].then->verdict, Verdict::unknown);
  EXPECT_EQ(one.reloads, 2U);
  EXPECT_EQ(one.at, at(1));
  EXPECT_FALSE(explain_v4().at);
}

TEST_F(Explain, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(refusal({.name = "ww.example"}),
            "ww.example is no live name: its records are the zone's own, if it has any; did you mean "
            "www.example.?");
  EXPECT_EQ(
      refusal({.name = "elsewhere"}),
      "elsewhere is no live name: its records are the zone's own, if it has any; live are www.example.");
  EXPECT_EQ(refusal({.name = "www.example", .if_down = "10.0.0.9"}),
            "10.0.0.9 is no member of any pool; did you mean \"10.0.0.1\"?");
}

}  // namespace
