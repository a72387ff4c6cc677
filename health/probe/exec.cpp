#include "health/probe/exec.h"

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

#include "health/probe/attempt.h"
#include "health/probe/child.h"

namespace holdfast::health {
namespace {

namespace asio = boost::asio;

/// Nothing that a probe started outlives it.
struct Killed {
  Child& child;
  ~Killed() { child.kill(); }
};

std::shared_ptr<Child> start(Attempt& attempt) {
  try {
    return Child::start(attempt.io(), attempt.monitor().command, exec_environment(attempt.target()));
  } catch (const boost::system::system_error& error) {
    throw Attempt::Over{NotRun{attempt.monitor().command.front() + ": " + error.code().message()}};
  }
}

std::string text(const siginfo_t& how) {
  if (how.si_code == CLD_EXITED) return "exit code " + std::to_string(how.si_status);
  const char* const name = ::sigdescr_np(how.si_status);
  return "killed by signal " + std::to_string(how.si_status) +
         (name == nullptr ? "" : std::string(" (") + name + ')');
}

asio::awaitable<Finding> run_command(Attempt& attempt) {
  attempt.enter(Phase::body, {Outcome::exec_failed, "did not end"});
  const auto child = start(attempt);
  const Killed at_the_end{*child};
  std::string kept;
  std::array<char, 4096> room;
  for (std::size_t written = 0;;) {
    boost::system::error_code error;
    const std::size_t size = co_await child->output().async_read_some(
        asio::buffer(room), asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::eof) break;
    if (error) throw boost::system::system_error(error);
    kept.append(room.data(), std::min(size, kExecKept - kept.size()));
    if ((written += size) > kExecLimit) {
      co_return Finding{Outcome::exec_failed, "wrote more than " + std::to_string(kExecLimit) + " octets"};
    }
  }
  const siginfo_t how = co_await child->ended();
  const std::string line = kept.substr(0, kept.find('\n'));
  if (how.si_code == CLD_EXITED && how.si_status == 0) co_return Finding{Outcome::passed, line};
  co_return Finding{Outcome::exec_failed, text(how) + (line.empty() ? "" : ": " + line)};
}

}  // namespace

std::vector<std::string> exec_environment(const Target& target) {
  const auto where = endpoint(target);
  std::vector<std::string> all{"HOLDFAST_ADDRESS=" + where.address().to_string(),
                               "HOLDFAST_MONITOR=" + target.id.monitor, "LANG=C",
                               "PATH=/usr/local/bin:/usr/bin:/bin"};
  if (where.port() != 0) all.push_back("HOLDFAST_PORT=" + std::to_string(where.port()));
  return all;
}

std::unique_ptr<Probe> start_exec(asio::io_context& io, const Target& target, ProbeDone done) {
  return Attempt::start(io, target, std::move(done), run_command);
}

}  // namespace holdfast::health
