#include "health/notify/letter.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/health/notify/happenings.h"

namespace holdfast::health {
namespace {

std::string letter_of(const Notification& notification, std::vector<std::string> to = {"ops@example.net"}) {
  ContactSettings contact{.name = "ops", .type = ContactType::mail, .from = "holdfast@example.net"};
  contact.to = std::move(to);
  return letter({notification, contact, "ns1"});
}

/// All lines but the last, each with its CRLF taken off.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find("\r\n", begin)) != text.npos; begin = end + 2)
    lines.push_back(text.substr(begin, end - begin));
  return lines;
}

TEST(Letter, HasTheHeadersOfAMail) {
  const std::string text =
      letter_of({.id = "0192-ab", .contact = "ops", .time = at(70).wall, .events = {down("a")}});
  EXPECT_EQ(text.substr(0, text.find("\r\n\r\n")),
            "From: holdfast@example.net\r\n"
            "To: ops@example.net\r\n"
            "Subject: [holdfast] web 192.0.2.10 down (shop)\r\n"
            "Date: Sun, 01 Mar 2026 00:01:10 +0000\r\n"
            "Message-ID: <0192-ab.ops@example.net>\r\n"
            "X-Holdfast-Event: 0192-ab\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable");
}

TEST(Letter, NothingOfATargetBecomesAHeader) {
  Event event{.id = "x\r\nBcc: all@example.com", .kind = EventKind::store};
  event.text = "gone\r\nBcc: all@example.com\r\n\r\n.\r\nMAIL FROM:<a@b>\r\n\xc3\xbc";
  const std::string text =
      letter_of({.id = event.id, .contact = "ops", .events = {std::make_shared<Event>(event)}});
  for (const std::string& line : lines_of(text)) {
    EXPECT_FALSE(line.starts_with("Bcc") || line.starts_with("MAIL") || line == ".") << line;
    EXPECT_LE(line.size(), 998U);
    for (const char c : line) EXPECT_TRUE(c >= ' ' && c <= '~') << line;
  }
}

TEST(Letter, FoldsLongHeaders) {
  std::vector<std::string> to;
  for (int i = 0; i < 20; ++i) to.push_back("somebody-" + std::to_string(i) + "@mail.example.net");
  const auto lines = lines_of(letter_of({.id = "a", .contact = "ops", .events = {down("a")}}, to));
  std::size_t i = 1;
  EXPECT_TRUE(lines[i].starts_with("To: somebody-0@mail.example.net,"));
  for (; !lines[i + 1].starts_with("Subject"); ++i) {
    EXPECT_TRUE(lines[i + 1].starts_with(" somebody-"));
    EXPECT_LE(lines[i].size(), 76U);
  }
  EXPECT_GT(i, 5U);
}

TEST(QuotedPrintable, LeavesPlainTextAsItIs) { EXPECT_EQ(quoted_printable("a b\nc\n"), "a b\r\nc\r\n"); }
TEST(QuotedPrintable, EscapesWhatIsNotPlain) {
  EXPECT_EQ(quoted_printable("a=b \xc3\xbc\t\n \n"), "a=3Db =C3=BC=09\r\n=20\r\n");
}
TEST(QuotedPrintable, BreaksLongLines) {
  const std::string text = quoted_printable(std::string(100, 'x').append(60, '='));
  EXPECT_EQ(lines_of(text).at(0), std::string(75, 'x').append("="));
  EXPECT_EQ(lines_of(text).at(1),
            std::string(25, 'x').append("=3D=3D=3D=3D=3D=3D=3D=3D=3D=3D=3D=3D=3D=3D=3D=3D="));
}

}  // namespace
}  // namespace holdfast::health
