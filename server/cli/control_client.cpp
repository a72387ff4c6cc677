#include "server/cli/control_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <cstring>
#include <iostream>
#include <sstream>

#include "config/config.h"
#include "server/cli/commands.h"
#include "server/cli/table.h"

namespace holdfast::server {
namespace {

constexpr const char* kDefaultControl = "127.0.0.1:8053";  // of [control] listen
constexpr long kConnectTimeout = 5;                        // s
constexpr long kGetTimeout = 15;                           // s; the server itself gives up after 5
constexpr long kSlowest = 1;                        // octets a second, over kGetTimeout, of a long text
constexpr std::size_t kLargestAnswer = 256U << 20;  // octets

std::string address_in(const std::string& file) {
  const config::Loaded loaded = config::load(file);
  if (!loaded.config) {
    std::string text = file + " has errors; correct them, or say --control ADDRESS:PORT:";
    for (const config::Problem& problem : loaded.problems) text += "\n" + problem.text();
    throw NoAnswer(text);
  }
  if (!loaded.config->control) {
    throw NoAnswer(
        fmt::format("{} has no [control], so its server cannot be asked; add\n"
                    "[control]\nlisten = \"{}\"\nand restart it",
                    file, kDefaultControl));
  }
  boost::asio::ip::tcp::endpoint listen = loaded.config->control->listen;
  if (listen.address().is_unspecified()) {
    if (listen.address().is_v4())
      listen.address(boost::asio::ip::address_v4::loopback());
    else
      listen.address(boost::asio::ip::address_v6::loopback());
  }
  std::ostringstream text;
  text << listen;
  return text.str();
}

std::string address_of(const ControlOptions& options) {
  if (!options.control.empty()) return options.control;
  return options.config.empty() ? kDefaultControl : address_in(options.config);
}

struct Closer {
  void operator()(CURL* curl) const noexcept { curl_easy_cleanup(curl); }
};

/// One request, whose answer goes to `take` piece by piece.
class Request {
 public:
  Request(const ControlOptions& options, const std::string& path, std::function<void(std::string_view)> take)
      : address_(address_of(options)), url_("http://" + address_ + path), take_(std::move(take)) {
    if (!curl_) throw NoAnswer("libcurl cannot be used");
    set(CURLOPT_URL, url_.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http");
    set(CURLOPT_NOPROXY, "*");  // whatever the environment says
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, reason_);
    set(CURLOPT_CONNECTTIMEOUT, kConnectTimeout);
    set(CURLOPT_WRITEFUNCTION, &Request::on_piece);
    set(CURLOPT_WRITEDATA, this);
  }

  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(curl_.get(), option, value);
  }

  /// @return the status of HTTP
  int perform() {
    const CURLcode code = curl_easy_perform(curl_.get());
    if (failed_) std::rethrow_exception(failed_);
    if (code == CURLE_OK) return status();
    throw NoAnswer(
        fmt::format("no answer from {}: {}\n"
                    "Is `holdfast serve` running, and does its configuration have [control]? "
                    "Where it listens elsewhere: --control ADDRESS:PORT or --config FILE",
                    address_, *reason_ != '\0' ? reason_ : curl_easy_strerror(code)));
  }
  /// Once the answer has begun.
  int status() const {
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    return static_cast<int>(status);
  }
  const std::string& url() const noexcept { return url_; }

 private:
  static std::size_t on_piece(char* octets, std::size_t, std::size_t count, void* of) {
    Request& request = *static_cast<Request*>(of);
    try {  // libcurl is C
      request.take_({octets, count});
      return count;
    } catch (...) {
      request.failed_ = std::current_exception();
      return 0;  // ends the transfer
    }
  }

  const std::string address_, url_;
  const std::function<void(std::string_view)> take_;
  const std::unique_ptr<CURL, Closer> curl_{curl_easy_init()};
  std::exception_ptr failed_{};
  char reason_[CURL_ERROR_SIZE] = "";
};

/// As much of an answer as anybody is shown or parses.
void keep(std::string& body, std::string_view piece) {
  if (body.size() + piece.size() > kLargestAnswer) throw NoAnswer("the server's answer does not end");
  body += piece;
}

}  // namespace

std::shared_ptr<ControlOptions> add_control_options(CLI::App& command, bool has_json) {
  auto options = std::make_shared<ControlOptions>();
  command
      .add_option("--control", options->control, std::string("Where the server listens; ") + kDefaultControl)
      ->type_name("ADDRESS:PORT")
      ->check([](const std::string& text) {
        const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
          return std::isalnum(c) != 0 || std::strchr(".:-[]", c) != nullptr;
        });
        return plain && text.find(':') != text.npos ? "" : "write it as 127.0.0.1:8053 or [::1]:8053";
      });
  command
      .add_option("--config", options->config, "The server's configuration file, to look up where it listens")
      ->type_name("FILE");
  if (has_json) command.add_flag("--json", options->json, "Print the server's answer as it is, for programs");
  return options;
}

ControlAnswer ask_control(const ControlOptions& options, const std::string& method, const std::string& path) {
  std::string body;
  Request request(options, path, [&](std::string_view piece) { keep(body, piece); });
  curl_slist* headers = nullptr;
  if (method == "POST") {
    headers =
        curl_slist_append(headers, "Content-Type: application/json");  // libcurl's own would be a form's
    request.set(CURLOPT_HTTPHEADER, headers);
    request.set(CURLOPT_POSTFIELDS, "");
  } else {
    request.set(CURLOPT_TIMEOUT, kGetTimeout);
  }
  const std::shared_ptr<curl_slist> freed(headers, curl_slist_free_all);
  const int status = request.perform();
  boost::system::error_code error;
  ControlAnswer answer{status, boost::json::parse(body, error)};
  if (!error) return answer;
  throw NoAnswer(
      fmt::format("{} answered {}: {}", request.url(), status, printable(body.substr(0, body.find('\n')))));
}

std::string read_control(const ControlOptions& options, const std::string& path,
                         const std::function<void(std::string_view)>& take) {
  const Request* asked = nullptr;
  std::string said;
  Request request(options, path, [&](std::string_view piece) {
    if (asked->status() == 200) return take(piece);
    keep(said, piece);
  });
  asked = &request;
  request.set(CURLOPT_LOW_SPEED_LIMIT, kSlowest);
  request.set(CURLOPT_LOW_SPEED_TIME, kGetTimeout);
  const int status = request.perform();
  if (status == 200) return "";
  return said.empty() ? fmt::format("{} answered {}", request.url(), status)
                      : printable(said.substr(0, said.find('\n')));
}

std::string percent_encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (std::isalnum(octet) != 0 || std::strchr("-._~", c) != nullptr) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", octet);
    }
  }
  return result;
}

int run_with_control(std::string_view name, const std::function<int()>& command) {
  try {
    return command();
  } catch (const NoAnswer& error) {
    std::cerr << "holdfast " << name << ": " << error.what() << '\n';
  } catch (const std::exception& error) {
    std::cerr << "holdfast " << name << ": the server's answer is not understood (" << error.what()
              << "); is it a holdfast of another version? --json prints the answer\n";
  }
  return kUsageError;
}

}  // namespace holdfast::server
