#include <gtest/gtest.h>

#include <fstream>

#include "config/config.h"
#include "tests/config/examples.h"

namespace holdfast::config {
namespace {

using namespace std::chrono_literals;
using namespace examples;
using Problems = std::vector<std::string>;

/// `lines` begin in line 3 of a contact that is used; its type is in line 2.
std::string contact(const std::string& lines, const std::string& type) {
  return "[contact.ops]\ntype = \"" + type + "\"\n" + lines + "\n[notify]\ncontacts = [\"ops\"]\n" + kZone;
}
std::string webhook(const std::string& lines) {
  return contact("url = \"http://a.example/\"\n" + lines, "webhook");
}
std::string mail(const std::string& lines) {
  return contact("server = \"mail\"\nfrom = \"a@b.example\"\nto = [\"c@d.example\"]\n" + lines, "mail");
}

TEST(Contact, IsReadWithAllItsOptions) {
  std::ifstream file(HOLDFAST_SOURCE_DIR "/tests/fuzz/seeds/config/contacts.toml");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const Loaded loaded = parse(text, "/etc/holdfast/t.toml");
  for (const Problem& problem : loaded.problems) ADD_FAILURE() << problem.text();
  ASSERT_TRUE(loaded.config);
  const Config& config = *loaded.config;
  EXPECT_EQ(config.notify,
            (health::NotifySettings{.contacts = {"ops"}, .group = 10s, .repeat = 1h, .hourly = 30}));
  ASSERT_EQ(config.contacts.size(), 2U);
  const health::ContactSettings& ann = config.contacts[0];
  EXPECT_EQ(ann.name, "ann");
  EXPECT_EQ(ann.type, health::ContactType::mail);
  EXPECT_EQ(ann.server, "mail.example.net:2525");
  EXPECT_EQ(ann.to, (std::vector<std::string>{"ann@example.net", "a.b+c@example.org"}));
  EXPECT_EQ(ann.password_file, "/etc/holdfast/mail.password");
  EXPECT_EQ(ann.quiet, (std::vector<health::QuietTime>{{1320, 420}, {720, 780}}));
  EXPECT_EQ(ann.time_zone, health::TimeZone::local);
  EXPECT_TRUE(ann.urgent);
  const health::ContactSettings& ops = config.contacts[1];
  EXPECT_EQ(ops.url, "https://[2001:db8::1]:8443/hook?key=1");
  EXPECT_EQ(ops.secret_file, "/etc/holdfast/webhook.secret");
  EXPECT_EQ(ops.timeout, 5s);
  EXPECT_EQ(config.pools[0].contacts, (std::vector<std::string>{"ann", "ops"}));
  EXPECT_EQ(config.zones[0].live[0].contacts, std::vector<std::string>{"ann"});
}

TEST(Contact, MustSayWhereItIs) {
  EXPECT_EQ(problems(contact("", "webhook")),
            Problems{R"(1:1: contact "ops": url is missing; a contact of type "webhook" must give it)"});
  EXPECT_EQ(problems(contact("", "mail")),
            (Problems{R"(1:1: contact "ops": server is missing; a contact of type "mail" must give it)",
                      R"(1:1: contact "ops": from is missing; a contact of type "mail" must give it)",
                      R"(1:1: contact "ops": to is missing; a contact of type "mail" must give it)"}));
}

TEST(Contact, TakesNoOptionsOfTheOtherType) {
  EXPECT_EQ(
      problems(webhook("from = \"a@b.example\"")),
      Problems{
          R"(4:8: contact "ops": from: is only for type "mail", and this contact's is "webhook"; leave it out)"});
  EXPECT_EQ(
      problems(mail("body = \"x\"")),
      Problems{
          R"(6:8: contact "ops": body: is only for type "webhook", and this contact's is "mail"; leave it out)"});
}

TEST(Contact, UrlsAreOfHttp) {
  for (const char* good :
       {"http://a/", "https://a.example:8443/x?y=z", "http://127.0.0.1", "http://[::1]:80/"}) {
    EXPECT_EQ(problems(contact(std::string("url = \"") + good + "\"", "webhook")), Problems{}) << good;
  }
  for (const char* bad :
       {"", "ftp://a/", "http://", "http:///x", "http://a b/", "http://a:0/", "http://a:99999/",
        "http://[::1/", "http://a/#x", "http://[a]/", "a.example/x", "http://a\\u00e9/"}) {
    EXPECT_EQ(
        problems(contact(std::string("url = \"") + bad + "\"", "webhook")),
        Problems{
            R"(3:7: contact "ops": url: is no URL of http or https; write one such as "https://chat.example.com/hook")"})
        << bad;
  }
  EXPECT_EQ(
      problems(contact("url = \"https://user:secret@a.example/\"", "webhook")),
      Problems{
          R"(3:7: contact "ops": url: has a user before the host; only a URL without is taken, sign with secret_file instead)"});
}

TEST(Contact, TemplatesNameKnownFields) {
  EXPECT_EQ(problems(webhook("body = '{\"a\": \"{{ subject }}\"}'")), Problems{});
  EXPECT_EQ(problems(webhook("body = '{{subjct}}'")),
            Problems{R"(4:8: contact "ops": body: there is no field "subjct"; did you mean "subject"?)"});
  EXPECT_EQ(problems(webhook("body = '{{subject'")),
            Problems{R"(4:8: contact "ops": body: has a "{{" without its "}}"; close it)"});
}

TEST(Contact, MailAddressesArePlain) {
  const auto to = [](const std::string& address) {
    return problems(contact("server = \"mail\"\nfrom = \"a@b.example\"\nto = [\"" + address + "\"]", "mail"));
  };
  for (const char* good : {"a@b", "a.b+c@d.example", "o'neil_=/@x-y.example"})
    EXPECT_EQ(to(good), Problems{}) << good;
  for (const char* bad : {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\\r\\nBcc: c@d", "<a@b>", "\\\"a\\\"@b",
                          ".a@b", "a.@b", "a..b@c", "a@.b", "a@b..c", "a@b,c@d"}) {
    const Problems found = to(bad);
    ASSERT_EQ(found.size(), 1U) << bad;
    EXPECT_NE(found[0].find("5:7: contact \"ops\": to: "), std::string::npos) << found[0];
    EXPECT_NE(found[0].find("is no mail address; write one such as"), std::string::npos) << found[0];
  }
}

TEST(Contact, PasswordsAreNotSentInTheClear) {
  EXPECT_EQ(problems(mail("user = \"u\"\npassword_file = \"p\"")), Problems{});
  EXPECT_EQ(
      problems(mail("user = \"u\"\npassword_file = \"p\"\ntls = \"none\"")),
      Problems{
          R"(8:7: contact "ops": tls: would send the password in the clear; take "starttls" or "implicit")"});
  EXPECT_EQ(problems(mail("user = \"u\"")),
            Problems{R"(6:8: contact "ops": user: needs password_file; add that, or leave both out)"});
}

TEST(Contact, QuietTimesAreTimesOfTheDay) {
  EXPECT_EQ(
      problems(webhook("quiet = [\"22:00-25:00\"]")),
      Problems{
          R"(4:10: contact "ops": quiet: "22:00-25:00" is no part of a day; write one such as "22:00-07:00", with hours 00 to 23 and an end that is not its beginning)"});
  EXPECT_EQ(
      problems(webhook("urgent = true")),
      Problems{R"(4:10: warning: contact "ops": urgent: counts only with quiet; add that, or leave it out)"});
}

TEST(Contacts, AreLookedUp) {
  EXPECT_EQ(problems("[notify]\ncontacts = [\"ops\"]\n" + kZone),
            Problems{R"(2:13: notify: contacts: there is no contact "ops"; add a section [contact.ops])"});
  const std::string ops = "[contact.ops]\ntype = \"webhook\"\nurl = \"http://a/\"\n";
  EXPECT_EQ(problems("[notify]\ncontacts = [\"opss\"]\n" + ops + kZone),
            Problems{R"(2:13: notify: contacts: there is no contact "opss"; did you mean "ops"?)"});
  EXPECT_EQ(problems(pool("members = [{ address = \"192.0.2.1\" }]\ncontacts = [\"opa\"]") + ops),
            Problems{R"(4:13: pool "shop": contacts: there is no contact "opa"; did you mean "ops"?)"});
  EXPECT_EQ(
      problems(live("{ name = \"www\", monitor = \"web\", contacts = [\"x\"] }")),
      Problems{
          R"(4:55: zone "example.com": live 1: contacts: there is no contact "x"; add a section [contact.x])"});
  EXPECT_EQ(problems(live("{ name = \"www\", pool = \"shop\", contacts = [\"ops\"] }") + ops),
            Problems{R"(4:52: zone "example.com": live 1: contacts: is the pool's; leave it out here)"});
}

TEST(Contacts, ThatNothingUsesAreDoubtful) {
  EXPECT_EQ(
      problems("[contact.ops]\ntype = \"webhook\"\nurl = \"http://a/\"\n" + kZone),
      Problems{
          R"(1:1: warning: contact "ops": nothing uses it; name it in contacts of [notify] or of a pool)"});
}

}  // namespace
}  // namespace holdfast::config
