#include "health/notify/wording.h"

#include <gtest/gtest.h>

#include "tests/health/notify/happenings.h"

namespace holdfast::health {
namespace {

Notification news(std::vector<EventPtr> events) {
  Notification notification{.id = "0001", .contact = "ops", .time = at(70).wall};
  notification.events = std::move(events);
  return notification;
}

TEST(Subject, SaysWhatBecameOfOneTarget) {
  EXPECT_EQ(subject(news({down("a")})), "web 192.0.2.10 down (shop)");
  EXPECT_EQ(subject(news({up("a")})), "web 192.0.2.10 up (shop)");
  EXPECT_EQ(subject(news({down("a"), up("b")})), "web 192.0.2.10 down and up again (shop)");
  EXPECT_EQ(subject(news({up("a"), down("b")})), "web 192.0.2.10 down again (shop)");
}

TEST(Subject, CountsSeveralTargets) {
  EXPECT_EQ(subject(news({down("a", "192.0.2.1"), down("b", "192.0.2.2"), down("c", "192.0.2.3"),
                          up("d", "192.0.2.3"), up("e", "192.0.2.4")})),
            "2 down, 1 down and up again, 1 up (shop)");
}

TEST(Subject, NamesAFewUsers) {
  Event event = transition("a", Verdict::up, Verdict::down);
  event.used_by = {"e", "d", "c", "b", "a"};
  EXPECT_EQ(subject(news({std::make_shared<Event>(event)})), "web 192.0.2.10 down (a, b, c and 2 more)");
}

TEST(Subject, OfAReminderAndATest) {
  Notification notification = news({down("a")});
  notification.kind = Notification::Kind::reminder;
  EXPECT_EQ(subject(notification), "still web 192.0.2.10 down (shop)");
  EXPECT_EQ(subject({.id = "t", .contact = "ops", .kind = Notification::Kind::test}), "test of contact ops");
}

TEST(Subject, IsOneShortLineOfAsciiWhateverHappened) {
  Event event{.id = "a", .kind = EventKind::store};
  event.text = "etcd is gone\r\nBcc: all@example.com \xc3\xbc \x1b[31m" + std::string(1000, 'x');
  const std::string line = subject(news({std::make_shared<Event>(event)}));
  EXPECT_TRUE(line.starts_with("etcd is gone  Bcc: all@example.com \\xc3\\xbc  [31mxxx")) << line;
  EXPECT_EQ(line.size(), kMaxSubject);
}

TEST(Message, TellsWhatAPersonNeeds) {
  EXPECT_EQ(message(news({down("a")}), "ns1"),
            "web 192.0.2.10 is down since 2026-03-01 00:01:00 UTC, and was up\n"
            "  used by:  shop\n"
            "  seen:     refused: Connection refused\n"
            "  answers:  www.example.com. A: 198.51.100.10 (tier 2)\n"
            "  check:    curl http://192.0.2.10/\n"
            "  event:    a\n"
            "\n"
            "As it is now: holdfast status\n"
            "What was seen: holdfast log --pool shop\n"
            "holdfast 0001 on ns1, contact ops\n");
}

TEST(Message, TellsOtherEventsByTheirText) {
  Event event{.id = "a", .time = at(60).wall, .kind = EventKind::agent};
  event.text = "agent cork is blind";
  event.agent = "cork";
  event.location = "eu-cork";
  const std::string text = message(news({std::make_shared<Event>(event)}), "ns1");
  EXPECT_TRUE(
      text.starts_with("agent at 2026-03-01 00:01:00 UTC: agent cork is blind\n"
                       "  agent:    cork (eu-cork)\n"))
      << text;
}

TEST(Message, CountsWhatItDoesNotTell) {
  std::vector<EventPtr> events;
  for (std::size_t i = 0; i < kMaxTold + 7; ++i) events.push_back(down("e" + std::to_string(i)));
  Notification notification = news(events);
  notification.left_out = 3;
  const std::string text = message(notification, "ns1");
  EXPECT_NE(text.find("3 earlier events were left out"), text.npos);
  EXPECT_NE(text.find("event:    e49\n"), text.npos);
  EXPECT_EQ(text.find("event:    e50\n"), text.npos);
  EXPECT_NE(text.find("and 7 more events\n"), text.npos);
}

TEST(Message, KeepsLinesThatATargetSentInOne) {
  Event event = transition("a", Verdict::up, Verdict::down);
  event.detail = "oops\r\n.\r\nforged: line\x1b[2J \xc2\x85 \xff";
  const std::string text = message(news({std::make_shared<Event>(event)}), "ns1");
  EXPECT_NE(text.find("refused: oops  .  forged: line [2J   \xef\xbf\xbd\n"), text.npos) << text;
}

}  // namespace
}  // namespace holdfast::health
