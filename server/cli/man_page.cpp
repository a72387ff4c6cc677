#include "server/cli/man_page.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>
#include <vector>

namespace holdfast::server {
namespace {

constexpr std::string_view kHead =
    R"(.\" Made by `holdfast config --man`: change the descriptions in server/cli, not this.
.TH HOLDFAST 8 "" "holdfast )" HOLDFAST_VERSION R"(" "System Manager's Manual"
.SH NAME
holdfast \- authoritative DNS server that only answers with endpoints that are alive
.SH SYNOPSIS
.B holdfast
.I command
.RI [ option .\|.\|.]
.br
.B holdfast
.RI [ command ]
.B \-\-help
.br
.B holdfast \-\-version
.SH DESCRIPTION
Serves zone files (RFC 1035) as primary, and zones of others as secondary. At the names that its configuration marks it
probes the addresses, and answers with those that pass.
.PP
What the configuration can say is printed by
.BR "holdfast config \-\-reference" ,
and as a file to start from by
.BR "holdfast config \-\-sample" .
)";

constexpr std::string_view kTail = R"(.SH EXIT STATUS
.TP
.B 0
All is well.
.TP
.B 1
The command worked, and its answer is bad news, such as a member that is down, or zones that differ.
.TP
.B 2
Wrong command line or configuration, or nobody could be asked. Standard error says what to do.
.SH SIGNALS
.TP
.B SIGHUP
.B holdfast serve
reads its configuration, keys, certificates, and what changed of its zone files again; what is bad is refused, and what was served before
stays.
.TP
.B SIGTERM\fR, \fBSIGINT
Ends it.
.SH FILES
There are no files of a fixed name. The configuration is a TOML file; zone files and keys are named there, by paths relative
to it. In the directory
.B state
of its section
.B [server]
is what outlives a restart: the log of probes and events, verdicts and overrides, the journal of versions and of what
UPDATE changed, transferred zones. Only the images in
.B cache
may be deleted.
.SH SEE ALSO
.BR dig (1),
.BR nsupdate (1)
)";

/// Text between macros: nothing in it is one.
std::string plain(std::string_view text) {
  std::string escaped;
  if (text.starts_with('.') || text.starts_with('\'')) escaped = "\\&";
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else {
      escaped += c == '\n' ? ' ' : c;
    }
  }
  return escaped;
}

/// A name as it is typed.
std::string typed(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '-' ? "\\-" : std::string(1, c);
  return "\\fB" + escaped + "\\fR";
}

std::string stands_for(std::string_view text) { return "\\fI" + plain(text) + "\\fR"; }

bool is_help(const CLI::Option* option) { return option->check_lname("help"); }

/// Those of all commands that ask the running server, and are told once.
bool is_shared(const CLI::Option* option) {
  return option->check_lname("control") || option->check_lname("config") || option->check_lname("json");
}

bool asks_server(const CLI::App& command) { return command.get_option_no_throw("--control") != nullptr; }

void append_option(std::string& page, const CLI::Option& option) {
  page += ".TP\n";
  if (!option.nonpositional()) {
    page += stands_for(option.get_name());
  } else {
    std::string names;
    for (const std::string& name : option.get_snames())
      names += (names.empty() ? "" : ", ") + typed("-" + name);
    for (const std::string& name : option.get_lnames())
      names += (names.empty() ? "" : ", ") + typed("--" + name);
    page += names;
    if (option.get_items_expected_max() != 0) page += " " + stands_for(option.get_type_name());
    if (option.get_required()) page += " (required)";
  }
  page += "\n" + plain(option.get_description()) + ".\n";
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string usage_of(const CLI::App& command, const std::string& name) {
  std::string usage = typed(name);
  const auto options = command.get_options();
  if (std::ranges::any_of(options,
                          [](const CLI::Option* one) { return one->nonpositional() && !is_help(one); }))
    usage += " [\\fIoption\\fR .\\|.\\|.]";
  for (const CLI::Option* option : options) {
    if (option->nonpositional()) continue;
    const std::string word =
        stands_for(option->get_name()) + (option->get_items_expected_max() > 1 ? " .\\|.\\|." : "");
    usage += " " + (option->get_required() ? word : "[" + word + "]");
  }
  return usage;
}

void append_command(std::string& page, const CLI::App& command, const std::string& before) {
  const std::string name = before + command.get_name();
  if (const auto parts = commands_of(command); !parts.empty()) {
    for (const CLI::App* part : parts) append_command(page, *part, name + " ");
    return;
  }
  page += ".SS " + usage_of(command, name) + "\n" + plain(command.get_description()) + ".\n";
  for (const CLI::Option* option : command.get_options()) {
    if (!is_help(option) && !(asks_server(command) && is_shared(option))) append_option(page, *option);
  }
}

/// Of the first command that has all of them.
void append_shared(std::string& page, const CLI::App& program) {
  for (const CLI::App* command : commands_of(program)) {
    if (!asks_server(*command) || command->get_option_no_throw("--json") == nullptr) continue;
    page +=
        ".SH HOW THE SERVER IS ASKED\nCommands about the running server ask it over its control listener, "
        "and take these:\n";
    for (const CLI::Option* option : command->get_options()) {
      if (is_shared(option)) append_option(page, *option);
    }
    return;
  }
}

}  // namespace

std::string man_page(const CLI::App& program) {
  std::string page(kHead);
  page += ".SH COMMANDS\n";
  for (const CLI::App* command : commands_of(program)) append_command(page, *command, "");
  append_shared(page, program);
  page += kTail;
  return page;
}

}  // namespace holdfast::server
