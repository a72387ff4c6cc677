#include "health/probe/attempt.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

#include "health/probe/connect_error.h"

namespace holdfast::health {

namespace asio = boost::asio;

/// What the caller holds: destroying it ends the attempt.
class Attempt::Handle final : public Probe {
 public:
  explicit Handle(std::shared_ptr<Attempt> attempt) : attempt_(std::move(attempt)) {}
  ~Handle() override { attempt_->abandon(); }

 private:
  std::shared_ptr<Attempt> attempt_;
};

std::unique_ptr<Probe> Attempt::start(asio::io_context& io, const Target& target, ProbeDone done,
                                      Conversation conversation) {
  auto attempt = std::make_shared<Attempt>(io, target, std::move(done), std::move(conversation));
  asio::co_spawn(
      io, attempt->run(),
      asio::bind_cancellation_slot(attempt->stop_.slot(),
                                   [attempt](const std::exception_ptr& failure, const Finding& finding) {
                                     attempt->ended(failure, finding);
                                   }));
  return std::make_unique<Handle>(std::move(attempt));
}

Attempt::Attempt(asio::io_context& io, Target target, ProbeDone done, Conversation conversation)
    : io_(io),
      target_(std::move(target)),
      done_(std::move(done)),
      conversation_(std::move(conversation)),
      clock_(target_.monitor),
      alarm_(io) {
  alarm_.set(clock_.deadline(), [this] { out_of_time(); });
}

void Attempt::enter(Phase phase, Finding late) {
  if (is_late_) return;  // what it waited for came with the alarm
  clock_.enter(phase);
  late_ = std::move(late);
  alarm_.set(clock_.deadline(), [this] { out_of_time(); });
}

asio::awaitable<Finding> Attempt::run() {
  co_await asio::post(asio::use_awaitable);  // whoever starts a probe does not hear of its end before that
  co_return co_await conversation_(*this);
}

void Attempt::out_of_time() {
  is_late_ = true;
  if (late_.outcome != Outcome::passed)
    late_.detail += " within " + std::to_string(clock_.allowed().count()) + " ms";
  stop_.emit(asio::cancellation_type::terminal);
}

void Attempt::abandon() {
  done_ = nullptr;
  alarm_.cancel();
  if (!is_over_) stop_.emit(asio::cancellation_type::terminal);
}

void Attempt::ended(const std::exception_ptr& failure, const Finding& finding) {
  is_over_ = true;
  alarm_.cancel();
  if (const auto done = std::exchange(done_, nullptr)) done(judge(failure, finding));
}

ProbeResult Attempt::judge(const std::exception_ptr& failure, const Finding& finding) const {
  if (is_late_) return observe(late_);
  if (!failure) return observe(finding);
  try {
    std::rethrow_exception(failure);
  } catch (const Over& over) {
    if (const auto* not_run = std::get_if<NotRun>(&over.result)) return *not_run;
    return observe(std::get<Finding>(over.result));
  } catch (const boost::system::system_error& error) {
    return judge(error);
  } catch (const std::exception& error) {  // no memory
    return NotRun{error.what()};
  }
}

ProbeResult Attempt::judge(const boost::system::system_error& error) const {
  const auto& code = error.code();
  if (clock_.phase() == Phase::tls) return observe({Outcome::tls_handshake, "protocol: " + code.message()});
  if (code == asio::error::eof || code == asio::ssl::error::stream_truncated) {
    return observe({Outcome::reset, "closed by the target"});
  }
  if (code.category() == asio::error::get_ssl_category()) return observe({Outcome::reset, code.message()});
  const bool is_system = code.category() == boost::system::system_category();
  if (const auto outcome = connect_error(code.value()); outcome && is_system) {
    return observe({*outcome, code.message()});
  }
  return NotRun{where_ + code.message()};
}

}  // namespace holdfast::health
