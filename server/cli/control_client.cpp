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
constexpr std::size_t kLargestAnswer = 256U << 20;         // octets

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

std::size_t keep(char* octets, std::size_t, std::size_t count, void* kept) {
  std::string& body = *static_cast<std::string*>(kept);
  if (body.size() + count > kLargestAnswer) return 0;  // ends the transfer
  body.append(octets, count);
  return count;
}

struct Closer {
  void operator()(CURL* curl) const noexcept { curl_easy_cleanup(curl); }
};

}  // namespace

std::shared_ptr<ControlOptions> add_control_options(CLI::App& command) {
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
  command.add_flag("--json", options->json, "Print the server's answer as it is, for programs");
  return options;
}

ControlAnswer ask_control(const ControlOptions& options, const std::string& method, const std::string& path) {
  const std::string address = address_of(options);
  const std::string url = "http://" + address + path;
  const std::unique_ptr<CURL, Closer> curl(curl_easy_init());
  if (!curl) throw NoAnswer("libcurl cannot be used");

  std::string body;
  char reason[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http");
  curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");  // whatever the environment says
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, reason);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectTimeout);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  curl_slist* headers = nullptr;
  if (method == "POST") {
    headers =
        curl_slist_append(headers, "Content-Type: application/json");  // libcurl's own would be a form's
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, "");
  } else {
    curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, kGetTimeout);
  }
  const CURLcode code = curl_easy_perform(curl.get());
  curl_slist_free_all(headers);
  if (code != CURLE_OK) {
    throw NoAnswer(
        fmt::format("no answer from {}: {}\n"
                    "Is `holdfast serve` running, and does its configuration have [control]? "
                    "Where it listens elsewhere: --control ADDRESS:PORT or --config FILE",
                    address, *reason != '\0' ? reason : curl_easy_strerror(code)));
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  boost::system::error_code error;
  ControlAnswer answer{static_cast<int>(status), boost::json::parse(body, error)};
  if (!error) return answer;
  throw NoAnswer(fmt::format("{} answered {}: {}", url, status, printable(body.substr(0, body.find('\n')))));
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
