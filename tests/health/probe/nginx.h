#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/health/probe/certificates.h"

namespace holdfast::health {

/// A directory of its own below the system's for temporary files; gone with this object.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    auto pattern = (std::filesystem::temp_directory_path() / "holdfast-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  std::string operator/(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Debian's nginx on free ports of loopback.
///
/// It inherits sockets that listen already, by nginx's own way of an upgrade without a gap: no port is raced for, and
/// a client may connect before nginx is ready.
class Nginx {
 public:
  /// Adds a `server { }` with this text in it; with a certificate it speaks TLS. `port`: of a server before, to be
  /// told from it by name; 0: a new one. `also`: of the listener, such as "http2". Returns the port.
  std::uint16_t serve(const std::string& text, const Identity* identity = nullptr, std::uint16_t port = 0,
                      const std::string& also = "") {
    if (port == 0) {
      auto& listener = listeners_.emplace_back(
          io_, boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
      port = listener.local_endpoint().port();
    }
    const auto number = std::to_string(++servers_);
    config_ += "server { listen 127.0.0.1:" + std::to_string(port) + ' ' + also;
    if (identity != nullptr) {
      config_ += " ssl; ssl_certificate " + directory_.write(number + ".pem", identity->certificate_pem());
      config_ += "; ssl_certificate_key " + directory_.write(number + ".key", identity->key_pem());
    }
    config_ += "; " + text + " }\n";
    return port;
  }

  void start() {
    std::string sockets = "NGINX=";
    for (auto& listener : listeners_) sockets += std::to_string(listener.native_handle()) + ';';
    const auto root = directory_ / "";
    std::string paths;
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      paths += std::string(kind) + "_temp_path " + root + kind + ";\n";
    }
    const auto config = directory_.write("nginx.conf", "daemon off; worker_processes 1; pid " + root +
                                                           "pid;\nevents { }\nhttp { access_log off;\n" +
                                                           paths + config_ + "}\n");
    const auto log = directory_ / "error.log";
    const char* const words[] = {"nginx",     "-p", root.c_str(),   "-e",
                                 log.c_str(), "-c", config.c_str(), nullptr};
    const char* const environment[] = {sockets.c_str(), nullptr};
    for (auto& listener : listeners_) fcntl(listener.native_handle(), F_SETFD, 0);
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGTERM);  // also when the tests crash
      execve("/usr/sbin/nginx", const_cast<char**>(words), const_cast<char**>(environment));
      _exit(127);
    }
  }

  ~Nginx() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    int status = 0;
    waitpid(pid_, &status, 0);
    EXPECT_EQ(status, 0) << "Debian's package nginx must be installed";
    std::ifstream log(directory_ / "error.log");
    for (std::string line; std::getline(log, line);) {
      if (line.find("[emerg]") != std::string::npos) ADD_FAILURE() << line;
    }
  }

  const TemporaryDirectory& directory() const { return directory_; }

 private:
  TemporaryDirectory directory_;
  boost::asio::io_context io_;
  std::vector<boost::asio::ip::tcp::acceptor> listeners_;
  std::string config_;
  int servers_ = 0;
  pid_t pid_ = 0;
};

}  // namespace holdfast::health
