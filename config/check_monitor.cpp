#include "config/check_monitor.h"

#include <fmt/format.h>

#include "config/check_types.h"
#include "config/options.h"
#include "config/place.h"
#include "health/probe/dns_message.h"
#include "health/probe/program.h"

namespace holdfast::config {
namespace {

using health::Protocol;
using std::chrono::milliseconds;

/// `key` must be shorter than `limit_key`, or `or_equal` to it. Defaults always are.
void check_fits(const Section<health::MonitorSettings>& monitor, std::string_view key, milliseconds value,
                std::string_view limit_key, milliseconds limit, bool or_equal) {
  if (!has(*monitor.table, key) || value < limit || (or_equal && value == limit)) return;
  if (was_refused(*monitor.table, key, value) || was_refused(*monitor.table, limit_key, limit)) return;
  monitor.scope.in(key).error(
      place(*monitor.table, key),
      fmt::format("{} is {} {} {}; make it shorter", text(value),
                  or_equal ? "longer than" : "not shorter than", limit_key, text(limit)));
}

/// An option that a monitor of another type would have, or without which one of its type can do nothing.
void check_type(const Section<health::MonitorSettings>& monitor) {
  const health::MonitorSettings& settings = monitor.settings;
  check_types(monitor, monitor_options(), text(settings.type), "monitor");
  constexpr std::pair<Protocol, const char*> kNeeded[] = {
      {Protocol::tcp, "port"},      {Protocol::dns, "query"}, {Protocol::exec, "command"},
      {Protocol::all, "of"},        {Protocol::any, "of"},    {Protocol::at_least, "of"},
      {Protocol::at_least, "count"}};
  for (const auto& [type, key] : kNeeded) {
    if (settings.type != type || has(*monitor.table, key)) continue;
    monitor.scope.error(*monitor.table, fmt::format("{} is missing; a monitor of type {} must give it", key,
                                                    in_quotes(text(type))));
  }
}

void check_tls(const Section<health::MonitorSettings>& monitor) {
  const health::MonitorSettings& settings = monitor.settings;
  const bool is_plain_smtp = settings.type == Protocol::smtp && !settings.starttls;
  for (const char* key :
       {"host", "verify", "ca_file", "client_certificate", "client_key", "certificate_days"}) {
    if (!is_plain_smtp || !has(*monitor.table, key)) continue;
    monitor.scope.in(key).warning(place(*monitor.table, key),
                                  "counts only with starttls = true; add that, or leave it out");
  }
  if (has(*monitor.table, "client_key") && !has(*monitor.table, "client_certificate")) {
    monitor.scope.in("client_key")
        .error(place(*monitor.table, "client_key"), "is of no use without client_certificate; add that");
  }
}

void check_http(const Section<health::MonitorSettings>& monitor) {
  const health::MonitorSettings& settings = monitor.settings;
  if (!settings.body.empty() && settings.method != "POST") {
    monitor.scope.in("body").error(
        place(*monitor.table, "body"),
        fmt::format("is only for method \"POST\", and this monitor's is {}; leave it out",
                    in_quotes(settings.method)));
  }
  for (const char* key : {"expect", "reject"}) {
    const health::Pattern& wanted = std::string_view(key) == "expect" ? settings.expect : settings.reject;
    if (settings.method != "HEAD" || wanted.empty()) continue;
    monitor.scope.in(key).error(place(*monitor.table, key),
                                "an answer to HEAD has no body; leave this out, or ask with another method");
  }
}

void check_dns(const Section<health::MonitorSettings>& monitor) {
  const health::MonitorSettings& settings = monitor.settings;
  if (settings.expect.empty()) return;
  const Scope scope = monitor.scope.in("expect");
  const toml::node& node = place(*monitor.table, "expect");
  if (settings.expect.matching() != health::Matching::text) {
    scope.error(node, "is the data of a record where the type is \"dns\"; write it as a text");
  } else if (settings.query_type != "ANY" &&
             !health::printed_data({settings.query, settings.query_type}, settings.expect.text())) {
    scope.error(node, fmt::format("{} is no data of a record of type {}; write it as a zone file has it",
                                  in_quotes(settings.expect.text()), settings.query_type));
  }
}

/// Programs are looked at once, here: nobody but those who may change holdfast itself can change them later.
void check_exec(const Section<health::MonitorSettings>& monitor, const Document& document) {
  if (monitor.settings.command.empty()) return;
  const toml::node& node = place(*monitor.table, "command");
  const Scope scope = monitor.scope.in("command");
  if (!document.probes || document.probes->settings.exec_directory.empty()) {
    return scope.error(node, "exec_directory of [probes] is missing; add it, and put the program there");
  }
  const std::string& directory = document.probes->settings.exec_directory;
  if (!health::directory_fault(directory).empty()) return;  // told once, there
  const std::string& program = monitor.settings.command.front();
  if (const std::string fault = health::program_fault(program); !fault.empty()) {
    scope.error(node, fmt::format("{}: {}", in_quotes(program), fault));
  }
}

}  // namespace

void check_monitor(const Section<health::MonitorSettings>& monitor, const Document& document) {
  const health::MonitorSettings& settings = monitor.settings;
  if ((*monitor.table)["type"].value<std::string_view>() == text(settings.type)) {
    check_type(monitor);
    check_tls(monitor);
    if (settings.type == Protocol::http || settings.type == Protocol::https) check_http(monitor);
    if (settings.type == Protocol::dns) check_dns(monitor);
    if (settings.type == Protocol::exec) check_exec(monitor, document);
  }
  check_fits(monitor, "timeout", settings.timeout, "interval", settings.interval, false);
  check_fits(monitor, "retry", settings.retry, "interval", settings.interval, true);
  check_fits(monitor, "connect_timeout", settings.connect_timeout, "timeout", settings.timeout, true);
  check_fits(monitor, "header_timeout", settings.header_timeout, "timeout", settings.timeout, true);
  check_fits(monitor, "body_timeout", settings.body_timeout, "timeout", settings.timeout, true);
}

}  // namespace holdfast::config
