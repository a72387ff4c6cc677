#include "health/notify/notifier.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

#include "tests/health/notify/happenings.h"
#include "tests/health/probe/scripted_server.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

const Script kFine{.says = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
const Script kBusy{.says = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"};
const Script kSilent{};

/// A webhook's server on a thread of its own.
class Receiver {
 public:
  explicit Receiver(const Script& script) : server_(io_, script), port_(server_.port()) {
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Receiver() {
    io_.stop();
    thread_.join();
  }
  ContactSettings contact(std::string name = "ops") const {
    return {.name = std::move(name), .url = "http://127.0.0.1:" + std::to_string(port_) + "/"};
  }

 private:
  boost::asio::io_context io_;
  ScriptedServer server_;
  std::uint16_t port_;
  std::thread thread_;
};

/// Takes a letter as a mail server does, on a thread of its own, and says nothing after `replies` of them.
class MailServer {
 public:
  explicit MailServer(std::size_t replies)
      : server_(io_, {asio::ip::address_v4::loopback(), 0}), thread_([this, replies] { serve(replies); }) {}
  ~MailServer() { thread_.join(); }  // when the client goes

  ContactSettings contact() const {
    return {.name = "post",
            .type = ContactType::mail,
            .server = "127.0.0.1:" + std::to_string(server_.local_endpoint().port()),
            .from = "holdfast@example.com",
            .to = {"ops@example.com"},
            .tls = MailTls::none,
            .timeout = 5min};
  }
  /// Ready when it does not answer any more.
  std::future<void> silent() { return silent_.get_future(); }

 private:
  void serve(std::size_t replies) {
    const char* const kReplies[] = {"220 mx\r\n", "250 mx\r\n", "250 sender\r\n",
                                    "250 ok\r\n", "354 go\r\n", "250 taken\r\n"};
    asio::ip::tcp::socket client = server_.accept();
    std::string heard;
    boost::system::error_code gone;
    for (std::size_t i = 0; i < replies && !gone; ++i) {
      asio::write(client, asio::buffer(std::string(kReplies[i])), gone);
      const char* const end = i == 4 ? "\r\n.\r\n" : "\r\n";  // of the letter, of a line
      heard.erase(0, asio::read_until(client, asio::dynamic_buffer(heard), end, gone));
    }
    silent_.set_value();
    std::array<char, 100> rest;
    while (!gone) client.read_some(asio::buffer(rest), gone);
  }

  asio::io_context io_;
  asio::ip::tcp::acceptor server_;
  std::promise<void> silent_;
  std::thread thread_;
};

const NotifySettings kAtOnce{.contacts = {"ops"}, .group = 0ms};
const Routes kToOps{.usual = {"ops"}};

/// The status as soon as it is so. A test that does not see that within two minutes fails.
template <class Claim>
NotifyStatus once(const Notifier& notifier, Claim claim) {
  const auto deadline = std::chrono::steady_clock::now() + 120s;
  for (;;) {
    const NotifyStatus status = notifier.status();
    if (claim(status)) return status;
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("not so within two minutes");
    std::this_thread::sleep_for(1ms);
  }
}

TEST(Notifier, TellsAContactUnderTheIdOfTheEvent) {
  const Receiver receiver(kFine);
  Notifier notifier("ns1");
  notifier.configure(kAtOnce, {receiver.contact()}, kToOps);
  notifier.happened(*down("0192-ab"));
  const auto status = once(notifier, [](const auto& s) { return s.contacts[0].delivered == 1; });
  ASSERT_EQ(status.deliveries.size(), 1U);
  const Delivery& delivery = status.deliveries[0];
  EXPECT_EQ(delivery.id, "0192-ab");
  EXPECT_EQ(delivery.contact, "ops");
  EXPECT_EQ(delivery.events, std::vector<std::string>{"0192-ab"});
  EXPECT_EQ(delivery.subject, "web 192.0.2.10 down (shop)");
  EXPECT_EQ(delivery.state, DeliveryState::delivered);
  EXPECT_EQ(delivery.attempts, 1U);
  EXPECT_TRUE(status.contacts[0].last_success);
  EXPECT_FALSE(status.contacts[0].is_sending);
}

TEST(Notifier, TellsNobodyWhoIsNotConcerned) {
  const Receiver receiver(kFine);
  Notifier notifier("ns1");
  notifier.configure(kAtOnce, {receiver.contact("ops"), receiver.contact("ann")},
                     {.usual = {"ops"}, .own = {{"shop", {"ann"}}}});
  notifier.happened(*down("a"));
  const auto status = once(notifier, [](const auto& s) { return s.contacts[0].delivered == 1; });
  EXPECT_EQ(status.contacts[0].contact, "ann");
  EXPECT_EQ(status.contacts[1].delivered, 0U);
  EXPECT_EQ(status.contacts[1].waiting, 0U);
}

TEST(Notifier, TriesAgainAndCollectsMeanwhile) {
  auto busy = std::make_unique<Receiver>(kBusy);
  Notifier notifier("ns1");
  notifier.configure(kAtOnce, {busy->contact()}, kToOps);
  notifier.happened(*down("a"));
  const auto failed = once(notifier, [](const auto& s) { return s.contacts[0].retried >= 1; });
  EXPECT_EQ(failed.deliveries[0].state, DeliveryState::retrying);
  EXPECT_EQ(failed.deliveries[0].why, "status 503");
  notifier.happened(*up("b"));
  notifier.happened(*down("c"));
  EXPECT_EQ(notifier.status().contacts[0].waiting, 2U);

  const Receiver fine(kFine);  // a reload leads it elsewhere; what was pending goes there
  notifier.configure(kAtOnce, {fine.contact()}, kToOps);
  const auto status = once(notifier, [](const auto& s) { return s.contacts[0].delivered == 2; });
  EXPECT_EQ(status.deliveries[0].id, "a");
  EXPECT_GE(status.deliveries[0].attempts, 2U);
  EXPECT_EQ(status.deliveries[1].events, (std::vector<std::string>{"b", "c"}));
}

TEST(Notifier, ForgetsAContactThatIsGoneWithItsAttempt) {
  const Receiver silent(kSilent);
  Notifier notifier("ns1");
  notifier.configure(kAtOnce, {silent.contact()}, kToOps);
  notifier.happened(*down("a"));
  once(notifier, [](const auto& s) { return s.contacts[0].is_sending; });
  notifier.configure(kAtOnce, {}, {});
  const auto status =
      once(notifier, [](const auto& s) { return s.deliveries[0].state == DeliveryState::dropped; });
  EXPECT_TRUE(status.contacts.empty());
}

TEST(Notifier, LeavesSendingToWhomeverSendsAndSendsWhenThatOneIsGone) {
  const Receiver receiver(kFine);
  std::atomic<bool> sends{false};
  Notifier notifier("ns1", [&] { return sends.load(); });
  notifier.configure(kAtOnce, {receiver.contact()}, kToOps);
  notifier.happened(*down("a"));
  EXPECT_TRUE(once(notifier, [](const auto& s) { return s.contacts[0].elsewhere == 1; }).deliveries.empty());
  sends = true;
  notifier.happened(*up("b"));
  const auto status = once(notifier, [](const auto& s) { return s.contacts[0].delivered == 2; });
  ASSERT_EQ(status.deliveries.size(), 2U);
  EXPECT_EQ(status.deliveries[0].id, "a");
  EXPECT_EQ(status.deliveries[1].id, "b");
}

TEST(Notifier, KeepsAsManyDeliveriesAsItSays) {
  const Receiver receiver(kFine);
  Notifier notifier("ns1");
  NotifySettings many = kAtOnce;
  many.hourly = 1000;
  notifier.configure(many, {receiver.contact()}, kToOps);
  for (std::size_t i = 1; i <= Notifier::kMaxDeliveries + 2; ++i) {
    notifier.happened(i % 2 == 0 ? *up(std::to_string(i)) : *down(std::to_string(i)));
    once(notifier, [&](const auto& s) { return s.contacts[0].delivered == i; });
  }
  const auto status = notifier.status();
  EXPECT_EQ(status.deliveries.size(), Notifier::kMaxDeliveries);
  EXPECT_EQ(status.deliveries.front().id, "3");
}

TEST(Notifier, TestsAContactWhateverTheHour) {
  const Receiver fine(kFine), busy(kBusy);
  Notifier notifier("ns1");
  ContactSettings asleep = fine.contact("asleep");
  asleep.quiet = {{0, 1439}, {1439, 0}};
  notifier.configure(kAtOnce, {asleep, busy.contact("busy")}, {});
  const auto delivered = notifier.test("asleep");
  ASSERT_TRUE(delivered);
  EXPECT_EQ(delivered->state, DeliveryState::delivered);
  EXPECT_EQ(delivered->kind, Notification::Kind::test);
  const auto failed = notifier.test("busy");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->state, DeliveryState::failed) << "one attempt only";
  EXPECT_EQ(failed->why, "status 503");
  EXPECT_FALSE(notifier.test("nobody"));
  EXPECT_EQ(notifier.status().deliveries.size(), 2U);
}

TEST(Notifier, SaysItsLastWords) {
  boost::asio::io_context io;
  ScriptedServer server(io, kFine);
  auto notifier = std::make_unique<Notifier>("ns1");
  notifier->configure({.contacts = {"ops"}, .group = 1h},
                      {{.name = "ops", .url = "http://127.0.0.1:" + std::to_string(server.port()) + "/"}},
                      kToOps);
  notifier->happened(*down("0192-ab"));
  EXPECT_EQ(notifier->status().contacts[0].waiting, 1U);
  std::thread end([&] {
    notifier.reset();
    io.stop();
  });
  io.run();
  end.join();
  EXPECT_NE(server.request().find("X-Holdfast-Event: 0192-ab"), std::string::npos);
}

TEST(Notifier, TellsOthersWhileAMailServerHangs) {
  MailServer slow(5);  // at the end of the letter: it scans, say
  const Receiver receiver(kFine);
  Notifier notifier("ns1");
  notifier.configure(kAtOnce, {receiver.contact(), slow.contact()},
                     {.usual = {"post"}, .own = {{"shop", {"ops"}}}});
  Event of_nothing = *down("a");
  of_nothing.used_by.clear();
  notifier.happened(of_nothing);
  slow.silent().wait();
  notifier.happened(*down("b"));
  const auto status = once(notifier, [](const auto& s) { return s.contacts[0].delivered == 1; });
  EXPECT_TRUE(status.contacts[1].is_sending);
}

TEST(Notifier, AMailThatWasTakenIsDeliveredAlsoWithoutAGoodbye) {
  MailServer rude(6);
  Notifier notifier("ns1");
  notifier.configure({.contacts = {"post"}, .group = 0ms}, {rude.contact()}, {.usual = {"post"}});
  notifier.happened(*down("a"));
  const auto status = once(notifier, [](const auto& s) { return s.contacts[0].delivered == 1; });
  EXPECT_EQ(status.deliveries[0].attempts, 1U);
}

TEST(Notifier, EndsInTimeWhenAServerHangs) {
  const Receiver silent(kSilent);
  auto notifier = std::make_unique<Notifier>("ns1");
  ContactSettings patient = silent.contact();
  patient.timeout = 5min;
  notifier->configure(kAtOnce, {patient}, kToOps);
  notifier->happened(*down("a"));
  once(*notifier, [](const auto& s) { return s.contacts[0].is_sending; });
  const auto before = std::chrono::steady_clock::now();
  notifier.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - before, Notifier::kLastWords + 5s);
}

}  // namespace
}  // namespace holdfast::health
