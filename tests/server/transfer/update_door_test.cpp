#include <gtest/gtest.h>

#include <future>
#include <random>

#include "server/transfer/peer_door.h"
#include "tests/health/log/scratch.h"
#include "tests/server/answer/ask.h"
#include "tests/server/transfer/messages.h"
#include "tests/zones/replicate/updates.h"

// Updates as they come in by the door: who may, and what is answered.

namespace holdfast::server {
namespace {

using boost::asio::ip::make_address;
using zones::Name;
using zones::testing::inner;
using zones::testing::message_of;
using zones::testing::name;
using zones::testing::Rows;
using Lines = std::vector<std::string>;

class UpdateDoorTest : public ::testing::Test {
 protected:
  UpdateDoorTest() {
    std::vector<zones::PeerSettings> peers(3);
    peers[0] = {.name = "ops", .addresses = {{make_address("192.0.2.1"), 53}}, .key = "ops"};
    peers[1] = {.name = "acme", .networks = {*zones::Prefix::parse("0.0.0.0/0").prefix}, .key = "acme"};
    peers[2] = {.name = "primary", .addresses = {{make_address("192.0.2.4"), 53}}};
    std::vector<zones::ZoneSettings> zones(3);
    zones[0].name = name("example.com.");
    zones[0].file = "f";
    zones[0].update = {{.peer = "ops"}, {.peer = "acme", .names = {name("dyn.example.com")}}};
    zones[1].name = name("static.example.");
    zones[1].file = "f";
    zones[1].secondaries = {"ops"};
    zones[2].name = name("other.example.");
    zones[2].primaries = {"primary"};
    door.configure(std::make_shared<const Peers>(peers, zones, Keys({{"ops", ops}, {"acme", acme}})));
    updates.begin([this](const Name&, const Deployment::Receive& receive) {
      const zones::LoadedZone loaded = receive(*zone, {});
      if (loaded.zone != nullptr) zone = loaded.zone;
      return true;
    });
  }
  ~UpdateDoorTest() override { updates.stop(); }

  struct Asked {
    std::string from = "192.0.2.1";
    SharedKey key{};
    Transport transport = Transport::udp;
  };
  /// "REFUSED", or "later: NOERROR" where it was worked on.
  std::string ask(const Message& message, const Asked& asked) {
    const auto now = std::chrono::system_clock::now();
    std::optional<TsigQuery> query;
    if (asked.key != nullptr) query.emplace(asked.key);
    const Message sent = query ? sign(*query, message, now) : message;
    const auto address = make_address(asked.from).to_v4().to_bytes();
    Message room(65535);
    const PeerDoor::Answer announced = door.answer(sent, room, served.serving(), asked.transport,
                                                   {.address = address, .is_v6 = false}, false);
    EXPECT_EQ(announced.update, nullptr);
    const PeerDoor::Answer answer =
        door.answer(sent, room, served.serving(), asked.transport, {.address = address, .is_v6 = false});
    EXPECT_EQ(answer.is_stream, announced.is_stream);
    room.resize(answer.size);
    if (answer.update) {
      std::promise<Message> promised;
      door.work_on(answer.update, [&](Message octets) { promised.set_value(std::move(octets)); });
      room = promised.get_future().get();
    }
    answered = room;
    if (room.empty()) return "silence";
    EXPECT_EQ(room[0], sent[0]);
    EXPECT_EQ(room[2] & 0x80, 0x80);
    if (query) verdict = query->verify(room, now).verdict;
    return (answer.update ? "later: " : "") + text(static_cast<zones::Rcode>(room[3] & 0xf));
  }
  std::string update(const Rows& rows, const Asked& asked, const std::string& of = "example.com.") {
    return ask(message_of({.rows = rows, .zone = of}), asked);
  }
  Lines records() const { return inner(zones::Contents(zones::Serial(1), zone, nullptr)); }

  const SharedKey ops = key_named("ops.", TsigAlgorithm::hmac_sha256, 1);
  const SharedKey acme = key_named("acme.", TsigAlgorithm::hmac_sha256, 2);
  const health::Scratch scratch;
  Journal journal{scratch.path()};
  std::shared_ptr<const zones::Zone> zone = zones::testing::zone("www A 192.0.2.1\n");
  Zones served{{{"example.com", "@ 60 SOA ns1 admin 1 2 3 4 5\n@ 60 NS ns1\n"},
                {"static.example", "@ 60 SOA ns1 admin 1 2 3 4 5\n@ 60 NS ns1\n"},
                {"other.example", "@ 60 SOA ns1 admin 1 2 3 4 5\n@ 60 NS ns1\n"}}};
  zones::Published<zones::SerialTable> serials{std::make_shared<zones::SerialTable>()};
  Versions versions{
      serials, nullptr, {.flat = [](zones::NameView) { return zones::FlatView(); }, .made = {}}};
  Updates updates{&journal, [](const zones::Zone& of) { return zones::Serial(of.serial()); }};
  PeerDoor door{versions, {}, &updates};
  TsigVerdict verdict{};
  Message answered;
};

const Rows kAdd = {"add new 60 A 192.0.2.9"};
const Rows kDyn = {"add dyn 60 A 192.0.2.9"};

TEST_F(UpdateDoorTest, AreDoneForThoseWhoMayAndSigned) {
  for (const Transport transport : {Transport::udp, Transport::tcp}) {
    EXPECT_EQ(update(kAdd, {.key = ops, .transport = transport}), "later: NOERROR");
    EXPECT_EQ(verdict, TsigVerdict::valid);
  }
  EXPECT_EQ(update(kDyn, {.from = "203.0.113.7", .key = acme}), "later: NOERROR");
  EXPECT_EQ(records(), (Lines{"dyn.example.com. 60 IN A 192.0.2.9", "new.example.com. 60 IN A 192.0.2.9",
                              "www.example.com. 60 IN A 192.0.2.1"}));
}

TEST_F(UpdateDoorTest, AreRefusedToAllOthers) {
  EXPECT_EQ(update(kAdd, {}), "REFUSED");                                 // without its key
  EXPECT_EQ(update(kAdd, {.from = "192.0.2.9", .key = ops}), "REFUSED");  // from elsewhere
  EXPECT_EQ(update(kAdd, {.from = "192.0.2.4"}), "REFUSED");              // some peer
  EXPECT_EQ(door.counters().refused_updates, 6U);                         // each was asked for twice
  EXPECT_EQ(update(kAdd, {.key = acme}), "later: REFUSED");               // another name
  EXPECT_EQ(verdict, TsigVerdict::valid);
  EXPECT_EQ(update(kAdd, {.key = key_named("ops.", TsigAlgorithm::hmac_sha256, 9)}), "NOTAUTH");
  EXPECT_EQ(update(kAdd, {.key = key_named("nobody.")}), "NOTAUTH");
  EXPECT_EQ(records(), Lines{"www.example.com. 60 IN A 192.0.2.1"});
}

TEST_F(UpdateDoorTest, AreOfZonesThatTakeThem) {
  EXPECT_EQ(update({}, {.key = ops}, "static.example."), "NOTIMP");
  EXPECT_EQ(update({}, {.key = ops}, "other.example."), "NOTIMP");
  EXPECT_EQ(update({}, {.key = ops}, "www.example.com."), "NOTAUTH");
  EXPECT_EQ(update({}, {.key = ops}, "nowhere."), "NOTAUTH");
  EXPECT_EQ(ask(message_of({.zone_type = zones::RrType::A}), {.key = ops}), "FORMERR");
  EXPECT_EQ(ask(message_of({.zone_class = zones::RrClass::CH}), {.key = ops}), "FORMERR");
}

TEST_F(UpdateDoorTest, GiveBackTheOptionsOfTheirOwnMessage) {
  Message message = message_of({.rows = kAdd});
  message[11] = 1;
  const std::uint8_t opt[] = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 11, 0, 8, 0, 7, 0, 1, 24, 0, 198, 51, 100};
  message.insert(message.end(), std::begin(opt), std::end(opt));
  EXPECT_EQ(ask(message, {.key = ops}), "later: NOERROR");
  EXPECT_NE(std::search(answered.begin(), answered.end(), std::begin(opt) + 11, std::end(opt)),
            answered.end());
}

TEST_F(UpdateDoorTest, SaysNothingToAnAnswer) {
  EXPECT_EQ(ask(message_of({.flags = 0x80 | 5 << 3}), {.key = ops}), "silence");
}

TEST_F(UpdateDoorTest, AreAnsweredWhenNobodyDoesThemAnyMore) {
  updates.stop();
  EXPECT_EQ(update(kAdd, {.key = ops}), "later: SERVFAIL");
  EXPECT_EQ(verdict, TsigVerdict::valid);
}

TEST_F(UpdateDoorTest, SurvivesWhatIsCutOff) {
  const Message whole = message_of({.prerequisites = {"yxdomain www"}, .rows = kAdd});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string answer =
        ask({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, {.key = ops});
    // Of what is cut off the signature may seem to be a part.
    EXPECT_TRUE(answer == "silence" || answer == "NOTAUTH" || answer == "FORMERR" ||
                answer == "later: FORMERR")
        << size << answer;
  }
  EXPECT_EQ(records(), Lines{"www.example.com. 60 IN A 192.0.2.1"});
}

TEST_F(UpdateDoorTest, SurvivesWhatIsMangled) {
  std::mt19937 random(1);
  const Message whole =
      message_of({.prerequisites = {"yxdomain www", "nxrrset www TXT"},
                  .rows = {"add new 60 MX 10 www", "delete www A 192.0.2.1", "delete new"}});
  for (int i = 0; i < 2000; ++i) {
    Message message = whole;
    for (unsigned j = random() % 4; j-- > 0;)
      message[2 + random() % (message.size() - 2)] = static_cast<std::uint8_t>(random());
    EXPECT_NE(ask(message, {.key = random() % 4 == 0 ? nullptr : ops}), "");
  }
}

}  // namespace
}  // namespace holdfast::server
