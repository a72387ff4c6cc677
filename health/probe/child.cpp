#include "health/probe/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>

namespace holdfast::health {
namespace {

namespace asio = boost::asio;

[[noreturn]] void fail(int error, const std::string& what) {
  throw boost::system::system_error(error, boost::system::system_category(), what);
}

/// A descriptor until somebody else owns it.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const noexcept { return number_; }
  int release() noexcept { return std::exchange(number_, -1); }

 private:
  int number_;
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (std::string& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

/// glibc 2.36 declares its own for C alone.
int pidfd_open(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

/// posix_spawn and not fork: nothing of ours runs between the two, whatever locks other threads hold.
int spawn(pid_t& pid, int output, std::vector<std::string>& words, std::vector<std::string>& environment) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  const int error = ::posix_spawn(&pid, words.front().c_str(), &files, &attributes, pointers(words).data(),
                                  pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

}  // namespace

std::shared_ptr<Child> Child::start(asio::io_context& io, std::vector<std::string> words,
                                    std::vector<std::string> environment) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(errno, "pipe");
  Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);
  std::shared_ptr<Child> child(new Child(io));  // first: from here on nothing is left behind, whatever fails
  child->output_.assign(ours.get());
  ours.release();
  pid_t pid = 0;
  if (const int error = spawn(pid, theirs.get(), words, environment); error != 0) fail(error, words.front());
  child->pid_ = pid;
  Descriptor process(pidfd_open(pid));
  if (process.get() < 0) fail(errno, words.front());
  child->process_.assign(process.get());
  process.release();
  child->process_.async_wait(asio::posix::descriptor_base::wait_read,
                             [child](boost::system::error_code) { child->reap(); });
  return child;
}

Child::Child(asio::io_context& io)
    : process_(io), output_(io), end_(io, asio::steady_timer::time_point::max()) {}

Child::~Child() {
  if (pid_ == 0 || has_ended_) return;
  kill();
  // Either it could not be watched, or the io_context ends before it, and we with that.
  ::waitpid(pid_, nullptr, process_.is_open() ? WNOHANG : 0);
}

void Child::kill() noexcept {
  if (pid_ != 0 && !has_ended_) ::kill(-pid_, SIGKILL);
}

void Child::reap() {
  // As long as it is not reaped nobody else has its number, nor the number of its group.
  if (::waitid(P_PID, static_cast<id_t>(pid_), &how_, WEXITED | WNOWAIT) != 0) reap_error_ = errno;
  kill();
  has_ended_ = true;
  ::waitpid(pid_, nullptr, 0);
  end_.cancel();
}

asio::awaitable<siginfo_t> Child::ended() {
  boost::system::error_code error;
  if (!has_ended_) co_await end_.async_wait(asio::redirect_error(asio::use_awaitable, error));
  if (!has_ended_) throw boost::system::system_error(error);
  if (reap_error_ != 0) fail(reap_error_, "wait");
  co_return how_;
}

}  // namespace holdfast::health
