#include "health/probe/exec.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

#include "tests/health/probe/nginx.h"
#include "tests/health/probe/probe_once.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

class ExecProbe : public testing::Test {
 protected:
  const TemporaryDirectory directory_;
  boost::asio::io_context io_;

  Target target(const std::string& script, MonitorSettings monitor = {}) const {
    const auto path = directory_.write("check", "#!/bin/sh\n" + script + "\n");
    chmod(path.c_str(), 0755);
    monitor.command = {path, "--one", "two three"};
    return loopback(Protocol::exec, 25, monitor);
  }
  std::string probe(const std::string& script, MonitorSettings monitor = {}) {
    return text(observe_once(io_, target(script, std::move(monitor))));
  }
  void TearDown() override {
    io_.restart();
    io_.run();
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "what was started is not reaped";
  }
  std::string read(const char* name) const {
    std::ifstream file(directory_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

TEST_F(ExecProbe, PassesWithExitCode0) {
  EXPECT_EQ(probe("exit 0"), "passed");
  EXPECT_EQ(probe("echo fine; echo more"), "passed fine");
  EXPECT_EQ(probe("echo odd >&2"), "passed odd");
}

TEST_F(ExecProbe, FailsWithAnyOther) {
  EXPECT_EQ(probe("echo CRITICAL: 7 jobs; exit 2"), "exec_failed exit code 2: CRITICAL: 7 jobs");
  EXPECT_EQ(probe("exit 1"), "exec_failed exit code 1");
  EXPECT_EQ(probe("kill -SEGV $$"), "exec_failed killed by signal 11 (Segmentation fault)");
  EXPECT_EQ(probe(R"(printf '\033[2J\n')"
                  "; exit 1"),
            "exec_failed exit code 1: \\x1b[2J");
}

TEST_F(ExecProbe, FailsWhenItTakesTooLong) {
  const auto seen = observe_once(io_, target("sleep 60", {.timeout = 200ms}));
  EXPECT_EQ(text(seen), "exec_failed did not end within 200 ms");
  EXPECT_LT(seen.total, 5s);
}

TEST_F(ExecProbe, FailsWhenItWritesWithoutEnd) {
  EXPECT_EQ(probe("yes"), "exec_failed wrote more than 65536 octets");
  EXPECT_EQ(probe("head -c 65536 /dev/zero | tr '\\0' x"),
            "passed " + std::string(kExecKept, 'x').substr(0, 253) + "...");
}

TEST_F(ExecProbe, KnowsItsTargetAndNothingElse) {
  setenv("SECRET", "of ours", 1);
  const std::string out = directory_ / "env";
  EXPECT_EQ(probe("env | sort >" + out + "; echo \"$0 $1 $2\""),
            "passed " + (directory_ / "check") + " --one two three");
  unsetenv("SECRET");
  EXPECT_EQ(read("env"),
            "HOLDFAST_ADDRESS=127.0.0.1\nHOLDFAST_MONITOR=web\nHOLDFAST_PORT=25\nLANG=C\n"
            "PATH=/usr/local/bin:/usr/bin:/bin\nPWD=" +
                std::filesystem::current_path().string() + "\n");
}

TEST_F(ExecProbe, InheritsNoDescriptorAndNoSignals) {
  const int open = ::open("/dev/null", O_RDONLY);  // not close-on-exec
  fcntl(open, F_DUPFD, 200);
  std::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(probe("for fd in 3 4 5 6 7 8 9 " + std::to_string(open) +
                  " 200; do test -e /proc/$$/fd/$fd && echo has $fd; done; readlink /proc/$$/fd/0"),
            "passed /dev/null");
  EXPECT_EQ(probe("kill -PIPE $$; echo still here"), "exec_failed killed by signal 13 (Broken pipe)");
  EXPECT_EQ(probe("grep SigBlk /proc/$$/status | tr -d '\\t'"), "passed SigBlk:0000000000000000");
  std::signal(SIGPIPE, SIG_DFL);
  ::close(open);
  ::close(200);
}

TEST_F(ExecProbe, AllThatItStartedIsKilled) {
  const std::string pids = directory_ / "pids";
  EXPECT_EQ(probe("sleep 61 & echo $! >" + pids + "; sleep 62", {.timeout = 5s}),
            "exec_failed did not end within 5000 ms");
  const auto child = static_cast<pid_t>(std::stol(read("pids")));
  for (int i = 0; i < 3000 && ::kill(child, 0) == 0; ++i) {  // init reaps that one, when it comes to it
    std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
    std::string line;
    std::getline(stat, line);
    if (line.find(") Z ") != std::string::npos) return;
    usleep(10'000);
  }
  EXPECT_NE(::kill(child, 0), 0);
}

TEST_F(ExecProbe, WhatItLeftBehindIsKilledToo) {
  const std::string pid = directory_ / "pid";
  EXPECT_EQ(probe("sleep 63 >/dev/null 2>&1 & echo $! >" + pid), "passed");
  const std::string path = "/proc/" + read("pid").substr(0, read("pid").size() - 1) + "/cmdline";
  // The signal is sent, but when the kernel ends a process is its own affair.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::string line;
  do {
    line.clear();
    std::getline(std::ifstream(path), line);  // empty of a zombie, too
  } while (line.find("63") != std::string::npos && std::chrono::steady_clock::now() < deadline);
  EXPECT_EQ(line.find("63"), std::string::npos);
}

TEST_F(ExecProbe, IsKilledAndReapedWhenDestroyed) {
  Prober prober(io_);
  auto probe = prober.start(target("sleep 64"), [](auto) { ADD_FAILURE(); });
  io_.run_for(100ms);
  probe.reset();
}

TEST_F(ExecProbe, IsKilledWhenTheLoopGoesFirst) {
  const std::string pid = directory_ / "pid";
  {
    boost::asio::io_context io;
    Prober prober(io);
    const auto probe =
        prober.start(target("echo $$ >" + pid + "; exec sleep 65"), [](auto) { ADD_FAILURE(); });
    while (read("pid").empty()) io.run_for(10ms);
  }
  int how = 0;
  const auto child = static_cast<pid_t>(std::stol(read("pid")));
  const pid_t reaped = ::waitpid(child, &how, 0);
  EXPECT_TRUE(reaped == -1 || (WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL));
}

TEST_F(ExecProbe, WhatCannotBeStartedIsNotTheTargetsFault) {
  auto target = this->target("exit 0");
  const auto why = [&] {
    const auto result = probe_once(io_, target);
    return std::holds_alternative<NotRun>(result) ? std::get<NotRun>(result).why : "run";
  };
  chmod(target.monitor.command[0].c_str(), 0644);
  EXPECT_EQ(why(), target.monitor.command[0] + ": Permission denied");
  target.monitor.command[0] = "/nowhere/check";
  EXPECT_EQ(why(), "/nowhere/check: No such file or directory");
}

}  // namespace
}  // namespace holdfast::health
