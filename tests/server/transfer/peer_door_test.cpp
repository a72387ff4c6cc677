#include "server/transfer/peer_door.h"

#include <gtest/gtest.h>

#include "server/transfer/announcement.h"
#include "tests/server/answer/ask.h"
#include "tests/zones/replicate/versions.h"
#include "zones/replicate/edns.h"

namespace holdfast::server {
namespace {

using boost::asio::ip::make_address;
using zones::Name;
using zones::testing::flat;
using zones::testing::line;

const Name kApex = *Name::parse("example.com.");

SharedKey make_key(std::uint8_t first) {
  const std::uint8_t secret[32] = {first, 2, 3};
  return TsigKey::make(*Name::parse("xfr."), TsigAlgorithm::hmac_sha256, secret);
}

std::shared_ptr<const zones::Zone> zone(unsigned serial, const std::string& text) {
  return zones::testing::load(
             "example.com",
             "$TTL 60\n@ SOA ns1 admin " + std::to_string(serial) + " 2 3 4 5\n@ NS ns1\n" + text, {},
             {{.name = *Name::parse("www.example.com"), .index = 0}})
      .zone;
}

class PeerDoorTest : public testing::Test {
 protected:
  PeerDoorTest() {
    configure({"primary"});
    deploy(zone(7, "www A 192.0.2.9\n"));
  }

  void configure(std::vector<std::string> primaries) {
    zones::ZoneSettings settings{.name = kApex};
    settings.secondaries = {"signed", "open", "static"};
    settings.primaries = std::move(primaries);
    const auto peer = [](const std::string& name, const std::string& address,
                         const std::string& key_name = "") {
      return zones::PeerSettings{.name = name, .addresses = {{make_address(address), 53}}, .key = key_name};
    };
    std::vector<zones::PeerSettings> all = {peer("signed", "192.0.2.1", "xfr"), peer("open", "192.0.2.2"),
                                            peer("static", "192.0.2.3"), peer("primary", "192.0.2.4")};
    all[2].live = zones::LiveSent::of_file;
    door.configure(std::make_shared<const Peers>(all, std::span(&settings, 1), Keys({{"xfr", key}})));
  }

  void deploy(std::shared_ptr<const zones::Zone> now) {
    versions.deploy({{.zone = std::move(now), .number = 0}});
  }

  struct Asked {
    std::string from;
    Transport transport = Transport::tcp;
    bool is_signed = false;
  };
  /// "REFUSED", "1 record", "the whole: 4 records" ...; of a stream the records come in `records`.
  std::string ask(std::vector<std::uint8_t> message, const Asked& asked) {
    std::size_t size = message.size();
    TsigQuery query(key);
    if (asked.is_signed) {
      message.resize(size + tsig_room(*key));
      size = query.sign(message, size, std::chrono::system_clock::now());
    }
    std::vector<std::uint8_t> room(65535);
    const auto address = make_address(asked.from).to_v4().to_bytes();
    PeerDoor::Answer answer = door.answer(std::span(message).first(size), room, served.serving(),
                                          asked.transport, {.address = address, .is_v6 = false});
    records.clear();
    if (answer.stream) {
      while (!answer.stream->is_done()) {
        std::size_t octets = answer.stream->next(room);
        if (answer.signer) octets = answer.signer->sign(room, octets, std::chrono::system_clock::now());
        if (asked.is_signed) {
          EXPECT_EQ(query.verify(std::span(room).first(octets), std::chrono::system_clock::now()).verdict,
                    TsigVerdict::valid);
        }
        read(std::span(room).first(octets));
      }
      return answer.is_whole ? "whole" : "changes";
    }
    if (answer.size == 0) return "silence";
    if (asked.is_signed) {
      verdict = query.verify(std::span(room).first(answer.size), std::chrono::system_clock::now()).verdict;
    }
    read(std::span(room).first(answer.size));
    return text(static_cast<zones::Rcode>(room[3] & 0xf)) + ((room[2] & 2) != 0 ? " tc" : "");
  }

  void read(std::span<const std::uint8_t> octets) {
    ldns_pkt* packet = nullptr;
    ASSERT_EQ(ldns_wire2pkt(&packet, octets.data(), octets.size()), LDNS_STATUS_OK);
    for (std::size_t i = 0; i < ldns_pkt_ancount(packet); ++i) {
      const ldns_rr* record = ldns_rr_list_rr(ldns_pkt_answer(packet), i);
      char* type = ldns_rr_type2str(ldns_rr_get_type(record));
      char* data = ldns_rdf2str(ldns_rr_rdf(record, ldns_rr_get_type(record) == LDNS_RR_TYPE_SOA ? 2 : 0));
      records.push_back(std::string(type) + ' ' + data);
      std::free(type);
      std::free(data);
    }
    const ldns_rdf* const options = ldns_pkt_edns_data(packet);
    if (options != nullptr && ldns_rdf_size(options) == 8)
      expire = ldns_read_uint32(ldns_rdf_data(options) + 4);
    ldns_pkt_free(packet);
  }
  /// The same with EDNS, which asks for EXPIRE.
  static std::vector<std::uint8_t> with_expire(std::vector<std::uint8_t> message) {
    message[11] = 1;
    zones::add_edns(message);
    return message;
  }
  /// What is told of it; nothing: nothing.
  std::optional<std::uint32_t> expire_of(const std::vector<std::uint8_t>& message, const Asked& asked) {
    expire.reset();
    EXPECT_TRUE((std::set<std::string>{"NOERROR", "whole", "changes"}).contains(ask(message, asked)));
    EXPECT_EQ(records.front(), "SOA 7");
    return expire;
  }

  static std::vector<std::uint8_t> axfr() { return Zones::query("example.com. AXFR"); }
  static std::vector<std::uint8_t> ixfr(std::uint32_t serial) {
    std::vector<std::uint8_t> octets = Zones::query("example.com. IXFR");
    octets[9] = 1;
    const std::uint8_t soa[] = {0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 24, 0xc0, 12, 0xc0, 12};
    octets.insert(octets.end(), std::begin(soa), std::end(soa));
    for (int shift = 24; shift >= 0; shift -= 8) octets.push_back(static_cast<std::uint8_t>(serial >> shift));
    octets.insert(octets.end(), 16, 0);
    return octets;
  }

  const SharedKey key = make_key(1);
  zones::FlatView view = *flat({"www A 192.0.2.1"});
  zones::Published<zones::SerialTable> serials{std::make_shared<zones::SerialTable>()};
  Versions versions{serials, nullptr, {.flat = [this](zones::NameView) { return view; }, .made = {}}};
  std::vector<std::string> told;
  PeerDoor door{versions,
                [this](const Name& name, const Peer& peer, std::optional<zones::Serial> serial) {
                  told.push_back(name.text() + ' ' + peer.settings.name + ' ' +
                                 (serial ? std::to_string(serial->value()) : "-"));
                },
                nullptr, [this](const Name&) { return left; }};
  std::optional<std::chrono::seconds> left{3};
  std::optional<std::uint32_t> expire{};
  Zones served{"example.com", "@ 60 SOA ns1 admin 7 2 3 4 5\n@ 60 NS ns1\n"};
  std::vector<std::string> records;
  TsigVerdict verdict{};
};

using Records = std::vector<std::string>;

TEST_F(PeerDoorTest, GivesTheZoneToThoseWhoMayHaveIt) {
  EXPECT_EQ(ask(axfr(), {"192.0.2.2"}), "whole");
  EXPECT_EQ(records, (Records{"SOA 7", "NS ns1.example.com.", "A 192.0.2.1", "SOA 7"}));
  EXPECT_EQ(ask(axfr(), {"192.0.2.1", Transport::tcp, true}), "whole");
}

TEST_F(PeerDoorTest, RefusesAllOthers) {
  EXPECT_EQ(ask(axfr(), {"192.0.2.99"}), "REFUSED");
  EXPECT_EQ(ask(axfr(), {"192.0.2.1"}), "REFUSED");  // without its key
  EXPECT_EQ(ask(axfr(), {"192.0.2.4"}), "REFUSED");  // a primary is no secondary
  EXPECT_EQ(ask(ixfr(1), {"192.0.2.99"}), "REFUSED");
  EXPECT_EQ(ask(Zones::query("example.net. AXFR"), {"192.0.2.2"}), "REFUSED");
  EXPECT_EQ(ask(Zones::query("www.example.com. AXFR"), {"192.0.2.2"}), "REFUSED");
  EXPECT_EQ(door.counters().refused_transfers, 6U);
}

TEST_F(PeerDoorTest, GivesOneWhoGetsTheFileWhatIsInIt) {
  EXPECT_EQ(ask(axfr(), {"192.0.2.3"}), "whole");
  EXPECT_EQ(records, (Records{"SOA 7", "NS ns1.example.com.", "A 192.0.2.9", "SOA 7"}));
}

TEST_F(PeerDoorTest, GivesWhatChangedSinceTheVersionHeld) {
  deploy(zone(8, "www A 192.0.2.9\nmail A 192.0.2.5\n"));
  deploy(zone(9, "www A 192.0.2.9\nmail A 192.0.2.6\n"));
  EXPECT_EQ(ask(ixfr(8), {"192.0.2.2"}), "changes");
  EXPECT_EQ(records, (Records{"SOA 9", "SOA 8", "A 192.0.2.5", "SOA 9", "A 192.0.2.6", "SOA 9"}));
}

TEST_F(PeerDoorTest, LeavesOutWhatCameAndWentAgain) {
  deploy(zone(8, "www A 192.0.2.9\nmail A 192.0.2.5\n"));
  deploy(zone(9, "www A 192.0.2.9\nmail A 192.0.2.6\n"));
  EXPECT_EQ(ask(ixfr(7), {"192.0.2.2"}), "changes");
  EXPECT_EQ(records, (Records{"SOA 9", "SOA 7", "SOA 9", "A 192.0.2.6", "SOA 9"}));
}

TEST_F(PeerDoorTest, GivesTheWholeWhereItsHistoryDoesNotReach) {
  deploy(zone(8, "mail A 192.0.2.5\n"));
  EXPECT_EQ(ask(ixfr(3), {"192.0.2.2"}), "whole");
  EXPECT_EQ(records.front(), "SOA 8");
}

TEST_F(PeerDoorTest, GivesOnlyTheSoaWhereThereIsNothingNewer) {
  EXPECT_EQ(ask(ixfr(7), {"192.0.2.2"}), "changes");
  EXPECT_EQ(records, Records{"SOA 7"});
  EXPECT_EQ(ask(ixfr(8), {"192.0.2.2"}), "changes");
  EXPECT_EQ(records, Records{"SOA 7"});
}

TEST_F(PeerDoorTest, GivesOnlyTheSoaOverUdp) {
  EXPECT_EQ(ask(ixfr(3), {"192.0.2.2", Transport::udp}), "NOERROR");
  EXPECT_EQ(records, Records{"SOA 7"});
  EXPECT_EQ(ask(axfr(), {"192.0.2.2", Transport::udp}), "FORMERR");
}

TEST_F(PeerDoorTest, WantsToKnowWhatAnIncrementalTransferIsToBeginWith) {
  EXPECT_EQ(ask(Zones::query("example.com. IXFR"), {"192.0.2.2"}), "FORMERR");
}

TEST_F(PeerDoorTest, SignsItsAnswersToWhatIsSigned) {
  EXPECT_EQ(ask(Zones::query("example.com. SOA"), {"192.0.2.99", Transport::udp, true}), "NOERROR");
  EXPECT_EQ(verdict, TsigVerdict::valid);
  EXPECT_EQ(records, Records{"SOA 7"});
}

TEST_F(PeerDoorTest, KnowsNobodyByAnotherSecret) {
  std::vector<std::uint8_t> message = axfr();
  const SharedKey other = make_key(99);
  TsigQuery query(other);
  const std::size_t size = message.size();
  message.resize(size + tsig_room(*other));
  message.resize(query.sign(message, size, std::chrono::system_clock::now()));
  EXPECT_EQ(ask(message, {"192.0.2.1"}), "NOTAUTH");
  EXPECT_EQ(door.counters().bad_signatures, 1U);
}

TEST_F(PeerDoorTest, HearsNotifyOfPrimariesOnly) {
  const auto message = notify_message(1, zones::Contents(zones::Serial(42), zone(1, ""), nullptr));
  EXPECT_EQ(ask(message, {"192.0.2.4", Transport::udp}), "NOERROR");
  EXPECT_EQ(told, Records{"example.com. primary 42"});
  EXPECT_EQ(ask(message, {"192.0.2.2", Transport::udp}), "REFUSED");
  EXPECT_EQ(door.counters().refused_notifies, 1U);
  EXPECT_EQ(told.size(), 1U);
}

TEST_F(PeerDoorTest, TellsWhoAsksForHowLongTheZoneIsGood) {
  for (const auto& message :
       {with_expire(Zones::query("example.com. SOA")), with_expire(axfr()), with_expire(ixfr(7))}) {
    configure({"primary"});
    EXPECT_EQ(expire_of(message, {"192.0.2.2"}), 3U) << "what is left of it";
    left = std::chrono::seconds(99);
    EXPECT_EQ(expire_of(message, {"192.0.2.2"}), 4U) << "never more than its SOA says";
    left = std::chrono::seconds(-1);
    EXPECT_EQ(expire_of(message, {"192.0.2.2"}), 0U);
    left.reset();
    EXPECT_EQ(expire_of(message, {"192.0.2.2"}), std::nullopt) << "nothing is known";
    configure({});
    EXPECT_EQ(expire_of(message, {"192.0.2.2"}), 4U) << "of one of its own it is what its SOA says";
    EXPECT_EQ(expire_of(message, {"192.0.2.1", Transport::tcp, true}), 4U);
    left = std::chrono::seconds(3);
  }
  const auto soa = with_expire(Zones::query("example.com. SOA"));
  EXPECT_EQ(expire_of(soa, {"192.0.2.2", Transport::udp}), 4U);
}

TEST_F(PeerDoorTest, TellsNobodyElse) {
  EXPECT_EQ(expire_of(with_expire(Zones::query("example.com. SOA")), {"192.0.2.99"}), std::nullopt);
  EXPECT_EQ(expire_of(axfr(), {"192.0.2.2"}), std::nullopt) << "who did not ask";
  EXPECT_EQ(expire_of(Zones::query("example.com. SOA"), {"192.0.2.2"}), std::nullopt);
}

TEST_F(PeerDoorTest, SaysNothingToAResponse) {
  std::vector<std::uint8_t> message =
      notify_message(1, zones::Contents(zones::Serial(42), zone(1, ""), nullptr));
  message[2] |= 0x80;
  EXPECT_EQ(ask(message, {"192.0.2.4", Transport::udp}), "silence");
}

TEST_F(PeerDoorTest, SurvivesWhatIsCutOff) {
  for (const auto& whole :
       {ixfr(7), axfr(), notify_message(1, zones::Contents(zones::Serial(42), zone(1, ""), nullptr))}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::vector<std::uint8_t> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_NE(ask(part, {"192.0.2.2"}), "whole") << size;
    }
  }
}

}  // namespace
}  // namespace holdfast::server
