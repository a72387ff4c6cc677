#include "server/cli/probe_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

#include "config/options.h"
#include "health/probe/dns_message.h"

namespace holdfast::server {
namespace {

constexpr std::string_view kLongest = "1h";  // the interval, below which a timeout must be

/// The parts of "scheme://host:port/rest"; none is judged yet.
struct Url {
  std::string scheme, host, port, rest;
};

std::optional<Url> split(const std::string& text) {
  Url url;
  const std::size_t colon = text.find("://");
  if (colon == text.npos) return std::nullopt;
  url.scheme = text.substr(0, colon);
  const std::string_view after = std::string_view(text).substr(colon + 3);
  const std::string_view authority = after.substr(0, after.find_first_of("/?#"));
  url.rest = after.substr(authority.size());
  // An IPv6 address is in brackets, so that no part of it is taken for a port.
  const bool in_brackets = authority.starts_with('[');
  const std::size_t end = std::min(authority.find(in_brackets ? ']' : ':'), authority.size());
  url.host = authority.substr(in_brackets ? 1 : 0, end - (in_brackets ? 1 : 0));
  std::string_view behind = authority.substr(end);
  if (in_brackets) {
    if (behind.empty()) return std::nullopt;
    behind.remove_prefix(1);
  }
  if (!behind.empty() && (behind[0] != ':' || behind.size() == 1)) return std::nullopt;
  if (!behind.empty()) url.port = behind.substr(1);
  if (url.host.empty()) return std::nullopt;
  return url;
}

bool is_address(const std::string& text) {
  boost::system::error_code no_address;
  boost::asio::ip::make_address(text, no_address);
  return !no_address;
}

/// What the monitor of such a check would have in a file; or what is wrong.
std::variant<toml::table, std::string> monitor_table(const TypedProbe& typed, const Url& url, bool has_name) {
  toml::table table;
  table.insert("type", url.scheme);
  table.insert("interval", kLongest);
  if (has_name) table.insert("host", typed.host.empty() ? url.host : typed.host);
  if (!typed.expect.empty()) table.insert("expect", typed.expect);
  if (!typed.timeout.empty()) table.insert("timeout", typed.timeout);
  if (!url.port.empty()) {
    std::int64_t port = 0;
    const auto read = std::from_chars(url.port.data(), url.port.data() + url.port.size(), port);
    if (read.ec != std::errc() || read.ptr != url.port.data() + url.port.size())
      return "port: " + config::in_quotes(url.port) + " is no number";
    table.insert("port", port);
  } else if (url.scheme == "tcp") {
    return "tcp must name a port: tcp://192.0.2.1:443";
  }
  if (url.scheme == "http" || url.scheme == "https") {
    if (!url.rest.empty()) table.insert("path", url.rest);
    return table;
  }
  if (url.scheme != "dns") {
    if (url.rest.empty() || url.rest == "/") return table;
    return url.scheme + " has no path; leave out " + config::in_quotes(url.rest);
  }
  const std::size_t slash = std::min(url.rest.find('/', 1), url.rest.size());
  if (slash < 2) return "dns must say what to ask for: dns://192.0.2.53/example.com/SOA";
  table.insert("query", url.rest.substr(1, slash - 1));
  if (slash < url.rest.size()) table.insert("query_type", url.rest.substr(slash + 1));
  return table;
}

/// What the table has that is not for monitors of its type, as check() would say it of a file.
std::string foreign_option(const toml::table& table, const std::string& type) {
  for (const auto& option : config::monitor_options()) {
    const auto& only = option.only;
    if (!table.contains(option.name) || only.empty() ||
        std::find(only.begin(), only.end(), type) != only.end())
      continue;
    return fmt::format("{} has no {}; it is only for {}", type, option.name, config::choice_range(only));
  }
  return {};
}

}  // namespace

std::variant<health::Target, std::string> target_of(const TypedProbe& typed) {
  const auto url = split(typed.url);
  // What follows in the list is spoken to nobody: programs and combinations are in a file.
  constexpr std::span schemes(health::kProtocols, static_cast<std::size_t>(health::Protocol::exec));
  if (!url || std::find(schemes.begin(), schemes.end(), url->scheme) == schemes.end()) {
    return config::in_quotes(typed.url) +
           " is no check; write one such as https://www.example.com/healthz, tcp://192.0.2.1:443, "
           "dns://192.0.2.53/example.com/SOA or ping://192.0.2.1, with " +
           config::choice_range(schemes);
  }
  const bool by_name = !is_address(url->host);
  if (by_name && typed.address.empty()) {
    return fmt::format("say which address of {} is meant: --address ADDRESS (dig +short {} tells them)",
                       url->host, url->host);
  }
  const bool has_name = by_name || !typed.address.empty() || !typed.host.empty();
  const auto table = monitor_table(typed, *url, has_name);
  if (const auto* wrong = std::get_if<std::string>(&table)) return *wrong;
  const auto& monitor = std::get<toml::table>(table);
  if (std::string foreign = foreign_option(monitor, url->scheme); !foreign.empty()) return foreign;

  config::Report report("");
  const std::filesystem::path here = std::filesystem::current_path();
  const config::Scope scope{report, here, {}, ""};
  health::Target target;
  config::read_table(monitor, scope, config::monitor_options(), target.monitor);
  const toml::value<std::string> written(typed.address.empty() ? url->host : typed.address);
  const auto address = config::Address::read(written, scope.in("address"));
  if (report.has_error()) return report.take().front().what;
  if (auto& expect = target.monitor.expect; target.monitor.type == health::Protocol::dns && !expect.empty()) {
    auto data = health::printed_data({target.monitor.query, target.monitor.query_type}, expect.text());
    if (!data)
      return fmt::format("expect: {} is no data of a record of type {}", config::in_quotes(expect.text()),
                         target.monitor.query_type);
    expect = *std::move(data);
  }
  if (target.monitor.timeout >= target.monitor.interval) return "timeout: it must be below 1h";
  target.monitor.name = url->scheme;
  target.id = {url->scheme, *address};
  return target;
}

}  // namespace holdfast::server
