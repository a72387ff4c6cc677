#include "server/transfer/secondaries.h"

#include <gtest/gtest.h>

#include <fstream>
#include <future>

#include "tests/server/transfer/follower.h"
#include "tests/server/transfer/scripts.h"

namespace holdfast::server {
namespace {

using namespace std::chrono_literals;
using Then = Play::Then;
using zones::Serial;

const std::string kZone = soa(9) + kNs + "www A 192.0.2.9\n" + soa(9);
const std::string kChange = soa(9) + soa(5) + soa(9) + "www A 192.0.2.9\n" + soa(9);

/// A change to those who ask for one, and the zone to others.
Sends as_asked() {
  return [](const SeenQuestion& asked) { return records(asked.is_ixfr() ? kChange : kZone)(asked); };
}
/// The zone, but to those who ask for a change that.
Sends unless_ixfr(Sends ixfr) {
  return [ixfr = std::move(ixfr)](const SeenQuestion& asked) {
    return asked.is_ixfr() ? ixfr(asked) : records(kZone)(asked);
  };
}

/// The shortest that it took, of up to three times: until one is below the limit. The machine may do something else meanwhile.
template <class Scenario>
std::chrono::steady_clock::duration shortest(std::chrono::steady_clock::duration limit, Scenario scenario) {
  auto shortest = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 3 && shortest >= limit && !testing::Test::HasFailure(); ++i)
    shortest = std::min<std::chrono::steady_clock::duration>(shortest, scenario());
  return shortest;
}

TEST(Secondaries, LoadAZoneThatIsNotThere) {
  FakePrimary primary({.sends = as_asked()});
  Follower follower(nullptr);
  follower.follow({peer_at(primary.port())});
  ASSERT_TRUE(follower.reaches_serial(9));
  EXPECT_TRUE(follower.zone()->find(*zones::Name::parse("www.example.")));
  ASSERT_TRUE(follower.reaches([&] { return follower.status().state == "waiting"; }));
  const SecondaryZone status = follower.status();
  EXPECT_EQ(status.whole, 1U);
  EXPECT_EQ(status.serial, Serial(9));
  EXPECT_EQ(status.primary, "ns1 (127.0.0.1:" + std::to_string(primary.port()) + ")");
  EXPECT_TRUE(status.success.starts_with("serial 9 from " + status.primary + ", by AXFR: 5 records, "))
      << status.success;
  const auto now = std::chrono::system_clock::now();
  EXPECT_GT(*status.next, now + 6400s);
  EXPECT_LT(*status.next, now + 8000s);
  EXPECT_GT(*status.expires, now + 1209000s);
}

TEST(Secondaries, AskForWhatChanged) {
  FakePrimary primary({.sends = as_asked()});
  Follower follower(zone_of(5, "stays TXT x\n"));
  follower.follow({peer_at(primary.port())});
  follower.notify();
  ASSERT_TRUE(follower.reaches_serial(9));
  EXPECT_TRUE(follower.zone()->find(*zones::Name::parse("stays.example.")));
  ASSERT_TRUE(follower.reaches([&] { return follower.status().changes == 1; }));
  EXPECT_TRUE(follower.status().success.starts_with("serial 5 to 9 from ns1"));
}

TEST(Secondaries, AskFromTheAddressThatIsChosenForAPrimary) {
  FakePrimary primary({.sends = as_asked()});
  Peer peer = peer_at(primary.port());
  peer.settings.source = {boost::asio::ip::make_address("::1"), boost::asio::ip::make_address("127.0.0.7")};
  Follower follower(nullptr);
  follower.follow({peer});
  ASSERT_TRUE(follower.reaches_serial(9));
  EXPECT_EQ(primary.askers(), (std::set<std::string>{"tcp 127.0.0.7", "udp 127.0.0.7"}));
}

TEST(Secondaries, SayThatAnAddressToAskFromIsNotOurs) {
  FakePrimary primary({.sends = as_asked()});
  Peer peer = peer_at(primary.port());
  peer.settings.source = {boost::asio::ip::make_address("192.0.2.7")};
  Follower follower(nullptr);
  follower.follow({peer});
  ASSERT_TRUE(follower.reaches([&] { return !follower.status().failure.empty(); }));
  EXPECT_NE(follower.status().failure.find("cannot be asked from 192.0.2.7: Cannot assign requested address; "
                                           "`source` of its [peer.ns1] has to be an address of this machine"),
            std::string::npos)
      << follower.status().failure;
  EXPECT_TRUE(primary.askers().empty());
}

TEST(Secondaries, LoadWhatManyMessagesBring) {
  std::vector<Sent> all = {{.records = soa(9) + kNs}};
  for (int i = 0; i < 300; ++i)
    all.push_back({.records = "a" + std::to_string(i) + " TXT " + std::string(200, 'x')});
  all.push_back({.records = soa(9), .question = zones::RrType::A});
  FakePrimary primary({.sends = messages(all)});
  Follower follower(nullptr);
  follower.follow({peer_at(primary.port())});
  ASSERT_TRUE(follower.reaches_serial(9));
  EXPECT_EQ(follower.zone()->records(), 303U);
}

// RFC 1995 4: whatever the matter is with IXFR, the zone itself may be right.
TEST(Secondaries, AskForTheWholeZoneWhereAChangeIsNotToBeHad) {
  const struct {
    const char* name;
    Sends ixfr;
    Then then = Then::hold;
    std::size_t asked = 2;
  } rows[] = {
      {"FORMERR", messages({{.rcode = 1}}), Then::hold, 3},  // also without EDNS
      {"NOTIMP", messages({{.rcode = 4}}), Then::hold, 3},
      {"REFUSED", messages({{.rcode = 5}})},
      {"SERVFAIL", messages({{.rcode = 2}})},
      {"closed", raw({}), Then::close},
      {"cut off", cut(records(kChange), 80), Then::close},
      {"empty", messages({{}})},
      {"removes what is not there", records(soa(9) + soa(5) + "absent A 192.0.2.1\n" + soa(9) + soa(9))},
      {"adds what is there", records(soa(9) + soa(5) + soa(9) + "ns A 192.0.2.1\n" + soa(9))},
      {"begins elsewhere", records(soa(9) + soa(6) + soa(9) + soa(9))},
      {"has a gap", records(soa(9) + soa(5) + soa(6) + soa(7) + soa(9) + soa(9))},
      {"goes back", records(soa(9) + soa(5) + soa(3) + soa(3) + soa(9) + soa(9))},
      {"ends elsewhere", records(soa(9) + soa(5) + soa(8) + soa(8) + soa(11) + soa(9))},
      {"removes all", records(soa(9) + soa(5) + kNs + soa(9) + soa(9))},
  };
  for (const auto& row : rows) {
    FakePrimary primary({.sends = unless_ixfr(row.ixfr), .then = row.then});
    Follower follower(zone_of(5, ""));
    follower.follow({peer_at(primary.port())});
    follower.notify();
    EXPECT_TRUE(follower.reaches_serial(9)) << row.name << ": " << follower.status().failure;
    EXPECT_TRUE(follower.reaches([&] { return follower.status().whole == 1; })) << row.name;
    EXPECT_EQ(primary.transfers(), row.asked) << row.name;
  }
}

// RFC 6891 7
TEST(Secondaries, AskWithoutEdnsThoseWhoDoNotKnowIt) {
  const auto dislikes = [](Sends sends) {
    return [sends = std::move(sends)](const SeenQuestion& asked) {
      return asked.octets[11] == 0 ? sends(asked)
                                   : messages({{.question = zones::RrType::A, .rcode = 1}})(asked);
    };
  };
  FakePrimary primary({.sends = dislikes(records(kZone)), .says = one(dislikes(records(soa(9))))});
  Follower follower(nullptr);
  follower.follow({peer_at(primary.port())});
  EXPECT_TRUE(follower.reaches_serial(9)) << follower.status().failure;
}

TEST(Secondaries, AskForTheSoaOverTcpWhereUdpBringsNothing) {
  for (const Octets& said : {Octets(), Octets(100, 0xff)}) {
    FakePrimary primary({.sends = as_asked(), .says = [&](const SeenQuestion&) { return said; }});
    Follower follower(nullptr, {.limits = quick()});
    follower.follow({peer_at(primary.port())});
    EXPECT_TRUE(follower.reaches_serial(9)) << follower.status().failure;
  }
  for (const Sent& said : {Sent{.flags = 0x86}, Sent{.rcode = 5}}) {
    FakePrimary primary({.sends = as_asked(), .says = one(messages({said}))});
    Follower follower(nullptr);
    follower.follow({peer_at(primary.port())});
    EXPECT_TRUE(follower.reaches_serial(9)) << follower.status().failure;
  }
}

TEST(Secondaries, SignWhatTheyAskAndBelieveWhatIsSigned) {
  const SharedKey key = key_of("xfr.example.", 1);
  FakePrimary primary({.sends = signed_with(as_asked(), {.key = key}),
                       .says = one(signed_with(records(soa(9)), {.key = key}))});
  Follower follower(zone_of(5, ""));
  Peer peer = peer_at(primary.port());
  peer.settings.key = "xfr";
  peer.key = key;
  follower.follow({peer});
  follower.notify();
  EXPECT_TRUE(follower.reaches_serial(9)) << follower.status().failure;
}

TEST(Secondaries, AskNobodyWhoseKeyIsMissing) {
  FakePrimary primary({.sends = as_asked()});
  Follower follower(nullptr);
  Peer peer = peer_at(primary.port());
  peer.settings.key = "xfr";
  follower.follow({peer});
  EXPECT_TRUE(follower.reaches_failure("no primary can be asked"));
  EXPECT_EQ(primary.soas(), 0U);
}

TEST(Secondaries, TransferOverTls) {
  const health::Identity authority = health::issue({.common_name = "authority"});
  const health::Identity server = health::issue({.names = "DNS:ns1.example.net"}, &authority);
  const std::string file = ::testing::TempDir() + "ca-" + std::to_string(::getpid()) + ".pem";
  std::ofstream(file) << authority.certificate_pem();
  const auto context = std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
  SSL_CTX_use_certificate(context->native_handle(), server.certificate.get());
  SSL_CTX_use_PrivateKey(context->native_handle(), server.key.get());
  // RFC 9103 7.1
  std::string offered;
  SSL_CTX_set_alpn_select_cb(
      context->native_handle(),
      [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned in_size,
         void* to) {
        static_cast<std::string*>(to)->assign(reinterpret_cast<const char*>(in), in_size);
        *out = in + 1;
        *size = in[0];
        return SSL_TLSEXT_ERR_OK;
      },
      &offered);
  FakePrimary primary({.sends = as_asked(), .tls = context});
  Follower follower(nullptr);
  Peer peer = peer_at(primary.port());
  peer.settings.tls = {.name = "ns1.example.net", .port = primary.port(), .ca_file = file};
  follower.follow({peer});
  EXPECT_TRUE(follower.reaches_serial(9)) << follower.status().failure;
  EXPECT_EQ(offered, "\3dot");
  EXPECT_EQ(primary.soas(), 0U);  // nothing about the zone in the clear
}

TEST(Secondaries, SayWhichFileOfCertificatesIsMissing) {
  FakePrimary primary({.sends = as_asked()});
  Follower follower(nullptr);
  Peer peer = peer_at(primary.port());
  peer.settings.tls = {.name = "ns1.example.net", .port = primary.port(), .ca_file = "/nonexistent/ca.pem"};
  follower.follow({peer});
  EXPECT_TRUE(follower.reaches_failure("cannot be asked over TLS: /nonexistent/ca.pem: No such file"))
      << follower.status().failure;
}

TEST(Secondaries, TryTheNextPrimaryWithinFiveSeconds) {
  FakePrimary bad({.sends = records(soa(10)), .serial = 10}),
      silent({.says = [](const SeenQuestion&) { return Octets(); }, .listens = false}),
      good({.sends = as_asked()});
  const auto play = [&] {
    Follower follower(zone_of(5, ""), {.limits = quick()});
    const auto begun = std::chrono::steady_clock::now();
    follower.follow(
        {peer_at(bad.port(), "bad"), peer_at(silent.port(), "silent"), peer_at(good.port(), "good")});
    follower.notify();
    EXPECT_TRUE(follower.reaches_serial(9)) << follower.status().failure;
    const auto took = std::chrono::steady_clock::now() - begun;
    EXPECT_TRUE(follower.reaches([&] { return follower.status().serial == Serial(9); }));
    EXPECT_TRUE(follower.status().primary.starts_with("good"));
    return took;
  };
  EXPECT_LT(shortest(5s, play), 5s);
}

TEST(Secondaries, TakeTheHighestSerial) {
  FakePrimary old({.sends = as_asked()}), newer({.sends = records(soa(12) + kNs + soa(12)), .serial = 12});
  for (int tries = 1;; ++tries) {
    Follower follower(nullptr);
    const auto begun = std::chrono::steady_clock::now();
    follower.follow({peer_at(old.port()), peer_at(newer.port())});
    ASSERT_TRUE(follower.reaches([&] { return follower.zone() != nullptr; }));
    if (follower.zone()->serial() == 12) break;
    // Right only where the machine is so slow that the round did not wait for the other answer.
    ASSERT_GE(std::chrono::steady_clock::now() - begun, zones::kDecision);
    ASSERT_LT(tries, 3);
  }
}

TEST(Secondaries, SayThatAPrimaryIsBehind) {
  FakePrimary primary({.serial = 4});
  Follower follower(zone_of(5, ""));
  follower.follow({peer_at(primary.port())});
  follower.notify();
  EXPECT_TRUE(
      follower.reaches([&] { return follower.status().warning.ends_with("is behind, with serial 4"); }));
}

TEST(Secondaries, LoadANewVersionWhenNotified) {
  const auto play = [] {
    FakePrimary primary({.serial = 5});
    Follower follower(zone_of(5, ""));
    follower.follow({peer_at(primary.port())});
    follower.notify();
    EXPECT_TRUE(follower.reaches([&] { return follower.status().last_success.has_value(); }));
    primary.set({.sends = as_asked()});
    const auto begun = std::chrono::steady_clock::now();
    follower.notify(Serial(9));
    EXPECT_TRUE(follower.reaches_serial(9)) << follower.status().failure;
    return std::chrono::steady_clock::now() - begun;
  };
  EXPECT_LT(shortest(2s, play), 2s);
}

TEST(Secondaries, AskAtMostOnceASecondHoweverOftenTheyAreNotified) {
  FakePrimary primary({.serial = 5});
  Follower follower(zone_of(5, ""));
  const auto begun = std::chrono::steady_clock::now();
  follower.follow({peer_at(primary.port())});
  std::size_t sent = 0;
  while (std::chrono::steady_clock::now() < begun + 3s || sent <= 10'000) {
    for (int i = 0; i < 500; ++i, ++sent) follower.notify(Serial(2'000'000'000));
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_TRUE(follower.reaches([&] { return primary.soas() >= 2; }));
  const std::size_t soas = primary.soas();
  const auto took = std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - begun);
  EXPECT_LE(soas, 2U + static_cast<std::size_t>(took.count()));
}

TEST(Secondaries, ExpireAndAreGoodAgain) {
  FakePrimary primary({.serial = 5, .says = [](const SeenQuestion&) { return Octets(); }, .listens = false});
  Follower follower(zone_of(5, ""), {.limits = quick()});
  follower.follow({peer_at(primary.port())}, std::chrono::system_clock::now() + 3s);
  ASSERT_TRUE(follower.reaches([&] { return follower.status().is_old; }));
  EXPECT_FALSE(follower.is_expired());
  ASSERT_TRUE(follower.reaches([&] { return follower.is_expired(); }));
  EXPECT_TRUE(follower.reaches([&] { return follower.status().is_expired; }));
  primary.set({.serial = 5});
  follower.notify();
  EXPECT_TRUE(follower.reaches([&] { return !follower.is_expired(); }));
}

TEST(Secondaries, RunTenTransfersAtATime) {
  std::atomic<int> running = 0, most = 0;
  FakePrimary primary(
      {.sends =
           [&](const SeenQuestion&) {
             most = std::max<int>(most, ++running);
             return Octets();
           },
       .then = Then::hold,
       .says =
           [](const SeenQuestion& asked) {
             Octets reply = asked.octets;  // the same for every zone: its SOA behind the question
             reply[2] = 0x84, reply[7] = 1, reply[11] = 0;
             reply.resize(reply.size() - 11 - 4);
             zones::testing::put(reply, Octets{0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 60, 0, 22, 0, 0});
             reply.resize(reply.size() + 20, 1);
             return reply;
           }});
  PullLimits limits = patient();
  limits.link.window = limits.link.whole = 60s;
  Secondaries secondaries({.current = [](const zones::Name&) { return nullptr; },
                           .deliver = [](const zones::Name&, zones::Received) { return std::string(); },
                           .expired = [](const zones::Name&, bool) {}},
                          {.limits = limits});
  const Peer peer = peer_at(primary.port());
  std::vector<Secondaries::Followed> all;
  for (int i = 0; i < 15; ++i)
    all.push_back({.zone = *zones::Name::parse("z" + std::to_string(i) + "."), .primaries = {&peer}});
  secondaries.follow(all);
  const auto count = [&](const char* state) {
    const auto status = secondaries.status();
    return std::count_if(status.begin(), status.end(),
                         [&](const SecondaryZone& zone) { return zone.state == state; });
  };
  const auto end = std::chrono::steady_clock::now() + 60s;
  bool is_full = false;
  while (!is_full && std::chrono::steady_clock::now() < end) {
    is_full = count("transferring") == 10 && count("queued") == 5;
    std::this_thread::sleep_for(2ms);
  }
  EXPECT_TRUE(is_full);
  EXPECT_LE(most, 10);
}

TEST(Secondaries, EndAtOnceWhateverTheyDo) {
  FakePrimary primary({.sends = records(soa(9)), .then = Then::hold});
  std::chrono::steady_clock::time_point begun;
  {
    PullLimits limits = patient();
    limits.link.window = limits.link.whole = 60s;
    Follower follower(nullptr, {.limits = limits});
    follower.follow({peer_at(primary.port())});
    ASSERT_TRUE(follower.reaches([&] { return primary.transfers() == 1; }));
    begun = std::chrono::steady_clock::now();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 20s);
}

TEST(Secondaries, GiveUpTheTransferOfAZoneThatIsNotFollowedAnyMore) {
  FakePrimary primary({.sends = records(kZone), .then = Then::drip});
  PullLimits limits = patient();
  limits.link.window = limits.link.whole = 60s;
  Follower follower(nullptr, {.limits = limits});
  follower.follow({peer_at(primary.port())});
  ASSERT_TRUE(follower.reaches([&] { return primary.transfers() == 1; }));
  follower.secondaries().follow({});
  ASSERT_TRUE(follower.reaches([&] { return follower.secondaries().status().empty(); }));
  // and it is followed again, from another
  FakePrimary other({.sends = as_asked()});
  follower.follow({peer_at(other.port())});
  EXPECT_TRUE(follower.reaches_serial(9));
  EXPECT_EQ(follower.delivered(), 1U);
}

TEST(Secondaries, KeepWhatTheyKnowWhenTheyAreToldTheSame) {
  FakePrimary primary({.sends = as_asked()});
  Follower follower(nullptr);
  follower.follow({peer_at(primary.port())});
  ASSERT_TRUE(follower.reaches_serial(9));
  ASSERT_TRUE(follower.reaches([&] { return follower.status().whole == 1; }));
  ASSERT_TRUE(follower.reaches([&] { return follower.status().state == "waiting"; }));
  const auto before = follower.status();
  follower.follow({peer_at(primary.port())});
  ASSERT_TRUE(follower.reaches([&] { return follower.status().success == before.success; }));
  EXPECT_EQ(primary.transfers(), 1U);
  EXPECT_EQ(follower.status().whole, 1U);
}

TEST(Secondaries, BeginAnewWithAZoneThatWasForgotten) {
  FakePrimary primary({.sends = as_asked()});
  Follower follower(nullptr);
  follower.follow({peer_at(primary.port())});
  ASSERT_TRUE(follower.reaches_serial(9));
  follower.follow({peer_at(primary.port())});
  ASSERT_TRUE(follower.reaches([&] { return follower.status().whole == 1; }));
  follower.forget();
  follower.follow({peer_at(primary.port())});
  ASSERT_TRUE(follower.reaches_serial(9)) << "though the primary has no newer one";
  EXPECT_EQ(follower.delivered(), 2U);
}

TEST(Secondaries, SayWhatTheyAreYetToForget) {
  FakePrimary primary({.sends = records(kZone)});
  const zones::Name name = *zones::Name::parse("example.");
  std::promise<void> delivering, forgotten;
  Secondaries secondaries({.current = [](const zones::Name&) { return nullptr; },
                           .deliver = [&](const zones::Name&, zones::Received) -> std::string {
                             delivering.set_value();
                             forgotten.get_future().wait();
                             return "it is of the zone that was here before";
                           },
                           .expired = [](const zones::Name&, bool) {}},
                          {.limits = patient()});
  const Peer peer = peer_at(primary.port());
  secondaries.follow({{.zone = name, .primaries = {&peer}}});
  delivering.get_future().wait();
  EXPECT_FALSE(secondaries.is_forgetting(name));
  secondaries.forget({name});  // a reload, while that is on the other thread
  EXPECT_TRUE(secondaries.is_forgetting(name));
  forgotten.set_value();
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (secondaries.is_forgetting(name) && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(2ms);
  EXPECT_FALSE(secondaries.is_forgetting(name));
}

TEST(Secondaries, OutliveAHostThatThrows) {
  FakePrimary primary({.sends = records(kZone)});
  std::atomic<int> calls = 0;
  Secondaries secondaries({.current = [](const zones::Name&) { return nullptr; },
                           .deliver = [&](const zones::Name&, zones::Received) -> std::string {
                             if (++calls == 1) throw std::runtime_error("no memory");
                             return {};
                           },
                           .expired = [](const zones::Name&, bool) {}},
                          {.limits = patient()});
  const Peer peer = peer_at(primary.port());
  secondaries.follow({{.zone = *zones::Name::parse("example."), .primaries = {&peer}}});
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (calls < 2 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(5ms);
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace holdfast::server
