#include "health/probe/command.h"

#include <string_view>

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

std::string seconds(std::chrono::milliseconds time) {
  auto text = std::to_string(time.count() / 1000);
  if (const auto rest = time.count() % 1000; rest != 0) text += '.' + std::to_string(1000 + rest).substr(1);
  return text;
}

}  // namespace

std::string command(const Target& target) {
  const auto& monitor = target.monitor;
  const auto where = endpoint(target);
  if (monitor.type == Protocol::tcp) {
    const auto wait = (monitor.timeout.count() + 999) / 1000;  // nc knows only whole seconds
    return "nc -n -v -z -w " + std::to_string(wait) + ' ' + where.address().to_string() + ' ' +
           std::to_string(where.port());
  }
  // Not from here: .curlrc (-q), globbing of brackets (-g), proxies, HTTP/2, a path that is tidied up.
  std::string line = "curl -q -g -sS -i --http1.1 --noproxy '*' --max-time " + seconds(monitor.timeout);
  line += " --connect-to " + shell_word("::" + address_and_port(target));
  if (monitor.type == Protocol::https && !monitor.verify) line += " --insecure";
  if (monitor.type == Protocol::https && !monitor.ca_file.empty())
    line += " --cacert " + shell_word(monitor.ca_file);
  return line + " --path-as-is " + shell_word(origin(target) + monitor.path);
}

}  // namespace holdfast::health
