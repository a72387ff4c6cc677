#pragma once

#include <string>
#include <vector>

#include "config/config.h"

/// Configurations that are right but for the one place that a test is about.
namespace holdfast::config::examples {

inline const std::string kZone = "[[zone]]\nname = \"example.com\"\nfile = \"example.com.zone\"\n";
inline const std::string kLive = "live = [{ name = \"www\", monitor = \"web\" }]\n";
inline const std::string kMonitor = "[monitor.web]\ntype = \"http\"\n";

/// `lines` begin in line 2.
inline std::string server(const std::string& lines) { return "[server]\n" + lines + "\n" + kZone; }
inline std::string control(const std::string& lines) { return "[control]\n" + lines + "\n" + kZone; }
inline std::string log(const std::string& lines) { return "[log]\n" + lines + "\n" + kZone; }
/// `lines` begin in line 3 of a monitor that is used; its type is in line 2.
inline std::string monitor(const std::string& lines, const std::string& type = "http") {
  return "[monitor.web]\ntype = \"" + type + "\"\n" + lines + "\n" + kZone + kLive;
}
/// `lines` begin in line 5 of a monitor that runs a program of /usr/bin, and is used.
inline std::string exec(const std::string& lines) {
  return "[probes]\nexec_directory = \"/usr/bin\"\n[monitor.web]\ntype = \"exec\"\n" + lines + "\n" + kZone +
         kLive;
}
/// `lines` begin in line 3 of a combination that is used, of the monitors "a" and "b".
inline std::string combination(const std::string& lines, const std::string& type = "all") {
  return monitor(lines, type) + "[monitor.a]\ntype = \"ping\"\n[monitor.b]\ntype = \"ping\"\n" +
         "[[zone]]\nname = \"example.net\"\nfile = \"f\"\nlive = [{ name = \"a\", monitor = \"a\" }, " +
         "{ name = \"b\", monitor = \"b\" }]\n";
}
/// `lines` begin in line 3 of a pool that is used; its monitor is in line 2.
inline std::string pool(const std::string& lines) {
  return "[pool.shop]\nmonitor = \"web\"\n" + lines + "\n" + kMonitor + kZone +
         "live = [{ name = \"shop\", pool = \"shop\" }]\n";
}
/// `member` is a row in line 3, from column 13.
inline std::string member(const std::string& member) { return pool("members = [ " + member + " ]"); }
/// `lines` begin in line 2.
inline std::string zone(const std::string& lines) { return "[[zone]]\n" + lines + "\n"; }
/// `row` is in line 4, from column 10, beside a monitor and a pool that are used by others.
inline std::string live(const std::string& row) {
  return kZone + "live = [ " + row + " ]\n" + kMonitor +
         "[pool.shop]\nmonitor = \"web\"\nmembers = [{ address = \"192.0.2.1\" }]\n"
         "[[zone]]\nname = \"example.net\"\nfile = \"example.net.zone\"\n"
         "live = [{ name = \"www\", monitor = \"web\" }, { name = \"shop\", pool = \"shop\" }]\n";
}

/// What parse() says of a text, without the name of the file.
inline std::vector<std::string> problems(const std::string& toml) {
  std::vector<std::string> texts;
  for (const Problem& problem : parse(toml, "t").problems) texts.push_back(problem.text().substr(2));
  return texts;
}

}  // namespace holdfast::config::examples
