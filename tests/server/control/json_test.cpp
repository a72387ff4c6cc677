#include "server/control/json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/server/control/sample_state.h"

namespace holdfast::server {
namespace {

TEST(Json, ShowsAZoneThatIsServed) {
  EXPECT_EQ(
      boost::json::serialize(to_json(served_zone())),
      R"({"name":"example.com.","file":"example.com.zone","catalog":null,"serving":true,"serial":2026030101,"records":12,)"
      R"("memory_bytes":4096,"loaded":"2026-03-01T00:00:01.000Z","refused":false,"problems":[]})");
}

TEST(Json, ShowsNoFiguresOfAZoneThatNeverWas) {
  EXPECT_EQ(
      boost::json::serialize(to_json(broken_zone())),
      R"({"name":"example.org.","file":"example.org.zone","catalog":null,"serving":false,"serial":null,"records":null,)"
      R"("memory_bytes":null,"loaded":null,"refused":true,)"
      R"("problems":["example.org.zone:3: no SOA record at the apex"]})");
}

TEST(Json, ShowsALiveName) {
  EXPECT_EQ(
      boost::json::serialize(to_json(std::vector{live_name()})),
      R"([{"zone":"example.com.","name":"www.example.com.","type":"A","pool":"shop","aliases":[],"monitor":"web",)"
      R"("policy":"failover",)"
      R"("rule":"tier 2","ttl_seconds":30,"since":"2026-03-01T00:01:00.000Z","members":[)"
      R"({"address":"192.0.2.10","name":null,"address_of":null,"depth":0,"pool":"shop","monitor":"web",)"
      R"("tier":1,"verdict":"down","answering":false,"location":null,"override":null},)"
      R"({"address":"2001:db8::20","name":null,"address_of":null,"depth":0,"pool":"shop","monitor":"web",)"
      R"("tier":2,"verdict":"up","answering":true,"location":null,"override":null}]}])");
}

TEST(Json, ShowsWhatTheLastProbeSaw) {
  const boost::json::value shown = to_json(targets());
  const boost::json::value& last = shown.at(0).at("last");
  EXPECT_EQ(last.at("outcome"), "bad_status");
  EXPECT_EQ(last.at("detail"), "503 Service Unavailable");
  EXPECT_EQ(last.at("time"), "2026-03-01T00:01:10.250Z");
  EXPECT_DOUBLE_EQ(last.at("connect_seconds").as_double(), 0.0015);
  EXPECT_DOUBLE_EQ(last.at("tls_seconds").as_double(), 0);
  EXPECT_TRUE(shown.at(1).at("last").is_null());
}

TEST(Json, ShowsWhoIsLate) {
  health::MergedStatus late = targets().front();
  late.own->late = true;
  late.own->unseen = std::chrono::milliseconds(34500);
  const boost::json::value shown = to_json(std::vector{late, targets().back()});
  EXPECT_EQ(shown.at(0).at("late"), true);
  EXPECT_DOUBLE_EQ(shown.at(0).at("unseen_seconds").as_double(), 34.5);
  EXPECT_EQ(shown.at(1).at("late"), false);
}

TEST(Json, ShowsWhatEachAgentSays) {
  const boost::json::value shown = to_json(std::vector{voted()});
  EXPECT_EQ(boost::json::serialize(shown.at(0).at("votes").at(0)),
            R"({"agent":"cork","location":"eu","verdict":"down","counts":true,"outcome":"bad_status",)"
            R"("detail":"503 Service Unavailable","time":"2026-03-01T00:01:10.000Z"})");
  EXPECT_EQ(shown.at(0).at("votes").at(1).at("counts"), false);
  EXPECT_EQ(shown.at(0).at("basis"), "quorum");
  EXPECT_TRUE(shown.at(0).at("last").is_null() && shown.at(0).at("unseen_seconds").is_null());
}

TEST(Json, ShowsAgentsAndStore) {
  const std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
  EXPECT_EQ(
      boost::json::serialize(to_json(meeting(now), now)),
      R"({"agents":[{"name":"cork","location":"eu","standing":"counted","heard_seconds":2E0,"targets":2,)"
      R"("addresses":["192.0.2.1","2001:db8::1"]},)"
      R"({"name":"tokyo","location":"asia","standing":"suspect","heard_seconds":2E0,"targets":1,)"
      R"("addresses":["192.0.2.3"]},)"
      R"({"name":"virginia","location":"us","standing":"absent","heard_seconds":null,"targets":0,)"
      R"("addresses":[]}],"blind":false,"duties":3,"held":1,)"
      R"("store":{"state":"refused","problem":"the store went back, from revision 9 to 3",)"
      R"("contact_seconds":2E0,"revision":9,"waiting_writes":1,"malformed":4,"unreadable":[],"servers":1}})");
}

TEST(Json, ShowsNotifications) {
  const boost::json::value shown = to_json(notified());
  EXPECT_EQ(boost::json::serialize(shown.at("deliveries").at(0)),
            R"x({"id":"0192-ab","contact":"ops","kind":"news","subject":"web 192.0.2.10 down (shop)",)x"
            R"("events":["0192-ab","0192-cd"],"time":"2026-03-01T00:01:10.000Z",)"
            R"("changed":"2026-03-01T00:01:20.000Z","result":"delivered","attempts":1,"error":null})");
  EXPECT_EQ(
      boost::json::serialize(shown.at("contacts").at(0)),
      R"({"contact":"chat","type":"webhook","waiting":2,"is_sending":true,"delivered":0,"retried":3,"failed":0,)"
      R"("elsewhere":0,"left_out":1,"last_success":null})");
  EXPECT_EQ(shown.at("contacts").at(1).at("last_success"), "2026-03-01T00:01:20.000Z");
}

TEST(Json, IsValidWhateverAServerSent) {
  health::MergedStatus status = target("192.0.2.10", health::Verdict::down);
  status.own->last = observation("192.0.2.10", health::Outcome::bad_status,
                                 "\"</script>\xff\xc3(\xed\xa0\x80\x1b[2J\xc3\xa9\\");
  const std::string text = boost::json::serialize(to_json(std::vector{status}));
  const boost::json::value read = boost::json::parse(text);  // throws on invalid UTF-8
  const std::string detail(read.at(0).at("last").at("detail").as_string());
  EXPECT_TRUE(detail.starts_with("\"</script>\xef\xbf\xbd")) << detail;
  EXPECT_TRUE(detail.ends_with("\x1b[2J\xc3\xa9\\")) << detail;
  EXPECT_EQ(text.find('\x1b'), text.npos);
}

}  // namespace
}  // namespace holdfast::server
