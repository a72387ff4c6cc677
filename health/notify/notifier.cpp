#include "health/notify/notifier.h"

#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <future>
#include <list>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "health/notify/attempt.h"
#include "health/notify/digest.h"
#include "health/notify/retry.h"
#include "health/notify/wording.h"
#include "health/probe/alarm.h"
#include "health/probe/curl_loop.h"

namespace holdfast::health {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kNiceness = 5;  // who answers queries goes first, as before probes
constexpr milliseconds kAfterError{1000};
constexpr milliseconds kLongestSleep{60'000};  // so that quiet hours follow a wall clock that is set

/// After that it would be known that the server that tells people is gone (kFresh), and it has told; unless it failed to.
constexpr std::chrono::seconds kElsewhere{20};
constexpr milliseconds kLookElsewhere{1000};
constexpr std::size_t kMostElsewhere = 16;  // for each contact; the oldest go first

Moment now() { return {steady_clock::now(), std::chrono::system_clock::now()}; }

/// A notification that was taken from its digest and is not over.
struct Outgoing {
  Notification notification;
  steady_clock::time_point first{};            // attempt
  steady_clock::time_point due{};              // of the next attempt
  std::unique_ptr<DeliveryAttempt> attempt{};  // null: none is on its way
};

/// A notification that another server sends.
struct Elsewhere {
  Notification notification;
  steady_clock::time_point until{};
};

struct Contact {
  ContactSettings settings;
  Rules rules{};
  Digest digest{};
  ContactStatus status{};
  bool is_gone = false;  // not configured any more; the loop is to forget it
  std::deque<Elsewhere> elsewhere{};
  std::optional<Outgoing> outgoing{};  // only for the loop's thread
};

struct Test {
  ContactSettings settings;
  Notification notification;
  std::promise<AttemptResult> done{};
  std::unique_ptr<DeliveryAttempt> attempt{};
};

Delivery delivery_of(const Notification& notification) {
  Delivery delivery{.id = notification.id,
                    .contact = notification.contact,
                    .kind = notification.kind,
                    .subject = subject(notification),
                    .time = notification.time,
                    .changed = notification.time};
  for (const EventPtr& event : notification.events) {
    if (delivery.events.size() < Delivery::kMaxEventIds) delivery.events.push_back(event->id);
  }
  return delivery;
}

}  // namespace

/// Look whose digest or retry is due -> start attempts -> hear how they ended -> look again.
class Notifier::Loop {
 public:
  Loop(std::string server, std::function<bool()> is_sender)
      : server_(std::move(server)), is_sender_(std::move(is_sender)), thread_([this] { run(); }) {
    pthread_setname_np(thread_.native_handle(), "hf-notify");
  }

  ~Loop() {
    asio::post(io_, [this] {
      is_ending_ = true;
      end_.set(steady_clock::now() + kLastWords, [this] { io_.stop(); });
      look();
    });
    thread_.join();
    std::vector<std::unique_ptr<DeliveryAttempt>> ended;
    for (auto& [name, contact] : contacts_) ended.push_back(drop(contact, "holdfast ends"));
    for (const auto& test : tests_) ended.push_back(std::move(test->attempt));
    end(ended);
  }

  void configure(const NotifySettings& settings, const std::vector<ContactSettings>& contacts,
                 Routes routes) {
    {
      const std::lock_guard lock(mutex_);
      routes_ = std::move(routes);
      for (auto& [name, contact] : contacts_) contact.is_gone = true;
      for (const ContactSettings& one : contacts) {
        Contact& contact = contacts_[one.name];
        contact.is_gone = false;
        contact.settings = one;
        contact.rules = {settings.group, settings.repeat, settings.hourly,
                         one.quiet,      one.time_zone,   one.urgent};
        contact.status.contact = one.name;
        contact.status.type = text(one.type);
      }
    }
    look_soon();
  }

  void watch(const std::vector<Target>& targets) {
    std::set<TargetId> watched;
    for (const Target& target : targets) watched.insert(target.id);
    const std::lock_guard lock(mutex_);
    for (auto& [name, contact] : contacts_) contact.digest.keep(watched);
  }

  void happened(const Event& event) {
    {
      const std::lock_guard lock(mutex_);
      EventPtr shared;
      const Moment moment = now();
      for (const std::string& name : recipients(event, routes_)) {
        const auto contact = contacts_.find(name);
        if (contact == contacts_.end() || contact->second.is_gone) continue;
        if (!shared) shared = std::make_shared<const Event>(event);
        contact->second.status.left_out += contact->second.digest.add(shared, moment);
      }
      if (!shared) return;
    }
    look_soon();
  }

  std::optional<Delivery> test(const std::string& name) {
    auto test = std::make_shared<Test>();
    {
      const std::lock_guard lock(mutex_);
      const auto contact = contacts_.find(name);
      if (contact == contacts_.end() || contact->second.is_gone) return std::nullopt;
      test->settings = contact->second.settings;
    }
    const auto time = std::chrono::system_clock::now();
    test->notification = {
        .id = make_event_id(time), .contact = name, .time = time, .kind = Notification::Kind::test};
    auto done = test->done.get_future();
    asio::post(io_, [this, test] { start(test); });

    constexpr std::chrono::seconds kSlack{5};  // after the attempt's own timeout
    AttemptResult result{.why = "no end of the attempt in time"};
    try {
      if (done.wait_for(test->settings.timeout + kSlack) == std::future_status::ready) result = done.get();
    } catch (const std::future_error&) {  // the loop ended before it
      result.why = "holdfast ends";
    }
    Delivery delivery = delivery_of(test->notification);
    delivery.attempts = 1;
    delivery.changed = std::chrono::system_clock::now();
    delivery.state = result.is_delivered ? DeliveryState::delivered : DeliveryState::failed;
    delivery.why = result.why;
    log_end(delivery);
    const std::lock_guard lock(mutex_);
    if (const auto contact = contacts_.find(name); contact != contacts_.end())
      count(contact->second, delivery);
    keep(delivery);
    return delivery;
  }

  NotifyStatus status() const {
    const std::lock_guard lock(mutex_);
    NotifyStatus status;
    for (const auto& [name, contact] : contacts_) {
      if (contact.is_gone) continue;
      status.contacts.push_back(contact.status);
      status.contacts.back().waiting = contact.digest.waiting();
    }
    status.deliveries = deliveries_;
    return status;
  }

 private:
  void run() {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception& error) {  // out of memory
        spdlog::error("notify: {}", error.what());
        alarm_.set(steady_clock::now() + kAfterError, [this] { look(); });
      }
    }
  }

  /// Many events are one look.
  void look_soon() {
    if (is_looking_.exchange(true)) return;
    asio::post(io_, [this] { look(); });
  }

  void look() {
    is_looking_ = false;
    const bool sends = !is_sender_ || is_sender_();
    milliseconds sleep = kLongestSleep;
    bool is_over = true;
    std::vector<std::pair<Contact*, ContactSettings>> due;
    std::vector<std::unique_ptr<DeliveryAttempt>> gone;
    {
      const std::lock_guard lock(mutex_);
      for (auto at = contacts_.begin(); at != contacts_.end();) {
        Contact& contact = at->second;
        if (contact.is_gone) {
          gone.push_back(drop(contact, "the contact is not configured any more"));
          at = contacts_.erase(at);
          continue;
        }
        const auto wait = look_at(contact, sends);
        if (wait) sleep = std::min(sleep, *wait);
        if (!wait) due.emplace_back(&contact, contact.settings);
        is_over = is_over && !contact.outgoing;
        ++at;
      }
    }
    // Not under the mutex: files are read, mails end; who says what happened is not to wait for that.
    end(gone);
    for (const auto& [contact, settings] : due) start(*contact, settings);
    if (is_ending_ && is_over && tests_.empty()) return io_.stop();
    alarm_.set(steady_clock::now() + sleep, [this] { look(); });
  }

  /// When to look again; null: an attempt is to be started. The mutex is held.
  std::optional<milliseconds> look_at(Contact& contact, bool sends) {
    const Moment moment = now();
    Rules rules = contact.rules;
    if (is_ending_) rules.group = rules.repeat = milliseconds(0);
    if (sends && !contact.outgoing &&
        !contact.elsewhere.empty()) {  // the other one is gone, perhaps before it told
      send(contact, std::move(contact.elsewhere.front().notification), moment);
      contact.elsewhere.pop_front();
    }
    std::erase_if(contact.elsewhere, [&](const Elsewhere& one) { return one.until <= moment.steady; });
    if (!contact.outgoing) {
      if (auto notification = contact.digest.take(rules, moment)) {
        if (!sends) leave(contact, *notification, moment);
        if (!notification->events.empty() || sends) send(contact, std::move(*notification), moment);
      }
    }
    if (!contact.outgoing) {
      const auto wait = contact.digest.wait(rules, moment).value_or(kLongestSleep);
      return contact.elsewhere.empty() ? wait : std::min(wait, kLookElsewhere);
    }
    if (contact.outgoing->attempt) return kLongestSleep;
    if (contact.outgoing->due > moment.steady && !is_ending_) {
      return std::chrono::ceil<milliseconds>(contact.outgoing->due - moment.steady);
    }
    return std::nullopt;
  }

  void send(Contact& contact, Notification notification, const Moment& moment) {
    notification.contact = contact.settings.name;
    contact.outgoing = {std::move(notification), moment.steady, moment.steady};
    contact.status.is_sending = true;
    keep(delivery_of(contact.outgoing->notification));
  }

  /// To the server that tells people; what only this one knows stays in the notification. It is at hand until that server
  /// has surely told it, or is known to be gone.
  static void leave(Contact& contact, Notification& notification, const Moment& moment) {
    Notification left = notification;
    const auto is_own = [](const EventPtr& event) {
      return event->kind == EventKind::configuration || event->kind == EventKind::store;
    };
    std::erase_if(left.events, is_own);
    std::erase_if(notification.events, [&](const EventPtr& event) { return !is_own(event); });
    if (!notification.events.empty()) notification.id = notification.events.front()->id;
    if (left.events.empty() && !notification.events.empty()) return;
    ++contact.status.elsewhere;
    if (left.events.empty()) return;  // a reminder: the next one comes
    left.id = left.events.front()->id;
    contact.elsewhere.push_back({std::move(left), moment.steady + kElsewhere});
    if (contact.elsewhere.size() > kMostElsewhere) contact.elsewhere.pop_front();
  }

  Started begin(const ContactSettings& settings, const Notification& notification, AttemptDone done) {
    const Parcel parcel{notification, settings, server_};
    return settings.type == ContactType::mail ? start_mail(io_, parcel, std::move(done))
                                              : start_webhook(curl_, parcel, std::move(done));
  }

  /// The contact stays where it is until the loop forgets it, and then its attempt ends without a word.
  void start(Contact& contact, const ContactSettings& settings) {
    Started started = begin(settings, contact.outgoing->notification,
                            [this, &contact](const AttemptResult& result) { ended(contact, result); });
    if (auto* attempt = std::get_if<0>(&started)) {
      contact.outgoing->attempt = std::move(*attempt);
    } else {
      ended(contact, std::get<1>(started));
    }
  }

  void start(const std::shared_ptr<Test>& test) {
    tests_.push_back(test);
    Started started =
        begin(test->settings, test->notification, [this, test = test.get()](const AttemptResult& result) {
          test->done.set_value(result);
          forget(test);
        });
    if (auto* attempt = std::get_if<0>(&started)) {
      test->attempt = std::move(*attempt);
    } else {
      test->done.set_value(std::get<1>(started));
      forget(test.get());
    }
  }

  void forget(const Test* test) {
    std::erase_if(tests_, [&](const auto& one) { return one.get() == test; });
    look_soon();
  }

  void ended(Contact& contact, const AttemptResult& result) {
    const std::lock_guard lock(mutex_);
    Outgoing& outgoing = *contact.outgoing;
    const auto moment = now();
    Delivery& delivery = delivery_of_id(outgoing.notification);
    ++delivery.attempts;
    delivery.changed = moment.wall;
    delivery.why = result.why;
    std::optional<milliseconds> wait;
    if (!result.is_delivered && result.again && !is_ending_) {
      const auto since = std::chrono::duration_cast<milliseconds>(moment.steady - outgoing.first);
      wait = next_retry(delivery.attempts, since, std::uniform_real_distribution(0.0, 1.0)(random_),
                        result.asked);
    }
    delivery.state = result.is_delivered ? DeliveryState::delivered
                     : wait              ? DeliveryState::retrying
                                         : DeliveryState::failed;
    count(contact, delivery);
    if (wait) {
      spdlog::warn("notify {}: attempt {} to tell {} ({}) failed: {}; again in {:.1f} s", delivery.contact,
                   delivery.attempts, delivery.id, delivery.subject, delivery.why,
                   std::chrono::duration<double>(*wait).count());
      outgoing.due = moment.steady + *wait;
      outgoing.attempt.reset();
    } else {
      log_end(delivery);
      contact.outgoing.reset();
      contact.status.is_sending = false;
    }
    look_soon();
  }

  static void log_end(const Delivery& delivery) {
    if (delivery.state == DeliveryState::delivered) {
      spdlog::info("notify {}: told {} ({}){}{}", delivery.contact, delivery.id, delivery.subject,
                   delivery.why.empty() ? "" : "; ", delivery.why);
    } else {
      spdlog::error("notify {}: {} ({}) is given up after {} attempts: {}", delivery.contact, delivery.id,
                    delivery.subject, delivery.attempts, delivery.why);
    }
  }

  static void count(Contact& contact, const Delivery& delivery) {
    ContactStatus& status = contact.status;
    switch (delivery.state) {
      case DeliveryState::pending:
      case DeliveryState::dropped: return;
      case DeliveryState::retrying: ++status.retried; return;
      case DeliveryState::delivered:
        ++status.delivered;
        status.last_success = delivery.changed;
        return;
      case DeliveryState::failed: ++status.failed; return;
    }
  }

  static void end(std::vector<std::unique_ptr<DeliveryAttempt>>& attempts) {
    for (const auto& attempt : attempts) {
      if (attempt) attempt->cancel();
    }
    attempts.clear();
  }

  /// What it is still to be told is lost; the log is the last to know. @return what is on its way, or null
  std::unique_ptr<DeliveryAttempt> drop(Contact& contact, std::string_view why) {
    std::unique_ptr<DeliveryAttempt> attempt;
    if (contact.outgoing) {
      Delivery& delivery = delivery_of_id(contact.outgoing->notification);
      delivery.state = DeliveryState::dropped;
      delivery.why = why;
      spdlog::error("notify {}: {} ({}) is dropped: {}", delivery.contact, delivery.id, delivery.subject,
                    why);
      attempt = std::move(contact.outgoing->attempt);
      contact.outgoing.reset();
    }
    if (contact.digest.waiting() != 0) {
      spdlog::error("notify {}: {} events are dropped: {}", contact.settings.name, contact.digest.waiting(),
                    why);
    }
    return attempt;
  }

  void keep(Delivery delivery) {
    deliveries_.push_back(std::move(delivery));
    if (deliveries_.size() > kMaxDeliveries) deliveries_.pop_front();
  }

  /// The newest is looked at first; one that fell out of those that are kept is kept anew.
  Delivery& delivery_of_id(const Notification& notification) {
    for (auto delivery = deliveries_.rbegin(); delivery != deliveries_.rend(); ++delivery) {
      if (delivery->id == notification.id && delivery->contact == notification.contact) return *delivery;
    }
    keep(delivery_of(notification));
    return deliveries_.back();
  }

  const std::string server_;
  const std::function<bool()> is_sender_;

  mutable std::mutex mutex_;  // guards what is up to the blank line
  Routes routes_;
  std::map<std::string, Contact> contacts_;
  std::deque<Delivery> deliveries_;

  std::atomic<bool> is_looking_{false};  // a look is posted
  asio::io_context io_{1};
  const asio::executor_work_guard<asio::io_context::executor_type> stay_{io_.get_executor()};
  // All below is the thread's own.
  Alarm alarm_{io_}, end_{io_};
  CurlLoop curl_{io_};
  std::list<std::shared_ptr<Test>> tests_;
  std::minstd_rand random_{std::random_device()()};
  bool is_ending_ = false;

  std::thread thread_;
};

Notifier::Notifier(std::string server, std::function<bool()> is_sender)
    : loop_(std::make_unique<Loop>(std::move(server), std::move(is_sender))) {}
Notifier::~Notifier() = default;

void Notifier::configure(const NotifySettings& settings, const std::vector<ContactSettings>& contacts,
                         Routes routes) {
  loop_->configure(settings, contacts, std::move(routes));
}
void Notifier::watch(const std::vector<Target>& targets) { loop_->watch(targets); }
void Notifier::happened(const Event& event) { loop_->happened(event); }
std::optional<Delivery> Notifier::test(const std::string& contact) { return loop_->test(contact); }
NotifyStatus Notifier::status() const { return loop_->status(); }

}  // namespace holdfast::health
