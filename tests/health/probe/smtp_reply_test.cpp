#include "health/probe/smtp_reply.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

using State = SmtpReplyReader::State;

SmtpReply whole(const std::vector<std::string>& lines) {
  SmtpReplyReader reader;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(reader.take(lines[i]), i + 1 == lines.size() ? State::whole : State::more) << lines[i];
  }
  return reader.reply();
}

TEST(SmtpReply, IsOneLineOrSeveral) {
  EXPECT_EQ(whole({"220 mx.example.com ESMTP"}).text(), "220 mx.example.com ESMTP");
  EXPECT_EQ(whole({"220"}).text(), "220");
  EXPECT_EQ(whole({"220 "}).text(), "220");
  EXPECT_EQ(whole({"554-go", "554-far", "554 away"}).text(), "554 go");
}

TEST(SmtpReply, OffersWhatStandsBehindTheGreeting) {
  const auto reply = whole({"250-STARTTLS.example greets you", "250-SIZE 10240000", "250 starttls"});
  EXPECT_TRUE(reply.offers("STARTTLS"));
  EXPECT_TRUE(reply.offers("SIZE"));
  EXPECT_FALSE(reply.offers("10240000"));
  EXPECT_FALSE(whole({"250 STARTTLS"}).offers("STARTTLS"));
}

TEST(SmtpReply, IsNothingElse) {
  for (const char* line :
       {"", "2", "22", "abc", "220hello", "SSH-2.0-OpenSSH_9.2", "HTTP/1.1 400 Bad Request", "199 too low",
        "560 too high", "-20 x", "+22 x", "99999999999999999999"}) {
    EXPECT_EQ(SmtpReplyReader().take(line), State::wrong) << line;
  }
}

TEST(SmtpReply, KeepsItsCodeFromLineToLine) {
  SmtpReplyReader reader;
  EXPECT_EQ(reader.take("250-one"), State::more);
  EXPECT_EQ(reader.take("251 two"), State::wrong);
}

}  // namespace
}  // namespace holdfast::health
