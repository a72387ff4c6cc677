#include "health/probe/command.h"

#include <algorithm>
#include <array>
#include <boost/algorithm/string/predicate.hpp>
#include <string_view>

#include "health/probe/exec.h"
#include "health/probe/http_request.h"
#include "health/probe/url.h"

namespace holdfast::health {
namespace {

std::string shell_word(std::string_view word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:=,@%+";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) return std::string(word);
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += R"('\'')";
    } else {
      out += c;
    }
  }
  return out + '\'';
}

constexpr std::size_t kSaidShown = 200;  // octets of what is sent: the line goes to logs, and to people

std::string seconds(std::chrono::milliseconds time) {
  auto text = std::to_string(time.count() / 1000);
  if (const auto rest = time.count() % 1000; rest != 0) text += '.' + std::to_string(1000 + rest).substr(1);
  return text;
}

/// For tools that only know whole ones.
std::string whole_seconds(std::chrono::milliseconds time) {
  return std::to_string((time.count() + 999) / 1000);
}

/// A command that writes these octets or, where they are many, as many of them as tell what it is.
/// @param key  of the configuration, where all of it stands
std::string printf_of(const std::string& said, std::string_view key, const MonitorSettings& monitor) {
  std::string shown = said;
  if (said.size() > kSaidShown) {
    shown.resize(kSaidShown);
    shown += " (" + std::to_string(kSaidShown) + " of " + std::to_string(said.size()) +
             " octets; all: " + std::string(key) + " of monitor " + monitor.name + " in the configuration)";
  }
  std::string octets;  // as printf(1) takes them
  for (const char c : shown) {
    const bool is_plain = c >= ' ' && c <= '~' && c != '\\' && c != '%';
    const auto octet = static_cast<unsigned char>(c);
    const char digits[] = {'\\', static_cast<char>('0' + octet / 64), static_cast<char>('0' + octet / 8 % 8),
                           static_cast<char>('0' + octet % 8)};
    octets += is_plain ? std::string(1, c) : std::string(digits, sizeof digits);
  }
  return "printf " + shell_word(octets);
}

/// The line goes to logs and people who need not know what opens a door.
std::string without_secret(const std::string& header) {
  constexpr std::array kSecrets{"auth", "cookie", "key", "password", "secret", "token"};
  const std::string_view name = header_name(header);
  const bool is_secret = std::any_of(kSecrets.begin(), kSecrets.end(), [name](const char* part) {
    return boost::algorithm::icontains(name, part);
  });
  return is_secret ? std::string(name) + ": ..." : header;
}

std::string client_identity(const MonitorSettings& monitor, std::string_view certificate,
                            std::string_view key) {
  if (monitor.client_certificate.empty()) return {};
  std::string words = std::string(certificate) + shell_word(monitor.client_certificate);
  if (!monitor.client_key.empty()) words += std::string(key) + shell_word(monitor.client_key);
  return words;
}

std::string netcat(const Target& target, std::string_view more) {
  const auto where = endpoint(target);
  return "nc -n -v" + std::string(more) + " -w " + whole_seconds(target.monitor.timeout) + ' ' +
         where.address().to_string() + ' ' + std::to_string(where.port());
}

std::string tcp(const Target& target) {
  const MonitorSettings& monitor = target.monitor;
  if (monitor.send.empty() && monitor.expect.empty()) return netcat(target, " -z");
  return (monitor.send.empty() ? "" : printf_of(monitor.send, "send", monitor) + " | ") + netcat(target, "");
}

std::string openssl(const Target& target) {
  const MonitorSettings& monitor = target.monitor;
  std::string line = "openssl s_client -brief -connect " + shell_word(address_and_port(target));
  if (monitor.type == Protocol::smtp) line += " -starttls smtp";
  const ServerName name = server_name(target);
  line += name.is_address ? " -noservername" : " -servername " + name.text;
  if (monitor.verify) {
    line += (name.is_address ? " -verify_ip " : " -verify_hostname ") + name.text +
            " -verify_return_error -partial_chain";
    if (!monitor.ca_file.empty()) line += " -CAfile " + shell_word(monitor.ca_file);
  }
  return line + client_identity(monitor, " -cert ", " -key ") + " </dev/null";
}

std::string dig(const Target& target) {
  const auto where = endpoint(target);
  return "dig @" + where.address().to_string() + " -p " + std::to_string(where.port()) +
         " +noedns +tries=1 +time=" + whole_seconds(target.monitor.timeout) + ' ' +
         shell_word(target.monitor.query) + ' ' + target.monitor.query_type;
}

std::string ping(const Target& target) {
  return "ping -n -c 1 -W " + seconds(target.monitor.timeout) + ' ' + target.id.address.to_string();
}

std::string curl(const Target& target) {
  const MonitorSettings& monitor = target.monitor;
  const bool is_http_2 = monitor.http_version == HttpVersion::http_2;
  // Not from here: .curlrc (-q), globbing of brackets (-g), proxies, another version of HTTP, a path that is tidied up.
  std::string line = "curl -q -g -sS -i ";
  line += is_http_2 ? "--http2" : "--http1.1";
  line += " --noproxy '*' --max-time " + seconds(monitor.timeout);
  line += " --connect-to " + shell_word("::" + address_and_port(target));
  if (monitor.method == "HEAD") line += " --head";
  if (monitor.method == "OPTIONS") line += " -X OPTIONS";
  for (const std::string& header : monitor.headers) line += " -H " + shell_word(without_secret(header));
  if (monitor.type == Protocol::https && !monitor.verify) line += " --insecure";
  if (monitor.type == Protocol::https && !monitor.ca_file.empty())
    line += " --cacert " + shell_word(monitor.ca_file);
  line += client_identity(monitor, " --cert ", " --key ");
  line += " --path-as-is " + shell_word(origin(target) + monitor.path);
  if (monitor.method != "POST") return line;
  return printf_of(monitor.body, "body", monitor) + " | " + line + " --data-binary @-";
}

std::string exec(const Target& target) {
  std::string line = "env -i";
  for (const std::string& variable : exec_environment(target)) line += ' ' + shell_word(variable);
  line += " timeout " + seconds(target.monitor.timeout);
  for (const std::string& word : target.monitor.command) line += ' ' + shell_word(word);
  return line + " </dev/null";
}

std::string parts(const Target& target) {
  std::string lines;
  for (const MonitorSettings& part : target.monitor.parts) {
    lines += (lines.empty() ? "" : "; ") + command({{part.name, target.id.address}, part});
  }
  return lines;
}

}  // namespace

std::string command(const Target& target) {
  switch (target.monitor.type) {
    case Protocol::http:
    case Protocol::https: return curl(target);
    case Protocol::tcp: return tcp(target);
    case Protocol::tls: return openssl(target);
    case Protocol::smtp:
      if (target.monitor.starttls) return openssl(target);
      return (target.monitor.ehlo ? R"(printf 'EHLO [127.0.0.1]\r\nQUIT\r\n' | )"
                                  : R"(printf 'QUIT\r\n' | )") +
             netcat(target, "");
    case Protocol::dns: return dig(target);
    case Protocol::ping: return ping(target);
    case Protocol::exec: return exec(target);
    case Protocol::all:
    case Protocol::any:
    case Protocol::at_least: return parts(target);
  }
  return {};
}

}  // namespace holdfast::health
